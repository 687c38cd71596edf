// What a run is measured by: its time series, warm-up, batches and expectations, and that measuring changes no run.
#include "lab/measure/measurement.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/command_runner.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(measurement_test)

// 1 Mbit/s, 125,000 octets a second on the link; every packet carries 1,000 octets and 42 of header.
const std::string link = "[link]\nrate = \"1Mbit/s\"\ndelay = \"1ms\"\nmtu = 1042\n";
const std::string flow = "[[flow]]\nrecords = 600\nrecord_size = 1000\n";

experiment_report simulated(const std::string& text) {
  return simulate(parsed(text), [] { return 0; });
}

const measured_value& measured(const experiment_report& report, const std::string& name) {
  for (const measured_value& each : report.measured)
    if (each.name == name) return each;
  throw std::runtime_error("not measured: " + name);
}

std::vector<std::vector<std::string>> csv(const std::string& path) {
  std::istringstream file(command_runner::read_whole(path));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) rows.back().push_back(field);
  }
  return rows;
}

BOOST_AUTO_TEST_CASE(simulate__measuring_changes_nothing_in_the_run) {
  const std::string weather = link + "loss = \"5%\"\n" + flow;
  const experiment_report plain = simulated(weather);
  const experiment_report watched =
      simulated(weather + "[measure]\nperiod = \"7ms\"\nwarm_up = \"1s\"\nbatch = \"100ms\"\nvalues = [\"goodput\"]\n");
  BOOST_TEST(*plain.fingerprint == *watched.fingerprint);
  BOOST_TEST(plain.finished_at.nanoseconds == watched.finished_at.nanoseconds);
}

BOOST_AUTO_TEST_CASE(run_on_simulator__a_series_adds_up_to_the_run) {
  const command_runner::temporary_folder folder;
  const experiment_report report =
      run_on_simulator(parsed(link + flow +
                              "[measure]\nperiod = \"500ms\"\nseries = [\"octets\", \"link.a_to_b.frames\", "
                              "\"link.a_to_b.utilisation\", \"link.a_to_b.waiting\", \"flow.0.window\"]\n"),
                       folder.path("run"));
  const auto rows = csv(folder.path("run/series.csv"));
  BOOST_TEST_REQUIRE(rows.size() > 10u);
  BOOST_TEST(rows[0][0] == "time_s");
  BOOST_TEST(rows[0][5] == "flow.0.window");
  double octets = 0;
  double frames = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    BOOST_TEST_REQUIRE(rows[i].size() >= 6u);
    octets += std::stod(rows[i][1]);
    frames += std::stod(rows[i][2]);
    if (i < rows.size() - 1) BOOST_TEST(std::stod(rows[i][0]) == 0.5 * static_cast<double>(i));
  }
  BOOST_TEST(octets == 600'000);
  BOOST_TEST(frames == static_cast<double>(report.links[0].a_to_b.offered));
  // Busy all the time but at both ends, with a window of 64 of which one is in service.
  BOOST_TEST(std::stod(rows[4][3]) == 1.0, boost::test_tools::tolerance(0.02));
  BOOST_TEST(std::stod(rows[4][4]) > 55.0);
  BOOST_TEST(std::stod(rows[4][5]) == 64.0);
}

BOOST_AUTO_TEST_CASE(run_on_simulator__both_files_of_a_series_say_the_same) {
  const command_runner::temporary_folder folder;
  run_on_simulator(parsed(link + flow + "[measure]\nperiod = \"1s\"\nseries = [\"octets\", \"flow.0.round_trip\"]\n"),
                   folder.path("run"));
  const auto rows = csv(folder.path("run/series.csv"));
  std::istringstream file(command_runner::read_whole(folder.path("run/series.ndjson")));
  std::size_t row = 1;
  for (std::string line; std::getline(file, line); ++row) {
    const auto object = nlohmann::json::parse(line);
    BOOST_TEST_REQUIRE(row < rows.size());
    BOOST_TEST(object.at("time_s").get<double>() == std::stod(rows[row][0]));
    BOOST_TEST(object.at("octets").get<double>() == std::stod(rows[row][1]));
    const bool known = rows[row].size() == 3u;
    BOOST_TEST(object.at("flow.0.round_trip").is_null() == !known);
    if (known) BOOST_TEST(object.at("flow.0.round_trip").get<double>() == std::stod(rows[row][2]));
  }
  BOOST_TEST(row == rows.size());
  // A run that asks for none leaves none of an earlier one.
  run_on_simulator(parsed(link + flow), folder.path("run"));
  BOOST_TEST(!std::filesystem::exists(folder.path("run/series.csv")));
  BOOST_TEST(!std::filesystem::exists(folder.path("run/series.ndjson")));
}

BOOST_AUTO_TEST_CASE(finish__the_warm_up_does_not_count) {
  const std::string slow_start =
      "[link]\nrate = \"1Mbit/s\"\ndelay = \"200ms\"\nmtu = 1042\n[[flow]]\nsender = \"newreno\"\nrecords = "
      "2000\nrecord_size = 1000\n";
  const auto utilisation = [&](const std::string& warm_up) {
    return measured(
               simulated(slow_start + "[measure]\nvalues = [\"link.a_to_b.utilisation\", \"duration\"]\n" + warm_up),
               "link.a_to_b.utilisation")
        .value;
  };
  BOOST_TEST(utilisation("") < 0.95);
  BOOST_TEST(utilisation("warm_up = \"6s\"\n") > 0.99);
  BOOST_TEST(std::isnan(utilisation("warm_up = \"1h\"\n")), "the run was over before");
}

BOOST_AUTO_TEST_CASE(finish__batches_are_means_of_whole_intervals_behind_the_warm_up) {
  const experiment_report report = simulated(
      link + flow +
      "[measure]\nvalues = [\"link.a_to_b.utilisation\", \"duration\"]\nwarm_up = \"500ms\"\nbatch = \"1s\"\n");
  const measured_value& of = measured(report, "link.a_to_b.utilisation");
  BOOST_TEST(of.batches == static_cast<std::uint64_t>(report.finished_at.seconds() - 0.5));
  BOOST_TEST(*of.mean == 1.0, boost::test_tools::tolerance(0.02));
  BOOST_TEST(*of.half_width < 0.02);
  BOOST_TEST(measured(report, "duration").batches == 0u, "of a run as a whole");
}

BOOST_AUTO_TEST_CASE(finish__expectations_decide_the_exit_code) {
  const command_runner::temporary_folder folder;
  const auto code = [&](const std::string& expected) {
    return run_on_simulator(parsed(link + flow + "[expect]\n" + expected), folder.path("run")).exit_code();
  };
  BOOST_TEST(code("records = 600\n") == 0);
  BOOST_TEST(code("records = \"< 600\"\n") == 3);
  BOOST_TEST(code("records = 600\nduration = \"< 1s\"\n") == 3);
  BOOST_TEST(code("\"link.a_to_b.utilisation\" = \"90% .. 100%\"\nlink.b_to_a.lost = 0\n") == 0);
  BOOST_TEST(code("flow.0.retransmissions = 0\n") == 0);
  const auto told = nlohmann::json::parse(command_runner::read_whole(folder.path("run/summary.json")));
  BOOST_TEST(told.at("expectations").at(0).at("measure") == "flow.0.retransmissions");
  BOOST_TEST(told.at("expectations").at(0).at("holds") == true);
  BOOST_TEST(told.at("measures").at("flow.0.retransmissions").at("value") == 0.0);
}

BOOST_AUTO_TEST_CASE(parse_scenario__names_and_expectations_are_checked_where_they_stand) {
  const auto refusal = [](const std::string& text) {
    const auto read = parse_scenario("[[flow]]\n" + text, "x.toml", {});
    return read ? "" : read.error().message;
  };
  BOOST_TEST(refusal("[measure]\nvalues = [\"goodputs\"]\n") ==
             "x.toml:3:10: measure.values has a bad value; expected goodput, the nearest known one; got \"goodputs\"");
  BOOST_TEST(
      refusal("[measure]\nvalues = [\"flow.0.window\"]\n").ends_with("got \"flow.0.window, a measure of an instant\""));
  BOOST_TEST(
      refusal("[measure]\nseries = [\"duration\"]\n").ends_with("got \"duration, a measure of a run as a whole\""));
  BOOST_TEST(
      refusal("[measure]\nvalues = 3\n").starts_with("x.toml:3:10: measure.values has a value of the wrong type"));
  BOOST_TEST(refusal("[expect]\nfairnes = 1\n") ==
             "x.toml:3:11: unknown measure in [expect]; expected fairness, the nearest known one; got \"fairnes\"");
  BOOST_TEST(refusal("[expect]\nfairness = \"about 1\"\n")
                 .starts_with("x.toml:3:12: expect.fairness has a bad value; expected = 100, "));
  BOOST_TEST(
      refusal("[expect]\nfairness = true\n").starts_with("x.toml:3:12: expect.fairness has a value of the wrong type"));
  BOOST_TEST(
      refusal("[expect]\nflow.0.window = 3\n").starts_with("x.toml:3:17: expect.flow.0.window is of an instant"));
  BOOST_TEST(refusal("[expect]\nflow.1.goodput = 3\n").starts_with("x.toml:3:18: unknown measure in [expect]"));
}

BOOST_AUTO_TEST_CASE(to_toml__says_what_is_measured_and_expected_again) {
  const scenario made = parsed(link + flow +
                               "[measure]\nperiod = \"1s\"\nseries = \"octets,goodput\"\n[expect]\nlink.a_to_b.lost = "
                               "0\ngoodput = \"> 1MB/s\"\n");
  const scenario again = parsed(to_toml(made));
  BOOST_TEST((again.measure == made.measure));
  BOOST_TEST_REQUIRE(again.expectations.size() == 2u);
  BOOST_TEST(again.expectations[0].measure == "link.a_to_b.lost");
  BOOST_TEST(again.expectations[1].value == "> 1MB/s");
  BOOST_TEST(to_toml(again) == to_toml(made));
}

BOOST_AUTO_TEST_SUITE_END()
