#include "protocol/socket/idp_socket.hpp"

#include "protocol/socket/endpoint_state.hpp"

namespace seqwire {
namespace {

std::errc error_of(error_number number) {
  switch (number) {
    case error_number::no_such_socket:
    case error_number::listener_rejects:
    case error_number::invalid_packet_type: return std::errc::connection_refused;
    case error_number::resource_limit:
    case error_number::congestion_discard:
    case error_number::congestion_warning: return std::errc::no_buffer_space;
    case error_number::destination_unreachable:
    case error_number::too_many_hops: return std::errc::network_unreachable;
    case error_number::too_big: return std::errc::message_size;
    case error_number::protocol_violation: return std::errc::protocol_error;
    case error_number::unspecified_at_destination:
    case error_number::bad_checksum_at_destination:
    case error_number::unspecified_en_route:
    case error_number::bad_checksum_en_route: break;
  }
  return std::errc::io_error;
}

}  // namespace

idp_socket::idp_socket(endpoint_state& shared, socket_type type, std::optional<packet_type> only)
    : socket(shared, type), packet_data_(shared.on().largest_packet_data() + spp_layout::octets) {
  if (type == socket_type::raw) {
    below_ = &datagrams().open_raw(only);
    headers_on_input_ = headers_on_output_ = true;
  } else if (only) {
    type_of_packets_ = *only;
  }
}

idp_socket::~idp_socket() {
  if (below_ != nullptr) datagrams().close(*below_);
  shared_.forget_socket();
}

datagram_protocol& idp_socket::datagrams() const { return shared_.on().datagrams(); }

socket_result<void> idp_socket::bind(const xns_address& local) {
  if (raw()) return failed(std::errc::operation_not_supported);
  if (below_ != nullptr) return failed(std::errc::invalid_argument);
  const auto number = shared_.free_number(local);
  if (!number) return failure(number.error());
  below_ = datagrams().open(*number);
  if (below_ == nullptr) return failed(std::errc::address_in_use);
  below_->options = {type_of_packets_, receive_buffer_};
  datagrams().set_all_packets(*below_, all_packets_);
  for (const host_number group : groups_) datagrams().join(*below_, group);
  return {};
}

socket_result<datagram_socket*> idp_socket::bound() {
  if (below_ == nullptr)
    if (const auto done = bind({}); !done) return failure(done.error());
  return below_;
}

xns_address idp_socket::local() const {
  const bool numbered = below_ != nullptr && below_->number();
  return shared_.on().address(numbered ? *below_->number() : socket_number{});
}

socket_result<xns_address> idp_socket::peer() const {
  if (below_ == nullptr || !below_->peer()) return failed(std::errc::not_connected);
  return *below_->peer();
}

socket_result<void> idp_socket::connect(const xns_address& to) {
  if (raw()) return failed(std::errc::operation_not_supported);
  const auto below = bound();
  if (!below) return failure(below.error());
  if (to.host == host_number{} && to.socket == socket_number{}) {
    if (!datagrams().disconnect(**below)) return failed(std::errc::address_in_use);
    return {};
  }
  if (is_group(to.host) || to.socket == socket_number{}) return failed(std::errc::address_not_available);
  xns_address peer = to;
  if (peer.network == local_network) peer.network = shared_.on().address({}).network;
  if (!datagrams().connect(**below, peer)) return failed(std::errc::address_in_use);
  return {};
}

socket_result<std::size_t> idp_socket::send(gather_list pieces, const send_options& how) {
  if (how.out_of_band) return failed(std::errc::operation_not_supported);
  if (tells_error()) return failure(take_error());
  const auto below = bound();
  if (!below) return failure(below.error());
  slice data = slice::owning(gather(pieces));  // the one copy
  const std::size_t size = data.size();
  idp_header header{};
  if (headers_on_output_) {
    if (size < idp_layout::octets) return failed(std::errc::invalid_argument);
    header = idp_layout::decode(data.data());
    data = data.part(idp_layout::octets, size - idp_layout::octets);
  } else if (how.to && (*below)->peer()) {
    return failed(std::errc::already_connected);
  } else if (how.to && how.to->host == broadcast_host && !broadcast_) {
    return failed(std::errc::permission_denied);
  }
  if (data.size() > packet_data_) return failed(std::errc::message_size);
  datagram_status status = datagram_status::would_block;
  const auto attempt = [&] {
    status = headers_on_output_ ? datagrams().send_with_header(**below, header, data)
                                : datagrams().send(**below, data, how.to);
    return status != datagram_status::would_block;
  };
  if (const auto waited = wait_until(how.do_not_wait, send_timeout(), attempt); !waited) return failure(waited.error());
  flush();
  if (status == datagram_status::too_big) return failed(std::errc::message_size);
  if (status == datagram_status::unreachable) return failed(std::errc::network_unreachable);
  if (status == datagram_status::no_destination) return failed(std::errc::destination_address_required);
  return size;
}

socket_result<received> idp_socket::receive(scatter_list into, const receive_options& how) {
  if (how.out_of_band) return failed(std::errc::operation_not_supported);
  const auto below = bound();
  if (!below) return failure(below.error());
  const auto something = [&] { return (*below)->readable() || tells_error(); };
  if (const auto waited = wait_until(how.do_not_wait, receive_timeout(), something); !waited)
    return failure(waited.error());
  if (!(*below)->readable()) return failure(take_error());
  const received_datagram& first = *(*below)->front();
  const slice& shown = headers_on_input_ ? first.whole : first.data;
  received result{.true_size = shown.size(), .end_of_record = true};
  result.size = scatter(into, 0, shown.view());
  result.truncated = result.size < result.true_size;
  if (first.whole.size() >= idp_layout::octets) result.from = first.header.source();
  if (!how.peek) (*below)->take();
  return result;
}

readiness idp_socket::ready() const {
  readiness is;
  is.writable = below_ == nullptr || datagrams().has_room();
  if (below_ == nullptr) return is;
  is.error = tells_error();
  is.readable = below_->readable() || is.error;
  return is;
}

// An error that the next call tells: one without a peer may be of another destination than the next packet's.
bool idp_socket::tells_error() const {
  return below_ != nullptr && below_->has_error() && (all_errors_ || below_->peer());
}

std::error_code idp_socket::take_error() {
  if (below_ == nullptr) return {};
  const auto error = below_->take_error();
  return error ? std::make_error_code(error_of(error->number)) : std::error_code();
}

socket_result<void> idp_socket::apply(socket_option which, const option_value& value) {
  switch (which) {
    case socket_option::headers_on_input: headers_on_input_ = std::get<bool>(value); break;
    case socket_option::headers_on_output:
      // Without headers a raw packet would have no addresses; with them a datagram may claim any.
      if (raw() && !std::get<bool>(value)) return failed(std::errc::invalid_argument);
      if (!raw() && !shared_.config().privileged) return failed(std::errc::operation_not_permitted);
      headers_on_output_ = std::get<bool>(value);
      break;
    case socket_option::default_header: {
      const octets& header = std::get<octets>(value);
      if (header.size() < idp_layout::octets) return failed(std::errc::invalid_argument);
      type_of_packets_ = idp_layout::decode(header.data()).packet_type;
      break;
    }
    case socket_option::receive_buffer:
      receive_buffer_ = static_cast<std::size_t>(std::get<std::int64_t>(value));
      break;
    case socket_option::packet_data: {
      const auto size = static_cast<std::size_t>(std::get<std::int64_t>(value));
      if (size > shared_.on().largest_packet_data() + spp_layout::octets) return failed(std::errc::invalid_argument);
      packet_data_ = size;
      break;
    }
    case socket_option::all_packets:
      all_packets_ = std::get<bool>(value);
      if (below_ != nullptr) datagrams().set_all_packets(*below_, all_packets_);
      break;
    case socket_option::broadcast: broadcast_ = std::get<bool>(value); break;
    case socket_option::all_errors: all_errors_ = std::get<bool>(value); break;
    case socket_option::groups: return set_groups(std::get<std::string>(value));
    default: return failed(std::errc::invalid_argument);
  }
  if (below_ != nullptr) below_->options = {type_of_packets_, receive_buffer_};
  return {};
}

socket_result<void> idp_socket::set_groups(std::string_view list) {
  std::vector<host_number> wanted;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    const auto group = parse_host(list.substr(0, end));
    if (!group || !is_group(*group) || *group == broadcast_host || wanted.size() >= datagram_protocol::maximum_groups)
      return failed(std::errc::invalid_argument);
    wanted.push_back(*group);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  if (below_ != nullptr) {
    for (const host_number group : groups_) datagrams().leave(*below_, group);
    for (const host_number group : wanted) datagrams().join(*below_, group);
  }
  groups_ = std::move(wanted);
  return {};
}

socket_result<option_value> idp_socket::read(socket_option which) {
  switch (which) {
    case socket_option::headers_on_input: return option_value(headers_on_input_);
    case socket_option::headers_on_output: return option_value(headers_on_output_);
    case socket_option::all_packets: return option_value(all_packets_);
    case socket_option::broadcast: return option_value(broadcast_);
    case socket_option::all_errors: return option_value(all_errors_);
    case socket_option::groups: {
      std::string list;
      for (const host_number group : groups_) list += (list.empty() ? "" : ",") + to_string(group);
      return option_value(std::move(list));
    }
    case socket_option::receive_buffer: return option_value(static_cast<std::int64_t>(receive_buffer_));
    case socket_option::exchange_id: return option_value(static_cast<std::int64_t>(shared_.fresh_exchange_id()));
    case socket_option::packet_data: return option_value(static_cast<std::int64_t>(packet_data_));
    case socket_option::default_header: {
      idp_header header{};
      header.packet_type = type_of_packets_;
      const xns_address own = local();
      header.source_network = own.network;
      header.source_host = own.host;
      header.source_socket = own.socket;
      if (const auto to = peer()) {
        header.destination_network = to->network;
        header.destination_host = to->host;
        header.destination_socket = to->socket;
      }
      octets encoded(idp_layout::octets);
      idp_layout::encode(header, encoded.data());
      return option_value(std::move(encoded));
    }
    default: return failed(std::errc::invalid_argument);
  }
}

}  // namespace seqwire
