// seqwire report as its users meet it: the page tells what analyze and verify tell, of captures and of a run's folder.
#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"
#include "tests/dissector/report/page_support.hpp"

namespace seqwire {
namespace {

using namespace command_runner;
using namespace report_pages;

struct run_to_report {
  run_to_report() {
    write_whole(folder.path("lossy.toml"),
                "[scenario]\nqlog = true\n[link]\nrate = \"10Mbit/s\"\ndelay = \"20ms\"\nloss = \"5%\"\nduplication = "
                "\"2%\"\n[[flow]]\nrecords = 200\n[measure]\nseries = [\"link.a_to_b.waiting\"]\nperiod = \"20ms\"\n");
    BOOST_REQUIRE(seqwire_command({"run", folder.path("lossy.toml"), "--out", folder.path("out")}).exit_code == 0);
  }
  nlohmann::json reported(std::vector<std::string> sources) {
    sources.insert(sources.begin(), "report");
    sources.insert(sources.end(), {"-o", folder.path("r.html")});
    const ended_command ended = seqwire_command(sources);
    BOOST_TEST(ended.exit_code == 0, ended.err);
    BOOST_TEST(ended.out == "");
    return story_in(read_whole(folder.path("r.html")));
  }
  std::string capture() const { return folder.path("out/capture.pcapng"); }
  temporary_folder folder;
};

std::size_t count_of(const nlohmann::json& view, std::size_t side, int kind) {
  std::size_t count = 0;
  for (const auto& mark : view.at("mark"))
    count += (mark.get<std::size_t>() >> 5 & 1) == side && (mark.get<int>() & 7) == kind ? 1u : 0u;
  return count;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(report_test, run_to_report)

BOOST_AUTO_TEST_CASE(page__draws_what_analyze_counts) {
  const auto page = reported({capture()});
  const auto counted = nlohmann::json::parse(seqwire_command({"analyze", capture(), "--json"}).out);
  BOOST_TEST(page.at("analysis") == counted);
  const auto& views = counted.at("connections").at(0).at("views");
  for (std::size_t view = 0; view < views.size(); ++view)
    for (std::size_t side = 0; side < 2; ++side) {
      const auto& drawn = page.at("connections").at(0).at("views").at(view);
      const auto& told = views.at(view).at(side == 0 ? "first_to_second" : "second_to_first");
      std::size_t resent = 0;
      for (const auto& cause : told.at("resent")) resent += cause.get<std::size_t>();
      BOOST_TEST(count_of(drawn, side, 0) == told.at("system_packets"));
      BOOST_TEST(count_of(drawn, side, 1) == told.at("data_packets"));
      BOOST_TEST(count_of(drawn, side, 2) == resent);
      BOOST_TEST(count_of(drawn, side, 3) == told.at("copied"));
      BOOST_TEST(drawn.at("sides").at(side).at("round_trip").at("at").size() == told.at("round_trip_ns").at("count"));
    }
}

BOOST_AUTO_TEST_CASE(page__packets_are_matched_between_the_vantage_points) {
  const auto page = reported({capture()});
  const auto& passage = page.at("connections").at(0).at("passages").at(0);
  BOOST_TEST(passage.at("from") == 0);
  BOOST_TEST(passage.at("to") == 1);
  const auto delays = summed(passage.at("delay").at("value"));
  const auto& arriving = page.at("analysis").at("connections").at(0).at("views").at(1).at("first_to_second");
  BOOST_TEST(delays.size() == arriving.at("packets"));
  for (const std::int64_t delay : delays) BOOST_TEST(delay >= 20'000'000);
  const auto latencies = summed(passage.at("latency").at("value"));
  BOOST_TEST(latencies.size() == 200u);
  for (const std::int64_t latency : latencies) BOOST_TEST(latency >= 20'000'000);
}

BOOST_AUTO_TEST_CASE(page__of_a_run_has_the_verdict_with_journals_the_series_and_the_windows) {
  const auto page = reported({folder.path("out")});
  BOOST_TEST(page.at("verdict").at("conclusion") == "holds");
  BOOST_TEST(page.at("verdict").at("counts").at("journals") == 2);
  BOOST_TEST(page.at("series").at(0).at("name") == "link.a_to_b.waiting");
  BOOST_TEST(page.at("series").at(0).at("value").size() > 3u);
  const auto& metrics = page.at("connections").at(0).at("passages").at(0).at("metrics");
  BOOST_TEST(metrics.at(0).at("name") == "congestion_window");
  BOOST_TEST(!metrics.at(0).at("value").empty());
}

BOOST_AUTO_TEST_CASE(page__on_standard_output) {
  const ended_command ended = seqwire_command({"report", capture(), "-o", "-"});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.out.starts_with("<!DOCTYPE html>"));
  BOOST_TEST(ended.out.ends_with("</html>\n"));
}

BOOST_AUTO_TEST_CASE(page__is_the_same_for_the_same_captures) {
  reported({capture()});
  const std::string first = read_whole(folder.path("r.html"));
  reported({capture()});
  BOOST_TEST((read_whole(folder.path("r.html")) == first));
}

BOOST_AUTO_TEST_CASE(figures__without_a_page) {
  const ended_command ended =
      seqwire_command({"report", capture(), "--svg", "figures", "--xplot", "graphs"}, {.folder = folder.path()});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(!fs::exists(folder.path("report.html")));
  const std::string figure = read_whole(folder.path("figures/connection-0-first-to-second-time-sequence.svg"));
  BOOST_TEST(figure.starts_with("<svg "));
  const std::string graph = read_whole(folder.path("graphs/connection-0-first-to-second-delay.xpl"));
  BOOST_TEST(graph.starts_with("timeval double\n"));
}

BOOST_AUTO_TEST_CASE(figures__of_the_documentation_are_those_of_its_scenario) {
  const std::string root = SEQWIRE_SOURCE_DIR;
  BOOST_REQUIRE(
      seqwire_command({"run", root + "/examples/scenarios/congestion.toml", "--out", folder.path("shown")}).exit_code ==
      0);
  BOOST_REQUIRE(seqwire_command({"report", folder.path("shown"), "--svg", folder.path("figures")}).exit_code == 0);
  BOOST_TEST((read_whole(folder.path("figures/connection-0-first-to-second-time-sequence.svg")) ==
              read_whole(root + "/docs/pictures/time-sequence.svg")),
             "run scripts/pictures");
}

BOOST_AUTO_TEST_CASE(bad_input__is_one_line_and_leaves_an_earlier_page) {
  write_whole(folder.path("page.html"), "earlier");
  const auto refused = [&](const std::string& source, const std::string& line) {
    expect_complaint(seqwire_command({"report", source, "-o", folder.path("page.html")}), 2, line);
    BOOST_TEST(read_whole(folder.path("page.html")) == "earlier");
  };
  refused(folder.path("nowhere.pcapng"), "nowhere.pcapng");
  refused(folder.path("lossy.toml"), "lossy.toml");
  fs::create_directory(folder.path("empty"));
  refused(folder.path("empty"), "there is no capture in it");
  expect_complaint(seqwire_command({"report", capture(), "-o", folder.path("no/such/folder.html")}), 1, "no/such");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
