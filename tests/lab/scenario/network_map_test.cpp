// Ways through networks: shortest, the same every time, through routers only, and each hop agrees with the next.
#include "lab/scenario/network_map.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>
#include <deque>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(network_map_test)

network_map map_of_links(const std::string& text) { return network_map(*links_of({.links = text})); }

std::string path_of(const network_map& map, const std::string& from, const std::string& to) {
  const auto path = map.path(*map.find(from), *map.find(to));
  if (!path) return "none";
  std::string text = from;
  std::size_t at = *map.find(from);
  for (const std::size_t link : *path) {
    at = map.across(link, at);
    text += ' ' + map.name_of(at);
  }
  return text;
}

BOOST_AUTO_TEST_CASE(hosts__in_the_order_of_links) {
  const network_map map = map_of_links("a-r, r-b");
  BOOST_TEST(map.hosts() == 3u);
  BOOST_TEST(map.name_of(1) == "r");
  BOOST_TEST(map.forwards(1));
  BOOST_TEST(!map.forwards(0));
  BOOST_TEST(!map.find("c").has_value());
  BOOST_TEST(map.links_at(1).size() == 2u);
}

BOOST_AUTO_TEST_CASE(path__is_the_shortest_and_of_equal_ones_the_first) {
  BOOST_TEST(path_of(map_of_links("a-r1, r1-r2, r2-b, r1-b"), "a", "b") == "a r1 r2 b", "to its first link's network");
  BOOST_TEST(path_of(map_of_links("a-r1, r1-b, r1-r2, r2-b"), "a", "b") == "a r1 b");
  const std::string ring = "a-r1, r1-r2, r1-r3, r2-r4, r3-r4, r4-b";
  BOOST_TEST(path_of(map_of_links(ring), "a", "b") == "a r1 r2 r4 b");
  BOOST_TEST(path_of(map_of_links(ring), "b", "a") == "b r4 r2 r1 a");
}

BOOST_AUTO_TEST_CASE(path__none_between_islands) {
  const network_map map = map_of_links("a-b, c-d, d-e");
  BOOST_TEST(path_of(map, "a", "c") == "none");
  BOOST_TEST(path_of(map, "c", "a") == "none");
  BOOST_TEST(path_of(map, "c", "e") == "c d e");
}

// What breadth-first search over hosts says, where only routers pass packets on.
std::size_t distance(const network_map& map, std::size_t from, std::size_t network) {
  std::vector<std::size_t> away(map.hosts(), SIZE_MAX);
  std::deque<std::size_t> next{from};
  away[from] = 0;
  std::size_t best = SIZE_MAX;
  while (!next.empty()) {
    const std::size_t at = next.front();
    next.pop_front();
    if (at != from && !map.forwards(at)) continue;
    for (const std::size_t link : map.links_at(at)) {
      if (link == network) best = std::min(best, away[at] + 1);
      const std::size_t beyond = map.across(link, at);
      if (away[beyond] != SIZE_MAX) continue;
      away[beyond] = away[at] + 1;
      next.push_back(beyond);
    }
  }
  return best;
}

RC_BOOST_PROP(path__of_any_network_is_as_short_as_can_be_and_arrives, ()) {
  std::vector<joined_hosts> links;
  const std::size_t hosts = *rc::gen::inRange<std::size_t>(2, 9);
  for (std::size_t a = 0; a < hosts; ++a)
    for (std::size_t b = a + 1; b < hosts; ++b)
      if (*rc::gen::inRange(0, 3) == 0) links.push_back({"h" + std::to_string(a), "h" + std::to_string(b)});
  RC_PRE(!links.empty());
  const network_map map(links);
  for (std::size_t from = 0; from < map.hosts(); ++from)
    for (std::size_t to = 0; to < map.hosts(); ++to) {
      if (from == to) continue;
      const std::size_t shortest = distance(map, from, map.links_at(to).front());
      const auto path = map.path(from, to);
      RC_ASSERT(path.has_value() == (shortest != SIZE_MAX));
      if (!path) continue;
      // A router on the way to its own network is there already.
      const bool met = path->size() + 1 == shortest && path->back() != map.links_at(to).front();
      RC_ASSERT(path->size() == shortest || met);
      std::size_t at = from;
      for (const std::size_t link : *path) {
        RC_ASSERT(map.a_of(link) == at || map.b_of(link) == at);
        RC_ASSERT(at == from || map.forwards(at));
        at = map.across(link, at);
      }
      RC_ASSERT(at == to);
    }
}

BOOST_AUTO_TEST_SUITE_END()
