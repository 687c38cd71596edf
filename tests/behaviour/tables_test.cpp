// How the senders behave, as tables under tests/snapshots: a change to the engine that changes behaviour shows which
// way, in review. Exact, because a run is. When a table differs on purpose: copy the printed one to the snapshot.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "lab/experiment.hpp"
#include "lab/measure/measures.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(tables_test)

double measured(const experiment_report& report, const std::string& name) {
  return find_measure(name, report.ran).value().of(report);
}

experiment_report run(const std::string& text) {
  return simulate(scenario_text::parsed(text), [] { return 0; });
}

std::string snapshot(const std::string& name) {
  std::ifstream file(SEQWIRE_SOURCE_DIR "/tests/snapshots/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Percent of what 10 Mbit/s carry of full packets; the mean of three seeds.
double share_of_link(std::string_view sender, unsigned window, std::string_view loss) {
  double sum = 0;
  for (const unsigned seed : {1U, 2U, 3U}) {
    const auto report = run(fmt::format(R"(
[scenario]
seed = {}
[link]
rate = "10Mbit/s"
delay = "10ms"
queue = 1000
loss = "{}"
[[flow]]
sender = "{}"
window = {}
packet_data = 534
record_size = 534
records = 1000
)",
                                        seed, loss, sender, window));
    BOOST_TEST_REQUIRE(measured(report, "complete") == 1);
    sum += measured(report, "goodput") * 8 / 10e6 * (534 + 42) / 534;
  }
  return 100 * sum / 3;
}

BOOST_AUTO_TEST_CASE(goodput__of_each_sender_by_loss_and_window) {
  std::string table =
      "Percent of a link of 10 Mbit/s and 10 ms each way, 1,000 packets of 534 octets of data, mean of three seeds.\n";
  for (const std::string_view sender : {"fixed", "tahoe", "newreno"}) {
    table +=
        fmt::format("\n{:<8} loss {:>8}{:>8}{:>8}{:>8}{:>8}{:>8}\n", sender, "0%", "0.1%", "1%", "2%", "5%", "10%");
    for (const unsigned window : {1U, 4U, 16U, 64U}) {
      table += fmt::format("window {:>6}", window);
      for (const std::string_view loss : {"0%", "0.1%", "1%", "2%", "5%", "10%"})
        table += fmt::format("{:>8.1f}", share_of_link(sender, window, loss));
      table += '\n';
    }
  }
  BOOST_TEST(table == snapshot("goodput.txt"));
}

BOOST_AUTO_TEST_CASE(fairness__of_1_to_64_flows_through_one_bottleneck) {
  std::string table =
      "Connections of New-Reno through a dumbbell's bottleneck of 10 Mbit/s, 20 ms and 60 packets; all send for 20 "
      "s.\n\n"
      "flows   fairness  utilisation  sent again %\n";
  for (const unsigned flows : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
    const auto report = run(fmt::format(R"(
[scenario]
time_limit = "20s"
[topology]
shape = "dumbbell"
size = {}
[link]
rate = "100Mbit/s"
delay = "1ms"
[link.r1-r2]
rate = "10Mbit/s"
delay = "20ms"
queue = 60
[[flow]]
sender = "newreno"
packet_data = 534
record_size = 534
records = 1000000
stagger = "10ms"
)",
                                        flows));
    table += fmt::format("{:>5}{:>11.3f}{:>13.3f}{:>14.2f}\n", flows, measured(report, "fairness"),
                         measured(report, "link.r1_to_r2.utilisation"),
                         100 * measured(report, "retransmissions") / measured(report, "data_packets"));
  }
  BOOST_TEST(table == snapshot("fairness.txt"));
}

BOOST_AUTO_TEST_SUITE_END()
