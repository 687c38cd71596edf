#include "lab/replay/answer_comparison.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

namespace {

sent_answer data_packet(std::int64_t at_ms, absolute_number number, std::uint64_t body = 1) {
  sent_answer made;
  made.at = instant{at_ms * 1'000'000};
  made.number = number;
  made.allocation = 7;
  made.body_hash = body;
  return made;
}
sent_answer acknowledgement(std::int64_t at_ms, absolute_number acknowledged, absolute_number allocation = 63) {
  sent_answer made = data_packet(at_ms, 0);
  made.header.system = true;
  made.acknowledgement = acknowledged;
  made.allocation = allocation;
  return made;
}

using answers = std::vector<sent_answer>;
std::uint64_t count(const answer_comparison& of, answer_difference_kind kind) {
  return of.different[static_cast<std::size_t>(kind)];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answer_comparison_test)

BOOST_AUTO_TEST_CASE(same__within_the_tolerance) {
  const auto found =
      compare_answers({data_packet(1, 0), acknowledgement(2, 1)}, {data_packet(1, 0), acknowledgement(4, 1)}, 2_ms);
  BOOST_TEST(found.same == 2u);
  BOOST_TEST(found.differences.empty());
  BOOST_TEST((found.farthest_apart == 2_ms));
}

BOOST_AUTO_TEST_CASE(time__beyond_the_tolerance) {
  const auto found = compare_answers({data_packet(1, 0)}, {data_packet(4, 0)}, 2_ms);
  BOOST_TEST(found.same == 0u);
  BOOST_TEST(count(found, answer_difference_kind::time) == 1u);
}

BOOST_AUTO_TEST_CASE(missing_and_extra__in_order_of_time) {
  const auto found =
      compare_answers({data_packet(1, 0), data_packet(9, 1)}, {data_packet(5, 0, 2), data_packet(6, 2)}, 0_ms);
  BOOST_REQUIRE(found.differences.size() == 3u);
  BOOST_TEST(name_of(found.differences[0].kind) == "other contents");
  BOOST_TEST(name_of(found.differences[1].kind) == "extra");
  BOOST_TEST(found.differences[1].ours->number == 2);
  BOOST_TEST(name_of(found.differences[2].kind) == "missing");
  BOOST_TEST(found.differences[2].captured->number == 1);
}

BOOST_AUTO_TEST_CASE(acknowledgement__and_nothing_else) {
  const auto found =
      compare_answers({acknowledgement(1, 1, 63), acknowledgement(2, 2, 64), acknowledgement(8, 3, 65)},
                      {acknowledgement(1, 1, 31), acknowledgement(2, 1, 31), acknowledgement(20, 9, 71)}, 1_ms);
  BOOST_TEST(count(found, answer_difference_kind::acknowledgement) == 2u);
  BOOST_TEST(count(found, answer_difference_kind::missing) == 1u);  // too far apart to be the same answer
  BOOST_TEST(count(found, answer_difference_kind::extra) == 1u);
}

BOOST_AUTO_TEST_CASE(data__of_a_number_whatever_it_acknowledges) {
  sent_answer late = data_packet(50, 3);
  late.acknowledgement = 12;
  const auto found = compare_answers({data_packet(1, 3)}, {late}, 0_ms);
  BOOST_TEST(count(found, answer_difference_kind::acknowledgement) == 1u);
  BOOST_TEST(found.differences.size() == 1u);
}

// Of several that say the same those nearest in time belong together, and the one too many is the difference.
BOOST_AUTO_TEST_CASE(repeated__the_one_too_many_is_told) {
  const answers captured{acknowledgement(1, 5), acknowledgement(2, 5), acknowledgement(3, 5), acknowledgement(4, 5)};
  for (std::size_t without = 0; without < captured.size(); ++without) {
    answers ours = captured;
    ours.erase(ours.begin() + static_cast<std::ptrdiff_t>(without));
    const auto found = compare_answers(captured, ours, 0_ms);
    BOOST_TEST(found.same == 3u);
    BOOST_REQUIRE(found.differences.size() == 1u);
    BOOST_TEST(name_of(found.differences[0].kind) == "missing");
    BOOST_TEST((found.differences[0].at() == captured[without].at));
  }
}

BOOST_AUTO_TEST_SUITE_END()
