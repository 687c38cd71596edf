// Unpacking piece by piece gives what was compressed, and says where a stream is broken.
#include "rawio/capture/gunzip.hpp"

#include <rapidcheck.h>
#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>

#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::gzipped;
using seqwire::test::octets_of;

namespace {

struct unpacked {
  octets contents;
  std::string fault;  // empty: none
  bool whole = false;
};

// Offered in pieces of one size, into room of another.
unpacked unpack(octets_view packed, std::size_t piece, std::size_t room) {
  gunzip from;
  unpacked all;
  octets place(room);
  for (octets_view offered;;) {
    const auto given = from.unpack(offered, place.data(), place.size());
    if (!given) {
      all.fault = given.error();
      return all;
    }
    all.contents.insert(all.contents.end(), place.begin(), place.begin() + static_cast<std::ptrdiff_t>(*given));
    if (*given > 0) continue;
    BOOST_REQUIRE(offered.empty());
    if (packed.empty()) break;
    offered = packed.first(std::min(piece, packed.size()));
    packed = packed.subspan(offered.size());
  }
  all.whole = from.whole();
  return all;
}

octets joined(octets first, const octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gunzip_test)

RC_BOOST_PROP(unpack__gives_back_what_was_compressed, (const octets& first, const octets& second)) {
  const octets packed = joined(gzipped(first), gzipped(second));
  const auto all = unpack(packed, *rc::gen::inRange<std::size_t>(1, 40), *rc::gen::inRange<std::size_t>(1, 40));
  RC_ASSERT(all.fault.empty());
  RC_ASSERT(all.whole);
  RC_ASSERT(all.contents == joined(first, second));
}

BOOST_AUTO_TEST_CASE(unpack__a_stream_that_ends_early_is_not_whole) {
  const octets contents = octets_of("a record, and another record, and another");
  const octets packed = gzipped(contents);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    const auto all = unpack(octets_view(packed).first(size), 7, 1000);
    BOOST_TEST(all.fault.empty(), size << ": " << all.fault);
    BOOST_TEST(!all.whole, size);
    BOOST_TEST(std::equal(all.contents.begin(), all.contents.end(), contents.begin()), size);
  }
}

BOOST_AUTO_TEST_CASE(unpack__names_what_is_broken) {
  octets packed = gzipped(octets_of("contents"));
  const auto fault = [](octets_view broken) { return unpack(broken, 1000, 1000).fault; };
  BOOST_TEST(fault(octets_of("\x1f\x8b\x08\xff")) == "what gzip compressed is broken: unknown header flags set");
  BOOST_TEST(fault(joined(packed, octets_of("more"))) == "what gzip compressed is broken: incorrect header check");
  packed[packed.size() - 5] ^= 1;
  BOOST_TEST(fault(packed) == "what gzip compressed is broken: incorrect data check");
}

BOOST_AUTO_TEST_CASE(unpack__what_comes_before_a_fault_is_given) {
  octets packed = gzipped(octets_of("contents"));
  packed.back() ^= 1;
  BOOST_TEST(unpack(packed, 1000, 1000).contents == octets_of("contents"));
}

BOOST_AUTO_TEST_SUITE_END()
