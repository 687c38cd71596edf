// Slices in order, without gaps: the pieces of a record. One piece, as most records have, takes no memory of its own.
#pragma once

#include <vector>

#include "protocol/base/slice.hpp"

namespace seqwire {

/// A record's octets are those of its slices, joined. Empty slices count as pieces.
class slice_run {
 public:
  /// Appends without copying octets.
  void push_back(slice piece) {
    if (empty()) {
      only_ = std::move(piece);
      any_ = true;
      return;
    }
    if (several_.empty()) several_.push_back(std::exchange(only_, {}));
    several_.push_back(std::move(piece));
  }

  /// Makes one slice of its own of the pieces from number `first` on, so that they no longer hold the blocks they came
  /// in. Nothing happens when there are fewer than two.
  void join_from(std::size_t first) {
    if (several_.empty() || several_.size() - first < 2) return;
    octets joined;
    for (std::size_t i = first; i < several_.size(); ++i)
      joined.insert(joined.end(), several_[i].view().begin(), several_[i].view().end());
    several_.resize(first);
    several_.push_back(slice::owning(std::move(joined)));
  }

  // Pieces, not octets; front() wants one.
  std::size_t size() const { return several_.empty() ? std::size_t{any_} : several_.size(); }
  bool empty() const { return size() == 0; }
  const slice& front() const { return *begin(); }
  // Valid until the run changes.
  const slice* begin() const { return several_.empty() ? &only_ : several_.data(); }
  const slice* end() const { return begin() + size(); }

 private:
  slice only_;
  bool any_ = false;
  std::vector<slice> several_;  // all of them, once there are two
};

}  // namespace seqwire
