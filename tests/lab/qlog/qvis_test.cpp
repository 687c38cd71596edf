// The export has what qvis reads: its loader's head, and in the events the fields from which its congestion graph and
// its sequence diagram are drawn.
#include "lab/qlog/qvis.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/experiment.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;
using nlohmann::json;

namespace {

struct lossy_run {
  lossy_run() {
    auto read = parse_scenario(
        "[scenario]\nqlog = true\n[link]\nrate = \"5Mbit/s\"\ndelay = \"20ms\"\nloss = \"3%\"\n[[flow]]\n"
        "sender = \"newreno\"\nrecords = 150\n",
        "x.toml", {});
    BOOST_REQUIRE(read.has_value());
    report = run_on_simulator(*read, folder.path("run"), [] { return 0; });
  }
  std::string file(const std::string& name) const { return folder.path("run/" + name); }
  json exported() const {
    const auto made = to_qvis({file("a.qlog"), file("b.qlog")});
    BOOST_TEST_REQUIRE(made.has_value(), made.error());
    return *made;
  }

  temporary_folder folder;
  experiment_report report;
};

// The events of one name.
std::vector<json> named(const json& trace, const std::string& name) {
  std::vector<json> found;
  for (const json& each : trace.at("events"))
    if (each.at("name") == name) found.push_back(each.at("data"));
  return found;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(qvis_test, lossy_run)

BOOST_AUTO_TEST_CASE(to_qvis__begins_as_its_loader_wants) {
  const json whole = exported();
  BOOST_TEST(whole.at("qlog_version") == "0.3");
  BOOST_TEST(whole.at("qlog_format") == "JSON");
  // Its loader looks for both among the first 1,024 octets.
  const std::string text = whole.dump(2);
  BOOST_TEST(text.find("\"qlog_format\"") < 1024u);
  BOOST_TEST(text.find("\"qlog_version\"") < 1024u);
  BOOST_TEST_REQUIRE(whole.at("traces").size() == 2u);
  BOOST_TEST(whole.at("traces")[0].at("vantage_point").at("type") == "client");
  BOOST_TEST(whole.at("traces")[1].at("vantage_point").at("type") == "server");
  for (const json& trace : whole.at("traces")) {
    BOOST_TEST(trace.at("common_fields").at("time_format") == "relative");
    double last = 0;
    BOOST_TEST(!trace.at("events").empty());
    for (const json& event : trace.at("events")) {
      BOOST_TEST_REQUIRE(event.at("time").get<double>() >= last);
      last = event.at("time").get<double>();
      BOOST_TEST_REQUIRE(!event.contains("group_id"));  // or it would split the trace once more
    }
  }
}

BOOST_AUTO_TEST_CASE(to_qvis__each_transmission_has_a_number_of_its_own) {
  const json sender = exported().at("traces")[0];
  std::set<std::uint64_t> numbers;
  for (const json& data : named(sender, "transport:packet_sent")) {
    BOOST_TEST(data.at("header").at("packet_type") == "1RTT");
    BOOST_TEST(numbers.insert(data.at("header").at("packet_number").get<std::uint64_t>()).second);
    BOOST_TEST(data.at("raw").at("length").get<std::uint64_t>() >= 42u);
    BOOST_TEST(!data.at("frames").empty());
  }
  const auto lost = named(sender, "recovery:packet_lost");
  BOOST_TEST(lost.size() >= report.flows.at(0).sender.statistics.retransmissions);
  BOOST_TEST(!lost.empty());
  for (const json& data : lost)
    BOOST_TEST(numbers.count(data.at("header").at("packet_number").get<std::uint64_t>()) == 1u);
}

BOOST_AUTO_TEST_CASE(to_qvis__what_arrives_was_sent) {
  const json whole = exported();
  std::map<std::uint64_t, json> sent;
  for (const json& data : named(whole.at("traces")[0], "transport:packet_sent"))
    sent[data.at("header").at("packet_number").get<std::uint64_t>()] = data.at("frames");
  const auto received = named(whole.at("traces")[1], "transport:packet_received");
  BOOST_TEST(received.size() > 100u);
  for (const json& data : received)
    BOOST_TEST(sent.at(data.at("header").at("packet_number").get<std::uint64_t>()) == data.at("frames"));
}

BOOST_AUTO_TEST_CASE(to_qvis__acknowledgements_are_ranges_of_what_arrived) {
  const json whole = exported();
  std::set<std::uint64_t> arrived;
  std::set<std::uint64_t> acknowledged;
  for (const json& event : whole.at("traces")[1].at("events")) {
    const json& data = event.at("data");
    if (event.at("name") == "transport:packet_received")
      arrived.insert(data.at("header").at("packet_number").get<std::uint64_t>());
    if (event.at("name") != "transport:packet_sent") continue;
    for (const json& frame : data.at("frames")) {
      if (frame.at("frame_type") != "ack") continue;
      for (const json& range : frame.at("acked_ranges"))
        for (auto each = range.at(0).get<std::uint64_t>(); each <= range.at(1).get<std::uint64_t>(); ++each) {
          BOOST_TEST(arrived.count(each) == 1u);
          BOOST_TEST(acknowledged.insert(each).second);  // once
        }
    }
  }
  BOOST_TEST(acknowledged.size() >= 150u);
}

BOOST_AUTO_TEST_CASE(to_qvis__windows_are_octets_and_round_trips_milliseconds) {
  const json sender = exported().at("traces")[0];
  double most = 0;
  double least = 1e9;
  for (const json& data : named(sender, "recovery:metrics_updated")) {
    most = std::max(most, data.value("congestion_window", 0.0));
    least = std::min(least, data.value("min_rtt", 1e9));
  }
  BOOST_TEST(most >= 1458 * 4);
  BOOST_TEST(least >= 40.0);
  BOOST_TEST(least < 60.0);
}

BOOST_AUTO_TEST_CASE(to_qvis__one_end_alone_is_enough_for_its_graph) {
  const auto made = to_qvis({file("a.qlog")});
  BOOST_TEST_REQUIRE(made.has_value());
  BOOST_TEST(made->at("traces").size() == 1u);
  BOOST_TEST(named(made->at("traces")[0], "transport:packet_sent").size() > 150u);
}

BOOST_AUTO_TEST_CASE(to_qvis__refuses_what_is_not_ours) {
  const auto refusal = [&](std::string_view text) {
    write_whole(folder.path("x.qlog"), text);
    const auto made = to_qvis({folder.path("x.qlog")});
    return made ? std::string() : made.error().substr(folder.path().size() + 1);
  };
  BOOST_TEST(refusal("") == "x.qlog: not a whole qlog file");
  BOOST_TEST(refusal("[]") == "x.qlog: not a whole qlog file");
  BOOST_TEST(refusal("{\"traces\":[]}").starts_with("x.qlog: not a qlog of seqwire's"));
  BOOST_TEST(refusal("{\"traces\":[{\"events\":[]}]}").starts_with("x.qlog: not a qlog of seqwire's"));
  const std::string whole = read_whole(file("a.qlog"));
  BOOST_TEST(refusal(whole.substr(0, whole.size() / 2)) == "x.qlog: not a whole qlog file");
  std::string changed = whole;
  const auto at = changed.find("\"packet_id\":");
  changed.replace(at, 12, "\"packet_no\":");
  BOOST_TEST(refusal(changed).starts_with("x.qlog: an event that is not ours"));
  BOOST_TEST(!to_qvis({folder.path("none.qlog")}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
