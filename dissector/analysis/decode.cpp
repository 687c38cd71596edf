#include "dissector/analysis/decode.hpp"

#include <algorithm>
#include <array>

#include "protocol/wire/catalogue.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

constexpr std::uint16_t ether_type_idp = 0x0600;
constexpr std::uint16_t ether_type_ipv4 = 0x0800;
constexpr std::uint16_t ether_type_vlan = 0x8100;
constexpr octet ip_protocol_idp = 22;

// Where the link header ends, and what it said.
struct carried {
  octets_view contents;
  std::uint16_t ether_type = ether_type_idp;
  std::optional<host_number> source{};
  std::optional<host_number> destination{};
  capture_direction direction = capture_direction::unknown;
};

result<carried, undecodable> strip_ethernet(octets_view frame) {
  if (frame.size() < 14) return failure(undecodable::link_header_too_short);
  carried inner;
  inner.destination = host_number{load_u48(frame.data())};
  inner.source = host_number{load_u48(frame.data() + 6)};
  std::size_t type_at = 12;
  while (load_u16(frame.data() + type_at) == ether_type_vlan && frame.size() >= type_at + 6) type_at += 4;
  inner.ether_type = load_u16(frame.data() + type_at);
  inner.contents = frame.subspan(type_at + 2);
  return inner;
}

result<carried, undecodable> strip_cooked(octets_view frame) {
  if (frame.size() < 16) return failure(undecodable::link_header_too_short);
  carried inner;
  const std::uint16_t kind = load_u16(frame.data());
  if (kind == 0) inner.direction = capture_direction::in;
  if (kind == 4) inner.direction = capture_direction::out;
  if (load_u16(frame.data() + 4) == 6) inner.source = host_number{load_u48(frame.data() + 6)};
  inner.ether_type = load_u16(frame.data() + 14);
  inner.contents = frame.subspan(16);
  return inner;
}

result<octets_view, undecodable> strip_ipv4(octets_view datagram) {
  if (datagram.size() < 20) return failure(undecodable::link_header_too_short);
  const std::size_t header_octets = std::size_t{4} * (datagram[0] & 0x0f);
  const std::size_t total = load_u16(datagram.data() + 2);
  if (datagram[0] >> 4 != 4 || datagram[9] != ip_protocol_idp) return failure(undecodable::not_idp);
  if (header_octets < 20 || total < header_octets || total > datagram.size()) return failure(undecodable::bad_length);
  if ((load_u16(datagram.data() + 6) & 0x3fff) != 0) return failure(undecodable::ip_fragment);
  return datagram.subspan(header_octets, total - header_octets);
}

result<carried, undecodable> strip_link(link_type type, octets_view frame) {
  switch (type) {
    case link_type::ethernet: return strip_ethernet(frame);
    case link_type::linux_cooked: return strip_cooked(frame);
    case link_type::user0: return carried{.contents = frame};
    case link_type::raw_ip:
    case link_type::ipv4: return carried{.contents = frame, .ether_type = ether_type_ipv4};
  }
  return failure(undecodable::unknown_link_type);
}

// The rows of a layout that make a sequenced transport, found once.
struct sequenced_roles {
  const field_description* rows[10] = {};
  std::size_t octets = 0;
  bool complete = false;

  explicit sequenced_roles(const layout_description* layout) {
    static constexpr std::array wanted{role::system_packet,
                                       role::acknowledgement_request,
                                       role::attention,
                                       role::end_of_record,
                                       role::datastream_type,
                                       role::source_connection,
                                       role::destination_connection,
                                       role::sequence,
                                       role::acknowledgement,
                                       role::allocation};
    static constexpr std::array<unsigned, 10> widths{1, 1, 1, 1, 8, 16, 16, 16, 16, 16};
    if (layout == nullptr) return;
    octets = layout->octets;
    complete = true;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      rows[i] = layout->find(wanted[i]);
      complete = complete && rows[i] != nullptr && rows[i]->bits == widths[i];
    }
  }

  sequenced_header read(const octet* from) const {
    const auto number = [&](std::size_t row) { return static_cast<std::uint16_t>(rows[row]->read(from)); };
    return {number(0) != 0, number(1) != 0, number(2) != 0, number(3) != 0, static_cast<std::uint8_t>(number(4)),
            number(5),      number(6),      number(7),      number(8),      number(9)};
  }
};

const sequenced_roles& roles_of(packet_type type) {
  static const std::array<sequenced_roles, 256> all = []<std::size_t... Type>(std::index_sequence<Type...>) {
    return std::array<sequenced_roles, 256>{
        sequenced_roles(layout_of(static_cast<packet_type>(static_cast<std::uint8_t>(Type))))...};
  }(std::make_index_sequence<256>{});
  return all[static_cast<std::uint8_t>(type)];
}

form_fault fault_of(const sequenced_header& header, std::size_t body_octets) {
  const bool closes = header.datastream_type == close_request_type || header.datastream_type == close_reply_type;
  if (header.source_connection == 0) return form_fault::source_connection_zero;
  if (header.system) return body_octets == 0 ? form_fault::none : form_fault::system_with_data;
  if (header.attention) return body_octets == 1 ? form_fault::none : form_fault::attention_not_one_octet;
  return closes && body_octets != 0 ? form_fault::close_with_data : form_fault::none;
}

}  // namespace

std::uint16_t plain_checksum(octets_view after_checksum_field) {
  constexpr std::size_t at_once = 64;  // octets, after which 64 bits still hold what was not carried around
  const std::size_t whole_words = after_checksum_field.size() / 2 * 2;
  const auto word = [&](std::size_t at) { return std::uint64_t{load_u16(&after_checksum_field[at])}; };
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < whole_words;) {
    const std::size_t end = std::min(at + at_once, whole_words);
    // Four words at a time need not wait for each other.
    for (; at + 8 <= end; at += 8)
      sum = (sum << 4) + (word(at) << 4) + (word(at + 2) << 3) + (word(at + 4) << 2) + (word(at + 6) << 1);
    for (; at < end; at += 2) sum = (sum + word(at)) << 1;
    sum %= 0xffff;
  }
  if (whole_words < after_checksum_field.size())
    sum = ((sum + (std::uint64_t{after_checksum_field.back()} << 8)) << 1) % 0xffff;
  return static_cast<std::uint16_t>(sum);
}

result<decoded_frame, undecodable> decode_frame(link_type type, octets_view frame) {
  auto inner = strip_link(type, frame);
  if (!inner) return failure(inner.error());
  octets_view idp = inner->contents;
  if (inner->ether_type == ether_type_ipv4) {
    const auto payload = strip_ipv4(idp);
    if (!payload) return failure(payload.error());
    idp = *payload;
  } else if (inner->ether_type != ether_type_idp) {
    return failure(undecodable::not_idp);
  }
  if (idp.size() < idp_layout::octets) return failure(undecodable::bad_length);
  decoded_frame decoded{};
  decoded.header = idp_layout::decode(idp.data());
  const std::size_t length = decoded.header.length;
  const std::size_t travelling = length + length % 2;
  if (length < idp_layout::octets || travelling > idp.size()) return failure(undecodable::bad_length);
  decoded.packet = idp.first(travelling);
  decoded.data = idp.subspan(idp_layout::octets, length - idp_layout::octets);
  decoded.checksummed = decoded.header.checksum != 0xffff;
  decoded.checksum_right = !decoded.checksummed || plain_checksum(decoded.packet.subspan(2)) == decoded.header.checksum;
  decoded.link_source = inner->source;
  decoded.link_destination = inner->destination;
  decoded.told_by_link = inner->direction;
  return decoded;
}

std::optional<sequenced_packet_view> decode_sequenced(const decoded_frame& frame) {
  const sequenced_roles& roles = roles_of(frame.header.packet_type);
  if (!roles.complete) return std::nullopt;
  sequenced_packet_view view;
  if (frame.data.size() < roles.octets) {
    view.fault = form_fault::too_short;
    return view;
  }
  view.header = roles.read(frame.data.data());
  view.body = frame.data.subspan(roles.octets);
  view.fault = fault_of(view.header, view.body.size());
  return view;
}

}  // namespace seqwire
