// Slices in order, without gaps: the pieces of a record. One piece, as most records have, takes no memory of its own.
#pragma once

#include <vector>

#include "protocol/base/slice.hpp"

namespace seqwire {

class slice_run {
 public:
  void push_back(slice piece) {
    if (empty()) {
      only_ = std::move(piece);
      any_ = true;
      return;
    }
    if (several_.empty()) several_.push_back(std::exchange(only_, {}));
    several_.push_back(std::move(piece));
  }

  std::size_t size() const { return several_.empty() ? std::size_t{any_} : several_.size(); }
  bool empty() const { return size() == 0; }
  const slice& front() const { return *begin(); }
  const slice* begin() const { return several_.empty() ? &only_ : several_.data(); }
  const slice* end() const { return begin() + size(); }

 private:
  slice only_;
  bool any_ = false;
  std::vector<slice> several_;  // all of them, once there are two
};

}  // namespace seqwire
