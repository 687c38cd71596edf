// Shapes of networks and links by hand: how many links, between whom, and what is refused.
#include "lab/scenario/topology.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(topology_test)

std::string text_of(const topology_settings& topology) {
  const auto links = links_of(topology);
  if (!links) return "expected " + links.error();
  std::string text;
  for (const joined_hosts& each : *links) text += (text.empty() ? "" : " ") + each.a + "-" + each.b;
  return text;
}

BOOST_AUTO_TEST_CASE(links_of__shapes) {
  BOOST_TEST(text_of({}) == "a-b");
  BOOST_TEST(text_of({.shape = "chain", .size = 1}) == "a-r1 r1-b");
  BOOST_TEST(text_of({.shape = "chain", .size = 3}) == "a-r1 r1-r2 r2-r3 r3-b");
  BOOST_TEST(text_of({.shape = "dumbbell", .size = 2}) == "r1-r2 a1-r1 a2-r1 r2-b1 r2-b2");
  BOOST_TEST(text_of({.shape = "star", .size = 3}) == "h1-r h2-r h3-r");
  BOOST_TEST(text_of({.shape = "parking lot", .size = 2}) == "a-r1 r1-r2 r2-r3 r3-b a1-r1 r2-b1 a2-r2 r3-b2");
}

BOOST_AUTO_TEST_CASE(links_of__every_shape_has_bounds) {
  for (const std::string_view shape : topology_shapes()) {
    topology_settings made{.shape = std::string(shape)};
    BOOST_TEST(links_of(made).has_value(), shape);
    made.size = 0;
    BOOST_TEST(!links_of(made).has_value(), shape);
    made.size = maximum_topology_size + 1;
    BOOST_TEST(!links_of(made).has_value(), shape);
  }
  BOOST_TEST(links_of({.shape = "dumbbell", .size = maximum_topology_size})->size() == 2 * maximum_topology_size + 1);
  BOOST_TEST(text_of({.shape = "parking lot", .size = 15}) == "expected a size from 1 to 14 for a parking lot");
}

BOOST_AUTO_TEST_CASE(links_of__by_hand) {
  BOOST_TEST(text_of({.links = "left-r1,r1 - r2 ,  r2-right"}) == "left-r1 r1-r2 r2-right");
  BOOST_TEST(text_of({.links = "a-b, b-a"}) == "expected one link between b and a");
  BOOST_TEST(text_of({.links = "a-b, c-c"}) == "expected a link between two hosts, not c-c");
  for (const char* const wrong :
       {"a", "a-", "-b", "a-b,", ",", " ", "a-b-c", "1a-b", "a b-c", "a_-b", "a-b;c-d", "abcdefghijklmnopq-b"})
    BOOST_TEST(text_of({.links = wrong}).starts_with("expected links such as a-r1, r1-b"), wrong);
  std::string many;
  for (std::size_t i = 0; i <= maximum_links_by_hand; ++i) many += (i == 0 ? "a" : ", a") + std::to_string(i) + "-r";
  BOOST_TEST(text_of({.links = many}) == "expected at most 1000 links");
}

BOOST_AUTO_TEST_CASE(usual_ends_of__are_of_the_shape) {
  BOOST_TEST(usual_ends_of({.shape = "dumbbell"}).from == "a*");
  BOOST_TEST(usual_ends_of({.shape = "star"}).to == "h1");
  BOOST_TEST(usual_ends_of({.links = "x-y"}).from == "a");
}

BOOST_AUTO_TEST_SUITE_END()
