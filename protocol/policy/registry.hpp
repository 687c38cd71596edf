// Policies by name: a named sender is a pair of congestion control and loss recovery with its couplings.
// A new one is its class and one line in registry.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "protocol/policy/acknowledgement.hpp"
#include "protocol/policy/congestion_control.hpp"
#include "protocol/policy/credit.hpp"
#include "protocol/policy/loss_recovery.hpp"

namespace seqwire {

/// The pair that a named sender is made of; a connection's own.
struct sender_policy {
  std::unique_ptr<congestion_control> congestion;  // empty: no such name
  std::unique_ptr<loss_recovery> recovery;         // empty: no such name
};

/// What a scenario says beside the name; in packets.
struct sender_parameters {
  packet_count window = 64;         // fixed: the window; others: the initial slow start threshold
  packet_count initial_window = 1;  // others: where slow start begins
};

/// The names that make_sender() knows: "fixed", "tahoe", "newreno".
std::span<const std::string_view> sender_names();
/// The named sender, or two empty pointers for an unknown name.
sender_policy make_sender(std::string_view name, const sender_parameters& parameters);

/// "immediate", "delayed".
std::span<const std::string_view> acknowledgement_names();
/// The named policy, or an empty pointer for an unknown name; `delay` is for "delayed".
std::unique_ptr<acknowledgement_policy> make_acknowledgement(std::string_view name, duration delay);

}  // namespace seqwire
