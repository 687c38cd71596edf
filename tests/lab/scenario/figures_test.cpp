// The figures that follow from a scenario, against values worked out by hand, and the requests that are impossible.
#include "lab/scenario/figures.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lab/scenario/scenario_keys.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;

namespace {

// Of the transfer of this number.
flow_figures figures_of(const scenario& of, std::size_t number) {
  const network_map map = map_of(of);
  return network_figures(of, map).of(plan_flows(of, map)->at(number));
}

// Full packets of 1,458 + 42 octets, 1.2 ms each; acknowledgements of 42 octets.
constexpr std::string_view plain =
    "[link]\nrate = \"10Mbit/s\"\ndelay = \"20ms\"\nqueue = 100\n[[flow]]\nrecords = 1000\nrecord_size = 1458\n";

// 1,000,000 packets/s for a packet life of a second.
constexpr std::string_view too_fast =
    "[link]\nrate = \"12Gbit/s\"\n[[flow]]\nrecord_size = 1458\npacket_life = \"1s\"\nwindow = 20000\n"
    "allocation = 20000\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(figures_test)

BOOST_AUTO_TEST_CASE(figures_of__are_those_of_the_textbook) {
  const flow_figures figures = figures_of(parsed(plain), 0);
  BOOST_TEST(figures.round_trip.seconds() == 0.04 + 0.0012 + 42 * 8 / 10e6, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(figures.link_rate == 1e7 / 12000, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(figures.bandwidth_delay == figures.link_rate * figures.round_trip.seconds(),
             boost::test_tools::tolerance(1e-6));
  BOOST_TEST(figures.window == 64u);
  BOOST_TEST(figures.fastest == figures.link_rate);  // 64 packets are more than fill the link
  BOOST_TEST(figures.bound == 65535u - 64u);
  BOOST_TEST(!figures.is_impossible());
  // The delay, the packet in service, those that wait, and the packet itself.
  BOOST_TEST(figures.packet_life.seconds() >= 0.02 + 101 * 0.0012);
  BOOST_TEST(figures.packet_life.seconds() <= 0.02 + 103 * 0.0012);
  BOOST_TEST_REQUIRE(figures.shortest.has_value());
  // The opening's round trip, a thousand packets, the delay.
  BOOST_TEST(figures.shortest->seconds() == 0.04 + 1.2 + 0.02, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(figures_of__a_small_window_is_what_limits) {
  const flow_figures figures = figures_of(parsed(plain, {"flow.0.window=4", "flow.0.start=10s"}), 0);
  BOOST_TEST(figures.window == 4u);
  BOOST_TEST(figures.fastest == 4 / figures.round_trip.seconds(), boost::test_tools::tolerance(1e-6));
  BOOST_TEST(figures.shortest->seconds() == 10 + 249 * 0.04 + 0.02, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(figures_of__what_nothing_limits) {
  const flow_figures figures = figures_of(parsed("[[flow]]\n"), 0);
  BOOST_TEST(std::isinf(figures.link_rate));
  BOOST_TEST(std::isinf(figures.fastest));
  BOOST_TEST(figures.asked == 0);
  BOOST_TEST(!figures.is_impossible());
  BOOST_TEST((*figures.shortest == duration{}));
}

BOOST_AUTO_TEST_CASE(figures_of__weather_that_makes_a_link_faster) {
  const auto rate_of = [](const std::string& key) { return figures_of(parsed(plain, {key}), 0).link_rate; };
  BOOST_TEST(rate_of("link.rate_changes=1s 20Mbit/s, 2s 5Mbit/s") == 2e7 / 12000, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(std::isinf(rate_of("link.rate_changes=1s unlimited")));
  const auto shortest = [](const std::string& key) { return figures_of(parsed(plain, {key}), 0).round_trip.seconds(); };
  const double transmissions = 0.0012 + 42 * 8 / 10e6;
  BOOST_TEST(shortest("link.jitter=5ms") == 0.03 + transmissions, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(shortest("link.delay_changes=1s 7ms") == 0.014 + transmissions, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(shortest("link.overtaking=1%") == transmissions, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(figures_of__of_files_nothing_is_known) {
  BOOST_TEST(!figures_of(parsed("[[flow]]\nfiles = \"x\"\n"), 0).shortest.has_value());
}

BOOST_AUTO_TEST_CASE(describe__names_every_figure) {
  const auto lines = describe(figures_of(parsed(plain), 0));
  BOOST_TEST_REQUIRE(lines.size() == 5u);
  BOOST_TEST(lines[1] == "round trip 41.234 ms at least; packets per second 833.3 on a_to_b");
  BOOST_TEST(lines[2] == "bandwidth times delay 34.4 packets; window 64 packets");
  BOOST_TEST(lines[4] == "over after 1260.000 ms at the earliest");
}

BOOST_AUTO_TEST_CASE(parse_scenario__more_packets_than_a_packet_life_has_numbers_for) {
  BOOST_TEST(refusal(too_fast) ==
             "x.toml:5:15: flow.0 can number no packets so fast; expected at most 45535 packets within a packet life, "
             "65535 less the allocation of 20000 (or enforce_packet_life = false); got 1000000, which are 1000000 "
             "packets/s for 1s");
  BOOST_TEST(refusal(too_fast, {"flow.0.enforce_packet_life=false"}).empty());
  BOOST_TEST(refusal(too_fast, {"link.rate=500Mbit/s"}).empty());       // 41,667 packets
  BOOST_TEST(refusal(too_fast, {"flow.0.packet_life=45ms"}).empty());   // 45,000 packets
  BOOST_TEST(!refusal(too_fast, {"flow.0.packet_life=46ms"}).empty());  // 46,000 packets
  // A window that keeps the flow slower than the link.
  BOOST_TEST(refusal(too_fast, {"link.delay=500ms", "flow.0.window=1000", "link.queue=10"}).empty());
}

BOOST_AUTO_TEST_CASE(parse_scenario__without_a_rate_the_engine_finds_its_own) {
  BOOST_TEST(refusal("[[flow]]\npacket_life = \"1h\"\n").empty());
}

// Two links of 10 Mbit/s and 5 ms around the bottleneck of 1 Mbit/s and 20 ms.
constexpr std::string_view chain =
    "[topology]\nshape = \"chain\"\nsize = 2\n[link]\nrate = \"10Mbit/s\"\ndelay = \"5ms\"\n[link.r1-r2]\n"
    "rate = \"1Mbit/s\"\ndelay = \"20ms\"\nqueue = 50\n[[flow]]\nrecords = 100\nrecord_size = 1458\n";

BOOST_AUTO_TEST_CASE(figures_of__a_way_of_several_links) {
  const flow_figures figures = figures_of(parsed(chain), 0);
  BOOST_TEST((figures.bottleneck == joined_hosts{"r1", "r2"}));
  BOOST_TEST(figures.link_rate == 1e6 / 12000, boost::test_tools::tolerance(1e-9));
  const double transmissions = 0.012 + 2 * 0.0012 + (42 * 8 / 1e6) + 2 * (42 * 8 / 10e6);
  BOOST_TEST(figures.round_trip.seconds() == 0.06 + transmissions, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(figures.shortest->seconds() == 0.06 + 1.2 + 0.03, boost::test_tools::tolerance(1e-6));
  const scenario read = parsed(chain);
  const network_map map = map_of(read);
  BOOST_TEST((figures.packet_life == path_life(read, plan_flows(read, map)->front())));
  // The way back has a bottleneck of its own.
  const flow_figures back =
      figures_of(parsed(std::string(chain) + "[[flow]]\nfrom = \"b\"\n", {"link.r1_to_a.rate=100kbit/s"}), 1);
  BOOST_TEST((back.bottleneck == joined_hosts{"r1", "a"}));
}

BOOST_AUTO_TEST_CASE(figures_of__the_smallest_mtu_on_the_way_fills_packets) {
  const flow_figures figures = figures_of(parsed(chain, {"link.r2-b.mtu=542", "flow.0.record_size=500"}), 0);
  BOOST_TEST(figures.link_rate == 1e6 / (542 * 8), boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(figures_of__workloads_offer_so_much) {
  const auto figures = [](const std::string& keys) { return figures_of(parsed(std::string(plain) + keys), 0); };
  const flow_figures constant = figures("workload = \"constant\"\ninterval = \"10ms\"\n");
  BOOST_TEST(constant.offered == 100, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(constant.fastest == 100, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(constant.shortest->seconds() == 0.04 + 9.99 + 0.02, boost::test_tools::tolerance(1e-6));
  const flow_figures on_off =
      figures("workload = \"on-off\"\noffered_rate = \"1166400bit/s\"\non_time = \"1s\"\noff_time = \"3s\"\n");
  BOOST_TEST(on_off.offered == 25, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(!on_off.shortest.has_value());
  const flow_figures asking = figures("workload = \"request-response\"\nthink_time = \"60ms\"\n");
  BOOST_TEST(asking.shortest->seconds() == 0.04 + 999 * 0.1 + 0.02, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(std::isinf(figures("").offered));
}

BOOST_AUTO_TEST_CASE(figures_of__datagrams_have_no_numbers) {
  const flow_figures figures =
      figures_of(parsed("[link]\nrate = \"12Gbit/s\"\n[[flow]]\nsocket = \"datagram\"\nworkload = \"constant\"\n"
                        "interval = \"1us\"\nrecord_size = 1470\npacket_life = \"1s\"\n"),
                 0);
  BOOST_TEST(!figures.has_connection);
  BOOST_TEST(!figures.is_impossible());
  BOOST_TEST(figures.fastest == 1e6, boost::test_tools::tolerance(1e-9));
  const auto lines = describe(figures);
  BOOST_TEST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[1] == "packets per second 1000000.0 on a_to_b, 1000000.0 offered");
}

BOOST_AUTO_TEST_SUITE_END()
