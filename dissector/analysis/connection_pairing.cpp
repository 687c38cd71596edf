#include "dissector/analysis/connection_pairing.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace seqwire {
namespace {

// What partners have in common; 0: not asked for.
using common_ends = std::tuple<host_number, socket_number, host_number, socket_number>;

// In an order of their own, so that it does not matter who opened.
common_ends ends_in_common(const connection_summary& of, bool first_socket, bool second_socket) {
  std::pair one{of.sides[0].host, of.sides[0].socket};
  std::pair other{of.sides[1].host, of.sides[1].socket};
  if (other < one) std::swap(one, other);
  return {one.first, first_socket ? one.second : socket_number{}, other.first,
          second_socket ? other.second : socket_number{}};
}

// Of two views of a kind the one with this name, else the first.
std::optional<chosen_view> view_of_kind(const connection_summary& of, std::size_t side, vantage kind,
                                        const std::string& preferred) {
  std::optional<chosen_view> found;
  for (std::size_t i = 0; i < of.views.size(); ++i) {
    const direction_summary& seen = of.views[i].sides[side];
    if (seen.where != kind || (found && of.views[i].name != preferred)) continue;
    found = chosen_view{i, side, kind, seen.first};
    if (of.views[i].name == preferred) break;
  }
  return found;
}

constexpr std::array kinds_by_preference{vantage::own_emission, vantage::path, vantage::own_arrival};

std::optional<chosen_view> best_view(const connection_summary& of, std::size_t side) {
  for (const vantage kind : kinds_by_preference)
    if (const auto found = view_of_kind(of, side, kind, {})) return found;
  return std::nullopt;
}

std::array<std::optional<chosen_view>, 2> choose_views(const connection_summary& first, std::size_t side,
                                                       const connection_summary& second, std::size_t other_side) {
  for (const vantage kind : kinds_by_preference) {
    const auto one = view_of_kind(first, side, kind, {});
    if (!one) continue;
    for (std::size_t i = one->view; i < first.views.size(); ++i) {  // one that the other capture names, too
      const auto same = view_of_kind(first, side, kind, first.views[i].name);
      const auto other = view_of_kind(second, other_side, kind, first.views[i].name);
      if (same && other && second.views[other->view].name == first.views[same->view].name) return {same, other};
    }
    if (const auto other = view_of_kind(second, other_side, kind, {})) return {one, other};
  }
  return {best_view(first, side), best_view(second, other_side)};
}

connection_pair paired(const analysis& first, std::size_t a, const analysis& second, std::size_t b) {
  connection_pair made{{a, b}, {}};
  const connection_summary& one = first.connections[a];
  const connection_summary& other = second.connections[b];
  const auto same_end = [](const speaker& x, const speaker& y) { return x.host == y.host && x.socket == y.socket; };
  bool crossed = one.sides[0].host != other.sides[0].host;
  if (one.sides[0].host == one.sides[1].host)  // only the sockets tell them apart
    crossed = same_end(one.sides[0], other.sides[1]) || same_end(one.sides[1], other.sides[0]);
  for (std::size_t side = 0; side < 2; ++side)
    made.directions[side] = choose_views(one, side, other, crossed ? 1 - side : side);
  return made;
}

}  // namespace

bool connection_pair::elsewhere(std::size_t direction) const {
  const auto& [one, other] = directions[direction];
  return one && other && one->where != other->where;
}

connection_pairing pair_connections(const analysis& first, const analysis& second) {
  connection_pairing result;
  const std::array<const analysis*, 2> sides{&first, &second};
  for (std::size_t i = 0; i < 2; ++i) {
    result.unpaired[i].resize(sides[i]->connections.size());
    std::iota(result.unpaired[i].begin(), result.unpaired[i].end(), std::size_t{0});
  }
  for (const auto& [low, high] : {std::pair{true, true}, {false, true}, {true, false}, {false, false}}) {
    std::map<common_ends, std::vector<std::size_t>> waiting;  // of the second capture, the latest first
    for (auto each = result.unpaired[1].rbegin(); each != result.unpaired[1].rend(); ++each)
      waiting[ends_in_common(second.connections[*each], low, high)].push_back(*each);
    std::vector<bool> taken(second.connections.size());
    std::erase_if(result.unpaired[0], [&](std::size_t each) {
      const auto found = waiting.find(ends_in_common(first.connections[each], low, high));
      if (found == waiting.end() || found->second.empty()) return false;
      result.pairs.push_back(paired(first, each, second, found->second.back()));
      taken[found->second.back()] = true;
      found->second.pop_back();
      return true;
    });
    std::erase_if(result.unpaired[1], [&](std::size_t each) { return taken[each]; });
  }
  std::sort(result.pairs.begin(), result.pairs.end(), [](const connection_pair& one, const connection_pair& other) {
    return one.connection[0] < other.connection[0];
  });
  return result;
}

}  // namespace seqwire
