#include "protocol/base/slice.hpp"

#include <new>

namespace seqwire {

namespace detail {
// What pool and blocks share; it goes when the pool is gone and the last block has come back.
struct slice_store {
  std::size_t block_size = 0;
  slice_block* free = nullptr;
  std::uint64_t allocated = 0;
  std::uint64_t in_use = 0;
  bool pool_gone = false;
};
}  // namespace detail

namespace {

// A block with the octets right behind it: one allocation.
detail::slice_block* allocate_block(std::size_t capacity, void (*release)(detail::slice_block*)) {
  void* memory = ::operator new(sizeof(detail::slice_block) + capacity);
  auto* block = new (memory) detail::slice_block;
  block->data = reinterpret_cast<octet*>(block + 1);
  block->capacity = capacity;
  block->release = release;
  return block;
}

void free_block(detail::slice_block* block) { ::operator delete(static_cast<void*>(block)); }

struct vector_block : detail::slice_block {
  octets storage;
};

void free_store(detail::slice_store* store) {
  while (store->free != nullptr) {
    detail::slice_block* next = store->free->next_free;
    free_block(store->free);
    store->free = next;
  }
  delete store;
}

void give_back(detail::slice_block* block) {
  detail::slice_store* store = block->store;
  block->next_free = store->free;
  store->free = block;
  if (--store->in_use == 0 && store->pool_gone) free_store(store);
}

void free_vector_block(detail::slice_block* block) { delete static_cast<vector_block*>(block); }

}  // namespace

slice slice::copy_of(octets_view source) {
  detail::slice_block* block = allocate_block(source.size(), &free_block);
  if (!source.empty()) std::memcpy(block->data, source.data(), source.size());
  return slice(block, source.size());
}

slice slice::owning(octets source) {
  auto* block = new vector_block;
  block->storage = std::move(source);
  block->data = block->storage.data();
  block->capacity = block->storage.size();
  block->release = &free_vector_block;
  return slice(block, block->capacity);
}

slice_pool::slice_pool(std::size_t block_size) : store_(new detail::slice_store{.block_size = block_size}) {}

slice_pool::~slice_pool() {
  store_->pool_gone = true;
  if (store_->in_use == 0) free_store(store_);
}

std::size_t slice_pool::block_size() const { return store_->block_size; }
std::uint64_t slice_pool::allocated_blocks() const { return store_->allocated; }

slice_pool::draft slice_pool::open() {
  detail::slice_block* block = store_->free;
  if (block != nullptr) {
    store_->free = block->next_free;
  } else {
    block = allocate_block(store_->block_size, &give_back);
    block->store = store_;
    ++store_->allocated;
  }
  ++store_->in_use;
  return draft(block);
}

slice slice_pool::copy_of(octets_view source) {
  require(source.size() <= block_size());
  draft room = open();
  if (!source.empty()) std::memcpy(room.data(), source.data(), source.size());
  return room.freeze(source.size());
}

slice slice_pool::draft::freeze(std::size_t size) {
  require(block_ != nullptr && size <= block_->capacity);
  return slice(std::exchange(block_, nullptr), size);
}

slice_pool::draft::~draft() {
  if (block_ != nullptr) give_back(block_);
}

}  // namespace seqwire
