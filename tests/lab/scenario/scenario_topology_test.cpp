// Scenarios with networks: which keys there are follows from the topology, and what cannot be is refused where it
// stands.
#include <boost/test/unit_test.hpp>

#include "lab/scenario/flow_plan.hpp"
#include "lab/scenario/scenario.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(scenario_topology_test)

constexpr std::string_view dumbbell = R"(
[topology]
shape = "dumbbell"
size = 3
[link]
rate = "100Mbit/s"
[link.r1-r2]
rate = "10Mbit/s"
queue = 20
[link.r2_to_r1]
queue = 30
[link.a2_to_r1]
loss = "1%"
[[flow]]
copies = 2
stagger = "1s"
[[flow]]
from = "b1"
to = "a1"
)";

BOOST_AUTO_TEST_CASE(parse_scenario__links_of_a_topology_and_its_flows) {
  const scenario read = parsed(dumbbell);
  BOOST_TEST_REQUIRE(read.links.size() == 7u);
  for (const link_settings& link : read.links) {
    const bool bottleneck = link.ends == joined_hosts{"r1", "r2"};
    BOOST_TEST(link.a_to_b.rate == (bottleneck ? 10'000'000u : 100'000'000u));
    BOOST_TEST(link.a_to_b.queue == (bottleneck ? 20u : 1000u));
    BOOST_TEST(link.b_to_a.queue == (bottleneck ? 30u : 1000u));
    BOOST_TEST(link.a_to_b.loss == (link.ends.a == "a2" ? 0.01 : 0.0));
    BOOST_TEST(link.b_to_a.loss == 0.0);
  }
  BOOST_TEST(read.flows[0].from == "a*");
  BOOST_TEST(read.flows[0].to == "b*");
  BOOST_TEST(read.flows[1].from == "b1");
  // Whichever host of a link is named first.
  BOOST_TEST(parsed(dumbbell, {"link.r2-r1.mtu=600"}).links[0].mtu == 600u);
  BOOST_TEST(parsed(dumbbell, {"link.r1_to_r2.queue=7"}).links[0].a_to_b.queue == 7u);
  // The topology may change with an assignment, because it is looked at first.
  BOOST_TEST(parsed(dumbbell, {"link.a5-r1.mtu=600", "topology.size=5"}).links.size() == 11u);
}

BOOST_AUTO_TEST_CASE(parse_scenario__flow_ends_that_are_not_said_are_the_usual_ones) {
  const auto ends = [](const std::string& flow) {
    const scenario read = parsed("[[flow]]\n" + flow);
    return read.flows[0].from + read.flows[0].to;
  };
  BOOST_TEST(ends("") == "ab");
  BOOST_TEST(ends("from = \"a\"\n") == "ab");
  BOOST_TEST(ends("from = \"b\"\n") == "ba");
  BOOST_TEST(ends("to = \"a\"\n") == "ba");
}

BOOST_AUTO_TEST_CASE(parse_scenario__impossible_networks_are_refused_where_they_stand) {
  const auto complaint = [](const std::string& text) { return refusal(text + "[[flow]]\n"); };
  BOOST_TEST(complaint("[topology]\nsize = 2\n") ==
             "x.toml:2:8: topology.size does not fit the shape; expected no size: a pair is two hosts; got 2");
  BOOST_TEST(complaint("[topology]\nshape = \"chain\"\nsize = 16\n") ==
             "x.toml:3:8: topology.size does not fit the shape; expected a size from 1 to 15 for a chain; got 16");
  BOOST_TEST(contains(complaint("[topology]\nshape = \"ring\"\n"), "expected one of pair, chain, dumbbell, star"));
  BOOST_TEST(contains(complaint("[topology]\nshape = \"chain\"\nlinks = \"a-b\"\n"), "exclude each other"));
  BOOST_TEST(complaint("[topology]\nlinks = \"a-b, c\"\n").starts_with("x.toml:2:9: topology.links has a bad value"));
  BOOST_TEST(contains(complaint("[topology]\nlinks = \"x-y\"\n"),
                      "flow.0.from has a bad value; expected a host of the topology: x, y; got \"a\""));
  BOOST_TEST(contains(complaint("[topology]\nlinks = \"a-x, b-y\"\n"),
                      "flow.0.to has a bad value; expected a host within 15"));
  BOOST_TEST(contains(complaint("[link.r1-r2]\nmtu = 600\n"), "unknown key in [link]"));
  BOOST_TEST(contains(complaint("[topology]\nlinks = \"a-r1, r1-b\"\n[link.r1_to_r2]\nloss = 1\n"),
                      "unknown key in [link]; expected r1_to_a, the nearest known one; got \"r1_to_r2\""));
  BOOST_TEST(contains(refusal("[[flow]]\nfrom = \"a\"\nto = \"a\"\n"),
                      "flow.0.to has a bad value; expected another host than a"));
  BOOST_TEST(contains(refusal("[[flow]]\ncopies = 20000\n[[flow]]\n"),
                      "flow.1.copies has a bad value; expected at most 20000 transfers"));
  BOOST_TEST(contains(refusal("[topology]\nlinks=\"a-r,r-b\"\n[link.r-b]\nmtu=100\n[[flow]]\npacket_data = 60\n"),
                      "flow.0.packet_data does not fit the MTU; expected 2 to 58 for link.mtu = 100"));
}

BOOST_AUTO_TEST_CASE(set_key__leaves_the_topology_alone) {
  scenario at = parsed(dumbbell);
  const auto done = set_key(at, "topology.size=2");
  BOOST_TEST_REQUIRE(!done.has_value());
  BOOST_TEST(contains(done.error().message, "the topology cannot be changed here"));
  BOOST_TEST(set_key(at, "link.r1-r2.loss=1%").has_value());
  BOOST_TEST(at.links[0].b_to_a.loss == 0.01);
}

BOOST_AUTO_TEST_CASE(to_toml__of_a_network_says_once_what_most_links_have) {
  const std::string text = to_toml(parsed(dumbbell));
  BOOST_TEST(contains(text, "\n[topology]\nshape = \"dumbbell\"\nsize = 3\nrouting = \"static\"\n"), text);
  BOOST_TEST(contains(text, "\n[link.r1-r2]\nrate = \"10Mbit/s\"\n\n[link.r1_to_r2]\nqueue = 20\n"), text);
  BOOST_TEST(contains(text, "\n[link.a2_to_r1]\nloss = \"1%\"\n"), text);
  BOOST_TEST(!contains(text, "[link.r2-b1]"), text);
}

BOOST_AUTO_TEST_SUITE_END()
