// The protocols that carry an experiment's records: SPP, and those that a program of a user's own adds before it calls
// command_main() (docs/own-protocol.md). A scenario names one: `protocol = "..."`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/host/host.hpp"
#include "protocol/host/record_transport.hpp"
#include "protocol/wire/catalogue.hpp"

namespace seqwire {

/// A protocol that carries flows in place of SPP.
struct record_protocol {
  std::string name;                            // as scenarios write it
  packet_type type{};                          // of all its packets; nobody else's
  const layout_description* header = nullptr;  // of its packets, behind IDP's; lives as long as the program
  /// Makes the protocol of one host, which attaches it and outlives it.
  std::function<std::unique_ptr<record_transport>(host& on)> make;
};

/// From now on scenarios may name it, and tools know its header. Before anything runs; require()s a new name and a
/// packet type that nobody has.
void add_protocol(record_protocol added);

/// SPP under a header of one's own: its profile says how the header is written (protocol/wire/spp.hpp).
record_protocol spp_with_profile(std::string name, const layout_description& header, const spp_profile& profile);

/// "spp" and the names that were added.
std::vector<std::string_view> protocol_names();
/// Nothing: SPP itself, which every host has. require()s a name of protocol_names().
std::optional<record_protocol> find_protocol(std::string_view name);

}  // namespace seqwire
