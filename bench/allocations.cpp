#include "bench/allocations.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

constinit thread_local std::uint64_t counted = 0;
constinit thread_local std::int64_t in_use = 0;

// With the word that malloc keeps in front of it.
std::int64_t size_of(void* memory) {
  return static_cast<std::int64_t>(::malloc_usable_size(memory) + sizeof(std::size_t));
}

void* taken(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  ++counted;
  in_use += size_of(memory);
  return memory;
}

void give_back(void* memory) {
  if (memory != nullptr) in_use -= size_of(memory);
  std::free(memory);
}

}  // namespace

// The array and nothrow forms of the library call these.
void* operator new(std::size_t size) { return taken(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return taken(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }

namespace seqwire::bench {

std::uint64_t allocations() { return counted; }
std::int64_t octets_in_use() { return in_use; }

}  // namespace seqwire::bench
