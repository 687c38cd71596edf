// The earliest deadline among many owners: a binary heap that knows where each owner stands, so a deadline that moves
// (they do, with every packet) costs a logarithm and no allocation.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/base/time.hpp"

namespace seqwire {

/// Owner must have a member `std::size_t deadline_position`, initially deadline_queue_absent.
inline constexpr std::size_t deadline_queue_absent = static_cast<std::size_t>(-1);

/// A heap of owners by deadline; an owner stands in it once at most.
template <class Owner>
class deadline_queue {
 public:
  bool empty() const { return heap_.empty(); }                                              // no owner has a deadline
  instant earliest() const { return heap_.empty() ? instant::never() : heap_.front().at; }  // never() when it is empty
  Owner* front() const { return heap_.front().owner; }  // whose deadline is the earliest; not when it is empty

  /// Sets, moves or (with never()) removes the owner's deadline.
  void set(Owner* owner, instant at) {
    std::size_t position = owner->deadline_position;
    if (at == instant::never()) return remove(owner);
    if (position == deadline_queue_absent) {
      position = heap_.size();
      heap_.push_back({at, owner});
      owner->deadline_position = position;
    } else {
      heap_[position].at = at;
    }
    sink(lift(position));
  }

  /// As set() with never(); nothing happens when it is not there. Before an owner goes.
  void remove(Owner* owner) {
    const std::size_t position = std::exchange(owner->deadline_position, deadline_queue_absent);
    if (position == deadline_queue_absent) return;
    const entry last = heap_.back();
    heap_.pop_back();
    if (position == heap_.size()) return;
    heap_[position] = last;
    last.owner->deadline_position = position;
    sink(lift(position));
  }

 private:
  struct entry {
    instant at;
    Owner* owner;
  };

  void exchange(std::size_t a, std::size_t b) {
    std::swap(heap_[a], heap_[b]);
    heap_[a].owner->deadline_position = a;
    heap_[b].owner->deadline_position = b;
  }
  std::size_t lift(std::size_t position) {
    while (position > 0 && heap_[position].at < heap_[(position - 1) / 2].at) {
      exchange(position, (position - 1) / 2);
      position = (position - 1) / 2;
    }
    return position;
  }
  void sink(std::size_t position) {
    for (;;) {
      std::size_t smallest = position;
      for (std::size_t child = 2 * position + 1; child <= 2 * position + 2 && child < heap_.size(); ++child)
        if (heap_[child].at < heap_[smallest].at) smallest = child;
      if (smallest == position) return;
      exchange(position, smallest);
      position = smallest;
    }
  }

  std::vector<entry> heap_;
};

}  // namespace seqwire
