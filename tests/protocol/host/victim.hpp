// A host with one connection in a chosen state, whose peer's packets, true and forged ones, are made by hand.
#pragma once

#include <functional>

#include "tests/protocol/host/hosts.hpp"

namespace seqwire::test {

inline constexpr std::uint16_t peers_id = 0x1111;

// Of the states; answering twice, because the opener that was met and the listener get there by different ways.
enum class stage : std::uint8_t { opening, met, answering, open, close_requested, close_replying, lingering };
inline constexpr std::array every_stage{
    stage::opening,        stage::met,      stage::answering, stage::open, stage::close_requested,
    stage::close_replying, stage::lingering};

struct victim : lone_host {
  explicit victim(stage at, const spp_config& config = {}, const host_config& of = settings(number_b))
      : lone_host(of), handle(1), local(service) {
    spp_protocol& spp = engine.sequenced();
    if (at == stage::opening || at == stage::met) {
      handle = spp.connect(now, peer, config).value();
      local = connection().local().socket;
      leaving();
      if (at == stage::met) says([](spp_header& header) { header.destination_connection = 0; });
      return;
    }
    BOOST_REQUIRE(spp.listen(service, config));
    open_from_peer(peers_id);
    if (at == stage::answering) return;
    says({});
    BOOST_REQUIRE((connection().send(slice::copy_of(view_of("in flight"))) == send_status::accepted));
    if (at == stage::close_requested) connection().close();
    leaving();
    if (at == stage::open || at == stage::close_requested) return;
    says_data(0, {}, [](spp_header& header) { header.datastream_type = close_request_type; });
    if (at == stage::lingering)
      says([](spp_header& header) {
        header.sequence = 1;
        header.acknowledge = 2;
      });
  }

  spp_connection& connection() { return *engine.sequenced().find(handle); }

  // What the true peer sends when it has nothing to say, as `change` makes it.
  spp_header true_header() {
    spp_header header{};
    header.system = true;
    header.source_connection = peers_id;
    header.destination_connection = connection().local_id();
    header.allocation = 63;
    return header;
  }
  void says(const std::function<void(spp_header&)>& change, octets_view data = {}) {
    spp_header header = true_header();
    if (change) change(header);
    arrive(spp_frame(peer, engine.address(local), header, data));
    leaving();
  }
  void says_data(std::uint16_t number, octets_view data, const std::function<void(spp_header&)>& change = {}) {
    says(
        [&](spp_header& header) {
          header.system = false;
          header.sequence = number;
          if (change) change(header);
        },
        data);
  }
  // Until then, with what is due in between; how many packets left.
  std::size_t rest_until(instant end) {
    std::size_t sent = leaving().size();
    while (engine.next_timeout().value_or(instant::never()) <= end) {
      now = std::max(now, *engine.next_timeout());
      engine.on_timeout(now);
      sent += leaving().size();
    }
    now = end;
    return sent;
  }

  // Everything that a forged packet could have changed.
  std::vector<std::uint64_t> everything() {
    const spp_connection& of = connection();
    const connection_information now_is = of.information();
    const spp_statistics& counted = of.statistics();
    return {static_cast<std::uint64_t>(of.state()),
            static_cast<std::uint64_t>(of.status()),
            static_cast<std::uint64_t>(of.peer().socket),
            of.peer_id(),
            now_is.in_flight,
            now_is.permitted,
            now_is.unread_packets,
            counted.octets_delivered,
            counted.out_of_order,
            counted.excess_acknowledgements,
            counted.duplicate_acknowledgements,
            of.has_attention(),
            of.peer_closed(),
            of.packet_data(),
            engine.sequenced().connections()};
  }

  connection_handle handle;
  socket_number local;
};

}  // namespace seqwire::test
