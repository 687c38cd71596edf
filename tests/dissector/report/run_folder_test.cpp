// A run's folder is found out by its files; what is malformed in it is one line with its place.
#include "dissector/report/run_folder.hpp"

#include <cmath>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct folder_of_a_run {
  folder_of_a_run() { write_whole(folder.path("capture.pcapng"), ""); }
  std::string refusal() const {
    const auto read = read_run_folder(folder.path(""));
    BOOST_REQUIRE(!read.has_value());
    return read.error();
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(run_folder_test, folder_of_a_run)

BOOST_AUTO_TEST_CASE(read_run_folder__files_by_their_names) {
  write_whole(folder.path("b.journal.ndjson"), "");
  write_whole(folder.path("a.journal.ndjson"), "");
  write_whole(folder.path("summary.json"), "{}");
  const auto read = read_run_folder(folder.path(""));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->captures.size() == 1u);
  BOOST_REQUIRE(read->journals.size() == 2u);
  BOOST_TEST(read->journals[0].ends_with("a.journal.ndjson"));
  BOOST_TEST(read->series.empty());
  BOOST_TEST(read->ends.empty());
}

BOOST_AUTO_TEST_CASE(read_run_folder__series_with_values_that_were_not_there) {
  write_whole(folder.path("series.csv"), "time_s,goodput,flow.0.window\n0.1,,4\n0.2,5.5,8\n");
  const auto read = read_run_folder(folder.path(""));
  BOOST_REQUIRE(read.has_value());
  BOOST_REQUIRE(read->series.size() == 2u);
  BOOST_TEST(read->series[0].name == "goodput");
  BOOST_TEST(std::isnan(read->series[0].value[0]));
  BOOST_TEST(read->series[0].value[1] == 5.5);
  BOOST_TEST(read->series[1].at[1] == 0.2);
}

BOOST_AUTO_TEST_CASE(read_run_folder__windows_of_each_end_by_its_connection_id) {
  const std::string group = "1.02000000000a:3000 1.02000000000b:3001";
  write_whole(folder.path("a.qlog"),
              "{\"traces\":[\n"
              "{\"time\":0.0,\"name\":\"seqwire:packet_sent\",\"group_id\":\"" +
                  group +
                  "\",\"data\":{\"header\":{\"source_connection\":77}}},\n"
                  "{\"time\":1500.0,\"name\":\"seqwire:metrics_updated\",\"group_id\":\"" +
                  group + "\",\"data\":{\"congestion_window\":4,\"in_flight\":3}},\n]}\n");
  const auto read = read_run_folder(folder.path(""));
  BOOST_REQUIRE(read.has_value());
  BOOST_REQUIRE(read->ends.size() == 1u);
  BOOST_TEST(read->ends[0].id == 77u);
  BOOST_TEST(read->ends[0].group == group);
  const measured_series& window = read->ends[0].metrics.at(0);
  BOOST_TEST(window.name == "congestion_window");
  BOOST_TEST(window.at.at(0) == 1.5);
  BOOST_TEST(window.value.at(0) == 4);
}

BOOST_AUTO_TEST_CASE(read_run_folder__malformed_series_are_named_by_line) {
  write_whole(folder.path("series.csv"), "time_s,goodput\n0.1,5\n0.2,many\n");
  BOOST_TEST(refusal().ends_with("series.csv:3: expected a number in column 2"), refusal());
  write_whole(folder.path("series.csv"), "time_s,goodput\n0.1\n");
  BOOST_TEST(refusal().ends_with("series.csv:2: expected 2 numbers; got 1"), refusal());
  write_whole(folder.path("series.csv"), "hello\n");
  BOOST_TEST(refusal().ends_with("series.csv:1: expected a heading that begins with time_s"), refusal());
}

BOOST_AUTO_TEST_CASE(read_run_folder__malformed_events_are_named_by_line) {
  for (const char* event :
       {"{\"time\":nothing}", "{\"time\":0}", "{\"time\":0,\"name\":5,\"data\":{},\"group_id\":\"\"}"}) {
    write_whole(folder.path("a.qlog"), std::string("{\n") + event + "\n");
    BOOST_TEST(refusal().ends_with("a.qlog:2: expected a qlog event"), refusal());
  }
}

BOOST_AUTO_TEST_CASE(read_run_folder__needs_a_capture) {
  std::filesystem::remove(folder.path("capture.pcapng"));
  BOOST_TEST(refusal().ends_with("expected the folder of a run; there is no capture in it"), refusal());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
