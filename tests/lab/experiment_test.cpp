// Scenarios from text to verdict on the simulator: the examples hold, flows on connections beside flows without, and
// what reports say of them.
#include "lab/experiment.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;
using command_runner::temporary_folder;

BOOST_AUTO_TEST_SUITE(experiment_test)

// A connection, datagrams in both directions, requests; and weather.
constexpr std::string_view mixed = R"(
[link]
rate = "10Mbit/s"
delay = "5ms"
loss = "5%"
duplication = "2%"
reordering = "2%"
corruption = "1%"
[[flow]]
records = 50
[[flow]]
socket = "datagram"
workload = "poisson"
interval = "2ms"
record_size = 200
record_size_distribution = "exponential"
records = 400
[[flow]]
from = "b"
socket = "datagram"
workload = "constant"
interval = "5ms"
record_size = 100
records = 300
[[flow]]
workload = "request-response"
record_size = 50
response_size = 5000
think_time = "3ms"
records = 30
[[flow]]
from = "b"
socket = "stream"
workload = "on-off"
on_time = "50ms"
off_time = "100ms"
interval = "1ms"
record_size_distribution = "pareto"
record_size_maximum = 20000
records = 100
)";

experiment_report run(std::string_view text, const temporary_folder& to, const std::vector<std::string>& set = {}) {
  return run_on_simulator(parsed(text, set), to.path(), [] { return 0; });
}

BOOST_AUTO_TEST_CASE(run_on_simulator__every_example_holds) {
  std::size_t examples = 0;
  for (const auto& file : std::filesystem::directory_iterator(SEQWIRE_SOURCE_DIR "/examples/scenarios")) {
    if (file.path().extension() != ".toml") continue;
    const temporary_folder folder;
    const auto read = read_scenario(file.path().string(), {});
    BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
    const auto report = run_on_simulator(*read, folder.path(), [] { return 0; });
    BOOST_TEST(report.holds(), file.path() << "\n" << render_text(report));
    ++examples;
  }
  BOOST_TEST(examples >= 10u);
}

BOOST_AUTO_TEST_CASE(run_on_simulator__flows_of_all_kinds_hold_beside_each_other) {
  const temporary_folder folder;
  const auto report = run(mixed, folder);
  BOOST_TEST(report.holds(), render_text(report));
  BOOST_TEST(report.files_sent == 180u);  // of connections, responses apart
  BOOST_TEST(report.files_equal == 180u);
  const nlohmann::json summary = to_json(report);
  BOOST_TEST(summary.at("files").at("asked").get<int>() == 180);
  const auto& flows_of_a = summary.at("hosts").at("a").at("flows");
  const auto& flows_of_b = summary.at("hosts").at("b").at("flows");
  BOOST_TEST(flows_of_b.at(0).at("latency").at("samples").get<int>() == 50);
  BOOST_TEST(flows_of_a.at(0).at("latency").is_null());
  const auto arrived = flows_of_b.at(1).at("records").get<int>();
  BOOST_TEST((arrived > 340 && arrived < 400));
  BOOST_TEST(flows_of_b.at(1).at("latency").at("samples").get<int>() == arrived);
  BOOST_TEST(flows_of_b.at(1).at("duplicates").get<int>() > 0);
  BOOST_TEST(flows_of_a.at(3).at("responses").get<int>() == 30);
  BOOST_TEST(flows_of_a.at(3).at("latency").at("samples").get<int>() == 30);
  BOOST_TEST(flows_of_a.at(3).at("latency").at("minimum_ms").get<double>() >= 10);
  const std::string text = render_text(report);
  BOOST_TEST(contains(text, "400 of 400 datagrams sent: closed gracefully;"));
  BOOST_TEST(contains(text, "ms (min, median, 90 %, 99 %, max), mean"));
}

BOOST_AUTO_TEST_CASE(run_on_simulator__the_same_scenario_gives_the_same_capture) {
  const temporary_folder first, second;
  const auto one = run(mixed, first), same = run(mixed, second);
  BOOST_TEST((one.fingerprint == same.fingerprint));
  BOOST_TEST((one.fingerprint != run(mixed, second, {"scenario.seed=2"}).fingerprint));
}

constexpr std::string_view only_datagrams = R"(
[[flow]]
socket = "datagram"
record_size = 100
records = 50
)";

// No rule about a connection can be applied, and nothing is wrong with that.
BOOST_AUTO_TEST_CASE(holds_without_connections__datagrams_lost_or_not) {
  for (const std::string loss : {"0", "30%", "100%"}) {
    const temporary_folder folder;
    const auto report = run(only_datagrams, folder, {"link.loss=" + loss});
    BOOST_TEST(report.holds_without_connections());
    BOOST_TEST(report.exit_code() == 0);
    BOOST_TEST(contains(render_text(report), "verdict: holds: "), render_text(report));
  }
  const temporary_folder folder;
  BOOST_TEST(!run("[[flow]]\nrecords = 1\n", folder).holds_without_connections());
}

BOOST_AUTO_TEST_CASE(exit_code__what_the_time_limit_cuts_off_is_right_as_far_as_it_came) {
  for (const std::string limit : {"30ms", "45ms", "60ms", "200ms"}) {
    const temporary_folder folder;
    const auto report = run(mixed, folder, {"scenario.time_limit=" + limit, "link.loss=0", "link.corruption=0"});
    BOOST_TEST(report.exit_code() != 3, limit << "\n" << render_text(report));
  }
}

BOOST_AUTO_TEST_SUITE_END()
