#include "rawio/capture/gunzip.hpp"

#include <fmt/format.h>

#define ZLIB_CONST  // it only reads its input
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace seqwire {
namespace {

constexpr int gzip_only = 15 + 16;  // zlib's way to say: the largest window, and no format but gzip's

uInt counted(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

struct gunzip::stream {
  z_stream zlib{};

  stream() {
    if (::inflateInit2(&zlib, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() { ::inflateEnd(&zlib); }
};

gunzip::gunzip() : stream_(std::make_unique<stream>()) {}
gunzip::gunzip(gunzip&&) noexcept = default;
gunzip& gunzip::operator=(gunzip&&) noexcept = default;
gunzip::~gunzip() = default;

result<std::size_t, std::string> gunzip::unpack(octets_view& packed, octet* room, std::size_t size) {
  z_stream& zlib = stream_->zlib;
  std::size_t given = 0;
  do {
    if (whole_ && packed.empty()) break;
    if (whole_) ::inflateReset(&zlib);  // the next member
    whole_ = false;
    const uInt offered = counted(packed.size()), free = counted(size);
    zlib.next_in = packed.data();
    zlib.avail_in = offered;
    zlib.next_out = room;
    zlib.avail_out = free;
    const int status = ::inflate(&zlib, Z_NO_FLUSH);
    packed = packed.subspan(offered - zlib.avail_in);
    given = free - zlib.avail_out;
    whole_ = status == Z_STREAM_END;
    // What came out before the fault is the caller's first; the next call meets the fault again. Z_BUF_ERROR: nothing
    // to do without more octets.
    if (given == 0 && !whole_ && status != Z_OK && status != Z_BUF_ERROR)
      return failure(fmt::format("what gzip compressed is broken: {}", zlib.msg != nullptr ? zlib.msg : "no memory"));
  } while (given == 0 && !packed.empty());
  return given;
}

}  // namespace seqwire
