// A packet story for the judge: two hosts, a and b, their two vantage points in one capture, and lines such as
// "a sends packet 0, and it arrives". Packets are made with the layouts, not with the engine.
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include "dissector/analysis/verify.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire::stories {

inline constexpr host_number host_a{0x02000000000a};
inline constexpr host_number host_b{0x02000000000b};
inline constexpr socket_number socket_a{3001};
inline constexpr socket_number socket_b{3000};
inline constexpr std::uint16_t id_a = 0x1111;
inline constexpr std::uint16_t id_b = 0x2222;

/// One packet, as its sender means it.
struct segment {
  char from = 'a';
  bool system = false;
  bool send_acknowledgement = false;
  bool attention = false;
  bool end_of_message = true;
  std::uint8_t type = 0;
  std::uint16_t source_id = 0;  // 0: the sender's own
  int destination_id = -1;      // -1: the peer's own
  std::uint16_t sequence = 0;
  std::uint16_t acknowledge = 0;
  std::uint16_t allocation = 7;
  std::string data{};
  socket_number socket{};       // 0: the sender's own
  socket_number peer_socket{};  // 0: the peer's own
  bool checksummed = true;
};

inline segment data(char from, std::uint16_t sequence, std::string text = "hello") {
  return {.from = from, .sequence = sequence, .data = std::move(text)};
}
inline segment system(char from, std::uint16_t sequence, std::uint16_t acknowledge) {
  return {.from = from,
          .system = true,
          .end_of_message = false,
          .sequence = sequence,
          .acknowledge = acknowledge,
          .allocation = static_cast<std::uint16_t>(acknowledge + 7)};
}
inline segment closing(char from, std::uint8_t type, std::uint16_t sequence, std::uint16_t acknowledge) {
  return {.from = from,
          .end_of_message = false,
          .type = type,
          .sequence = sequence,
          .acknowledge = acknowledge,
          .allocation = static_cast<std::uint16_t>(acknowledge + 7)};
}

class story {
 public:
  explicit story(link_type type = link_type::ethernet) : type_(type) {}

  /// A frame with the packet in it.
  octets frame_of(const segment& what) const {
    const bool a = what.from == 'a';
    const idp_header idp{.checksum = 0,
                         .length = 0,
                         .transport_control = 0,
                         .packet_type = packet_type::sequenced_packet,
                         .destination_network = network_number{1},
                         .destination_host = a ? host_b : host_a,
                         .destination_socket = what.peer_socket != socket_number{} ? what.peer_socket
                                               : a                                 ? socket_b
                                                                                   : socket_a,
                         .source_network = network_number{1},
                         .source_host = a ? host_a : host_b,
                         .source_socket = what.socket != socket_number{} ? what.socket
                                          : a                            ? socket_a
                                                                         : socket_b};
    const std::uint16_t peers =
        what.destination_id < 0 ? (a ? id_b : id_a) : static_cast<std::uint16_t>(what.destination_id);
    const spp_header spp{.system = what.system,
                         .send_acknowledgement = what.send_acknowledgement,
                         .attention = what.attention,
                         .end_of_message = what.end_of_message,
                         .reserved = 0,
                         .datastream_type = what.type,
                         .source_connection = what.source_id != 0 ? what.source_id
                                              : a                 ? id_a
                                                                  : id_b,
                         .destination_connection = peers,
                         .sequence = what.sequence,
                         .acknowledge = what.acknowledge,
                         .allocation = what.allocation};
    octets body(spp_layout::octets + what.data.size());
    spp_layout::encode(spp, body.data());
    std::copy(what.data.begin(), what.data.end(), body.begin() + spp_layout::octets);
    octets packet;
    append_idp(packet, idp, body);
    if (!what.checksummed) store_u16(packet.data(), 0xffff);
    if (type_ != link_type::ethernet) return packet;
    octets frame(14 + packet.size());
    store_u48(frame.data(), static_cast<std::uint64_t>(idp.destination_host));
    store_u48(frame.data() + 6, static_cast<std::uint64_t>(idp.source_host));
    store_u16(frame.data() + 12, 0x0600);
    std::copy(packet.begin(), packet.end(), frame.begin() + 14);
    return frame;
  }

  /// Leaves its sender and does not arrive. Returns its packet id.
  std::uint64_t sends(const segment& what, std::string comment = {}) {
    const std::uint64_t id = next_id_++;
    put(what.from == 'a' ? 0 : 1, capture_direction::out, frame_of(what), id, std::move(comment));
    return id;
  }
  /// Arrives at the other end, under the id that it left with; or as it is, when it never left.
  void arrives(const segment& what, std::optional<std::uint64_t> id) { arrives_as(what.from, frame_of(what), id); }
  void arrives_as(char from, octets frame, std::optional<std::uint64_t> id) {
    put(from == 'a' ? 1 : 0, capture_direction::in, std::move(frame), id, {});
  }
  /// Leaves and arrives 1 ms later.
  void delivers(const segment& what) {
    const std::uint64_t id = sends(what);
    wait(1_ms);
    arrives(what, id);
  }
  /// Seen at a place that knows no directions.
  void passes(const segment& what) { put(0, capture_direction::unknown, frame_of(what), std::nullopt, {}); }

  void opens() {
    delivers({.from = 'a', .system = true, .send_acknowledgement = true, .end_of_message = false, .destination_id = 0});
    delivers(system('b', 0, 0));
    delivers(system('a', 0, 0));
  }

  void wait(duration span) { now_ += span; }
  void at(instant now) { now_ = now; }
  void capture_loses(std::uint64_t packets) { lost_ += packets; }

  verdict finish() { return judge.finish(); }

  verifier judge;

 private:
  void put(std::size_t interface, capture_direction direction, octets frame, std::optional<std::uint64_t> id,
           std::string comment) {
    captured_packet packet;
    packet.interface = interface;
    packet.at = now_;
    packet.direction = direction;
    packet.packet_id = id;
    packet.dropped_before = std::exchange(lost_, 0);
    packet.original_length = frame.size();
    packet.frame = std::move(frame);
    if (!comment.empty()) packet.comments.push_back(std::move(comment));
    judge.on_packet(packet, {.name = interface == 0 ? "a" : "b", .description = {}, .type = type_});
  }

  link_type type_;
  instant now_{1'000'000'000};
  std::uint64_t next_id_ = 1;
  std::uint64_t lost_ = 0;
};

/// The row must be violated, and nothing else may be.
inline void expect_violated(const verdict& of, std::string_view rule, std::size_t times = 1) {
  const rule_verdict* row = of.row(rule);
  BOOST_REQUIRE(row != nullptr);
  BOOST_TEST(name_of(row->outcome) == "violated", render_text(of));
  BOOST_TEST(row->violations == times, render_text(of));
  for (const rule_verdict& other : of.rules)
    if (&other != row) BOOST_TEST(other.violations == 0u, render_text(of));
  BOOST_TEST(of.exit_code() == 3);
}

inline void expect_held(const verdict& of, std::string_view rule) {
  const rule_verdict* row = of.row(rule);
  BOOST_REQUIRE(row != nullptr);
  BOOST_TEST(name_of(row->outcome) == "held", render_text(of));
  BOOST_TEST(row->checks > 0u);
}

/// Nothing violated, nothing in doubt.
inline void expect_holds(const verdict& of) { BOOST_TEST(of.exit_code() == 0, render_text(of)); }

}  // namespace seqwire::stories
