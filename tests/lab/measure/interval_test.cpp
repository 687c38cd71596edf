// Intervals of a run: their counters add up to those of the whole, and rates are those of their own time.
#include "lab/measure/interval.hpp"

#include <boost/test/unit_test.hpp>

#include "lab/measure/measures.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(interval_test)

experiment_report report_of(std::uint64_t octets, std::uint64_t frames, std::uint64_t drops) {
  experiment_report made;
  made.ran.flows.push_back({});
  made.hosts.resize(2);
  made.links.resize(1);
  made.flows.resize(1);
  made.flows[0].receiver.octets = octets;
  made.flows[0].receiver.records = octets / 100;
  made.flows[0].sender.statistics.retransmissions = frames / 2;
  made.links[0].a_to_b.offered = frames;
  made.links[0].a_to_b.waited = 1_ms * static_cast<std::int64_t>(frames);
  made.links[0].a_to_b.longest_wait = 7_ms;
  for (std::uint64_t i = 0; i < drops; ++i) made.hosts[1].counters.drops.count(drop_reason::duplicate);
  return made;
}

double value(const experiment_report& of, const std::string& name) { return find_measure(name, of.ran).value().of(of); }

BOOST_AUTO_TEST_CASE(difference__is_what_happened_between_two_instants) {
  const experiment_report early = report_of(1000, 10, 3);
  const experiment_report late = report_of(4000, 30, 4);
  experiment_report between;
  between.ran = late.ran;
  difference(late, 5_s, early, 2_s, between);
  BOOST_TEST(value(between, "goodput") == 1000);
  BOOST_TEST(value(between, "flow.0.goodput") == 1000);
  BOOST_TEST(value(between, "retransmissions") == 10);
  BOOST_TEST(value(between, "link.a_to_b.frames") == 20);
  BOOST_TEST(value(between, "link.a_to_b.mean_wait") == 0.001);
  BOOST_TEST(value(between, "link.a_to_b.longest_wait") == 0.007, "as in the whole run");
  BOOST_TEST(value(between, "drops.duplicate") == 1);
}

BOOST_AUTO_TEST_CASE(difference__a_flow_that_starts_inside_counts_from_there) {
  experiment_report late = report_of(1000, 10, 0);
  late.flows[0].plan.start = 4_s;
  experiment_report between;
  between.ran = late.ran;
  difference(late, 5_s, report_of(0, 0, 0), 3_s, between);
  BOOST_TEST(value(between, "flow.0.goodput") == 1000);
  BOOST_TEST(value(between, "goodput") == 500);
}

// Since an empty report is before everything.
BOOST_AUTO_TEST_CASE(difference__to_nothing_is_the_report_itself) {
  const experiment_report late = report_of(4000, 30, 4);
  experiment_report between;
  between.ran = late.ran;
  difference(late, 4_s, {}, {}, between);
  BOOST_TEST(value(between, "goodput") == 1000);
  BOOST_TEST(value(between, "drops") == 4);
}

BOOST_AUTO_TEST_SUITE_END()
