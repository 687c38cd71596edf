// Whatever differs in a trace shows in its fingerprint.
#include "sim/trace_fingerprint.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(trace_fingerprint_test)

BOOST_AUTO_TEST_CASE(note__every_part_counts) {
  const auto value_of = [](std::int64_t at, std::uint64_t id, bool arrived, const octets& contents) {
    trace_fingerprint print;
    print.note(instant{at}, id, arrived, contents);
    return print.value();
  };
  const octets contents(50, 7);
  octets changed = contents;
  changed[49] = 8;
  const std::set<std::uint64_t> all{trace_fingerprint().value(),          value_of(0, 1, false, contents),
                                    value_of(1, 1, false, contents),      value_of(0, 2, false, contents),
                                    value_of(0, 1, true, contents),       value_of(0, 1, false, changed),
                                    value_of(0, 1, false, octets(49, 7)), value_of(0, 1, false, {})};
  BOOST_TEST(all.size() == 8u);
}

BOOST_AUTO_TEST_CASE(note__order_counts) {
  trace_fingerprint one, other;
  one.note(instant{1}, 1, false, {});
  one.note(instant{1}, 2, false, {});
  other.note(instant{1}, 2, false, {});
  other.note(instant{1}, 1, false, {});
  BOOST_TEST(one.value() != other.value());
}

BOOST_AUTO_TEST_CASE(note__is_the_same_on_every_machine) {
  trace_fingerprint print;
  const octets contents{1, 2, 3, 4, 5, 6, 7, 8, 9};
  print.note(instant{1'000}, 1, true, contents);
  BOOST_TEST(print.value() == 8299682299512592339u);
}

BOOST_AUTO_TEST_SUITE_END()
