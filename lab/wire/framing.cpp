#include "lab/wire/framing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace seqwire {
namespace {

constexpr std::size_t prefix_octets = 4;

}  // namespace

void record_splitter::push(octets_view more) {
  if (begin_ > held_.size() / 2) {  // each octet is moved once at most for each that was given
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(begin_));
    scanned_ -= std::min(scanned_, begin_);
    begin_ = 0;
  }
  held_.insert(held_.end(), more.begin(), more.end());
}

std::optional<slice> record_splitter::take(std::size_t size, std::size_t and_skip) {
  slice record = slice::copy_of(octets_view(held_).subspan(begin_, size));
  begin_ += size + and_skip;
  return record;
}

result<std::optional<slice>, std::string> record_splitter::too_long() const {
  return failure(fmt::format("expected records of at most {} octets; got a longer one", longest_));
}

result<std::optional<slice>, std::string> record_splitter::next() {
  const std::size_t there = held_.size() - begin_;
  if (there == 0) return std::optional<slice>();
  if (how_ == framing::none) return take(std::min(there, longest_), 0);
  if (how_ == framing::lines) {
    scanned_ = std::max(scanned_, begin_);
    const auto newline = std::find(held_.begin() + static_cast<std::ptrdiff_t>(scanned_), held_.end(), octet{'\n'});
    scanned_ = static_cast<std::size_t>(newline - held_.begin());
    const std::size_t size = scanned_ - begin_;
    if (size > longest_) return too_long();
    if (newline != held_.end()) return take(size, 1);
    return ended_ ? take(size, 0) : std::nullopt;
  }
  const std::size_t size = there < prefix_octets ? 0 : load_u32(&held_[begin_]);
  if (size > longest_) return too_long();
  if (there < prefix_octets || there - prefix_octets < size) {
    if (ended_) return failure(std::string("the input ends in the middle of a record"));
    return std::optional<slice>();
  }
  begin_ += prefix_octets;
  return take(size, 0);
}

std::string frame_start(framing how, std::size_t size) {
  if (how != framing::length_prefixed) return {};
  octet prefix[prefix_octets];
  store_u32(prefix, static_cast<std::uint32_t>(size));
  return {std::begin(prefix), std::end(prefix)};
}

std::string frame_end(framing how) { return how == framing::lines ? "\n" : ""; }

}  // namespace seqwire
