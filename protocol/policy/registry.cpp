#include "protocol/policy/registry.hpp"

#include <array>

namespace seqwire {
namespace {

using avoidance = slow_start_avoidance;
using hole_by_hole = hole_by_hole_recovery;

sender_policy make_fixed(const sender_parameters& parameters) {
  return {std::make_unique<fixed_window>(parameters.window),
          std::make_unique<hole_by_hole>(hole_by_hole::after_timeout::hole_by_hole, hole_by_hole::inflation::none,
                                         hole_by_hole::late_originals::recognised)};
}

sender_policy make_tahoe(const sender_parameters& parameters) {
  return {std::make_unique<avoidance>(avoidance::after_loss::restart, parameters.initial_window, parameters.window),
          std::make_unique<go_back_recovery>()};
}

sender_policy make_newreno(const sender_parameters& parameters) {
  return {
      std::make_unique<avoidance>(avoidance::after_loss::halve, parameters.initial_window, parameters.window),
      std::make_unique<hole_by_hole>(hole_by_hole::after_timeout::start_over, hole_by_hole::inflation::by_duplicates)};
}

struct sender_row {
  std::string_view name;
  sender_policy (*make)(const sender_parameters&);
};
constexpr std::array<sender_row, 3> senders{{{"fixed", make_fixed}, {"tahoe", make_tahoe}, {"newreno", make_newreno}}};

constexpr auto names_of_senders = [] {
  std::array<std::string_view, senders.size()> names{};
  for (std::size_t i = 0; i < senders.size(); ++i) names[i] = senders[i].name;
  return names;
}();
constexpr std::array<std::string_view, 2> names_of_acknowledgements{"immediate", "delayed"};

}  // namespace

std::span<const std::string_view> sender_names() { return names_of_senders; }

sender_policy make_sender(std::string_view name, const sender_parameters& parameters) {
  for (const sender_row& row : senders)
    if (row.name == name) return row.make(parameters);
  return {};
}

std::span<const std::string_view> acknowledgement_names() { return names_of_acknowledgements; }

std::unique_ptr<acknowledgement_policy> make_acknowledgement(std::string_view name, duration delay) {
  if (name == "immediate") return std::make_unique<immediate_acknowledgement>();
  if (name == "delayed") return std::make_unique<delayed_acknowledgement>(delay);
  return nullptr;
}

}  // namespace seqwire
