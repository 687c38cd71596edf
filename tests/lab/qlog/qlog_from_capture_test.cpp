// A capture's packets as events: those that the run itself wrote, and sound ones of captures without directions,
// without packet ids, from the middle of a connection.
#include "lab/qlog/qlog_from_capture.hpp"

#include <nlohmann/json.hpp>

#include "lab/experiment.hpp"
#include "lab/qlog/qvis.hpp"
#include "protocol/wire/ethernet.hpp"
#include "rawio/capture/capture.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;
using nlohmann::json;

namespace {

json events_of(const std::string& path) { return json::parse(read_whole(path)).at("traces").at(0).at("events"); }

struct recorded_run {
  recorded_run() {
    const auto read = parse_scenario(
        "[scenario]\nqlog = true\n[link]\ndelay = \"20ms\"\nloss = \"5%\"\n[[flow]]\nrecords = 60\n", "x.toml", {});
    BOOST_REQUIRE(read.has_value());
    BOOST_REQUIRE(run_on_simulator(*read, folder.path("run"), [] { return 0; }).holds());
  }
  // The run's capture with every packet changed.
  template <class Change>
  std::string changed(const std::string& name, Change change) const {
    const std::string path = folder.path(name);
    auto reader = capture_reader::open(folder.path("run/capture.pcapng"));
    BOOST_REQUIRE(reader.has_value());
    capture_writer writer(path, {});
    writer.add_interface({.name = "../a b", .description = {}});
    std::size_t frame = 0;
    for (auto next = reader->next(); next && *next != nullptr; next = reader->next()) {
      capture_writer::packet_block block{
          .at = (*next)->at, .direction = (*next)->direction, .packet_id = (*next)->packet_id};
      if ((*next)->interface == 0 && change(frame++, block)) writer.write(block, (*next)->frame);
    }
    writer.close();
    BOOST_REQUIRE(!writer.error());
    return path;
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(qlog_from_capture_test, recorded_run)

BOOST_AUTO_TEST_CASE(qlog_from_capture__tells_the_packets_that_the_run_told) {
  const auto written = qlog_from_capture(folder.path("run/capture.pcapng"), folder.path("out"));
  BOOST_REQUIRE(written.has_value());
  BOOST_TEST(*written == (std::vector<std::string>{folder.path("out/a.qlog"), folder.path("out/b.qlog")}),
             boost::test_tools::per_element());
  for (const char* host : {"a.qlog", "b.qlog"}) {
    json told = events_of(folder.path("run/") + host);
    for (auto each = told.begin(); each != told.end();)
      each = each->at("name").get<std::string>().starts_with("seqwire:packet_") ? each + 1 : told.erase(each);
    BOOST_TEST(told.size() > 100u);
    BOOST_TEST((events_of(folder.path("out/") + host) == told), host);
  }
}

BOOST_AUTO_TEST_CASE(qlog_from_capture__without_directions_the_first_that_is_heard_sends) {
  const std::string path = changed("between.pcapng", [](std::size_t, capture_writer::packet_block& block) {
    block.direction = capture_direction::unknown;
    return true;
  });
  const auto written = qlog_from_capture(path, folder.path("out"));
  BOOST_REQUIRE(written.has_value());
  BOOST_TEST(*written == std::vector<std::string>{folder.path("out/interface-0.._a_b.qlog")},
             boost::test_tools::per_element());
  const json trace = json::parse(read_whole(written->front())).at("traces").at(0);
  BOOST_TEST(trace.at("vantage_point").at("type") == "network");
  BOOST_TEST(trace.at("vantage_point").at("flow") == "client");
  const json own = events_of(folder.path("run/a.qlog"));
  const auto count = [](const json& events, const std::string& name) {
    return std::count_if(events.begin(), events.end(), [&](const json& each) { return each.at("name") == name; });
  };
  for (const char* name : {"seqwire:packet_sent", "seqwire:packet_received", "seqwire:packet_lost"})
    BOOST_TEST(count(trace.at("events"), name) == count(own, name), name);
}

BOOST_AUTO_TEST_CASE(qlog_from_capture__without_ids_and_from_the_middle_qvis_still_has_what_it_needs) {
  const std::string path = changed("foreign.pcapng", [](std::size_t frame, capture_writer::packet_block& block) {
    block.packet_id.reset();
    return frame > 40;
  });
  const auto written = qlog_from_capture(path, folder.path("out"));
  BOOST_REQUIRE(written.has_value());
  std::int64_t first = -1;
  for (const json& each : events_of(written->front())) {
    const json& data = each.at("data");
    BOOST_TEST(data.contains("packet_id"));
    if (first < 0 && each.at("name") == "seqwire:packet_sent" && data.contains("number")) first = data.at("number");
    if (data.contains("number")) BOOST_TEST(data.at("number").get<std::int64_t>() >= 0);
  }
  BOOST_TEST(first > 0);
  BOOST_TEST(to_qvis(*written).has_value());
}

BOOST_AUTO_TEST_CASE(qlog_from_capture__what_is_no_capture) {
  write_whole(folder.path("no"), "no capture");
  BOOST_TEST(qlog_from_capture(folder.path("no"), folder.path("out")).error().find("not a capture") !=
             std::string::npos);
  expect_complaint(seqwire_command({"qlog", "from-capture", "no", "--out", "out"}, {.folder = folder.path()}), 2,
                   "no: octet 0: not a capture");
  const ended_command told =
      seqwire_command({"qlog", "from-capture", "run/capture.pcapng", "--out", "new"}, {.folder = folder.path()});
  BOOST_TEST(told.out == "written: new/a.qlog\nwritten: new/b.qlog\n", told.err);
}

BOOST_AUTO_TEST_SUITE_END()
