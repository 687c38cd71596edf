// When records are due and how long they are: exact for what is fixed, means and counts for what is drawn, and the same
// numbers on every machine.
#include "lab/workload/arrivals.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(arrivals_test)

flow_settings flow_of(workload_kind kind, std::uint64_t records) {
  flow_settings flow;
  flow.workload.kind = kind;
  flow.records = records;
  flow.record_size = 1000;
  return flow;
}

std::vector<arrival> all_of(const flow_settings& flow, std::uint64_t seed = 1) {
  arrivals sequence(flow, random_stream(seed));
  std::vector<arrival> all;
  while (const auto next = sequence.next()) all.push_back(*next);
  return all;
}

std::vector<std::int64_t> due_milliseconds(const flow_settings& flow) {
  std::vector<std::int64_t> times;
  for (const arrival& each : all_of(flow)) times.push_back(each.due / 1_ms);
  return times;
}
using times = std::vector<std::int64_t>;

double mean_octets(const std::vector<arrival>& of) {
  double sum = 0;
  for (const arrival& each : of) sum += static_cast<double>(each.octets);
  return sum / static_cast<double>(of.size());
}

BOOST_AUTO_TEST_CASE(next__bulk_records_are_due_at_once) {
  BOOST_TEST((all_of(flow_of(workload_kind::bulk, 3)) == std::vector<arrival>(3, {{}, 1000})));
  BOOST_TEST(all_of(flow_of(workload_kind::bulk, 0)).empty());
}

BOOST_AUTO_TEST_CASE(next__constant_records_are_an_interval_apart) {
  flow_settings flow = flow_of(workload_kind::constant, 4);
  flow.workload.interval = 20_ms;
  BOOST_TEST(due_milliseconds(flow) == (times{0, 20, 40, 60}));
  flow.workload.offered_rate = 8000;  // a thousand octets in a second
  BOOST_TEST(due_milliseconds(flow) == (times{0, 1000, 2000, 3000}));
}

// In so many intervals there are as many records as a Poisson process has: mean and variance of the count are the same.
BOOST_AUTO_TEST_CASE(next__poisson_records_have_the_counts_of_their_process) {
  constexpr std::uint64_t count = 200'000;
  flow_settings flow = flow_of(workload_kind::poisson, count);
  flow.workload.interval = 10_ms;
  const auto all = all_of(flow);
  BOOST_CHECK_CLOSE(all.back().due.seconds() / count, 0.01, 0.7);
  std::vector<double> windows(count / 20 * 9 / 10);
  std::size_t none = 0;  // intervals longer than the mean, of which there are 1/e
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto window = static_cast<std::size_t>(all[i].due / 200_ms);
    if (window < windows.size()) ++windows[window];
    if (i > 0 && all[i].due - all[i - 1].due > 10_ms) ++none;
  }
  double sum = 0, squares = 0;
  for (const double each : windows) {
    sum += each;
    squares += each * each;
  }
  const double mean = sum / static_cast<double>(windows.size());
  BOOST_CHECK_CLOSE(mean, 20.0, 1.0);
  BOOST_CHECK_CLOSE(squares / static_cast<double>(windows.size()) - mean * mean, 20.0, 5.0);
  BOOST_CHECK_CLOSE(static_cast<double>(none) / count, 0.36788, 1.0);
}

BOOST_AUTO_TEST_CASE(next__on_off_records_stop_and_go_on) {
  flow_settings flow = flow_of(workload_kind::on_off, 8);
  flow.workload.interval = 10_ms;
  flow.workload.on_time = 30_ms;
  flow.workload.off_time = 100_ms;
  BOOST_TEST(due_milliseconds(flow) == (times{0, 10, 20, 130, 140, 150, 260, 270}));
  flow.workload.on_time = 25_ms;  // half an interval is left over, and counts
  BOOST_TEST(due_milliseconds(flow) == (times{0, 10, 20, 130, 140, 250, 260, 270}));
  flow.workload.on_time = 4_ms;  // shorter than the interval: some times of on have none
  BOOST_TEST(due_milliseconds(flow) == (times{0, 210, 520, 730, 1040, 1250, 1560, 1770}));
}

BOOST_AUTO_TEST_CASE(next__exponential_times_of_on_and_off_have_their_means) {
  constexpr std::uint64_t count = 400'000;
  flow_settings flow = flow_of(workload_kind::on_off, count);
  flow.workload.interval = 1_ms;
  flow.workload.on_time = 20_ms;
  flow.workload.off_time = 60_ms;
  flow.workload.on_off = span_distribution::exponential;
  const auto all = all_of(flow);
  BOOST_CHECK_CLOSE(all.back().due.seconds() / count, 0.004, 3.0);
  std::uint64_t pauses = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const duration gap = all[i].due - all[i - 1].due;
    BOOST_TEST_REQUIRE((gap >= 1_ms));
    pauses += gap > 1_ms;
  }
  BOOST_CHECK_CLOSE(static_cast<double>(pauses), count / 20.0 * 0.9754, 3.0);  // less two in one interval
}

BOOST_AUTO_TEST_CASE(next__requests_say_how_long_to_think) {
  flow_settings flow = flow_of(workload_kind::request_response, 3);
  flow.workload.think_time = 7_ms;
  BOOST_TEST(due_milliseconds(flow) == (times{0, 7, 7}));
  flow.records = 100'000;
  flow.workload.thinking = span_distribution::exponential;
  double sum = 0;
  for (const arrival& each : all_of(flow)) sum += each.due.seconds();
  BOOST_CHECK_CLOSE(sum / 100'000, 0.007, 1.0);
}

BOOST_AUTO_TEST_CASE(next__a_trace_is_taken_as_it_is) {
  flow_settings flow = flow_of(workload_kind::trace, 100);
  const std::vector<arrival> said{{0_ms, 5}, {3_ms, 0}, {3_ms, 70'000}};
  flow.workload.trace = {"x", std::make_shared<const std::vector<arrival>>(said)};
  BOOST_TEST((all_of(flow) == said));
}

BOOST_AUTO_TEST_CASE(next__sizes_have_their_means_and_bounds) {
  flow_settings flow = flow_of(workload_kind::bulk, 200'000);
  flow.workload.sizes = size_distribution::exponential;
  BOOST_CHECK_CLOSE(mean_octets(all_of(flow)), 1000.0, 1.0);
  flow.workload.sizes = size_distribution::pareto;
  flow.workload.pareto_shape = 3;
  const auto pareto = all_of(flow);
  BOOST_CHECK_CLOSE(mean_octets(pareto), 1000.0, 1.0);
  for (const arrival& each : pareto) BOOST_TEST_REQUIRE(each.octets >= 667u);
  flow.workload.sizes = size_distribution::uniform;
  flow.workload.minimum_size = 100;
  flow.workload.maximum_size = 300;
  const auto uniform = all_of(flow);
  BOOST_CHECK_CLOSE(mean_octets(uniform), 200.0, 0.5);
  std::vector<std::uint64_t> seen(301);
  for (const arrival& each : uniform) ++seen.at(each.octets);
  for (std::size_t octets_of = 100; octets_of <= 300; ++octets_of) BOOST_TEST(seen[octets_of] > 800u);
  flow.workload.sizes = size_distribution::exponential;
  for (const arrival& each : all_of(flow)) BOOST_TEST_REQUIRE((each.octets >= 100 && each.octets <= 300));
}

// Of hostile settings: no sum leaves 64 bits, and time never goes back.
BOOST_AUTO_TEST_CASE(next__ends_in_a_hundred_years) {
  for (const workload_kind kind : {workload_kind::constant, workload_kind::poisson, workload_kind::on_off}) {
    flow_settings flow = flow_of(kind, 2'000'000);
    flow.workload.interval = 3600_s;
    flow.workload.on_time = flow.workload.off_time = 3600_s * 8760;
    flow.workload.on_off = span_distribution::exponential;
    arrivals sequence(flow, random_stream(3));
    duration before{};
    while (const auto next = sequence.next()) {
      BOOST_TEST_REQUIRE((next->due >= before));
      before = next->due;
    }
    BOOST_TEST((before == 3600_s * 24 * 365 * 100));
  }
}

// Another compiler, another machine: the same instants.
BOOST_AUTO_TEST_CASE(next__are_fixed_numbers) {
  flow_settings flow = flow_of(workload_kind::poisson, 1000);
  flow.workload.sizes = size_distribution::pareto;
  const auto all = all_of(flow, 42);
  BOOST_TEST(all.back().due.nanoseconds == 9557372473);
  BOOST_TEST(all.back().octets == 388u);
  BOOST_TEST((all == all_of(flow, 42)));
  BOOST_TEST((all != all_of(flow, 43)));
}

BOOST_AUTO_TEST_SUITE_END()
