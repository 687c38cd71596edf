// What gzip compressed (RFC 1952), unpacked piece by piece through zlib. Never more at a time than the caller has room
// for, so that a small file which unpacks to an enormous one costs time and no memory. Knows nothing of files.
#pragma once

#include <memory>
#include <string>

#include "protocol/base/bytes.hpp"
#include "protocol/base/result.hpp"

namespace seqwire {

/// Unpacks one stream: a member, or several one after the other, as gzip itself reads them.
class gunzip {
 public:
  gunzip();
  // The other can only be destroyed.
  gunzip(gunzip&&) noexcept;
  gunzip& operator=(gunzip&&) noexcept;
  ~gunzip();

  /// Unpacks from the front of `packed`, which loses what is done with, into `room`, and returns how many octets are
  /// there now. 0 only once `packed` is empty: then it wants more. The error, at which unpacking ends, says what is
  /// wrong with the stream: no member where one should begin, a broken one, or contents that are not those of its
  /// checksum.
  result<std::size_t, std::string> unpack(octets_view& packed, octet* room, std::size_t size);

  /// Whether the stream may end here: behind a whole member.
  bool whole() const { return whole_; }

 private:
  struct stream;
  std::unique_ptr<stream> stream_;
  bool whole_ = false;
};

}  // namespace seqwire
