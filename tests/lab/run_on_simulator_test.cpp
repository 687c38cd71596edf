// Whole networks on the simulator: what arrives, what routers do, what is left behind, and that all of it is judged.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "lab/experiment.hpp"
#include "tests/command_runner.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(run_on_simulator_test)

const std::string weather =
    "[link]\ndelay = \"2ms\"\nrate = \"20Mbit/s\"\nloss = \"3%\"\nreordering = \"5%\"\nduplication = \"2%\"\n";
const std::string records = "[[flow]]\nrecords = 20\nrecord_size = \"3KiB\"\n";

void require_whole(const experiment_report& report, std::size_t transfers) {
  BOOST_TEST(report.holds(), render_text(report));
  BOOST_TEST_REQUIRE(report.flows.size() == transfers);
  for (const auto& [plan, sender, receiver] : report.flows) BOOST_TEST(receiver.records == 20u, plan.label);
  BOOST_TEST_REQUIRE(report.judged.has_value());
  BOOST_TEST((report.judged->overall == conclusion::holds), render_text(*report.judged));
}

BOOST_AUTO_TEST_CASE(run_on_simulator__every_shape_delivers_in_bad_weather_and_is_judged) {
  const command_runner::temporary_folder folder;
  const std::pair<std::string, std::size_t> shapes[] = {{"shape = \"chain\"\nsize = 15\n", 1},
                                                        {"shape = \"dumbbell\"\nsize = 3\n", 3},
                                                        {"shape = \"star\"\nsize = 4\n", 3},
                                                        {"shape = \"parking lot\"\nsize = 2\n", 1},
                                                        {"links = \"a-x, x-y, y-z, z-x, z-b\"\n", 1}};
  for (const auto& [shape, transfers] : shapes)
    require_whole(run_on_simulator(parsed("[topology]\n" + shape + weather + records), folder.path("run")), transfers);
}

BOOST_AUTO_TEST_CASE(run_on_simulator__routers_that_tell_each_other_reach_the_same) {
  const command_runner::temporary_folder folder;
  const std::string chain = "[topology]\nshape = \"chain\"\nsize = 3\nrouting = \"rip\"\n";
  const experiment_report report = run_on_simulator(parsed(chain + weather + records), folder.path("run"));
  require_whole(report, 1);
  BOOST_TEST(report.hosts[1].counters.sent > 0u, "what r1 told");
}

BOOST_AUTO_TEST_CASE(run_on_simulator__each_host_with_flows_has_its_journal_and_an_earlier_runs_are_gone) {
  const command_runner::temporary_folder folder;
  const auto files = [&] {
    std::string names;
    std::vector<std::string> found;
    for (const auto& each : std::filesystem::directory_iterator(folder.path("run")))
      found.push_back(each.path().filename());
    std::sort(found.begin(), found.end());
    for (const std::string& each : found) names += each + ' ';
    return names;
  };
  run_on_simulator(parsed("[topology]\nshape = \"star\"\nsize = 3\n" + records), folder.path("run"));
  BOOST_TEST(files() == "capture.pcapng h1.journal.ndjson h2.journal.ndjson h3.journal.ndjson summary.json ");
  run_on_simulator(parsed(records), folder.path("run"));
  BOOST_TEST(files() == "a.journal.ndjson b.journal.ndjson capture.pcapng summary.json ");
}

BOOST_AUTO_TEST_CASE(run_on_simulator__tells_how_far_it_is_and_is_the_same) {
  const command_runner::temporary_folder folder;
  const scenario read = parsed(weather + records, {"flow.0.records=500"});
  std::vector<run_progress> told;
  const experiment_report watched =
      run_on_simulator(read, folder.path("run"), [&](const run_progress& now) { told.push_back(now); });
  BOOST_TEST_REQUIRE(!told.empty());  // once at least: the first look at the clock is one
  BOOST_TEST((told.front().at > duration{}));
  BOOST_TEST(told.back().events >= 1024u);
  BOOST_TEST(told.back().records <= 500u);
  BOOST_TEST((run_on_simulator(read, folder.path("run")).fingerprint == watched.fingerprint));
}

BOOST_AUTO_TEST_CASE(simulate__copies_share_a_bottleneck) {
  const experiment_report report = simulate(parsed("[topology]\nshape = \"dumbbell\"\nsize = 2\n[link.r1-r2]\nrate = "
                                                   "\"8Mbit/s\"\n[[flow]]\ncopies = 3\nrecords = 100\n"
                                                   "stagger = \"10ms\"\n"),
                                            [] { return 0; });
  BOOST_TEST_REQUIRE(report.flows.size() == 6u);
  for (const auto& [plan, sender, receiver] : report.flows) BOOST_TEST(receiver.records == 100u, plan.label);
  BOOST_TEST((report.flows[5].sender.first_at >= 50_ms));
  // Six times 100 records of 1024 octets and their headers cross 8 Mbit/s in no less.
  BOOST_TEST(report.finished_at.seconds() > 600 * (1024 + 42) / 1e6);
  BOOST_TEST(report.links[0].a_to_b.most_waiting > 10u);
}

// A flow or a link more changes nothing for the draws of the others.
BOOST_AUTO_TEST_CASE(simulate__another_host_elsewhere_changes_nothing) {
  const std::string link = "[link]\ndelay = \"1ms\"\nloss = \"5%\"\n";
  const auto run = [&](const std::string& links) {
    return simulate(parsed("[topology]\nlinks = \"" + links + "\"\n" + link + "[[flow]]\n"), [] { return 0; });
  };
  const experiment_report alone = run("a-r, r-b");
  const experiment_report beside = run("a-r, r-b, r-c, c-d");
  BOOST_TEST(alone.links[0].a_to_b.lost == beside.links[0].a_to_b.lost);
  BOOST_TEST(alone.flows[0].sender.statistics.packets_sent == beside.flows[0].sender.statistics.packets_sent);
  BOOST_TEST(alone.finished_at.nanoseconds == beside.finished_at.nanoseconds);
}

BOOST_AUTO_TEST_SUITE_END()
