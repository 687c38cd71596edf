#include "dissector/analysis/connection_view.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

constexpr std::int64_t numbers_kept_behind = 65536;
// An engine answers within this; what it does later was not caused by what came.
constexpr duration right_after{1'000'000};

// All that may differ between two transmissions of a number, as one value.
std::uint64_t transmission_hash(const sequenced_header& header) {
  return (std::uint64_t{header.acknowledgement} << 32) | (std::uint64_t{header.allocation} << 16) |
         (header.acknowledgement_request ? 1u : 0u);
}

}  // namespace

std::uint64_t direction_summary::resent_in_all() const {
  return std::accumulate(resent.begin(), resent.end(), std::uint64_t{0});
}

double direction_summary::data_rate() const {
  if (!first_data || last_data <= *first_data) return 0;
  return static_cast<double>(data_octets) / (last_data - *first_data).seconds();
}

void connection_view::see(const packet_facts& packet, std::size_t sender, vantage where, bool lost,
                          const event_listener& tell) {
  direction& ours = directions_[sender];
  direction_summary& summary = ours.summary;
  summary.where = summary.where.value_or(where) == where ? where : vantage::path;
  summary.first = std::min(summary.first.value_or(packet.at), packet.at);
  summary.last = std::max(summary.last, packet.at);
  ++summary.packets;
  summary.octets += packet.octets;
  observed_event told{.side = sender, .where = where, .packet = &packet, .frame = packet.frame, .at = packet.at};
  observed_event answered = told;
  answered.side = 1 - sender;
  answer(directions_[1 - sender], answered, packet, tell);
  if (packet.header.system) system(ours, told, packet, tell);
  else number(ours, told, packet, tell);
  if (!lost) return;
  ++summary.lost;
  told.kind = event_kind::lost;
  told.number = absolute(packet.header.sequence, ours.next);
  if (tell) tell(told);
}

void connection_view::begin(direction& of, absolute_number at) {
  if (of.started) return;
  of.started = true;
  of.first = of.next = at;
  of.known_from = std::numeric_limits<absolute_number>::min();
}

// What a packet says to the direction that it comes back to.
void connection_view::answer(direction& asked, observed_event told, const packet_facts& packet,
                             const event_listener& tell) {
  begin(asked, packet.header.acknowledgement);
  const absolute_number reached = absolute(packet.header.acknowledgement, asked.next);
  const absolute_number limit = absolute(packet.header.allocation, reached);
  const bool moved_on = !asked.acknowledged || reached > *asked.acknowledged;
  const bool allowed_more = !asked.permitted || limit > *asked.permitted;
  asked.answered_at = packet.at;
  asked.answer_moved_on = moved_on;
  asked.answer_repeated = !moved_on && reached == *asked.acknowledged && packet.header.system && asked.next > reached;
  if (asked.answer_repeated && !allowed_more) ++asked.summary.repeated_acknowledgements;
  if (allowed_more) {
    asked.permitted = limit;
    told.kind = event_kind::allocated;
    told.number = limit;
    if (tell) tell(told);
  }
  if (!moved_on) return;
  const absolute_number before = asked.acknowledged.value_or(reached);
  asked.acknowledged = reached;
  told.kind = event_kind::acknowledged;
  told.number = reached;
  if (tell) tell(told);
  const auto measured = asked.rows.find(reached - 1);
  if (measured == asked.rows.end() || packet.at < measured->second.last_at) return;
  // Karn: of a number sent twice nobody knows which one was answered; and those behind it waited for it.
  for (auto each = asked.rows.lower_bound(before); each != asked.rows.end() && each->first < reached; ++each)
    if (each->second.repeated) return;
  told.kind = event_kind::round_trip;
  told.number = reached - 1;
  told.round_trip = packet.at - measured->second.last_at;
  asked.summary.round_trip.add(told.round_trip.nanoseconds);
  if (tell) tell(told);
}

void connection_view::system(direction& ours, observed_event told, const packet_facts& packet,
                             const event_listener& tell) {
  ++ours.summary.system_packets;
  told.kind = event_kind::system;
  told.number = absolute(packet.header.sequence, ours.next);
  if (tell) tell(told);
}

void connection_view::number(direction& ours, observed_event told, const packet_facts& packet,
                             const event_listener& tell) {
  begin(ours, packet.header.sequence);
  direction_summary& summary = ours.summary;
  told.number = absolute(packet.header.sequence, ours.next);
  const auto before = ours.rows.find(told.number);
  if (before != ours.rows.end() || told.number < ours.known_from) {
    again(ours, told, packet, before == ours.rows.end() ? nullptr : &before->second, tell);
    return;
  }
  ours.rows.emplace_hint(
      before, told.number,
      row{told.frame, told.at, transmission_hash(packet.header), packet.packet, packet.packet, false});
  if (told.number < ours.next && summary.data_packets != 0) summary.late_by.add(ours.next - 1 - told.number);
  ours.first = std::min(ours.first, told.number);
  ours.next = std::max(ours.next, told.number + 1);
  while (ours.rows.begin()->first < ours.next - numbers_kept_behind) {
    ours.known_from = ours.rows.begin()->first + 1;
    ours.rows.erase(ours.rows.begin());
  }
  ++summary.data_packets;
  summary.data_octets += packet.body.size();
  summary.unseen = static_cast<std::uint64_t>(ours.next - ours.first) - summary.data_packets;
  if (packet.header.attention) ++summary.attentions;
  else if (packet.header.end_of_record && packet.header.datastream_type < close_request_type) ++summary.records;
  summary.close_request = summary.close_request || packet.header.datastream_type == close_request_type;
  summary.close_reply = summary.close_reply || packet.header.datastream_type == close_reply_type;
  summary.first_data = std::min(summary.first_data.value_or(told.at), told.at);
  summary.last_data = std::max(summary.last_data, told.at);
  if (ours.acknowledged && told.number >= *ours.acknowledged)
    summary.in_flight.add(told.number + 1 - *ours.acknowledged);
  if (ours.permitted && told.number == *ours.permitted) ++summary.allocation_full;
  told.kind = event_kind::data;
  if (tell) tell(told);
}

void connection_view::again(direction& ours, observed_event told, const packet_facts& packet, row* before,
                            const event_listener& tell) {
  direction_summary& summary = ours.summary;
  const std::uint64_t hash = transmission_hash(packet.header);
  told.kind = event_kind::repeated;
  if (told.where == vantage::own_emission) {
    told.kind = event_kind::resent;
  } else if (before != nullptr && packet.packet && before->last_id) {
    const bool same = packet.packet == before->last_id || packet.packet == before->first_id;
    told.kind = same ? event_kind::copied : event_kind::resent;
  } else if (before != nullptr && hash != before->header_hash) {
    told.kind = event_kind::resent;
  }
  if (told.kind == event_kind::copied) ++summary.copied;
  if (told.kind == event_kind::repeated) ++summary.repeated;
  if (told.kind == event_kind::resent) {
    if (told.where == vantage::own_emission && before != nullptr) told.cause = cause_of(ours, told.at, *before);
    ++summary.resent[static_cast<std::size_t>(told.cause)];
    const bool known_there = ours.acknowledged && told.number < *ours.acknowledged;
    if (told.where == vantage::own_arrival || known_there) ++summary.needless;
  }
  if (before != nullptr) {
    told.repeats = before->last_frame;
    before->last_frame = told.frame;
    before->last_at = told.at;
    before->header_hash = hash;
    before->last_id = packet.packet;
    before->repeated = true;
  }
  if (tell) tell(told);
}

resend_cause connection_view::cause_of(const direction& ours, instant now, const row& before) {
  const std::int64_t shortest = ours.summary.round_trip.minimum();
  if (ours.answered_at && now - *ours.answered_at <= right_after) {
    if (ours.answer_moved_on) return resend_cause::repair;
    return ours.answer_repeated ? resend_cause::fast : resend_cause::unknown;
  }
  return (now - before.last_at).nanoseconds >= shortest ? resend_cause::timeout : resend_cause::unknown;
}

void connection_view::forget_numbers() {
  for (direction& each : directions_) {
    each.rows.clear();
    if (each.started) each.known_from = each.next;
  }
}

}  // namespace seqwire
