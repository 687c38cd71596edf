// Flows without feedback in the simulator: what is sent when, what arrives is counted once, and mean waits and the use
// of the link are those of queueing theory.
#include "lab/workload/datagram_flow.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lab/measure/measures.hpp"
#include "lab/measure/statistics.hpp"
#include "lab/transfer.hpp"
#include "lab/workload/arrivals.hpp"
#include "sim/simulation.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(datagram_flow_test)

experiment_report report_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return simulate(parsed(text, overrides), [] { return 0; });
}

double measured(const experiment_report& report, const std::string& name) {
  return find_measure(name, report.ran).value().of(report);
}

const std::string ten_datagrams = R"(
[link]
delay = "10ms"
[[flow]]
socket = "datagram"
workload = "constant"
interval = "1ms"
record_size = 100
records = 10
start = "5ms"
)";

BOOST_AUTO_TEST_CASE(step__sends_when_due_and_counts_what_arrives) {
  const auto report = report_of(ten_datagrams);
  const flow_result& sender = report.flows.at(0).sender;
  const flow_result& receiver = report.flows.at(0).receiver;
  BOOST_TEST(name_of(sender.status) == name_of(end_status::closed_gracefully));
  BOOST_TEST(name_of(receiver.status) == name_of(end_status::closed_gracefully));
  BOOST_TEST(sender.records == 10u);
  BOOST_TEST(receiver.records == 10u);
  BOOST_TEST(receiver.octets == 1000u);
  BOOST_TEST((sender.first_at == 5_ms));
  BOOST_TEST((sender.last_at == 14_ms));
  BOOST_TEST((receiver.first_at == 15_ms));
  BOOST_TEST((receiver.last_at == 24_ms));
  BOOST_TEST((receiver.latencies.minimum() == 10_ms));
  BOOST_TEST((receiver.latencies.maximum() == 10_ms));
  BOOST_TEST(receiver.latencies.count() == 10u);
  BOOST_TEST(report.links.at(0).b_to_a.offered == 0u, "there is feedback");
}

BOOST_AUTO_TEST_CASE(step__what_is_lost_stays_lost) {
  const auto report = report_of(ten_datagrams, {"link.drop=[2, 9]"});
  BOOST_TEST(name_of(report.flows.at(0).sender.status) == name_of(end_status::closed_gracefully));
  BOOST_TEST(name_of(report.flows.at(0).receiver.status) == name_of(end_status::none));
  BOOST_TEST(report.flows.at(0).sender.records == 10u);
  BOOST_TEST(report.flows.at(0).receiver.records == 8u);
  BOOST_TEST(measured(report, "flow.0.lost") == 2);
  BOOST_TEST(measured(report, "flow.0.complete") == 0);
}

BOOST_AUTO_TEST_CASE(step__copies_and_late_ones_are_told_apart) {
  const auto copied = report_of(ten_datagrams, {"link.duplication=1"});
  BOOST_TEST(copied.flows.at(0).receiver.records == 10u);
  BOOST_TEST(copied.flows.at(0).receiver.octets == 1000u);
  BOOST_TEST(copied.flows.at(0).receiver.duplicates == 10u);
  const auto mixed =
      report_of(ten_datagrams, {"link.reordering=0.5", "link.reordering_delay=20ms", "flow.0.records=200"});
  BOOST_TEST(mixed.flows.at(0).receiver.records == 200u);
  BOOST_TEST(mixed.flows.at(0).receiver.duplicates == 0u);
  BOOST_TEST(mixed.flows.at(0).receiver.out_of_order == mixed.links.at(0).a_to_b.overtaken);
  BOOST_TEST(mixed.flows.at(0).receiver.out_of_order > 20u);
}

// What a datagram costs to queue is bounded; what does not fit goes when the link has taken some.
BOOST_AUTO_TEST_CASE(step__bulk_goes_as_fast_as_the_host_sends) {
  const auto report = report_of(
      "[link]\nrate = \"1Gbit/s\"\nqueue = 100000\n[[flow]]\nsocket = \"datagram\"\nrecords = 3000\nrecord_size = "
      "1000\n");
  BOOST_TEST(report.flows.at(0).receiver.records == 3000u);
  BOOST_TEST((report.flows.at(0).sender.last_at == duration{}));
}

// Sends its own datagrams to a receiver.
class stranger final : public application {
 public:
  std::vector<octets> contents;
  bool step(instant now, host& on) override {
    if (std::exchange(done_, true)) return false;
    now_ = now;
    datagram_socket* const from = on.datagrams().open();
    for (const octets& each : contents) {
      const xns_address to{simulation::network, simulation::host_b, socket_number{3000}};
      BOOST_TEST((on.datagrams().send(*from, slice::copy_of(each), to) == datagram_status::sent));
    }
    return true;
  }
  bool finished() const override { return done_; }

 private:
  bool done_ = false;
  instant now_{};
};

octets stamped(std::uint64_t number, std::uint64_t due) {
  octets contents(datagram_stamp_layout::octets);
  datagram_stamp_layout::encode({number, due}, contents.data());
  return contents;
}

flow_result received(std::vector<octets> contents, std::uint64_t expected) {
  stranger a;
  a.contents = std::move(contents);
  transfer_program b(nullptr);
  b.add(incoming_flow{.label = "in",
                      .socket = socket_number{3000},
                      .config = {},
                      .sink = {},
                      .type = flow_type::datagram,
                      .records = expected});
  simulation_settings settings;
  settings.a_to_b.delay = 1_ms;
  simulation world(settings, a, b, nullptr);
  world.run();
  return b.results().at(0);
}

BOOST_AUTO_TEST_CASE(step__what_no_sender_of_ours_sends_is_not_counted) {
  const auto last = std::numeric_limits<std::uint64_t>::max();
  const flow_result got = received(
      {{}, octets(15), stamped(5, 0), stamped(last, 0), stamped(0, last), stamped(0, 1'000'001), stamped(0, 7)}, 5);
  BOOST_TEST(got.records == 1u);
  BOOST_TEST(got.duplicates == 0u);
  BOOST_TEST((got.latencies.maximum() == 1_ms - 7_ns));
}

BOOST_AUTO_TEST_CASE(step__numbers_are_told_apart_as_far_back_as_65536) {
  const std::uint64_t far = 10'000'000'000;
  const flow_result got = received({stamped(0, 0), stamped(far, 0), stamped(far - 65'535, 0), stamped(far - 65'535, 0),
                                    stamped(far - 65'536, 0), stamped(far, 0), stamped(far + 1, 0)},
                                   far + 2);
  BOOST_TEST(got.records == 4u);
  BOOST_TEST(got.out_of_order == 1u);
  BOOST_TEST(got.duplicates == 3u);
}

// --- queueing theory ---

// One octet in a microsecond; the size of a datagram on the link is that of its record, made even.
std::string single_server(double load, std::string_view sizes) {
  return fmt::format(R"(
[link]
mtu = 30000
rate = "8Mbit/s"
overhead = -30
queue = 100000
[[flow]]
socket = "datagram"
workload = "poisson"
offered_rate = "{}bit/s"
records = 40000
record_size = 1000
record_size_distribution = "{}"
)",
                     static_cast<std::uint64_t>(8e6 * load), sizes);
}

// Pollaczek and Khinchine, in seconds, of the sizes as they are drawn: cut to what fits, and made even.
double expected_wait(const scenario& of) {
  flow_settings many = planned(of, 1_s).ran.flows.front();
  many.records = 1'000'000;
  arrivals sequence(many, random_stream(99));
  double sum = 0, squares = 0;
  while (const auto next = sequence.next()) {
    const double service = static_cast<double>((next->octets + 1) / 2 * 2) * 1e-6;
    sum += service;
    squares += service * service;
  }
  const double count = static_cast<double>(many.records);
  const double arrivals_per_second = 1 / interval_of(many).seconds();
  const double load = arrivals_per_second * sum / count;
  return arrivals_per_second * squares / count / (2 * (1 - load));
}

struct queue_figures {
  running_mean wait;
  running_mean latency;
  running_mean utilisation;
};

queue_figures over_seeds(const std::string& text, std::uint64_t seeds) {
  queue_figures all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto report = report_of(text, {fmt::format("scenario.seed={}", seed)});
    const double records = static_cast<double>(report.flows.at(0).receiver.records);
    BOOST_TEST(records == 40'000);
    all.wait.add(report.links.at(0).a_to_b.waited.seconds() / records);
    all.latency.add(report.flows.at(0).receiver.latencies.mean().seconds());
    all.utilisation.add(measured(report, "link.a_to_b.utilisation"));
  }
  return all;
}

// Within a confidence interval of 95 %, widened by half so that one of many comparisons does not fail by chance; and
// this interval is narrow enough to mean something.
void check_within(const running_mean& got, double expected, double narrow) {
  BOOST_TEST(*got.half_width() < narrow * expected);
  BOOST_TEST(std::abs(*got.mean() - expected) < 1.5 * *got.half_width(),
             fmt::format("{} +- {} where {} is expected", *got.mean(), *got.half_width(), expected));
}

void check_single_server(double load, std::string_view sizes, double textbook_wait) {
  const std::string text = single_server(load, sizes);
  const double expected = expected_wait(parsed(text));
  BOOST_CHECK_CLOSE(expected, textbook_wait, 3.0);  // drawn, so about the textbook's
  const queue_figures got = over_seeds(text, 12);
  check_within(got.wait, expected, 0.08);
  check_within(got.latency, expected + 1e-3, 0.06);
  check_within(got.utilisation, load, 0.01);
}

// Exponential sizes (M/M/1): the mean wait is load / (1 - load) mean services, of 1 ms.
BOOST_AUTO_TEST_CASE(flow__m_m_1_has_the_textbook_mean_wait) {
  check_single_server(0.5, "exponential", 1e-3);
  check_single_server(0.8, "exponential", 4e-3);
}

// One size (M/D/1): half of it.
BOOST_AUTO_TEST_CASE(flow__m_d_1_has_the_textbook_mean_wait) {
  check_single_server(0.5, "fixed", 0.5e-3);
  check_single_server(0.8, "fixed", 2e-3);
}

BOOST_AUTO_TEST_SUITE_END()
