#include "rawio/recorder.hpp"

namespace seqwire {

std::array<octet, 14> ethernet_header(host_number destination, host_number source) {
  std::array<octet, 14> header;
  store_u48(header.data(), static_cast<std::uint64_t>(destination));
  store_u48(header.data() + 6, static_cast<std::uint64_t>(source));
  store_u16(header.data() + 12, 0x0600);
  return header;
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
                  ethernet_header(ours, to[i].previous_hop), to[i].contents.view());
  return count;
}

std::size_t recorder::transmit(instant now, std::span<const packet> packets) {
  const std::size_t taken = inner_.transmit(now, packets);
  const host_number ours = inner_.capabilities().host;
  octets joined;
  for (const packet& each : packets.first(taken)) {
    joined.resize(each.size());
    each.copy_to(joined.data());
    writer_.write({.interface = interface_, .at = now, .direction = capture_direction::out, .packet_id = {}},
                  ethernet_header(each.next_hop, ours), joined);
  }
  return taken;
}

}  // namespace seqwire
