#include "sim/node.hpp"

#include <algorithm>

#include "protocol/wire/ethernet.hpp"

namespace seqwire {

void simulated_link::record(instant now, capture_direction direction, std::uint64_t packet_id, host_number from,
                            host_number to, octets_view contents, std::string_view comment) {
  if (watched_.trace != nullptr) watched_.trace->note(now, packet_id, direction == capture_direction::in, contents);
  if (watched_.writer == nullptr) return;
  watched_.writer->write(
      {.interface = watched_.interface, .at = now, .direction = direction, .packet_id = packet_id, .comment = comment},
      encode(ethernet_header{to, from}), contents);
}

void simulated_link::arrive(instant now, const channel_frame& frame) {
  const host_number from{frame.source};
  record(now, capture_direction::in, frame.packet_id, from, capabilities_.host, frame.contents.view(), {});
  arrived_.push_back({.previous_hop = from, .contents = frame.contents});
}

std::size_t simulated_link::receive(instant, std::span<datagram> to) {
  const std::size_t count = std::min<std::size_t>(to.size(), arrived_.size());
  for (std::size_t i = 0; i < count; ++i) to[i] = arrived_.pop_front();
  return count;
}

std::size_t simulated_link::transmit(instant now, std::span<const packet> packets) {
  for (const packet& each : packets) {
    require(each.size() <= capabilities_.mtu);
    slice_pool::draft room = (each.size() <= small_packets_.block_size() ? small_packets_ : packets_).open();
    each.copy_to(room.data());
    const channel_frame frame{room.freeze(each.size()), packet_ids_++, static_cast<std::uint64_t>(capabilities_.host)};
    const channel_verdict verdict = out_->send(now, frame);
    record(now, capture_direction::out, frame.packet_id, capabilities_.host, each.next_hop, frame.contents.view(),
           watched_.writer != nullptr ? to_string(verdict) : std::string());
  }
  return packets.size();
}

node::node(schedule& time, const host_config& config, std::vector<link*> links, application* program)
    : schedule_(time), host_(config), links_(std::move(links)), driver_(host_, links_), application_(program) {}

void node::run(instant now, std::optional<link_index> only) {
  const drive_outcome outcome = driver_.drive(
      now, [&] { return application_ != nullptr && application_->step(now, host_); }, only);
  wake_at(outcome.deadline);
  if (application_ != nullptr) wake_at(application_->next_wake());
}

// A deadline that moves later is met by an early wake that does nothing: cheaper than moving events about.
void node::wake_at(std::optional<instant> when) {
  if (!when || *when >= wake_at_) return;
  wake_at_ = std::max(*when, schedule_.now());
  schedule_.at(wake_at_, *this, 0);
}

void node::on_event(instant now, std::uint64_t) {
  if (now < wake_at_) return;  // an earlier wake took this one's place
  wake_at_ = instant::never();
  run(now);
}

}  // namespace seqwire
