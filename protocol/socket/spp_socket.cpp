#include "protocol/socket/spp_socket.hpp"

#include "protocol/socket/endpoint_state.hpp"

namespace seqwire {
namespace {

std::error_code error_of(end_status status) {
  switch (status) {
    case end_status::none:
    case end_status::closed_gracefully: return {};
    case end_status::peer_aborted: return std::make_error_code(std::errc::connection_reset);
    case end_status::refused: return std::make_error_code(std::errc::connection_refused);
    case end_status::timed_out: return std::make_error_code(std::errc::timed_out);
    case end_status::local_abort: return std::make_error_code(std::errc::connection_aborted);
    case end_status::unreachable: return std::make_error_code(std::errc::network_unreachable);
    case end_status::record_too_long: return std::make_error_code(std::errc::message_size);
  }
  return std::make_error_code(std::errc::io_error);
}

// Copies octets of the pieces, from their octet `skip` on, to where `offset` octets of room are taken; how many.
std::size_t scatter_pieces(scatter_list into, std::size_t offset, const slice_run& pieces, std::size_t skip) {
  std::size_t copied = 0;
  for (const slice& piece : pieces) {
    const std::size_t here = std::min(skip, piece.size());
    skip -= here;
    copied += scatter(into, offset + copied, piece.view().subspan(here));
  }
  return copied;
}

}  // namespace

spp_socket::spp_socket(endpoint_state& shared, socket_type type) : socket(shared, type), config_(shared.config().spp) {
  set_delivery();
}

spp_socket::~spp_socket() {
  spp_protocol& spp = shared_.on().sequenced();
  if (owns_number_) {
    spp.unbind(*number_);
    shared_.remove_listener(*number_);
  }
  for (const connection_handle each : waiting_) {
    spp.find(each)->abort();
    spp.release(each);
  }
  if (handle_) {
    if (linger_ == duration{}) connection()->abort();
    else connection()->close();
    if (linger_ > duration{}) linger();
    shared_.remove(*handle_);
    spp.release(*handle_);
  }
  shared_.forget_socket();
  flush();
}

// The connection's events stay this socket's meanwhile: what is nobody's is aborted.
void spp_socket::linger() {
  const instant until = now() + linger_;
  while (!ended_ && now() < until)
    if (!shared_.waiting().wait(until)) break;
  if (!ended_) connection()->abort();
}

spp_connection* spp_socket::connection() const { return handle_ ? shared_.on().sequenced().find(*handle_) : nullptr; }

// --- names ---

socket_result<void> spp_socket::bind(const xns_address& local) {
  if (number_ || handle_) return failed(std::errc::invalid_argument);
  const auto number = shared_.free_number(local);
  if (!number) return failure(number.error());
  if (!shared_.on().sequenced().bind(*number)) return failed(std::errc::address_in_use);
  number_ = *number;
  owns_number_ = true;
  return {};
}

xns_address spp_socket::local() const {
  if (const spp_connection* const open = connection()) return open->local();
  return shared_.on().address(number_.value_or(socket_number{}));
}

socket_result<xns_address> spp_socket::peer() const {
  if (!connected_) return failed(std::errc::not_connected);
  return connection()->peer();
}

// --- connections ---

socket_result<void> spp_socket::listen(std::size_t backlog) {
  if (handle_ || backlog == 0) return failed(std::errc::invalid_argument);
  if (!number_)
    if (const auto bound = bind({}); !bound) return bound;
  if (listening_) {
    shared_.on().sequenced().set_backlog(*number_, backlog);
    return {};
  }
  if (!shared_.on().sequenced().listen(*number_, config_, backlog)) return failed(std::errc::address_in_use);
  listening_ = true;
  shared_.add_listener(*number_, *this);
  return {};
}

void spp_socket::on_accepted(connection_handle handle) { waiting_.push_back(handle); }

socket_result<std::unique_ptr<socket>> spp_socket::accept() {
  if (!listening_) return failed(std::errc::invalid_argument);
  if (const auto waited = wait_until(false, receive_timeout(), [&] { return !waiting_.empty(); }); !waited)
    return failure(waited.error());
  if (!shared_.count_socket()) return failed(std::errc::too_many_files_open);
  const connection_handle handle = waiting_.front();
  waiting_.pop_front();
  shared_.on().sequenced().accepted(*number_);
  auto child = std::make_unique<spp_socket>(shared_, type());
  child->config_ = config_;
  child->headers_on_input_ = headers_on_input_;
  child->headers_on_output_ = headers_on_output_;
  child->explicit_records_ = explicit_records_;
  child->keep_remainder_ = keep_remainder_;
  child->default_header_ = default_header_;
  child->adopt(handle);
  return child;
}

// From now on the connection is this socket's; it may have ended already.
void spp_socket::adopt(connection_handle handle) {
  handle_ = handle;
  shared_.add(handle, *this);
  set_delivery();
  spp_connection& adopted = *connection();
  number_ = adopted.local().socket;
  connected_ = adopted.opened();
  if (adopted.status() == end_status::none) return;
  ended_ = true;
  error_ = error_of(adopted.status());
}

socket_result<void> spp_socket::connect(const xns_address& to) {
  if (listening_) return failed(std::errc::operation_not_supported);
  if (handle_ && ended_ && !connected_) {  // an attempt that failed: the next one is a new connection
    shared_.remove(*handle_);
    shared_.on().sequenced().release(*std::exchange(handle_, std::nullopt));
    if (!owns_number_) number_.reset();
    ended_ = false;
    error_ = {};
  }
  if (handle_) return failed(connected_ ? std::errc::already_connected : std::errc::connection_already_in_progress);
  if (is_group(to.host) || to.socket == socket_number{}) return failed(std::errc::address_not_available);
  xns_address peer = to;
  if (peer.network == local_network) peer.network = shared_.on().address({}).network;
  if (!shared_.on().routing().way_to(peer.network, peer.host)) return failed(std::errc::network_unreachable);
  const auto handle = shared_.on().sequenced().connect(now(), peer, config_, number_);
  if (!handle) return failed(std::errc::no_buffer_space);
  adopt(*handle);
  flush();
  const auto waited = wait_until(false, send_timeout(), [&] { return connected_ || ended_; });
  if (!waited && waited.error() == std::errc::operation_would_block) return failed(std::errc::operation_in_progress);
  if (!waited) return waited;
  if (ended_ && error_) return failure(take_error());
  return {};
}

socket_result<void> spp_socket::shutdown(direction which) {
  if (!connected_) return failed(std::errc::not_connected);
  if (which != direction::both) return failed(std::errc::operation_not_supported);
  connection()->close();
  flush();
  return {};
}

void spp_socket::on_event(const host_event& event) {
  if (event.what == connection_notice::opened) connected_ = true;
  if (event.what != connection_notice::ended) return;
  ended_ = true;
  error_ = error_of(connection()->status());
}

// --- sending ---

socket_result<void> spp_socket::usable() const {
  if (!connected_) return failed(std::errc::not_connected);
  if (ended_ || connection()->closing() || connection()->peer_closed()) return failed(std::errc::broken_pipe);
  return {};
}

socket_result<spp_socket::outgoing> spp_socket::prepare(gather_list pieces, const send_options& how) const {
  slice whole = slice::owning(gather(pieces));  // the one copy
  outgoing message;
  message.datastream_type = how.datastream_type.value_or(default_header_.datastream_type);
  message.end_of_message = explicit_records_ ? how.end_of_record : true;
  if (type() == socket_type::stream) message.end_of_message = default_header_.end_of_message;
  if (headers_on_output_) {
    if (whole.size() < spp_layout::octets) return failed(std::errc::invalid_argument);
    const spp_header prototype = spp_layout::decode(whole.data());
    message.datastream_type = prototype.datastream_type;
    message.end_of_message = prototype.end_of_message;
    whole = whole.part(spp_layout::octets, whole.size() - spp_layout::octets);
    if (!explicit_records_ && whole.size() > connection()->packet_data()) return failed(std::errc::message_size);
  }
  if (explicit_records_ && open_record_type_ && message.datastream_type != close_request_type)
    message.datastream_type = *open_record_type_;
  if (whole.size() > config_.maximum_record) return failed(std::errc::message_size);
  const bool close = message.datastream_type == close_request_type;
  if (message.datastream_type == close_reply_type || (close && !whole.empty()))
    return failed(std::errc::invalid_argument);
  message.contents = std::move(whole);
  return message;
}

socket_result<std::size_t> spp_socket::send(gather_list pieces, const send_options& how) {
  if (error_) return failure(take_error());
  if (const auto can = usable(); !can) return failure(can.error());
  if (how.out_of_band) return send_attention(pieces, how);
  const auto message = prepare(pieces, how);
  if (!message) return failure(message.error());
  if (message->datastream_type == close_request_type) {  // the historic way to close
    connection()->close();
    flush();
    return total_size(pieces);
  }
  // Nothing to say, unless it ends a record or is a packet of the program's own.
  const bool worth_a_packet = !message->contents.empty() || headers_on_output_ ||
                              (type() == socket_type::sequenced_packet && message->end_of_message);
  if (!worth_a_packet) return 0;
  send_status status = send_status::would_block;
  const auto attempt = [&] {
    if (!usable()) return true;
    status = connection()->send(message->contents, message->datastream_type, message->end_of_message);
    return status != send_status::would_block;
  };
  if (const auto waited = wait_until(how.do_not_wait, send_timeout(), attempt); !waited) return failure(waited.error());
  flush();
  if (status == send_status::accepted) {
    open_record_type_.reset();
    if (!message->end_of_message) open_record_type_ = message->datastream_type;
    return total_size(pieces);
  }
  if (status == send_status::too_big) return failed(std::errc::message_size);
  return error_ ? failure(take_error()) : failed(std::errc::broken_pipe);
}

socket_result<std::size_t> spp_socket::send_attention(gather_list pieces, const send_options& how) {
  const octets whole = gather(pieces);
  if (whole.size() != 1) return failed(std::errc::message_size);
  send_status status = send_status::closed;
  const auto attempt = [&] {
    if (!usable()) return true;
    status = connection()->send_attention(whole.front());
    return status != send_status::would_block;
  };
  if (const auto waited = wait_until(how.do_not_wait, send_timeout(), attempt); !waited) return failure(waited.error());
  flush();
  if (status == send_status::accepted) return std::size_t{1};
  return error_ ? failure(take_error()) : failed(std::errc::broken_pipe);
}

// --- receiving ---

bool spp_socket::nothing_more_comes() const { return ended_ || (connected_ && connection()->peer_closed()); }

bool spp_socket::readable() const {
  const spp_connection* const from = connection();
  return from->next_record() != nullptr;
}

socket_result<received> spp_socket::receive(scatter_list into, const receive_options& how) {
  if (!handle_ || (!connected_ && !ended_)) return failed(std::errc::not_connected);
  if (how.out_of_band) return receive_attention(into, how);
  const auto something = [&] { return readable() || error_ || nothing_more_comes(); };
  if (const auto waited = wait_until(how.do_not_wait, receive_timeout(), something); !waited)
    return failure(waited.error());
  if (!readable() && error_) return failure(take_error());
  if (!readable()) return received{.end = true};
  spp_connection& from = *connection();
  if (type() == socket_type::sequenced_packet) {
    const received result = take_message(from, into, how);
    flush();
    return result;
  }
  received result;
  bool more = take_octets(from, into, how, result);
  while (more && how.wait_all && !how.peek) {
    flush();
    if (!wait_until(how.do_not_wait, receive_timeout(), something) || !readable()) break;
    more = take_octets(from, into, how, result);
  }
  result.true_size = result.size;
  flush();
  return result;
}

received spp_socket::take_message(spp_connection& from, scatter_list into, const receive_options& how) {
  const received_record& record = *from.next_record();
  received result;
  result.datastream_type = record.datastream_type;
  result.at_mark = record.after_attention && consumed_ == 0;
  result.attention = record.attention;
  if (headers_on_input_ && consumed_ == 0) {
    octet header[spp_layout::octets]{};
    spp_layout::encode(record.last_header, header);
    result.true_size = spp_layout::octets;
    result.size = scatter(into, 0, header);
  }
  const std::size_t copied = scatter_pieces(into, result.size, record.pieces, consumed_);
  const std::size_t left = record.size - consumed_;
  result.size += copied;
  result.true_size += left;
  const bool everything = copied == left;
  const bool kept = !everything && keep_remainder_;
  result.truncated = !everything && !kept;
  result.end_of_record = !kept && (record.end_of_message || !headers_on_input_);
  if (how.peek) return result;
  if (kept) consumed_ += copied;
  else {
    consumed_ = 0;
    from.take_record();
  }
  return result;
}

// Octets of what is there, up to the buffer's size, to where the datastream type changes or to the place where an
// attention was sent. True: the next octets belong to them, too, once they are there.
bool spp_socket::take_octets(spp_connection& from, scatter_list into, const receive_options& how, received& result) {
  const std::size_t room = total_size(into);
  std::size_t ahead = 0;  // units that were looked at and stay
  while (const received_record* const unit = from.record(ahead)) {
    const std::size_t already = ahead == 0 ? consumed_ : 0;
    const bool marked = unit->after_attention && already == 0;
    if (result.datastream_type && (marked || unit->datastream_type != *result.datastream_type)) return false;
    if (!result.datastream_type) {
      result.datastream_type = unit->datastream_type;
      result.at_mark = marked;
    }
    if (result.size == room) return false;
    const std::size_t copied = scatter_pieces(into, result.size, unit->pieces, already);
    result.size += copied;
    if (how.peek) {
      ++ahead;
      continue;
    }
    if (already + copied < unit->size) {
      consumed_ += copied;
      return false;
    }
    consumed_ = 0;
    from.take_record();
  }
  return result.size < room;
}

socket_result<received> spp_socket::receive_attention(scatter_list into, const receive_options& how) {
  const auto value = how.peek ? connection()->next_attention() : connection()->take_attention();
  if (!value) return failed(std::errc::invalid_argument);
  received result{.true_size = 1, .attention = true};
  result.size = scatter(into, 0, {&*value, 1});
  result.truncated = result.size < 1;
  return result;
}

readiness spp_socket::ready() const {
  readiness is;
  is.error = static_cast<bool>(error_);
  if (listening_) is.readable = !waiting_.empty();
  if (!handle_) return is;
  is.ended = nothing_more_comes();
  is.readable = readable() || is.ended || is.error;
  is.attention = connection()->has_attention();
  is.writable = ended_ || (connected_ && connection()->has_room());
  return is;
}

// --- options ---

// Streams are read as octets arrive, packets with headers one by one. A stream has no place for attentions in order:
// only their mark shows.
void spp_socket::set_delivery() {
  if (type() == socket_type::stream) config_.delivery = record_delivery::stream;
  else config_.delivery = headers_on_input_ ? record_delivery::packets : record_delivery::records;
  if (spp_connection* const of = connection()) of->set_delivery(config_.delivery);
}

socket_result<void> spp_socket::apply(socket_option which, const option_value& value) {
  switch (which) {
    case socket_option::headers_on_input:
      headers_on_input_ = std::get<bool>(value);
      set_delivery();
      return {};
    case socket_option::headers_on_output: headers_on_output_ = std::get<bool>(value); return {};
    case socket_option::explicit_records: explicit_records_ = std::get<bool>(value); return {};
    case socket_option::keep_remainder: keep_remainder_ = std::get<bool>(value); return {};
    case socket_option::linger: linger_ = std::get<duration>(value); return {};
    case socket_option::default_header: {
      const octets& header = std::get<octets>(value);
      if (header.size() < spp_layout::octets) return failed(std::errc::invalid_argument);
      const spp_header given = spp_layout::decode(header.data());
      if (given.datastream_type >= close_request_type) return failed(std::errc::invalid_argument);
      default_header_.datastream_type = given.datastream_type;
      default_header_.end_of_message = given.end_of_message;
      return {};
    }
    case socket_option::packet_data: {
      const auto size = static_cast<std::size_t>(std::get<std::int64_t>(value));
      if (size > shared_.on().largest_packet_data()) return failed(std::errc::invalid_argument);
      config_.packet_data = size;
      if (spp_connection* const of = connection()) of->set_packet_data(size);
      return {};
    }
    default: return apply_connection(which, value);
  }
}

// What a connection cannot change once it has begun.
socket_result<void> spp_socket::apply_connection(socket_option which, const option_value& value) {
  if (handle_ || listening_) return failed(std::errc::invalid_argument);
  const auto number = [&] { return static_cast<std::uint64_t>(std::get<std::int64_t>(value)); };
  switch (which) {
    case socket_option::keepalive: config_.keepalive = std::get<duration>(value); return {};
    case socket_option::give_up: config_.give_up = std::get<duration>(value); return {};
    case socket_option::open_timeout: config_.open_timeout = std::get<duration>(value); return {};
    case socket_option::packet_life: config_.packet_life = std::get<duration>(value); return {};
    case socket_option::allocation: config_.allocation = number(); return {};
    case socket_option::window: config_.window = number(); return {};
    case socket_option::maximum_record: config_.maximum_record = number(); return {};
    case socket_option::send_buffer: config_.send_buffer = number(); return {};
    case socket_option::sender:
      if (make_sender(std::get<std::string>(value), {1, 1}).congestion == nullptr)
        return failed(std::errc::invalid_argument);
      config_.sender = std::get<std::string>(value);
      return {};
    case socket_option::acknowledgement:
      if (make_acknowledgement(std::get<std::string>(value), {}) == nullptr) return failed(std::errc::invalid_argument);
      config_.acknowledgement = std::get<std::string>(value);
      return {};
    default: return failed(std::errc::invalid_argument);
  }
}

socket_result<option_value> spp_socket::read(socket_option which) {
  const auto number = [](std::uint64_t value) { return option_value(static_cast<std::int64_t>(value)); };
  const auto header = [](const spp_header& value) {
    octets encoded(spp_layout::octets);
    spp_layout::encode(value, encoded.data());
    return option_value(std::move(encoded));
  };
  switch (which) {
    case socket_option::headers_on_input: return option_value(headers_on_input_);
    case socket_option::headers_on_output: return option_value(headers_on_output_);
    case socket_option::explicit_records: return option_value(explicit_records_);
    case socket_option::keep_remainder: return option_value(keep_remainder_);
    case socket_option::linger: return option_value(linger_);
    case socket_option::default_header: return header(default_header_);
    case socket_option::last_header: {
      const spp_connection* const of = connection();
      return header(of != nullptr ? of->last_header().value_or(spp_header{}) : spp_header{});
    }
    case socket_option::packet_data: {
      if (const spp_connection* const of = connection()) return number(of->packet_data());
      return number(config_.packet_data != 0 ? config_.packet_data : shared_.on().largest_packet_data());
    }
    case socket_option::keepalive: return option_value(config_.keepalive);
    case socket_option::give_up: return option_value(config_.give_up);
    case socket_option::open_timeout: return option_value(config_.open_timeout);
    case socket_option::packet_life: return option_value(config_.packet_life);
    case socket_option::allocation: return number(config_.allocation);
    case socket_option::window: return number(config_.window);
    case socket_option::maximum_record: return number(config_.maximum_record);
    case socket_option::send_buffer: return number(config_.send_buffer);
    case socket_option::sender: return option_value(config_.sender);
    case socket_option::acknowledgement: return option_value(config_.acknowledgement);
    default: return failed(std::errc::invalid_argument);
  }
}

std::optional<connection_information> spp_socket::information() const {
  const spp_connection* const of = connection();
  if (of == nullptr) return std::nullopt;
  return of->information();
}

std::optional<spp_statistics> spp_socket::statistics() const {
  const spp_connection* const of = connection();
  if (of == nullptr) return std::nullopt;
  return of->statistics();
}

}  // namespace seqwire
