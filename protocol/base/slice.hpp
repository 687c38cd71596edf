// A slice: an immutable run of octets in a reference-counted block. Records are queued once and shared from then on;
// retransmissions, duplicates and held packets are more references, never more copies.
// Not for sharing between threads that run at the same time: counts are plain integers (one engine, one thread).
#pragma once

#include <cstdint>
#include <utility>

#include "protocol/base/bytes.hpp"
#include "protocol/base/require.hpp"

namespace seqwire {

class slice_pool;

namespace detail {
struct slice_store;
struct slice_block {
  std::uint32_t references = 0;
  slice_store* store = nullptr;  // nothing for a block of its own
  octet* data = nullptr;
  std::size_t capacity = 0;
  void (*release)(slice_block*) = nullptr;
  slice_block* next_free = nullptr;
};
}  // namespace detail

/// A view of octets that keeps them alive. Copying shares the block; an empty slice has none.
class slice {
 public:
  slice() = default;
  // Shares or takes over the block; no octet is copied.
  slice(const slice& other) : block_(other.block_), begin_(other.begin_), size_(other.size_) { acquire(); }
  // The other is empty afterwards.
  slice(slice&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        begin_(std::exchange(other.begin_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  // Shares or takes over the block; no octet is copied.
  slice& operator=(slice other) noexcept {
    std::swap(block_, other.block_);
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~slice() {
    if (block_ != nullptr && --block_->references == 0) block_->release(block_);
  }

  /// A slice that owns a copy of the octets.
  static slice copy_of(octets_view source);
  /// A slice that takes over a vector without copying it.
  static slice owning(octets source);

  // The octets, valid as long as a slice refers to the block; data() of an empty one may be null.
  const octet* data() const { return begin_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  octets_view view() const { return {begin_, size_}; }

  /// A part of this slice that shares its block. offset + length <= size().
  slice part(std::size_t offset, std::size_t length) const {
    require(offset <= size_ && length <= size_ - offset);
    slice result(*this);
    result.begin_ += offset;
    result.size_ = length;
    return result;
  }

 private:
  friend class slice_pool;
  slice(detail::slice_block* block, std::size_t size) : block_(block), begin_(block->data), size_(size) { acquire(); }
  void acquire() {
    if (block_ != nullptr) ++block_->references;
  }

  detail::slice_block* block_ = nullptr;
  const octet* begin_ = nullptr;
  std::size_t size_ = 0;
};

/// Blocks of one size, used again and again: no allocation per packet once the pool has warmed up.
/// Slices may outlive the pool; their memory goes with the last of them.
class slice_pool {
 public:
  explicit slice_pool(std::size_t block_size);  // octets, at least 1
  slice_pool(const slice_pool&) = delete;
  slice_pool& operator=(const slice_pool&) = delete;
  ~slice_pool();

  /// Room for block_size() octets that `freeze` turns into a slice. A draft not frozen gives its block back.
  class draft {
   public:
    draft() = default;
    // capacity() octets to write to; not of a draft that was moved from or frozen.
    octet* data() { return block_->data; }
    std::size_t capacity() const { return block_->capacity; }
    /// The first `size` octets as an immutable slice; the draft is spent.
    slice freeze(std::size_t size);
    // The other is spent.
    draft(draft&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    // What this held goes with the other.
    draft& operator=(draft&& other) noexcept {
      std::swap(block_, other.block_);
      return *this;
    }
    ~draft();

   private:
    friend class slice_pool;
    explicit draft(detail::slice_block* block) : block_(block) {}
    detail::slice_block* block_ = nullptr;
  };

  draft open();  // from the blocks given back, else from the heap
  /// A pooled copy; source.size() <= block_size().
  slice copy_of(octets_view source);

  std::size_t block_size() const;  // octets
  /// Blocks ever allocated: flat in steady state.
  std::uint64_t allocated_blocks() const;

 private:
  detail::slice_store* store_;
};

}  // namespace seqwire
