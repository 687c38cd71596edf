#include "protocol/wire/drop_reason.hpp"

namespace seqwire {

std::string_view name_of(drop_reason reason) {
  switch (reason) {
    case drop_reason::frame_too_short: return "frame too short";
    case drop_reason::length_too_small: return "length too small";
    case drop_reason::frame_shorter_than_length: return "frame shorter than length";
    case drop_reason::bad_checksum: return "bad checksum";
    case drop_reason::not_for_this_host: return "not for this host";
    case drop_reason::source_is_group: return "source is a group";
    case drop_reason::source_is_self: return "source is self";
    case drop_reason::no_such_socket: return "no such socket";
    case drop_reason::unsupported_packet_type: return "unsupported packet type";
    case drop_reason::receive_buffer_full: return "receive buffer full";
    case drop_reason::spp_header_too_short: return "SPP header too short";
    case drop_reason::source_connection_zero: return "source connection zero";
    case drop_reason::system_packet_with_data: return "system packet with data";
    case drop_reason::attention_not_one_octet: return "attention not one octet";
    case drop_reason::close_with_data: return "close with data";
    case drop_reason::no_such_connection: return "no such connection";
    case drop_reason::wrong_connection_id: return "wrong connection id";
    case drop_reason::duplicate: return "duplicate";
    case drop_reason::beyond_allocation: return "beyond allocation";
    case drop_reason::not_acceptable_in_state: return "not acceptable in state";
    case drop_reason::listener_full: return "listener full";
    case drop_reason::record_too_long: return "record too long";
    case drop_reason::receive_memory_full: return "receive memory full";
    case drop_reason::error_too_short: return "error too short";
    case drop_reason::error_quotes_nothing_of_ours: return "error quotes nothing of ours";
    case drop_reason::echo_malformed: return "echo malformed";
    case drop_reason::echo_not_answered: return "echo not answered";
    case drop_reason::routing_malformed: return "routing malformed";
    case drop_reason::routing_not_from_link: return "routing not from link";
    case drop_reason::routing_table_full: return "routing table full";
    case drop_reason::routing_not_answered: return "routing not answered";
    case drop_reason::source_network_unknown: return "source network unknown";
    case drop_reason::too_many_hops: return "too many hops";
    case drop_reason::network_unreachable: return "network unreachable";
    case drop_reason::too_big_for_link: return "too big for link";
    case drop_reason::forwarding_queue_full: return "forwarding queue full";
  }
  return "unknown";
}

}  // namespace seqwire
