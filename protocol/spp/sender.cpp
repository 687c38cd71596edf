#include "protocol/spp/sender.hpp"

#include <algorithm>

#include "protocol/spp/fault.hpp"
#include "protocol/wire/checksum.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {
// What a queued record costs beside its octets: records of length zero fill the send buffer as well.
constexpr std::size_t record_cost = 64;
constexpr std::size_t maximum_waiting_attentions = 64;
}  // namespace

spp_sender::spp_sender(const spp_config& config, spp_statistics& statistics, connection_memory* shared)
    : config_(config),
      statistics_(statistics),
      policy_(make_sender(config.sender, {config.window, config.initial_window})),
      round_trip_(config),
      memory_(shared) {
  require(policy_.congestion != nullptr && policy_.recovery != nullptr);
  require(config.packet_data > 0);
}

bool spp_sender::has_room(std::size_t size) const {
  const std::size_t queued = queued_octets_ + records_.size() * record_cost;
  if (!records_.empty() && (size > config_.send_buffer || queued > config_.send_buffer - size)) return false;
  return memory_.has_room_for(size + record_cost);
}

bool spp_sender::has_room_for_attention() const { return attentions_.size() < maximum_waiting_attentions; }

void spp_sender::queue_record(slice contents, std::uint8_t datastream_type, bool end_of_message) {
  if (end_of_message) ++statistics_.records_sent;
  statistics_.octets_sent += contents.size();
  queued_octets_ += contents.size();
  if (contents.empty() && fault_armed(fault::skip_zero_length_record)) return;
  memory_.hold(contents.size() + record_cost);
  records_.push_back(
      {.contents = std::move(contents), .datastream_type = datastream_type, .end_of_message = end_of_message});
  if (fault_armed(fault::swap_records) && records_.size() >= 2 && records_[records_.end() - 2].offset == 0)
    std::swap(records_[records_.end() - 1], records_[records_.end() - 2]);
}

void spp_sender::queue_attention(octet value) {
  attentions_.push_back({.contents = slice::copy_of({&value, 1}), .attention = true});
}

void spp_sender::queue_close(std::uint8_t datastream_type) {
  require(datastream_type >= close_request_type);
  if (fault_armed(fault::close_before_data))
    while (!records_.empty()) records_.pop_front();
  close_queued_ = true;
  memory_.hold(record_cost);
  records_.push_back({.datastream_type = datastream_type, .close = true});
}

void spp_sender::drop_contents() {
  while (!records_.empty()) records_.pop_front();
  while (!attentions_.empty()) attentions_.pop_front();
  for (packet_number number = flight_.begin(); number < next_; ++number) flight_[number].packet.body = {};
  queued_octets_ = 0;
  memory_.let_go(memory_.held());
}

flight_view spp_sender::view() const {
  const packet_number oldest = flight_.begin();
  return {oldest, next_, permitted_ > oldest ? permitted_ - oldest : 0, round_trip_.smoothed()};
}

// One past the last number that the policies let out; the peer's allocation is checked apart.
packet_number spp_sender::window_end() const {
  return flight_.begin() + policy_.congestion->window() + policy_.recovery->departed();
}

// A number may be used again, 65,536 later, only when no copy of its last use can still arrive (xns sheet 8.4;
// the bound K = W + D + 1 for a sequence space K, window W and D newer packets sent within one packet life).
bool spp_sender::life_permits(instant now, packet_number number) {
  life_over_at_ = instant::never();
  // The widest window that the peer has shown counts: it may open it again before a late copy comes.
  const packet_count reach = 65535 - std::min(widest_window_, maximum_window);
  if (!config_.enforce_packet_life || fault_armed(fault::ignore_packet_life) || number < reach) return true;
  const packet_number block = (number - reach) / life_block;
  const instant settled = block < settled_at_.end() ? settled_at_[block] : progress_at_;
  const instant over = settled + config_.packet_life;
  if (over <= now) return true;
  life_over_at_ = over;
  return false;
}

bool spp_sender::may_send_new(instant now) {
  const bool attention = !attentions_.empty() && !attention_in_flight_;
  if (!attention && records_.empty()) return false;
  if (!attention && records_.front().close && !attentions_.empty()) return false;  // nothing follows a close
  // Attention and close may exceed the allocation by one: they must get through a closed window.
  const bool exempt = attention || records_.front().close;
  packet_number limit = permitted_ + (exempt ? 1 : 0);
  if (fault_armed(fault::exceed_allocation)) limit += 3;
  if (next_ >= limit) return false;
  if (!exempt && next_ >= window_end()) return false;
  if (next_ - flight_.begin() >= maximum_window) return false;
  return life_permits(now, next_);
}

sequenced_packet spp_sender::cut_next() {
  const bool attention = !attentions_.empty() && !attention_in_flight_;
  number_ring<queued_record>& queue = attention ? attentions_ : records_;
  queued_record& record = queue.front();
  const std::size_t length = std::min(config_.packet_data, record.contents.size() - record.offset);
  sequenced_packet packet;
  packet.number = next_;
  packet.body = record.contents.part(record.offset, length);
  packet.body_checksum = checksum_contribution(packet.body.view(), 0);
  packet.datastream_type = record.datastream_type;
  packet.attention = record.attention;
  record.offset += length;
  const bool whole = record.offset == record.contents.size();
  packet.end_of_message = whole && !record.attention && record.end_of_message;
  if (fault_armed(fault::drop_end_of_message) && packet.number % 7 == 3) packet.end_of_message = false;
  if (fault_armed(fault::change_datastream_type) && packet.number % 7 == 3 && !record.close)
    packet.datastream_type ^= 1;
  if (attention) {
    attention_in_flight_ = true;
    attention_number_ = packet.number;
  } else {
    queued_octets_ -= length;
    if (whole) memory_.let_go(record_cost);
  }
  if (whole) queue.pop_front();
  return packet;
}

sequenced_packet spp_sender::transmit(instant now, flight_entry& entry) {
  entry.sent_at = now;
  ++entry.transmissions;
  ++statistics_.data_packets_sent;
  if (entry.transmissions > 1) {
    ++statistics_.retransmissions;
    if (!repairs_timeout_) ++statistics_.fast_retransmissions;
  }
  if (retransmit_at_ == instant::never()) restart_timer(now);
  return entry.packet;
}

sequenced_packet spp_sender::retransmit(instant now, packet_number number) {
  sequenced_packet packet = transmit(now, flight_[number]);
  if (fault_armed(fault::change_payload_on_retransmission) && !packet.body.empty()) {
    octets changed(packet.body.size(), 0x2a);
    packet.body = slice::owning(std::move(changed));
    packet.body_checksum = checksum_contribution(packet.body.view(), 0);
  }
  return packet;
}

std::optional<sequenced_packet> spp_sender::next_packet(instant now) {
  if (fault_armed(fault::retransmit_acknowledged) && resurrected_ && now - progress_at_ > 20_ms)
    return std::exchange(resurrected_, std::nullopt);
  if (resend_) {
    const packet_number number = *resend_;
    resend_.reset();
    if (number >= flight_.begin() && number < next_) {
      cursor_ = std::max(cursor_, number + 1);
      return retransmit(now, number);
    }
  }
  cursor_ = std::max(cursor_, flight_.begin());
  if (cursor_ < next_) {
    if (cursor_ >= window_end()) return std::nullopt;
    return retransmit(now, cursor_++);
  }
  if (!may_send_new(now)) {
    // Nothing in flight would ever bring news of a larger allocation: ask for it.
    const bool stuck = flight_.empty() && waits_for_peer();
    if (!stuck || fault_armed(fault::forget_zero_window_probe)) probe_at_ = instant::never();
    else if (probe_at_ == instant::never()) probe_at_ = now + round_trip_.timeout();
    return std::nullopt;
  }
  probe_at_ = instant::never();
  flight_entry& entry = flight_.push_back({.packet = cut_next()});
  cursor_ = ++next_;
  return transmit(now, entry);
}

bool spp_sender::take_probe() { return std::exchange(probe_due_, false); }

void spp_sender::take_newly_acknowledged(instant now, packet_number acknowledged) {
  // Karn: a sample only when nothing newly acknowledged was sent twice. A jump over a repaired hole would measure
  // how long the hole lasted, and it always contains the packet that was resent.
  bool sample = true;
  bool sent_once = false;  // something was
  instant sent_at{};
  while (flight_.begin() < acknowledged) {
    const flight_entry entry = flight_.pop_front();
    sample = sample && (entry.transmissions == 1 || fault_armed(fault::sample_retransmissions));
    sent_once = sent_once || entry.transmissions == 1;
    sent_at = entry.sent_at;
    if (fault_armed(fault::retransmit_acknowledged)) resurrected_ = entry.packet;
    if (!entry.packet.attention) memory_.let_go(entry.packet.body.size());
    if (entry.packet.attention && entry.packet.number == attention_number_) attention_in_flight_ = false;
    if (flight_.begin() % life_block == 0) {
      if (settled_at_.size() == 65536 / life_block) settled_at_.pop_front();
      settled_at_.push_back(now);
    }
  }
  progress_at_ = now;
  silent_timeouts_ = 0;
  // Progress by nothing but packets sent again may be the late answer to their first copies: the timeout stays backed
  // off, or a path slower than the timeout would never be measured.
  if (sample) sample_round_trip(now - sent_at);
  else if (sent_once) round_trip_.reset_backoff();
}

void spp_sender::sample_round_trip(duration measured) {
  round_trip_.sample(measured);
  if (statistics_.round_trip_samples++ == 0) statistics_.round_trip_minimum = measured;
  statistics_.round_trip_total += measured;
  statistics_.round_trip_minimum = std::min(statistics_.round_trip_minimum, measured);
  statistics_.round_trip_maximum = std::max(statistics_.round_trip_maximum, measured);
  statistics_.round_trip_smoothed = round_trip_.smoothed();
}

spp_sender::acknowledgement_result spp_sender::on_acknowledgement(instant now, std::uint16_t acknowledge,
                                                                  std::uint16_t allocation, bool repeats_only) {
  const packet_number oldest = flight_.begin();
  std::int64_t acknowledged = unwrap(acknowledge, oldest);
  if (acknowledged < static_cast<std::int64_t>(oldest)) return {};  // late: its allocation is older than what we have
  const bool excess = acknowledged > static_cast<std::int64_t>(next_);
  if (excess) {
    ++statistics_.excess_acknowledgements;  // ignored; the rest of the packet, its allocation too, is used
    acknowledged = static_cast<std::int64_t>(oldest);
  }

  const std::int64_t limit = unwrap(allocation, static_cast<packet_number>(acknowledged)) + 1;
  const bool same_allocation = allocation == last_allocation_;
  last_allocation_ = allocation;
  widest_window_ = static_cast<packet_count>(std::max(static_cast<std::int64_t>(widest_window_), limit - acknowledged));
  if (limit > static_cast<std::int64_t>(permitted_)) {
    permitted_ = static_cast<packet_number>(limit);
    probe_at_ = instant::never();
    silent_timeouts_ = 0;
    if (flight_.empty()) round_trip_.reset_backoff();
  }

  if (static_cast<packet_number>(acknowledged) == oldest) {
    if (!repeats_only || excess || !same_allocation || flight_.empty()) return {};
    ++statistics_.duplicate_acknowledgements;
    apply(now, policy_.recovery->on_duplicate({now, view()}));
    return {};
  }
  const packet_count newly = static_cast<packet_number>(acknowledged) - oldest;
  take_newly_acknowledged(now, static_cast<packet_number>(acknowledged));
  const acknowledgement_event heard{now, newly, policy_.recovery->recovering(), view()};
  const recovery_step step = policy_.recovery->on_acknowledgement(heard);
  policy_.congestion->on_acknowledgement({now, newly, policy_.recovery->recovering(), view()});
  retransmit_at_ = instant::never();
  if (!flight_.empty()) restart_timer(now);
  apply(now, step);
  return {.progress = true};
}

void spp_sender::apply(instant now, const recovery_step& step) {
  if (step.loss_detected) {
    repairs_timeout_ = false;
    policy_.congestion->on_loss({now, view()});
  }
  if (fault_armed(fault::skip_retransmission)) return;
  if (step.start_over) cursor_ = flight_.begin();
  if (step.resend) resend_ = step.resend;
  if (step.start_over || step.resend) restart_timer(now);
}

void spp_sender::restart_timer(instant now) { retransmit_at_ = now + round_trip_.timeout(); }

void spp_sender::on_timeout(instant now) {
  if (life_over_at_ <= now) life_over_at_ = instant::never();
  if (probe_at_ <= now) {
    ++statistics_.probes;
    ++silent_timeouts_;
    probe_due_ = true;
    round_trip_.back_off();
    probe_at_ = now + round_trip_.timeout();
  }
  if (retransmit_at_ <= now) {
    ++statistics_.timeouts;
    repairs_timeout_ = true;
    ++silent_timeouts_;
    if (!fault_armed(fault::forget_back_off)) round_trip_.back_off();
    policy_.congestion->on_timeout({now, view()});
    retransmit_at_ = instant::never();
    restart_timer(now);
    apply(now, policy_.recovery->on_timeout({now, view()}));
  }
}

}  // namespace seqwire
