// An experiment as a value, and its TOML form: a network of hosts and links with what these do to packets, by default
// two hosts a and b with one link between them, and flows. Every key is one row of a table (scenario_keys.cpp) with its
// type, default and meaning, so that the reader, --set, the echo in summary.json and the list for users cannot differ.
// Unknown keys are errors with the nearest one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/scenario/topology.hpp"
#include "lab/scenario/value_origins.hpp"
#include "lab/workload/settings.hpp"
#include "protocol/base/result.hpp"
#include "protocol/spp/config.hpp"
#include "sim/channel.hpp"

namespace seqwire {

/// A link of the network, and what it does to packets.
struct link_settings {
  joined_hosts ends = {"a", "b"};  // of the topology
  std::size_t mtu = 1500;          // largest IDP packet, octets
  // Each direction by itself.
  channel_settings a_to_b;
  channel_settings b_to_a;
};

/// What flows carry, from one host to another. Where names end in a star, such as a* and b*, there is one from a1 to
/// b1, one from a2 to b2, and so on; with a single star one for each host of such a name.
struct flow_settings {
  // Hosts of the topology.
  std::string from = "a";
  std::string to = "b";
  std::uint64_t copies = 1;          // of each, one beside the other
  duration stagger{};                // each begins so much later than the one before
  std::string files;                 // a file or directory; every file is one record. Empty: made-up records
  std::string leave_out;             // a folder below `files` that is not sent: where a run writes
  std::uint64_t records = 100;       // made-up records; with `files`, how many they are once they were listed
  std::uint64_t record_size = 1024;  // octets of each, or the mean of their distribution
  duration start{};                  // when its data begins; the connection opens before
  flow_type socket = flow_type::sequenced_packet;  // of both ends
  workload_settings workload;                      // of made-up records: when they are due, and how long they are
  spp_config spp;                                  // of both ends' connections
};

/// [measure]: what is told of a run beside its summary (lab/measure).
struct measure_settings {
  // Names of measures, with commas between them.
  std::string values = {};  // empty: those that are expected to be something
  std::string series = {};  // empty: the values
  duration period{};        // of the time series; 0: none
  duration warm_up{};       // what happened before does not count
  duration batch{};         // of batch means; 0: none

  bool operator==(const measure_settings&) const = default;
};

/// [expect]: what a measure must be.
struct expected_value {
  std::string measure;  // its name
  std::string value;    // as lab/measure/expectation.hpp has it
};

/// Everything that decides a run; the same scenario gives the same capture in the simulator.
struct scenario {
  std::string name = "unnamed";                          // for people and the capture's comment
  std::string protocol = "spp";                          // that carries the flows' records (lab/protocols.hpp)
  std::uint64_t seed = 1;                                // of everything random
  duration time_limit = 100'000_s;                       // the run ends here even if flows have not
  bool qlog = false;                                     // a run also leaves its events (lab/qlog)
  topology_settings topology;                            // the hosts, and which are joined
  std::vector<link_settings> links = {link_settings{}};  // the topology's, in its order
  measure_settings measure;                              // what is told of the run
  std::vector<expected_value> expectations;              // each measure once
  std::vector<flow_settings> flows;                      // at most maximum_flows
};

/// Where and what, as one line for the user: "file:line:column: what; expected ...; got ...".
struct scenario_error {
  std::string message;  // without a newline
};

/// Reads a scenario file and the one that it extends, if it does (`extends = "base.toml"`: what this file says counts
/// before what that one says; flows of its own replace all of the other's), then applies `overrides` ("link.loss=2%",
/// "flow.0.window=28") in order.
result<scenario, scenario_error> read_scenario(const std::string& path, const std::vector<std::string>& overrides);
/// The same from text; `name` stands for the file in messages.
result<scenario, scenario_error> parse_scenario(std::string_view text, const std::string& name,
                                                const std::vector<std::string>& overrides);
/// A scenario with all that is wrong with it, and where its values come from.
struct scenario_reading {
  std::optional<scenario> value;         // nothing while there are problems
  std::vector<scenario_error> problems;  // as many as can be told apart; the first is read_scenario()'s
  value_origins origins;                 // of what was given, in the file or by an override
  bool has_sweep = false;                // the file itself has a table [sweep], which is not looked at
};
/// As read_scenario(), and goes on where that one stops.
scenario_reading examine_scenario(const std::string& path, const std::vector<std::string>& overrides);

/// Applies one override to a scenario that exists (the demo's options go this way too).
result<void, scenario_error> set_key(scenario& to, std::string_view assignment);

/// Every key with its value in normal form ("20ms", "5%"), as TOML that reads back to the same scenario.
std::string to_toml(const scenario& from);
/// [link] alone, of a scenario of two hosts, and of it only what is not as by default.
std::string link_to_toml(const scenario& from);

}  // namespace seqwire
