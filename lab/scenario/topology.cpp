#include "lab/scenario/topology.hpp"
#include "lab/scenario/scenario_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace seqwire {
namespace {

using links = std::vector<joined_hosts>;

// A named shape: how large it can be, its links, and its flows' usual ends.
struct shape {
  std::string_view name;
  std::size_t largest;
  links (*make)(std::size_t size);
  usual_ends ends;
};

std::string numbered(std::string_view letter, std::size_t number) { return fmt::format("{}{}", letter, number); }

links chain(std::size_t routers) {
  links made;
  std::string before = "a";
  for (std::size_t i = 1; i <= routers; ++i) {
    made.push_back({before, numbered("r", i)});
    before = numbered("r", i);
  }
  made.push_back({before, "b"});
  return made;
}

links dumbbell(std::size_t hosts) {
  links made = {{"r1", "r2"}};
  for (std::size_t i = 1; i <= hosts; ++i) made.push_back({numbered("a", i), "r1"});
  for (std::size_t i = 1; i <= hosts; ++i) made.push_back({"r2", numbered("b", i)});
  return made;
}

links star(std::size_t hosts) {
  links made;
  for (std::size_t i = 1; i <= hosts; ++i) made.push_back({numbered("h", i), "r"});
  return made;
}

links parking_lot(std::size_t hops) {
  links made = chain(hops + 1);
  for (std::size_t i = 1; i <= hops; ++i) {
    made.push_back({numbered("a", i), numbered("r", i)});
    made.push_back({numbered("r", i + 1), numbered("b", i)});
  }
  return made;
}

const shape shapes[] = {
    {"pair",
     1,
     [](std::size_t) {
       return links{{"a", "b"}};
     },
     {"a", "b"}},
    {"chain", maximum_routers_on_a_way, chain, {"a", "b"}},
    {"dumbbell", maximum_topology_size, dumbbell, {"a*", "b*"}},
    {"star", maximum_topology_size, star, {"h*", "h1"}},
    {"parking lot", maximum_routers_on_a_way - 1, parking_lot, {"a", "b"}},
};

const shape& shape_of(const topology_settings& topology) {
  const auto found = std::find_if(std::begin(shapes), std::end(shapes),
                                  [&](const shape& each) { return each.name == topology.shape; });
  return found == std::end(shapes) ? shapes[0] : *found;
}

result<links, std::string> links_by_hand(std::string_view text) {
  links made;
  std::set<std::pair<std::string, std::string>> joined;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view one = trimmed(text.substr(0, comma));
    const std::size_t dash = one.find('-');
    const std::string a(trimmed(one.substr(0, dash)));
    const std::string b(dash == std::string_view::npos ? "" : trimmed(one.substr(dash + 1)));
    if (!is_host_name(a) || !is_host_name(b))
      return failure(std::string("links such as a-r1, r1-b, where a name is a letter and up to 15 letters or digits"));
    if (a == b) return failure(fmt::format("a link between two hosts, not {}-{}", a, b));
    if (!joined.insert(std::minmax(a, b)).second) return failure(fmt::format("one link between {} and {}", a, b));
    if (made.size() == maximum_links_by_hand) return failure(fmt::format("at most {} links", maximum_links_by_hand));
    made.push_back({a, b});
    if (comma == std::string_view::npos) return made;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::span<const std::string_view> topology_shapes() {
  static constexpr std::string_view names[] = {"pair", "chain", "dumbbell", "star", "parking lot"};
  return names;
}

std::span<const std::string_view> routings() {
  static constexpr std::string_view names[] = {"static", "rip"};
  return names;
}

result<std::vector<joined_hosts>, std::string> links_of(const topology_settings& topology) {
  if (!topology.links.empty()) return links_by_hand(topology.links);
  const shape& made = shape_of(topology);
  if (topology.size < 1 || topology.size > made.largest)
    return failure(made.largest == 1 ? std::string("no size: a pair is two hosts")
                                     : fmt::format("a size from 1 to {} for a {}", made.largest, made.name));
  return made.make(topology.size);
}

usual_ends usual_ends_of(const topology_settings& topology) {
  if (topology.links.empty()) return shape_of(topology).ends;
  return {"a", "b"};  // if there are such
}

bool is_host_name(std::string_view text) {
  const auto letter = [](char each) { return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z'); };
  const auto fits = [&](char each) { return letter(each) || (each >= '0' && each <= '9'); };
  return !text.empty() && text.size() <= 16 && letter(text.front()) && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace seqwire
