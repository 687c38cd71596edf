// A queue addressed by absolute numbers: entry n lives at n modulo a power of two. Grows when full and then never
// shrinks, so a connection in steady state allocates nothing; begins small, so that an idle one holds little.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/base/require.hpp"

namespace seqwire {

/// Entries by absolute number. An entry needs a default value, which takes its place when it leaves.
template <class Entry>
class number_ring {
 public:
  /// The numbers held are [begin(), end()).
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }  // one past the newest
  // Entries, not slots.
  std::uint64_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // The entry of a number within [begin(), end()), which is require()d; moved by push_back() and extend_to().
  Entry& operator[](std::uint64_t number) {
    require(number >= begin_ && number < end_);
    return slots_[number & (slots_.size() - 1)];
  }
  const Entry& operator[](std::uint64_t number) const {
    require(number >= begin_ && number < end_);
    return slots_[number & (slots_.size() - 1)];
  }
  // The oldest entry; one is require()d.
  Entry& front() { return (*this)[begin_]; }
  const Entry& front() const { return (*this)[begin_]; }

  /// Appends as number end(), in constant time but for growth. The reference is valid until the next one.
  Entry& push_back(Entry entry) {
    if (size() == slots_.size()) make_room(size() + 1);
    Entry& slot = slots_[end_++ & (slots_.size() - 1)];
    slot = std::move(entry);
    return slot;
  }

  /// Makes [begin(), end) exist, new entries value-initialised. In constant time but for growth, however far it is.
  void extend_to(std::uint64_t end) {
    if (end <= end_) return;
    if (end - begin_ > slots_.size()) make_room(end - begin_);
    end_ = end;  // slots without an entry hold a default value
  }

  /// Removes the oldest entry, which is require()d; the numbers of the others stay.
  Entry pop_front() {
    Entry result = std::exchange(front(), Entry{});
    ++begin_;
    return result;
  }

 private:
  void make_room(std::uint64_t entries) {
    std::vector<Entry> larger(std::max<std::uint64_t>(2, std::bit_ceil(entries)));
    for (std::uint64_t number = begin_; number < end_; ++number)
      larger[number & (larger.size() - 1)] = std::move(slots_[number & (slots_.size() - 1)]);
    slots_ = std::move(larger);
  }

  std::vector<Entry> slots_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace seqwire
