#include "protocol/spp/receiver.hpp"

#include <algorithm>

#include "protocol/spp/fault.hpp"

namespace seqwire {
namespace {
// Attention octets that the application has not taken; the packet of one more is refused and comes again.
constexpr std::size_t maximum_attentions = 64;
// Of a record sent in crumbs, each would hold a whole buffer of its link: so many at a time are copied together. What a
// record takes is then at most some five times its octets and 64 buffers.
constexpr std::size_t small_piece = 512;
constexpr std::size_t small_pieces_to_join = 64;
}  // namespace

slice received_record::flatten() const {
  if (pieces.size() == 1) return pieces.front();
  octets joined;
  joined.reserve(size);
  for (const slice& piece : pieces) joined.insert(joined.end(), piece.view().begin(), piece.view().end());
  return slice::owning(std::move(joined));
}

spp_receiver::spp_receiver(const spp_config& config, spp_statistics& statistics, connection_memory* shared)
    : config_(config),
      statistics_(statistics),
      delivery_(config.delivery),
      policy_(make_acknowledgement(config.acknowledgement, config.acknowledgement_delay)),
      credit_(std::make_unique<all_room_credit>()),
      memory_(shared) {
  require(policy_ != nullptr);
  require(config.allocation >= 1 && config.allocation <= maximum_window);
  advertised_ = limit();
}

packet_number spp_receiver::limit() const {
  return std::max(advertised_, credit_->limit({held_.begin(), unread_packets_, config_.allocation}));
}

std::uint16_t spp_receiver::acknowledge() const {
  packet_number number = held_.begin();
  if (fault_armed(fault::acknowledge_unsent) && number % 11 == 5) number += 40;
  if (fault_armed(fault::acknowledge_unreceived) && !held_.empty()) number = held_.end();
  if (fault_armed(fault::acknowledge_backwards) && number % 11 == 5) number -= 2;
  return static_cast<std::uint16_t>(number);
}

std::uint16_t spp_receiver::allocation() {
  advertised_ = limit();
  packet_number shown = advertised_;
  if (fault_armed(fault::shrink_allocation) && shown % 11 == 5) shown -= 3;
  return static_cast<std::uint16_t>(shown - 1);
}

void spp_receiver::note_arrival(instant now, bool in_order, bool duplicate, bool requested) {
  switch (policy_->on_arrival({now, in_order, duplicate, requested})) {
    case acknowledgement_decision::none: return;
    case acknowledgement_decision::now: acknowledgement_due_ = true; return;
    case acknowledgement_decision::later: acknowledge_at_ = std::min(acknowledge_at_, now + policy_->delay()); return;
  }
}

result<void, drop_reason> spp_receiver::on_packet(instant now, const spp_header& header, slice body) {
  const packet_number expected = held_.begin();
  const std::int64_t number = unwrap(header.sequence, expected);
  if (number < static_cast<std::int64_t>(expected)) {
    note_arrival(now, false, true, header.send_acknowledgement);
    if (fault_armed(fault::deliver_twice)) static_cast<void>(absorb({true, header, std::move(body)}));
    return failure(drop_reason::duplicate);
  }
  const packet_number absolute = static_cast<packet_number>(number);
  const bool exempt = header.attention || header.datastream_type >= close_request_type;
  if (absolute >= advertised_ + (exempt ? 1 : 0) || (header.attention && attentions_.size() >= maximum_attentions)) {
    note_arrival(now, false, false, header.send_acknowledgement);
    return failure(drop_reason::beyond_allocation);
  }
  if (absolute < held_.end() && held_[absolute].present) {
    note_arrival(now, false, true, header.send_acknowledgement);
    return failure(drop_reason::duplicate);
  }
  if (peer_closed_ && header.datastream_type < close_request_type) {
    note_arrival(now, false, true, header.send_acknowledgement);  // it learns where it stands, and no more
    return failure(drop_reason::not_acceptable_in_state);
  }
  if (!memory_.has_room_for(body.size())) return failure(drop_reason::receive_memory_full);
  memory_.hold(body.size());
  held_.extend_to(absolute + 1);
  held_packet& slot = held_[absolute];
  slot = {true, header, std::move(body)};
  if (header.attention) {
    // Out of band: told on arrival, whatever is missing before it. The sender keeps one unacknowledged at a time.
    attentions_.push_back(slot.body.view().front());
    if (fault_armed(fault::attention_twice)) attentions_.push_back(slot.body.view().front());
  }
  const bool in_order = absolute == expected;
  if (!in_order) ++statistics_.out_of_order;
  note_arrival(now, in_order && held_.size() == 1, false, header.send_acknowledgement);
  return absorb_in_order();
}

result<void, drop_reason> spp_receiver::absorb_in_order() {
  if (fault_armed(fault::deliver_out_of_order) && held_.size() >= 2 && !held_.front().present &&
      held_[held_.begin() + 1].present && !held_[held_.begin() + 1].header.attention) {
    // the gap is jumped and filled with what came after it
    held_.front() = held_[held_.begin() + 1];
  }
  while (!held_.empty() && held_.front().present)
    if (auto taken = absorb(held_.pop_front()); !taken) return taken;
  return {};
}

result<void, drop_reason> spp_receiver::absorb(held_packet packet) {
  const spp_header& header = packet.header;
  last_header_ = header;
  if (header.attention && !fault_armed(fault::attention_as_data)) {
    attention_passed_ = true;
    if (delivery_ != record_delivery::packets) {
      memory_.let_go(packet.body.size());
      return {};
    }
  }
  // A change of datastream type is a boundary even without end of message.
  if (assembling_any_ && assembling_.datastream_type != header.datastream_type && !fault_armed(fault::merge_records))
    finish_record(false);
  if (header.datastream_type >= close_request_type) {
    memory_.let_go(packet.body.size());  // a close carries none, but a peer may send some: it is not delivered
    closes_.push_back(header.datastream_type);
    if (header.datastream_type == close_request_type) refuse_data();
    acknowledgement_due_ = true;  // whatever the policy: the peer waits for nothing else
    return {};
  }
  if (!assembling_any_ && !header.attention) assembling_.after_attention = std::exchange(attention_passed_, false);
  assembling_any_ = true;
  assembling_.attention = header.attention;
  assembling_.last_header = header;
  assembling_.datastream_type = header.datastream_type;
  ++assembling_.packets;
  append(std::move(packet.body));
  if (assembling_.size > config_.maximum_record) return failure(drop_reason::record_too_long);
  bool end = header.end_of_message;
  if (fault_armed(fault::merge_records) && header.sequence % 7 == 3) end = false;
  if (fault_armed(fault::split_record) && header.sequence % 7 == 3) end = true;
  if (end || delivery_ != record_delivery::records) finish_record(end);
  return {};
}

// What came early and is numbered behind the peer's 254 would be delivered after the end that was told.
void spp_receiver::refuse_data() {
  peer_closed_ = true;
  for (packet_number number = held_.begin(); number < held_.end(); ++number) {
    held_packet& each = held_[number];
    if (!each.present || each.header.datastream_type >= close_request_type) continue;
    memory_.let_go(each.body.size());
    each = {};
  }
}

void spp_receiver::append(slice body) {
  if (body.empty()) return;
  assembling_.size += body.size();
  small_pieces_ = body.size() < small_piece ? small_pieces_ + 1 : 0;
  assembling_.pieces.push_back(std::move(body));
  if (small_pieces_ < small_pieces_to_join) return;
  assembling_.pieces.join_from(assembling_.pieces.size() - small_pieces_);
  small_pieces_ = 0;
}

void spp_receiver::set_delivery(record_delivery wanted) {
  delivery_ = wanted;
  if (wanted != record_delivery::records && assembling_any_) finish_record(false);
}

void spp_receiver::finish_record(bool end_of_message) {
  assembling_.end_of_message = end_of_message;
  small_pieces_ = 0;
  if (end_of_message || delivery_ == record_delivery::records) ++statistics_.records_delivered;
  if (!assembling_.attention) statistics_.octets_delivered += assembling_.size;
  unread_packets_ += assembling_.packets;
  record_octets_ += assembling_.size;
  records_.push_back(std::exchange(assembling_, received_record{}));
  assembling_any_ = false;
}

std::size_t spp_receiver::unfinished_octets() const {
  return memory_.held() - std::min(record_octets_, memory_.held());
}

void spp_receiver::drop_unfinished() {
  memory_.let_go(unfinished_octets());
  held_ = {};
  assembling_ = {};
  assembling_any_ = false;
}

std::optional<received_record> spp_receiver::take_record() {
  if (records_.empty()) return std::nullopt;
  received_record record = records_.pop_front();
  unread_packets_ -= record.packets;
  record_octets_ -= record.size;
  memory_.let_go(record.size);
  // A window update when it lets a stopped sender go on, or opens half of the room at once (no silly windows).
  const bool was_closed = advertised_ <= held_.begin();
  if (limit() > advertised_ &&
      (was_closed || limit() - advertised_ >= std::max<packet_count>(config_.allocation / 2, 1)))
    acknowledgement_due_ = true;
  return record;
}

std::optional<octet> spp_receiver::next_attention() const {
  if (attentions_.empty()) return std::nullopt;
  return attentions_.front();
}

std::optional<octet> spp_receiver::take_attention() {
  if (attentions_.empty()) return std::nullopt;
  return attentions_.pop_front();
}

std::optional<std::uint8_t> spp_receiver::take_close() {
  if (closes_.empty()) return std::nullopt;
  return closes_.pop_front();
}

void spp_receiver::acknowledgement_sent() {
  policy_->on_acknowledged();
  acknowledgement_due_ = false;
  acknowledge_at_ = instant::never();
}

void spp_receiver::on_timeout(instant now) {
  if (acknowledge_at_ > now) return;
  acknowledge_at_ = instant::never();
  acknowledgement_due_ = true;
}

}  // namespace seqwire
