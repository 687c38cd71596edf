// What lint doubts: each doubt by the scenario that deserves it, and none of the same scenario without it.
#include "lab/scenario/doubts.hpp"

#include "tests/command_runner.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;
using namespace seqwire::scenario_text;

namespace {

struct doubting {
  std::vector<std::string> doubts(std::string_view text, const std::vector<std::string>& overrides = {}) const {
    write_whole(folder.path("x.toml"), text);
    const scenario_reading reading = examine_scenario(folder.path("x.toml"), overrides);
    BOOST_TEST_REQUIRE(reading.value.has_value(), reading.problems.front().message);
    std::vector<std::string> lines;
    for (const scenario_error& each : doubts_about(*reading.value, reading.origins)) {
      const bool of_file = each.message.starts_with(folder.path());
      lines.push_back(of_file ? each.message.substr(folder.path().size() + 1) : each.message);
    }
    return lines;
  }
  // The only one.
  std::string doubt(std::string_view text, const std::vector<std::string>& overrides = {}) const {
    const auto all = doubts(text, overrides);
    std::string text_of_all;
    for (const std::string& each : all) text_of_all += (text_of_all.empty() ? "" : "\n") + each;
    return text_of_all.empty() ? "none" : text_of_all;
  }
  temporary_folder folder;
};

constexpr std::string_view plain =
    "[link]\nrate = \"10Mbit/s\"\ndelay = \"20ms\"\nqueue = 100\n[[flow]]\nrecords = 1000\nrecord_size = 1458\n";

constexpr std::string_view datagrams =
    "[link]\nrate = \"1Mbit/s\"\nqueue = 10\n[[flow]]\nsocket = \"datagram\"\nworkload = \"poisson\"\n"
    "offered_rate = \"900kbit/s\"\nrecord_size = 1000\nrecords = 500\n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(doubts_test, doubting)

BOOST_AUTO_TEST_CASE(doubts_about__links) {
  BOOST_TEST(doubt(plain) == "none");
  BOOST_TEST(doubt(plain, {"link.b_to_a.loss=1%", "link.gilbert_elliott=1% 20%"}) ==
             "link.gilbert_elliott=1% 20%: link.b_to_a loses frames by loss and by gilbert_elliott, each on its own; "
             "expected one of them; got both");
  BOOST_TEST(doubt(plain, {"link.queue=0"}) ==
             "link.queue=0: link.a_to_b has a queue below one packet: whatever finds it busy is lost; expected queue = "
             "1 or more; got 0");
  BOOST_TEST(doubt(plain, {"link.queue=0", "link.rate=unlimited"}) == "none");
  BOOST_TEST(doubt(plain, {"link.b_to_a.queue_octets=1000"}) ==
             "link.b_to_a.queue_octets=1000: link.b_to_a has a queue below one packet: full ones may never wait; "
             "expected queue_octets = 1500 or more, the MTU, or 0 to count frames; got 1000");
  BOOST_TEST(doubt(plain, {"link.red_maximum=30"}) ==
             "link.red_maximum=30: link.a_to_b.red_maximum has no effect; expected queue_discipline = \"red\"; got "
             "\"drop_tail\"");
  BOOST_TEST(doubt(plain, {"link.codel_target=7ms", "link.queue_discipline=fq_codel"}) == "none");
  BOOST_TEST(doubt("[link]\nqueue_discipline = \"red\"\n[[flow]]\n") ==
             "x.toml:2:20: nothing ever waits in a queue; expected a rate of a link; got unlimited rates");
}

BOOST_AUTO_TEST_CASE(doubts_about__links_that_nobody_uses) {
  constexpr std::string_view ring = "[topology]\nlinks = \"a-r, r-b, r-c\"\n[[flow]]\n";
  BOOST_TEST(doubt(ring) ==
             "x.toml:2:9: links that no flow crosses; expected a flow across each, or a smaller topology; got r-c");
  BOOST_TEST(doubt(ring, {"topology.routing=rip"}) == "none");
  BOOST_TEST(doubt(std::string(ring) + "[[flow]]\nfrom = \"c\"\nto = \"b\"\n") == "none");
  BOOST_TEST(doubt("[topology]\nshape = \"dumbbell\"\nsize = 20\n[[flow]]\nfrom = \"a1\"\nto = \"b1\"\n")
                 .ends_with("got a2-r1, a3-r1, a4-r1, a5-r1, a6-r1, a7-r1, a8-r1, a9-r1, ... (38)"));
}

BOOST_AUTO_TEST_CASE(doubts_about__datagrams_that_no_link_carries) {
  BOOST_TEST(doubt(datagrams) == "none");
  BOOST_TEST(doubt(datagrams, {"flow.0.offered_rate=1Mbit/s"}) ==
             "x.toml:2:8: link.a_to_b is offered more datagrams than it carries; expected at most 1Mbit/s (a higher "
             "rate, or longer intervals); got 1030kbit/s");
  BOOST_TEST(doubt(datagrams, {"flow.0.offered_rate=1Mbit/s", "flow.0.records=10"}) == "none");  // the queue takes them
  // Two flows together.
  BOOST_TEST(doubt(datagrams, {"flow.0.offered_rate=500kbit/s", "flow.0.copies=2"}).find("got 1030kbit/s") !=
             std::string::npos);
  BOOST_TEST(doubt("[link]\nrate = \"1Mbit/s\"\n[[flow]]\nsocket = \"datagram\"\nrecords = 2000\n")
                 .ends_with("got all at once"));
}

BOOST_AUTO_TEST_CASE(doubts_about__windows_that_leave_the_way_idle) {
  BOOST_TEST(doubt(plain, {"flow.0.window=20"}) ==
             "flow.0.window=20: flow.0 has a window below bandwidth times delay, and leaves its way idle; expected at "
             "least 35 packets for a_to_b: window and allocation, or more flows; got 20");
  BOOST_TEST(doubt(plain, {"flow.0.window=20", "flow.0.copies=2"}) == "none");
  BOOST_TEST(doubt(plain, {"flow.0.window=20", "flow.0.records=20"}) == "none");
  BOOST_TEST(doubt(plain, {"flow.0.window=20", "flow.0.sender=newreno"}) == "none");  // the allocation counts
}

BOOST_AUTO_TEST_CASE(doubts_about__packet_life) {
  BOOST_TEST(doubt(plain, {"flow.0.packet_life=1ms"})
                 .starts_with("flow.0.packet_life=1ms: flow.0.packet_life is shorter than packets may live on its way; "
                              "expected at least 1"));
  BOOST_TEST(doubt("[link]\nrate = \"12Gbit/s\"\n[[flow]]\nrecord_size = 1458\npacket_life = \"1s\"\nwindow = "
                   "20000\nallocation = 20000\nenforce_packet_life = false\n") ==
             "x.toml:8:23: flow.0 does not enforce the packet life; expected at most 45535 packets within it, which "
             "can be told apart, or enforce_packet_life = true; got 1000000");
}

BOOST_AUTO_TEST_CASE(doubts_about__times_behind_the_end_of_the_run) {
  const auto late = [&](const std::string& key) { return doubt(plain, {"scenario.time_limit=1s", key}); };
  BOOST_TEST(late("flow.0.start=2s") ==
             "flow.0.start=2s: flow.0 begins when the run has ended; expected a start before scenario.time_limit = 1s, "
             "or a later limit; got 2s");
  BOOST_TEST(late("measure.warm_up=1s") ==
             "measure.warm_up=1s: measure.warm_up is longer than the run; expected less than scenario.time_limit = 1s; "
             "got 1s");
  BOOST_TEST(doubt(plain, {"scenario.time_limit=1s", "measure.batch=1s", "measure.values=goodput"})
                 .starts_with("measure.batch=1s: measure.batch leaves no whole interval behind the warm-up"));
}

BOOST_AUTO_TEST_CASE(doubts_about__measures_of_nothing) {
  BOOST_TEST(doubt(plain, {"measure.period=1s"}) ==
             "measure.period=1s: measure.period has nothing to tell of; expected series or values; got neither");
  BOOST_TEST(doubt(plain, {"measure.batch=1s"}) ==
             "measure.batch=1s: measure.batch has nothing to measure; expected values, or [expect]; got neither");
  BOOST_TEST(doubt(plain, {"measure.series=goodput"}) ==
             "measure.series=goodput: measure.series is never told; expected a period; got none");
  BOOST_TEST(doubt(plain, {"measure.period=1s", "expect.goodput=> 1"}) == "none");
}

BOOST_AUTO_TEST_CASE(doubts_about__keys_without_effect) {
  BOOST_TEST(doubt(plain, {"flow.0.interval=1s"}) ==
             "flow.0.interval=1s: flow.0.interval has no effect; expected workload = \"constant\", \"poisson\" or "
             "\"on-off\", or no interval; got 1s");
  BOOST_TEST(doubt(plain, {"flow.0.acknowledgement_delay=1s"}).find(" has no effect; expected acknowledgement = ") !=
             std::string::npos);
  BOOST_TEST(doubt(datagrams, {"flow.0.window=7"}).find(" has no effect; expected a socket with a connection") !=
             std::string::npos);
  // What is as by default was hardly meant to do anything.
  BOOST_TEST(doubt(plain, {"flow.0.interval=10ms"}) == "none");
}

// Of a scenario's normal form nothing is doubted that is not doubted of itself.
BOOST_AUTO_TEST_CASE(doubts_about__normal_forms_of_the_examples) {
  for (const auto& each : fs::directory_iterator(std::string(SEQWIRE_SOURCE_DIR) + "/examples/scenarios")) {
    if (each.path().extension() != ".toml") continue;
    const auto read = read_scenario(each.path().string(), {});
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(doubt(to_toml(*read)) == "none", each.path());
  }
}

BOOST_AUTO_TEST_SUITE_END()
