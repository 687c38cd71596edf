// Which carrier a command uses, from the words of its options to the open link: the one place that knows all three.
// What the carriers are and how host numbers find their way on each: docs/carriers.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rawio/ipv4_link.hpp"

namespace seqwire {

/// As the user wrote it.
struct carrier_words {
  std::optional<std::string> interface {};  // --interface NAME: Ethernet
  std::optional<std::string> ip{};          // --ip LOCAL_IP: IPv4 protocol 22
  std::optional<std::string> udp{};         // --udp [LOCAL_IP:]PORT: UDP
  std::vector<std::string> peers{};         // --peer [HOST=]IP[:PORT]
  std::optional<std::string> host{};        // --host NUMBER, or auto
  std::string packet_life = "auto";         // --packet-life DURATION, or auto
  std::optional<std::string> mtu{};         // --mtu OCTETS
};

/// As it is meant.
struct carrier_choice {
  enum class kind : std::uint8_t { ethernet, ip, udp };  // of protocol sheet 1.6
  kind on = kind::ethernet;                              // decides which of the others count
  std::string interface;                                 // Ethernet's
  ipv4_endpoint local;                                   // the other two's
  bool fresh_host = false;                               // a random host number
  bool forwards = false;      // for a router: on Ethernet also packets that are for other hosts
  ipv4_link_options options;  // host and packet life serve Ethernet, too
};

/// Touches nothing. The error is the line for the user, and begins with the option.
result<carrier_choice, std::string> parse_carrier(const carrier_words& words);

/// Throws what the links' constructors do.
std::unique_ptr<live_link> open_carrier(const carrier_choice& choice);

}  // namespace seqwire
