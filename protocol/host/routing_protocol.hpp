// Which way a packet goes: the networks of our own links, those that routers told us about by the Routing Information
// Protocol (packet type 1, socket 1), and a gateway for the rest. A router tells others what it reaches, as 4.3BSD's
// daemon does: everything every 30 s, and soon after a change. Protocol sheet 6.5; RFC 1058 for what keeps distance
// vectors from counting to infinity (poisoned reverse, triggered updates); Floyd and Jacobson 1993 for why the 30 s
// vary. It believes nothing about the networks of our own links, and nothing that comes from beyond them.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "protocol/base/number_ring.hpp"
#include "protocol/host/host_config.hpp"
#include "protocol/host/own_addresses.hpp"
#include "protocol/host/packet_protocol.hpp"
#include "protocol/wire/routing.hpp"

namespace seqwire {

/// The link that a packet takes, and who on it gets it.
struct way {
  link_index link = 0;     // of ours
  host_number next_hop{};  // as the link knows it: a router, or the host itself

  bool operator==(const way&) const = default;
};

/// What a way rests on, the strongest first.
enum class evidence : std::uint8_t {
  told,       // it is our own network, a router told of it, or a gateway takes everything
  confirmed,  // a peer whose packets come this way has shown that it gets ours
  arrived,    // a packet came this way, which whoever sent it may have forged
};

/// One network, as a router tells of it.
struct route {
  network_number network{};  // ours, or as a router named it
  std::uint16_t metric = 0;  // routers to pass; 0: a network of ours; 16: cannot be reached any more
  link_index link = 0;       // by which it is reached
  host_number next_hop{};    // the router, as its link knows it; 0 on a network of ours
};

/// The networks that a host can reach: on its own links, by the ways it was given, and by what routers say.
class routing_protocol final : public packet_protocol {
 public:
  static constexpr duration update_interval = 30_s;    // of what a router tells (protocol sheet 6.5)
  static constexpr duration expiry = 180_s;            // without news a network cannot be reached any more
  static constexpr duration deletion = 240_s;          // and is forgotten
  static constexpr std::size_t maximum_routes = 1024;  // networks known at a time; further ones are refused
  static constexpr std::size_t maximum_arrivals = 64;  // networks from which packets came that no router spoke of
  static constexpr std::size_t maximum_askers = 32;    // rations of long answers; askers share them by a keyed hash

  /// It outlives the protocol.
  explicit routing_protocol(const host_config& config);

  // --- packet_protocol ---
  result<void, drop_reason> on_packet(instant now, const datagram& arrived, const idp_packet& idp) override;
  result<void, drop_reason> on_error(instant now, const error_packet& error) override;
  std::size_t poll_transmit(instant now, std::span<packet> out) override;
  std::optional<instant> next_timeout() const override;
  void on_timeout(instant now) override;

  // --- what the host and applications ask ---
  const own_addresses& own() const { return own_; }  // of our links
  /// The way to a host, the best that rests on at least that; groups go to their own link-layer address. Nothing:
  /// nobody knows one.
  std::optional<way> way_to(network_number network, host_number host, evidence least = evidence::arrived) const;
  /// A network of one of our links; 0 and ffffffff count as the first one's.
  bool is_direct(network_number network) const;
  /// A packet from this network came this way: answers go back by it unless something better is known, for `expiry`
  /// after the last one. Whoever sent it may have forged it: it turns no way that was confirmed within `expiry`, and
  /// takes the place of the one that was confirmed longest ago, or never.
  void note_arrival(instant now, network_number from, const datagram& arrived);
  /// As note_arrival(), and the packet shows that its sender gets what we send.
  void confirm(instant now, network_number from, const datagram& arrived);
  /// Asks the routers of all links about this network, or which ones they reach; they answer within a round trip, a
  /// long answer only so often (docs/limits.md).
  void ask(network_number about = all_networks);
  /// Our own networks, then those that we learned of, by number.
  std::vector<route> routes() const;
  /// Questions, answers and updates that too many others were waiting for.
  std::uint64_t not_sent() const { return not_sent_; }
  /// Changes whenever way_to() may answer otherwise.
  std::uint64_t version() const { return version_; }

 private:
  struct learned {
    std::uint16_t metric = infinite_metric;
    link_index link = 0;
    host_number next_hop{};
    instant heard{};
  };
  struct arrival {
    way back;
    instant heard{};
    std::optional<instant> confirmed{};  // last; nothing: never
  };

  bool told_of(network_number network) const { return way_to(network, {}, evidence::told).has_value(); }
  arrival& arrival_from(network_number from, way back);
  result<void, drop_reason> on_response(instant now, const datagram& from, const routing_packet& packet);
  bool learn(instant now, const datagram& from, const routing_entry& entry);
  result<void, drop_reason> answer(instant now, const datagram& from, const xns_address& asker,
                                   const routing_packet& request);
  bool long_answer_permitted(instant now, link_index link, host_number asker);
  std::vector<routing_entry> told_on(link_index link) const;
  void tell(link_index link, const xns_address& to, host_number next_hop, const std::vector<routing_entry>& entries);
  void send(link_index link, const xns_address& to, host_number next_hop, const routing_packet& packet);
  bool tells() const { return config_.forwards && config_.tells_routes; }
  void age(instant now);
  void forget_arrivals(instant now);
  void changed(instant now);
  duration varied(duration least, duration span);

  const host_config& config_;
  own_addresses own_;
  std::map<network_number, way> given_;
  std::map<network_number, learned> learned_;
  std::map<network_number, arrival> arrivals_;
  number_ring<packet> outgoing_;
  instant update_at_{};                            // a router tells everything then: first at once
  instant aging_at_ = instant::never();            // the next route expires or is forgotten
  instant forgetting_at_ = instant::never();       // the next arrival is forgotten, or was before it was heard again
  std::array<instant, maximum_askers> rations_{};  // until when each is spent
  std::uint64_t version_ = 1;
  std::uint64_t not_sent_ = 0;
  std::uint64_t draws_ = 0;
};

}  // namespace seqwire
