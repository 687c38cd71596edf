// Hosts for tests: one with hand-made packets from outside, and two joined without delay.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/protocol/host/memory_link.hpp"

namespace seqwire::test {

inline constexpr host_number number_a{0x02000000000a};
inline constexpr host_number number_b{0x02000000000b};
inline constexpr socket_number service{100};
inline const xns_address peer{network_number{1}, number_a, socket_number{3000}};  // who sends hand-made packets to b

inline host_config settings(host_number number) {
  host_config config;
  config.host = number;
  config.secret = make_hash_key(random_stream(static_cast<std::uint64_t>(number)));
  return config;
}

// One host with hand-made packets from outside.
struct lone_host {
  explicit lone_host(const host_config& config = settings(number_b)) : engine(config) {}

  void arrive(const octets& frame) {
    engine.on_datagram(now, {.previous_hop = number_a, .contents = slice::copy_of(frame)});
  }
  // What leaves now.
  std::vector<octets> leaving() {
    std::vector<octets> frames;
    std::array<packet, 7> batch;
    while (const std::size_t count = engine.poll_transmit(now, batch))
      for (std::size_t i = 0; i < count; ++i) {
        frames.emplace_back(batch[i].size());
        batch[i].copy_to(frames.back().data());
      }
    return frames;
  }
  octets frame(const spp_header& header, octets_view data = {}, socket_number to = service) const {
    return spp_frame(peer, engine.address(to), header, data);
  }
  // Opens from the peer with this id; the id that the host gave.
  std::uint16_t open_from_peer(std::uint16_t id) {
    spp_header header{};
    header.system = true;
    header.source_connection = id;
    header.allocation = 63;
    arrive(frame(header));
    const auto answers = leaving();
    BOOST_REQUIRE(answers.size() == 1u);
    const std::uint16_t given = parse_spp(parse_idp(answers[0])->data)->header.source_connection;
    return given;
  }
  void confirm(std::uint16_t id, std::uint16_t given) {
    spp_header header{};
    header.system = true;
    header.source_connection = id;
    header.destination_connection = given;
    header.allocation = 63;
    arrive(frame(header));
    leaving();
  }
  std::uint64_t drops(drop_reason reason) const { return engine.statistics().drops[reason]; }

  host engine;
  instant now{};
};

// Two hosts joined without delay.
struct two_hosts {
  two_hosts() {
    wire_a.joined_to = &wire_b;
    wire_b.joined_to = &wire_a;
    wire_a.address = number_a;
    wire_b.address = number_b;
  }
  void run_for(duration span) {
    const instant end = now + span;
    for (;;) {
      do {
        joint_a.drive(now);
        joint_b.drive(now);
        collect(a, events_a);
        collect(b, events_b);
      } while (!wire_a.arriving.empty() || !wire_b.arriving.empty());
      const instant next = std::min(a.next_timeout().value_or(end), b.next_timeout().value_or(end));
      if (next >= end) break;
      now = std::max(now, next);
    }
    now = end;
  }
  static void collect(host& from, std::vector<host_event>& to) {
    while (const auto event = from.sequenced().poll_event()) to.push_back(*event);
  }
  static std::vector<connection_handle> opened(const std::vector<host_event>& events) {
    std::vector<connection_handle> handles;
    for (const auto& event : events)
      if (event.what == connection_notice::opened) handles.push_back(event.connection);
    return handles;
  }

  host a{settings(number_a)};
  host b{settings(number_b)};
  memory_link wire_a, wire_b;
  seqwire::link* links_a[1] = {&wire_a};
  seqwire::link* links_b[1] = {&wire_b};
  driver joint_a{a, links_a};
  driver joint_b{b, links_b};
  std::vector<host_event> events_a, events_b;
  instant now{};
};

inline std::string taken(host& from, connection_handle handle) {
  std::string text;
  while (const auto record = from.sequenced().find(handle)->take_record()) {
    const slice whole = record->flatten();
    text += '[' + std::string(whole.view().begin(), whole.view().end()) + ']';
  }
  return text;
}

inline octets idp_frame(packet_type type, const xns_address& from, const xns_address& to, octets_view data = {}) {
  octets frame;
  idp_header header{};
  header.packet_type = type;
  header.source_network = from.network;
  header.source_host = from.host;
  header.source_socket = from.socket;
  header.destination_network = to.network;
  header.destination_host = to.host;
  header.destination_socket = to.socket;
  append_idp(frame, header, data);
  return frame;
}

}  // namespace seqwire::test
