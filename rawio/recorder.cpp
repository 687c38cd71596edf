#include "rawio/recorder.hpp"

#include <algorithm>

#include "protocol/wire/ethernet.hpp"

namespace seqwire {

octets_view ethernet_frame(const packet& leaving, host_number source, octets& room) {
  room.resize(ethernet_header_octets + leaving.size());
  ethernet_layout::encode({leaving.next_hop, source}, room.data());
  leaving.copy_to(room.data() + ethernet_header_octets);
  return room;
}

octets_view ethernet_frame(const datagram& arrived, host_number destination, octets& room) {
  const octets_view contents = arrived.contents.view();
  room.resize(ethernet_header_octets + contents.size());
  ethernet_layout::encode({destination, arrived.previous_hop}, room.data());
  std::copy(contents.begin(), contents.end(), room.begin() + ethernet_header_octets);
  return room;
}

recorder::recorder(link& inner, capture_writer& writer, const std::string& interface_name)
    : inner_(inner),
      writer_(writer),
      interface_(writer.add_interface({.name = interface_name, .description = to_string(inner.capabilities().host)})) {}

std::size_t recorder::receive(instant now, std::span<datagram> to) {
  const std::size_t count = inner_.receive(now, to);
  const host_number ours = inner_.capabilities().host;
  for (std::size_t i = 0; i < count; ++i)
    writer_.write({.interface = interface_, .at = now, .direction = capture_direction::in, .packet_id = {}},
                  ethernet_frame(to[i], ours, room_));
  return count;
}

std::size_t recorder::transmit(instant now, std::span<const packet> packets) {
  const std::size_t taken = inner_.transmit(now, packets);
  const host_number ours = inner_.capabilities().host;
  for (const packet& each : packets.first(taken))
    writer_.write({.interface = interface_, .at = now, .direction = capture_direction::out, .packet_id = {}},
                  ethernet_frame(each, ours, room_));
  return taken;
}

}  // namespace seqwire
