// Slices share, never copy; pools hand the same blocks out again and allocate nothing once warm.
#include "protocol/base/slice.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <new>
#include <numeric>

namespace {
std::uint64_t allocations = 0;
}

// Counts what this test program allocates.
// Not inlined: g++ would see malloc() and free() across the pair and take them for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(slice_test)

octets counting(std::size_t size) {
  octets result(size);
  std::iota(result.begin(), result.end(), octet{0});
  return result;
}

BOOST_AUTO_TEST_CASE(slice__copy_of_owns_its_octets) {
  octets source = counting(4);
  const slice copy = slice::copy_of(source);
  source[0] = 99;
  BOOST_TEST(copy.size() == 4u);
  BOOST_TEST(copy.data()[0] == 0);
}

BOOST_AUTO_TEST_CASE(slice__owning_takes_the_vector_without_a_copy) {
  octets source = counting(1000);
  const octet* where = source.data();
  const slice taken = slice::owning(std::move(source));
  BOOST_TEST(static_cast<const void*>(taken.data()) == static_cast<const void*>(where));
  BOOST_TEST(taken.size() == 1000u);
}

BOOST_AUTO_TEST_CASE(slice__of_nothing_is_empty) {
  BOOST_TEST(slice().empty());
  BOOST_TEST(slice::copy_of({}).empty());
  BOOST_TEST(slice::owning({}).empty());
  BOOST_TEST(slice().part(0, 0).empty());
}

BOOST_AUTO_TEST_CASE(slice__copies_and_parts_share_and_allocate_nothing) {
  const slice whole = slice::copy_of(counting(100));
  const std::uint64_t before = allocations;
  const slice same = whole;
  const slice middle = same.part(10, 20).part(5, 10);
  BOOST_TEST(allocations == before);
  BOOST_TEST(static_cast<const void*>(middle.data()) == static_cast<const void*>(whole.data() + 15));
  BOOST_TEST(middle.size() == 10u);
}

BOOST_AUTO_TEST_CASE(slice__a_part_outlives_the_whole) {
  slice part;
  {
    const slice whole = slice::copy_of(counting(50));
    part = whole.part(40, 10);
  }
  BOOST_TEST(part.view()[9] == 49);
  part = part.part(9, 1);  // assignment from a part of itself
  BOOST_TEST(part.view()[0] == 49);
}

BOOST_AUTO_TEST_CASE(slice__moved_from_is_empty) {
  slice first = slice::copy_of(counting(3));
  const slice second = std::move(first);
  BOOST_TEST(first.empty());
  BOOST_TEST(second.size() == 3u);
}

BOOST_AUTO_TEST_CASE(slice_pool__reuses_a_block_as_soon_as_its_last_slice_is_gone) {
  slice_pool pool(1500);
  const octet* where = nullptr;
  {
    const slice first = pool.copy_of(counting(10));
    where = first.data();
    const slice part = first.part(2, 3);
  }
  const slice second = pool.copy_of(counting(20));
  BOOST_TEST(static_cast<const void*>(second.data()) == static_cast<const void*>(where));
  BOOST_TEST(pool.allocated_blocks() == 1u);
}

BOOST_AUTO_TEST_CASE(slice_pool__does_not_reuse_a_block_that_is_held) {
  slice_pool pool(64);
  const slice held = pool.copy_of(counting(8)).part(7, 1);
  octets others(64, 0xff);
  const slice other = pool.copy_of(others);
  BOOST_TEST(held.view()[0] == 7);
  BOOST_TEST(pool.allocated_blocks() == 2u);
}

BOOST_AUTO_TEST_CASE(slice_pool__steady_state_allocates_nothing) {
  slice_pool pool(1500);
  const octets packet(1500, 0x5a);
  std::array<slice, 16> flight;
  for (slice& each : flight) each = pool.copy_of(packet);
  const std::uint64_t before = allocations;
  for (std::size_t i = 0; i < 10'000; ++i) {
    flight[i % flight.size()] = {};
    flight[i % flight.size()] = pool.copy_of(packet);
  }
  BOOST_TEST(allocations == before);
  BOOST_TEST(pool.allocated_blocks() == flight.size());
}

BOOST_AUTO_TEST_CASE(draft__freezes_what_was_written) {
  slice_pool pool(8);
  slice_pool::draft room = pool.open();
  BOOST_TEST(room.capacity() == 8u);
  room.data()[0] = 42;
  const slice frozen = room.freeze(1);
  BOOST_TEST(frozen.size() == 1u);
  BOOST_TEST(frozen.view()[0] == 42);
}

BOOST_AUTO_TEST_CASE(draft__discarded_gives_its_block_back) {
  slice_pool pool(8);
  { slice_pool::draft unused = pool.open(); }
  slice_pool::draft again = pool.open();
  BOOST_TEST(pool.allocated_blocks() == 1u);
}

BOOST_AUTO_TEST_CASE(draft__assignment_gives_the_old_block_back) {
  slice_pool pool(8);
  {
    slice_pool::draft first = pool.open();
    slice_pool::draft second = pool.open();
    first = std::move(second);
  }
  slice_pool::draft one = pool.open();
  slice_pool::draft two = pool.open();
  BOOST_TEST(pool.allocated_blocks() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
