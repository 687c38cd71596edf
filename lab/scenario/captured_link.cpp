#include "lab/scenario/captured_link.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace seqwire {
namespace {

constexpr double worth_telling = 0.01;           // of the least delay: less than this is no jitter
constexpr std::int64_t shortest_jitter = 1'000;  // nanoseconds, as captures are no finer

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Scenarios say shares and times in so many digits as they are good for.
double rounded(double share) { return static_cast<double>(static_cast<std::int64_t>(share * 1e6 + 0.5)) / 1e6; }
duration rounded(std::int64_t nanoseconds) { return {std::max<std::int64_t>(nanoseconds, 0) / 1000 * 1000}; }

void set_losses(channel_settings& link, const loss_model& losses) {
  switch (losses.kind) {
    case loss_kind::none_lost: return;
    case loss_kind::undecided:
    case loss_kind::independent: link.loss = rounded(losses.loss()); return;
    case loss_kind::gilbert:
      link.further.set("gilbert_elliott", std::vector{rounded(losses.to_bad), rounded(losses.to_good)});
      return;
    case loss_kind::gilbert_elliott:
      link.further.set("gilbert_elliott", std::vector{rounded(losses.to_bad), rounded(losses.to_good),
                                                      rounded(losses.lost_in_bad), rounded(losses.lost_in_good)});
      return;
  }
}

// Waiting for a limited rate explains what is above the least delay; so does being held back. What nothing explains is
// jitter that keeps the order.
void set_delays(channel_settings& link, const crossing& way, std::int64_t least) {
  link.delay = rounded(least);
  if (way.rate) link.rate = *way.rate;
  link.duplication = rounded(share_of(way.copied, way.arrived));
  if (way.copied > 0) link.duplication_delay = rounded(way.longest_copy_delay);
  link.reordering = rounded(share_of(way.late_by.count(), way.arrived));
  if (way.late_by.count() > 0) link.reordering_delay = rounded(way.longest_late_delay);
  if (way.rate || way.late_by.count() > 0) return;
  const auto mean = static_cast<std::int64_t>(way.delay_above_least.mean());
  if (mean < shortest_jitter || static_cast<double>(mean) < worth_telling * static_cast<double>(least)) return;
  link.further.set("jitter", rounded(mean));
  link.further.set("jitter_distribution", std::string("exponential"));
  link.further.set("jitter_keeps_order", true);
}

std::int64_t least_delay(const crossing& way) { return way.rate ? way.least_delay_of_rate : way.least_delay; }

std::string describe(const loss_model& of) {
  if (of.kind == loss_kind::none_lost) return "none lost";
  if (of.kind == loss_kind::undecided) return "too few to tell a model, taken as independent";
  return fmt::format("{} losses, better than the next model by {:.1f} (BIC)", name_of(of.kind), of.advantage);
}

}  // namespace

scenario link_of(const crossing_summary& seen) {
  scenario made;
  const auto least = [&](std::size_t side) {
    const auto& way = seen.sides[side];
    if (seen.one_clock && way) return least_delay(*way);
    if (!seen.sides[0] || !seen.sides[1]) return std::int64_t{0};
    return (least_delay(*seen.sides[0]) + least_delay(*seen.sides[1])) / 2;
  };
  channel_settings* const directions[2] = {&made.links.front().a_to_b, &made.links.front().b_to_a};
  for (std::size_t side = 0; side < 2; ++side) {
    if (!seen.sides[side]) continue;
    set_losses(*directions[side], seen.sides[side]->losses);
    set_delays(*directions[side], *seen.sides[side], least(side));
  }
  return made;
}

std::string describe_link(const crossing_summary& seen, const connection_summary& of) {
  std::string text = fmt::format("# Between {} and {}: a is {}, b is {}.\n", of.views[seen.first].name,
                                 of.views[seen.second].name, to_string(of.sides[0].host), to_string(of.sides[1].host));
  for (std::size_t side = 0; side < 2; ++side) {
    const char* const name = side == 0 ? "a to b" : "b to a";
    if (const auto& way = seen.sides[side])
      text += fmt::format("# {}: {} packets, {} lost; {}.\n", name, way->sent, way->lost(), describe(way->losses));
    else text += fmt::format("# {}: not seen at both.\n", name);
  }
  if (!seen.one_clock)
    text += seen.sides[0] && seen.sides[1]
                ? "# Two clocks: both ways are taken to have half of the round trip's delay.\n"
                : "# Two clocks and one way only: the delay is not known.\n";
  return text;
}

}  // namespace seqwire
