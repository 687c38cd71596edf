// What the tests of captures share: files that vanish, pcapng assembled by hand in either byte order, everything that a
// reader gives.
#pragma once

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "protocol/base/bytes.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire::test {

/// A file of the test's own, removed at the end.
class temporary_file {
 public:
  explicit temporary_file(octets_view contents = {}) : path_("/tmp/seqwire-capture-XXXXXX") {
    const int file = ::mkstemp(path_.data());
    if (file < 0) throw std::runtime_error("no temporary file");
    ::close(file);
    if (!contents.empty()) write(contents);
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { ::unlink(path_.c_str()); }

  const std::string& path() const { return path_; }
  void write(octets_view contents) const {
    std::ofstream file(path_, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(contents.data()), static_cast<std::streamsize>(contents.size()));
  }
  octets read() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

inline octets octets_of(std::string_view text) { return {text.begin(), text.end()}; }

/// As one member of gzip.
inline octets gzipped(octets_view contents) {
  z_stream zlib{};
  if (::deflateInit2(&zlib, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("no deflate");
  octets packed(::deflateBound(&zlib, contents.size()));
  zlib.next_in = const_cast<octet*>(contents.data());
  zlib.avail_in = static_cast<uInt>(contents.size());
  zlib.next_out = packed.data();
  zlib.avail_out = static_cast<uInt>(packed.size());
  const int status = ::deflate(&zlib, Z_FINISH);
  packed.resize(zlib.total_out);
  ::deflateEnd(&zlib);
  if (status != Z_STREAM_END) throw std::runtime_error("not compressed");
  return packed;
}

/// Octets put one after the other, integers in the chosen order.
class assembler {
 public:
  explicit assembler(bool big_endian = false) : big_endian_(big_endian) {}

  template <class Integer>
  assembler& put(Integer value) {
    octet bytes[sizeof value];
    for (std::size_t i = 0; i < sizeof value; ++i) bytes[i] = static_cast<octet>(value >> (8 * i));
    if (big_endian_) std::reverse(std::begin(bytes), std::end(bytes));
    contents_.insert(contents_.end(), std::begin(bytes), std::end(bytes));
    return *this;
  }
  assembler& u16(unsigned value) { return put(static_cast<std::uint16_t>(value)); }
  assembler& u32(std::uint64_t value) { return put(static_cast<std::uint32_t>(value)); }
  assembler& u64(std::uint64_t value) { return put(value); }
  /// Padded to 32 bits.
  assembler& text(std::string_view value) {
    contents_.insert(contents_.end(), value.begin(), value.end());
    while (contents_.size() % 4 != 0) contents_.push_back(0);
    return *this;
  }
  assembler& option(unsigned code, std::string_view value) {
    return u16(code).u16(static_cast<unsigned>(value.size())).text(value);
  }
  assembler& block(std::uint32_t type, const assembler& body) {
    const std::size_t length = body.contents_.size() + 12;
    u32(type).u32(length);
    contents_.insert(contents_.end(), body.contents_.begin(), body.contents_.end());
    return u32(length);
  }
  assembler& section(std::uint64_t length = ~std::uint64_t{0}) {
    return block(0x0a0d0d0a, body().u32(0x1a2b3c4d).u16(1).u16(0).u64(length));
  }
  /// Ethernet; `options` after the fixed part.
  assembler& interface(const assembler& options, std::uint32_t snap_length = 0) {
    assembler contents = body().u16(1).u16(0).u32(snap_length);
    contents.append(options);
    return block(1, contents);
  }
  assembler& interface() { return interface(body()); }
  assembler& packet(std::uint32_t interface, std::uint64_t ticks, std::string_view frame, const assembler& options) {
    assembler contents = body();
    contents.u32(interface).u32(ticks >> 32).u32(ticks).u32(frame.size()).u32(frame.size()).text(frame);
    contents.append(options);
    return block(6, contents);
  }
  assembler& packet(std::uint32_t interface, std::uint64_t ticks, std::string_view frame) {
    return packet(interface, ticks, frame, body());
  }
  assembler& append(const assembler& other) {
    contents_.insert(contents_.end(), other.contents_.begin(), other.contents_.end());
    return *this;
  }
  /// An empty one of the same order.
  assembler body() const { return assembler(big_endian_); }
  const octets& contents() const { return contents_; }

 private:
  bool big_endian_;
  octets contents_;
};

struct reading {
  std::vector<captured_packet> packets;
  std::vector<capture_interface> interfaces;
  std::vector<interface_statistics> statistics;
  std::optional<capture_error> error;
  std::vector<capture_error> left_out;

  std::string fault() const { return error ? error->what : "no error"; }
};

inline reading read_all(const std::string& path, damage_handling damaged = damage_handling::refuse) {
  reading all;
  auto reader = capture_reader::open(path, damaged);
  if (!reader) {
    all.error = reader.error();
    return all;
  }
  while (true) {
    const auto packet = reader->next();
    if (!packet) all.error = packet.error();
    if (!packet || *packet == nullptr) break;
    all.packets.push_back(**packet);
  }
  all.interfaces = reader->interfaces();
  all.statistics = reader->statistics();
  all.left_out = reader->left_out();
  return all;
}

inline reading read_all(const octets& contents, damage_handling damaged = damage_handling::refuse) {
  return read_all(temporary_file(contents).path(), damaged);
}

}  // namespace seqwire::test
