// A run's events as files: by the main schema, in the order of time, complete, and the same in every run; and nothing
// of a run changes because of them.
#include "lab/qlog/qlog_recording.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "lab/experiment.hpp"
#include "lab/qlog/qlog_event.hpp"
#include "rawio/capture/capture.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;
using nlohmann::json;

namespace {

constexpr std::string_view lossy =
    "[link]\nrate = \"5Mbit/s\"\ndelay = \"20ms\"\nloss = \"3%\"\n[[flow]]\nsender = \"newreno\"\nrecords = 150\n"
    "[[flow]]\nfrom = \"b\"\nrecords = 5\nstart = \"300ms\"\n";

struct recorded {
  explicit recorded(const std::vector<std::string>& overrides = {"scenario.qlog=true"}) {
    auto read = parse_scenario(lossy, "x.toml", overrides);
    BOOST_REQUIRE(read.has_value());
    report = run_on_simulator(*read, folder.path("run"), [] { return 0; });
    BOOST_REQUIRE(report.holds());
  }
  json file(const std::string& host) const { return json::parse(read_whole(folder.path("run/" + qlog_name(host)))); }
  json events(const std::string& host) const { return file(host).at("traces").at(0).at("events"); }

  temporary_folder folder;
  experiment_report report;
};

std::size_t count(const json& events, const std::string& name) {
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(), [&](const json& each) { return each.at("name") == "seqwire:" + name; }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(qlog_recording_test)

BOOST_AUTO_TEST_CASE(finish__writes_files_of_the_main_schema) {
  const recorded run;
  for (const char* host : {"a", "b"}) {
    const json file = run.file(host);
    BOOST_TEST(file.at("file_schema") == "urn:ietf:params:qlog:file:contained");
    BOOST_TEST(file.at("serialization_format") == "application/qlog+json");
    BOOST_TEST(file.at("traces").size() == 1u);
    const json& trace = file.at("traces").at(0);
    BOOST_TEST(trace.at("event_schemas") == json::array({qlog_event_schema}));
    BOOST_TEST(trace.at("vantage_point").at("name") == host);
    BOOST_TEST(trace.at("common_fields").at("protocol_types") == json::array({"SPP"}));
    double last = 0;
    for (const json& event : trace.at("events")) {
      BOOST_TEST_REQUIRE(event.at("time").get<double>() >= last);
      last = event.at("time").get<double>();
      BOOST_TEST_REQUIRE(event.at("name").get<std::string>().starts_with("seqwire:"));
      BOOST_TEST_REQUIRE(event.at("group_id").is_string());
      BOOST_TEST_REQUIRE(event.at("data").is_object());
    }
    BOOST_TEST(!fs::exists(run.folder.path("run/" + qlog_notes_name(host))));
  }
}

BOOST_AUTO_TEST_CASE(finish__has_every_packet_of_the_capture) {
  const recorded run;
  std::size_t sent = 0;
  std::size_t received = 0;
  auto reader = capture_reader::open(run.folder.path("run/capture.pcapng"));
  BOOST_REQUIRE(reader.has_value());
  for (auto next = reader->next(); next && *next != nullptr; next = reader->next())
    if (reader->interfaces()[(*next)->interface].name == "a")
      ++((*next)->direction == capture_direction::out ? sent : received);
  const json events = run.events("a");
  BOOST_TEST(count(events, "packet_sent") == sent);
  BOOST_TEST(count(events, "packet_received") == received);
  BOOST_TEST(sent > 150u);
}

// Hosts by name, whatever the network; a router that nothing begins or ends at has no file, one with flows all its
// interfaces' packets.
BOOST_AUTO_TEST_CASE(finish__of_many_hosts) {
  const auto read = parse_scenario(
      "[scenario]\nqlog = true\n[topology]\nlinks = \"a1-r1, a2-r1, r1-r2, r2-b\"\n[[flow]]\nfrom = \"a*\"\nto = "
      "\"b\"\n"
      "records = 20\n[[flow]]\nfrom = \"r1\"\nto = \"b\"\nrecords = 3\n",
      "x.toml", {});
  BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
  const temporary_folder folder;
  const std::string run = folder.path("run");
  BOOST_TEST(run_on_simulator(*read, run, [] { return 0; }).holds());
  const auto events = [&](const std::string& host) {
    return json::parse(read_whole(run + '/' + qlog_name(host))).at("traces").at(0).at("events");
  };
  for (const char* host : {"a1", "a2", "b"}) BOOST_TEST(count(events(host), "connection_state_updated") > 0u, host);
  BOOST_TEST(!fs::exists(run + "/r2.qlog"));
  BOOST_TEST(count(events("a1"), "packet_sent") >= 20u);
  // Its own, and what it passes on in both directions.
  BOOST_TEST(count(events("r1"), "packet_sent") >
             count(events("a1"), "packet_sent") + count(events("a2"), "packet_sent"));
  // Another run in the same folder replaces them.
  BOOST_TEST(run_on_simulator(*parse_scenario("[[flow]]\n", "y.toml", {}), run, [] { return 0; }).holds());
  BOOST_TEST(!fs::exists(run + "/a1.qlog"));
}

// What the engine counted is what the events tell.
BOOST_AUTO_TEST_CASE(finish__agrees_with_the_statistics) {
  const recorded run;
  const json events = run.events("a");
  const spp_statistics& counted = run.report.flows.at(0).sender.statistics;
  const std::string group = [&] {
    for (const json& each : events)
      if (each.at("name") == "seqwire:packet_sent") return each.at("group_id").get<std::string>();
    return std::string();
  }();
  std::uint64_t retransmissions = 0;
  std::uint64_t timeouts = 0;
  double smallest = 1e9;
  std::set<std::string> states;
  bool over = false;  // the report counts up to here; a lingering end may go on
  for (const json& each : events) {
    if (each.at("group_id") != group) continue;
    const json& data = each.at("data");
    over = over || data.value("new", "") == "lingering";
    if (each.at("name") == "seqwire:packet_lost" && !over) ++retransmissions;
    if (!over && each.at("name") == "seqwire:timer_expired" && data.at("timer") == "retransmission")
      timeouts = data.at("count").get<std::uint64_t>();
    if (data.contains("minimum_round_trip")) smallest = data.at("minimum_round_trip").get<double>();
    if (each.at("name") == "seqwire:connection_state_updated") states.insert(data.at("new").get<std::string>());
  }
  BOOST_TEST(counted.retransmissions > 0u);
  BOOST_TEST(retransmissions == counted.retransmissions);
  BOOST_TEST(timeouts == counted.timeouts);
  BOOST_TEST(smallest == counted.round_trip_minimum.seconds() * 1e3, boost::test_tools::tolerance(1e-9));
  for (const char* state : {"opening", "open", "close requested", "lingering", "closed"})
    BOOST_TEST(states.count(state) == 1u, state);
  BOOST_TEST(count(events, "metrics_updated") > 100u);
}

BOOST_AUTO_TEST_CASE(finish__the_link_says_what_became_of_a_packet) {
  const recorded run;
  std::uint64_t lost = 0;
  for (const json& each : run.events("a")) lost += each.at("data").value("fate", "") == "lost" ? 1u : 0u;
  BOOST_TEST(lost == run.report.links.at(0).a_to_b.lost);
  BOOST_TEST(lost > 0u);
}

BOOST_AUTO_TEST_CASE(qlog_page__names_every_event_and_member) {
  const recorded run;
  const std::string page = read_whole(std::string(SEQWIRE_SOURCE_DIR) + "/docs/qlog.md");
  std::set<std::string> names{qlog_event_schema};
  for (const json& each : run.events("a")) {
    names.insert(each.at("name").get<std::string>());
    for (const auto& member : each.at("data").items()) names.insert(member.key());
  }
  for (const std::string& name : names) BOOST_TEST((page.find('`' + name + '`') != std::string::npos), name);
}

BOOST_AUTO_TEST_CASE(watched__changes_nothing_of_the_run_and_is_the_same_again) {
  const recorded with;
  const recorded again;
  const recorded without(std::vector<std::string>{});
  BOOST_TEST(read_whole(with.folder.path("run/a.qlog")) == read_whole(again.folder.path("run/a.qlog")));
  BOOST_TEST(digest_of(with.folder.path("run/capture.pcapng")) == digest_of(without.folder.path("run/capture.pcapng")));
  BOOST_TEST(!fs::exists(without.folder.path("run/a.qlog")));
}

BOOST_AUTO_TEST_CASE(earlier_run__is_replaced_and_strangers_are_not) {
  recorded run;
  auto read = parse_scenario(lossy, "x.toml", {});
  BOOST_TEST(run_on_simulator(*read, run.folder.path("run"), [] { return 0; }).holds());
  BOOST_TEST(!fs::exists(run.folder.path("run/a.qlog")));
  write_whole(run.folder.path("run/b.qlog"), "of somebody else");
  BOOST_CHECK_THROW(run_on_simulator(*read, run.folder.path("run"), [] { return 0; }), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()
