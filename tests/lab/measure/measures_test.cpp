// Measures of runs whose numbers can be worked out by hand.
#include "lab/measure/measures.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(measures_test)

experiment_report report_of(const std::string& text) {
  return simulate(parsed(text), [] { return 0; });
}

double value(const experiment_report& report, const std::string& name) {
  const auto found = find_measure(name, report.ran);
  BOOST_TEST_REQUIRE(found.has_value(), name);
  return found->of(report);
}

BOOST_AUTO_TEST_CASE(of__one_record_on_a_bare_link) {
  const auto report = report_of("[link]\ndelay = \"10ms\"\n[[flow]]\nrecords = 1\nrecord_size = 1000\n");
  // A round trip for the opening, half a one for the record.
  BOOST_TEST(value(report, "duration") == 0.03);
  BOOST_TEST(value(report, "goodput") == 1000 / 0.03);
  BOOST_TEST(value(report, "octets") == 1000);
  BOOST_TEST(value(report, "records") == 1);
  BOOST_TEST(value(report, "complete") == 1);
  BOOST_TEST(value(report, "retransmissions") == 0);
  BOOST_TEST(value(report, "round_trip_minimum") == 0.02);
  BOOST_TEST(value(report, "round_trip_mean") == 0.02);
  BOOST_TEST(value(report, "round_trip_maximum") == 0.02);
  BOOST_TEST(value(report, "fairness") == 1);
  BOOST_TEST(std::isnan(value(report, "link.a_to_b.utilisation")), "of no rate there is no share");
  BOOST_TEST(value(report, "data_packets") == 2, "the record and the close");
  BOOST_TEST(value(report, "packets") > 2);
  // What a host sends for a connection that has ended is nobody's.
  BOOST_TEST(value(report, "packets") <= value(report, "link.a_to_b.frames") + value(report, "link.b_to_a.frames"));
  BOOST_TEST(value(report, "packets") == value(report, "flow.0.packets"));
}

BOOST_AUTO_TEST_CASE(of__a_flow_counts_from_its_own_start) {
  const auto report = report_of(
      "[link]\ndelay = \"10ms\"\n[[flow]]\nrecords = 1\n[[flow]]\nrecords = 3\nstart = \"2s\"\nrecord_size = 500\n");
  BOOST_TEST(value(report, "flow.1.duration") == 0.01);
  BOOST_TEST(value(report, "flow.1.goodput") == 1500 / 0.01);
  BOOST_TEST(value(report, "duration") == 2.01);
}

// Due every 10 ms, delivered 5 ms later; of requests the response is what counts.
BOOST_AUTO_TEST_CASE(of__latencies_of_records_and_of_requests) {
  const std::string link = "[link]\ndelay = \"5ms\"\n[[flow]]\nrecords = 5\n";
  const auto timed = report_of(link + "workload = \"constant\"\ninterval = \"10ms\"\nstart = \"1s\"\n");
  for (const std::string name : {"mean", "median", "percentile_90", "percentile_99", "maximum"})
    BOOST_TEST(value(timed, "flow.0.latency_" + name) == 0.005);
  const auto asked = report_of(link + "workload = \"request-response\"\nstart = \"1s\"\n");
  BOOST_TEST(value(asked, "flow.0.latency_median") == 0.01);
  BOOST_TEST(value(asked, "flow.0.duration") == 0.045, "the fifth request is delivered after four round trips");
  BOOST_TEST(value(asked, "complete") == 1);
  BOOST_TEST(value(asked, "flow.0.lost") == 0);
  BOOST_TEST(std::isnan(value(report_of("[[flow]]\nrecords = 0\n"), "flow.0.latency_mean")));
}

BOOST_AUTO_TEST_CASE(of__a_full_link_is_full) {
  const auto report = report_of(
      "[link]\nrate = \"1Mbit/s\"\ndelay = \"1ms\"\nqueue = 100\n[[flow]]\nrecords = 500\nrecord_size = 1000\n"
      "window = 40\n");
  BOOST_TEST(value(report, "link.a_to_b.utilisation") > 0.99);
  BOOST_TEST(value(report, "link.a_to_b.utilisation") <= 1.0);
  BOOST_TEST(value(report, "link.b_to_a.utilisation") < 0.1);
  BOOST_TEST(value(report, "queue_drops") == 0);
}

BOOST_AUTO_TEST_CASE(of__lossy_runs_add_up) {
  const auto report =
      report_of("[link]\ndelay = \"5ms\"\nloss = \"10%\"\nduplication = \"10%\"\n[[flow]]\nrecords = 200\n");
  BOOST_TEST(value(report, "retransmissions") > 0);
  BOOST_TEST(value(report, "retransmissions") == value(report, "flow.0.retransmissions"));
  BOOST_TEST(value(report, "link.a_to_b.lost") > 0);
  BOOST_TEST(value(report, "drops.duplicate") > 0);
  double drops = 0;
  for (const chosen_measure& each : all_measures(report.ran))
    if (each.row->scope == measure_scope::reason) drops += each.of(report);
  BOOST_TEST(drops == value(report, "drops"));
}

BOOST_AUTO_TEST_CASE(of__fairness_of_one_who_gets_nothing) {
  const auto report = report_of(
      "[scenario]\ntime_limit = \"1s\"\n[link]\ndelay = \"1ms\"\n[[flow]]\nrecords = 10\n[[flow]]\nstart = \"1h\"\n");
  BOOST_TEST(value(report, "fairness") == 0.5);
  BOOST_TEST(value(report, "complete") == 0.5);
  BOOST_TEST(value(report, "flow.1.goodput") == 0);
  BOOST_TEST(std::isnan(value(report, "flow.1.duration")));
}

BOOST_AUTO_TEST_CASE(of__a_run_that_the_time_limit_ends_counts_as_far_as_it_came) {
  const auto report =
      report_of("[scenario]\ntime_limit = \"1s\"\n[link]\ndelay = \"5ms\"\n[[flow]]\nrecords = 1000000\n");
  BOOST_TEST(value(report, "packets") > 100);
  BOOST_TEST(value(report, "round_trip_mean") == 0.01);
  BOOST_TEST(value(report, "complete") == 0);
}

BOOST_AUTO_TEST_CASE(of__a_direction_is_found_by_its_name_in_networks_of_any_size) {
  const std::string text =
      "[topology]\nshape = \"dumbbell\"\nsize = 2\n[link]\nrate = \"10Mbit/s\"\n[[flow]]\nrecords = 5\n";
  const auto two = report_of(text);
  const auto three = report_of(text + "[[flow]]\nfrom = \"b1\"\nto = \"a1\"\nrecords = 3\n");
  const auto onward = find_measure("link.r1_to_r2.frames", two.ran);
  BOOST_TEST_REQUIRE(onward.has_value());
  BOOST_TEST(onward->of(two) >= 10);
  BOOST_TEST(onward->of(three) > onward->of(two));
  const auto edge = find_measure("link.a2_to_r1.frames", two.ran);
  BOOST_TEST_REQUIRE(edge.has_value());
  BOOST_TEST(edge->of(two) >= 5);
  BOOST_TEST(std::isnan(edge->of(report_of("[[flow]]\nrecords = 1\n"))));
}

BOOST_AUTO_TEST_CASE(simulate__is_the_run_that_leaves_files_without_them) {
  const std::string text = "[link]\ndelay = \"5ms\"\nloss = \"10%\"\n[[flow]]\nrecords = 50\n";
  const auto one = report_of(text);
  const auto again = report_of(text);
  BOOST_TEST(*one.fingerprint == *again.fingerprint);
  BOOST_TEST(*one.fingerprint != *report_of(text + "[scenario]\nseed = 2\n").fingerprint);
  BOOST_TEST(value(one, "goodput") == value(again, "goodput"));
}

BOOST_AUTO_TEST_CASE(names__are_each_once_and_found) {
  const auto three = parse_scenario("[[flow]]\n[[flow]]\ncopies = 2\n", "x.toml", {});
  BOOST_TEST_REQUIRE(three.has_value());
  std::set<std::string> names;
  for (const chosen_measure& each : all_measures(*three)) {
    BOOST_TEST(names.insert(each.name).second, each.name);
    BOOST_TEST(each.name.find_first_of(" ,\"") == std::string::npos, each.name);
    BOOST_TEST(find_measure(each.name, *three)->which == each.which, each.name);
  }
  for (const std::string& name : default_measures()) BOOST_TEST(names.contains(name), name);
  BOOST_TEST(names.contains("flow.2.goodput"));
  BOOST_TEST(!names.contains("flow.3.goodput"));
  for (const char* const none : {"flow.3.goodput", "flow.x.goodput", "flow..goodput", "flow.0.goodput.goodput",
                                 ".goodput", "link.a_to_c.frames", "link.frames", "drops.nothing"})
    BOOST_TEST(!find_measure(none, *three).has_value(), none);
  BOOST_TEST(find_measure("goodputs", *three).error() == "goodput, the nearest known one");
  BOOST_TEST(find_measure("something else", *three).error() == "a measure that seqwire sweep --measures lists");
  for (const measure& each : measures()) BOOST_TEST(describe_measures().find(each.meaning) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
