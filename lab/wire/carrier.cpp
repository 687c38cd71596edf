#include "lab/wire/carrier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "lab/scenario/scenario_keys.hpp"
#include "lab/scenario/units.hpp"
#include "protocol/wire/spp.hpp"
#include "rawio/entropy.hpp"
#include "rawio/ip_link.hpp"
#include "rawio/packet_link.hpp"
#include "rawio/udp_link.hpp"

namespace seqwire {
namespace {

using carrier_kind = carrier_choice::kind;

tl::unexpected<std::string> refused(const char* option, const std::string& expected, const std::string& got) {
  return failure(fmt::format("{}: expected {}; got {}", option, expected, got.empty() ? "nothing" : got));
}

// "IP", "IP:PORT", "PORT"; what is missing is 0.
std::optional<ipv4_endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view before = text.substr(0, colon);
  if (colon == std::string_view::npos) {
    if (const auto port = parse_port(text)) return ipv4_endpoint{0, *port};
    if (const auto address = parse_ipv4(text)) return ipv4_endpoint{*address, first_derived_port};
    return std::nullopt;
  }
  const auto address = parse_ipv4(before);
  const auto port = parse_port(text.substr(colon + 1));
  if (!address || !port) return std::nullopt;
  return ipv4_endpoint{*address, *port};
}

result<carrier_kind, std::string> parse_kind(const carrier_words& words) {
  const int given = words.interface.has_value() + words.ip.has_value() + words.udp.has_value();
  if (given != 1)
    return failure(fmt::format("expected one of --interface, --ip and --udp; got {}", given == 0 ? "none" : "several"));
  return words.interface ? carrier_kind::ethernet : words.ip ? carrier_kind::ip : carrier_kind::udp;
}

result<void, std::string> parse_local(const carrier_words& words, carrier_choice& choice) {
  choice.interface = words.interface.value_or("");
  if (choice.on == carrier_kind::ip) {
    const auto address = parse_ipv4(*words.ip);
    if (!address || !is_single_ipv4(*address))
      return refused("--ip", "one of this machine's IPv4 addresses, as in 10.0.0.7", *words.ip);
    choice.local = {*address, 0};
  }
  if (choice.on == carrier_kind::udp) {
    const auto local = parse_endpoint(*words.udp);
    if (!local || (local->address != 0 && !is_single_ipv4(local->address)))
      return refused("--udp", "PORT, IP or IP:PORT of this machine, as in 10.0.0.7:49152", *words.udp);
    choice.local = *local;
    if (!words.host && local->port != 0 && local->port < first_derived_port)
      return refused("--udp", fmt::format("a port from {} on, 0 for any, or --host with it", first_derived_port),
                     *words.udp);
  }
  return {};
}

result<void, std::string> parse_own_host(const carrier_words& words, carrier_choice& choice) {
  choice.fresh_host = words.host == "auto";
  if (!words.host || choice.fresh_host) return {};
  const auto number = parse_host(*words.host);
  if (!number) return refused("--host", number.error().expected + ", as in 02000000000b, or auto", *words.host);
  if (is_group(*number)) return failure("--host: expected a single host; got the group " + *words.host);
  choice.options.host = *number;
  return {};
}

result<fixed_peer, std::string> parse_peer(const std::string& text, carrier_kind on) {
  const auto equals = text.find('=');
  const std::string where = equals == std::string::npos ? text : text.substr(equals + 1);
  auto at = parse_ipv4(where) || where.find(':') != std::string::npos ? parse_endpoint(where) : std::nullopt;
  if (!at || !is_single_ipv4(at->address) || at->port == 0 ||
      (on == carrier_kind::ip && where.find(':') != std::string::npos))
    return refused("--peer",
                   on == carrier_kind::ip ? "IP or HOST=IP, as in 02000000000b=10.0.0.7"
                                          : "IP[:PORT] or HOST=IP[:PORT], as in 02000000000b=10.0.0.7:49152",
                   text);
  if (equals == std::string::npos) {
    const auto derived = derived_host(*at);
    if (!derived) return refused("--peer", fmt::format("HOST= before a port below {}", first_derived_port), text);
    return fixed_peer{*derived, *at};
  }
  const auto host = parse_host(text.substr(0, equals));
  if (!host || is_group(*host)) return refused("--peer", "a single host before the =, as in 02000000000b", text);
  return fixed_peer{*host, *at};
}

result<void, std::string> parse_peers(const carrier_words& words, carrier_choice& choice) {
  for (const std::string& text : words.peers) {
    if (choice.on == carrier_kind::ethernet) return failure(std::string("--peer: expected with --ip or --udp only"));
    const auto peer = parse_peer(text, choice.on);
    if (!peer) return failure(peer.error());
    auto& known = choice.options.peers;
    if (std::any_of(known.begin(), known.end(), [&](const fixed_peer& each) { return each.host == peer->host; }))
      return refused("--peer", "each host once", text);
    known.push_back(*peer);
  }
  return {};
}

result<void, std::string> parse_limits(const carrier_words& words, carrier_choice& choice) {
  // The key of a scenario knows the range; "auto" there is the link's, which is the default here.
  const auto life = parse_flow_key("packet_life", words.packet_life);
  if (!life) return refused("--packet-life", life.error().expected, words.packet_life);
  if (life->spp.packet_life != duration{}) choice.options.packet_life = life->spp.packet_life;
  if (!words.mtu) return {};
  if (choice.on == carrier_kind::ethernet) return failure(std::string("--mtu: expected with --ip or --udp only"));
  const auto mtu = parse_count(*words.mtu, 576, 65'000);
  if (!mtu) return refused("--mtu", mtu.error().expected, *words.mtu);
  choice.options.mtu = *mtu;
  return {};
}

}  // namespace

result<carrier_choice, std::string> parse_carrier(const carrier_words& words) {
  carrier_choice choice;
  const auto on = parse_kind(words);
  if (!on) return failure(on.error());
  choice.on = *on;
  for (const auto step : {parse_local, parse_own_host, parse_peers, parse_limits})
    if (const auto done = step(words, choice); !done) return failure(done.error());
  return choice;
}

std::unique_ptr<live_link> open_carrier(const carrier_choice& choice) {
  ipv4_link_options options = choice.options;
  if (choice.fresh_host) options.host = random_host(fresh_seed());
  switch (choice.on) {
    case carrier_kind::ip: return std::make_unique<ip_link>(choice.local.address, options);
    case carrier_kind::udp: return std::make_unique<udp_link>(choice.local, options);
    case carrier_kind::ethernet: break;
  }
  packet_link_options ethernet;
  ethernet.host = options.host;
  ethernet.forwards = choice.forwards;
  if (options.packet_life) ethernet.packet_life = *options.packet_life;
  try {
    return std::make_unique<packet_link>(choice.interface, ethernet);
  } catch (const std::system_error& refused) {
    if (refused.code() != std::errc::address_in_use || choice.forwards) throw;
    throw std::runtime_error(std::string(refused.what()) + "; --host auto takes another host number");
  }
}

}  // namespace seqwire
