#include "dissector/analysis/endpoint_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

// An end may emit for this long what it decided before an acknowledgement that has arrived was processed.
constexpr duration processing_grace = 10_ms;
constexpr duration settling_step = 1_ms;  // acknowledgements that arrive within this are settled together
constexpr std::size_t storm_packets = 20;
constexpr duration storm_span = 4_s;
constexpr std::size_t backoff_window = 5;  // unanswered intervals within which growth must show
constexpr duration backoff_ceiling = 2_s;  // intervals this long need not grow any more
constexpr absolute_number widest_window = 32767;
constexpr unsigned amplification_limit = 3;
// Where absolute numbers start when the capture began in the middle: far from 0, so that nothing lies before it.
constexpr absolute_number middle = absolute_number{1} << 32;

bool is_close(const sequenced_header& header) {
  return header.datastream_type == close_request_type || header.datastream_type == close_reply_type;
}

}  // namespace

endpoint_view::endpoint_view(docket& charges, const speaker& own, const speaker& peer, bool hash_records)
    : docket_(charges), own_(own), peer_(peer), sent_records_(hash_records), received_records_(hash_records) {}

void endpoint_view::seed_from_middle(const packet_facts& packet, bool leaving) {
  seeded_ = true;
  const sequenced_header& header = packet.header;
  const absolute_number ours = middle + (leaving ? header.sequence : header.acknowledgement);
  const absolute_number theirs = middle + (leaving ? header.acknowledgement : header.sequence);
  next_number_ = lowest_unsent_ = unacknowledged_ = settled_ = ours;
  any_data_sent_ = true;
  sent_records_.start_at(ours);
  received_records_.start_at(theirs);
}

void endpoint_view::emitted(const packet_facts& packet) {
  settle(packet.at);
  if (packet.to.id == 0) {
    check_opening(packet);
  } else if (!from_start_ && !seeded_) {
    seed_from_middle(packet, true);
  }
  last_emitted_number_.reset();
  check_output(packet);
  const auto acknowledgement_before = emitted_acknowledgement_;
  const auto allocation_before = emitted_allocation_;
  check_acknowledgement(packet);
  check_allocation(packet);
  const bool says_nothing_new =
      acknowledgement_before == emitted_acknowledgement_ && allocation_before == emitted_allocation_;
  if (packet.header.system) {
    emitted_system(packet);
    if (packet.to.id != 0) check_quiet(packet, says_nothing_new);
  } else {
    quiet_.clear();
    emitted_data(packet);
  }
}

void endpoint_view::check_opening(const packet_facts& packet) {
  from_start_ = from_start_ || !seeded_;
  we_opened_ = true;
  docket_.applied(rule_id::agreement_on_open);
  if (packet.header.acknowledgement != 0)
    docket_.accuse(rule_id::agreement_on_open,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("an opening packet acknowledges {} packets of a peer that has said nothing",
                                            packet.header.acknowledgement),
                    .convention_of = own_});
  docket_.applied(rule_id::legal_transitions_only);
  if (!packet.header.system)
    docket_.accuse(rule_id::legal_transitions_only,
                   {.frames = {packet.frame}, .sentence = "the opening packet carries data", .convention_of = own_});
  if (answered_at_ && packet.at - *answered_at_ > processing_grace)
    docket_.accuse(rule_id::legal_transitions_only,
                   {.frames = {packet.frame}, .sentence = "an opening packet is sent again after its answer arrived"});
}

void endpoint_view::check_acknowledgement(const packet_facts& packet) {
  const absolute_number start = received_records_.next();
  const absolute_number acknowledged =
      absolute(packet.header.acknowledgement, emitted_acknowledgement_.value_or(from_start_ ? 0 : start));
  if (emitted_acknowledgement_) {
    docket_.applied(rule_id::acknowledgement_monotone);
    if (acknowledged < *emitted_acknowledgement_)
      docket_.accuse(rule_id::acknowledgement_monotone,
                     {.frames = {packet.frame},
                      .sentence = fmt::format("acknowledges {} after {}", acknowledged, *emitted_acknowledgement_)});
  }
  if (from_start_) {
    docket_.applied(rule_id::honest_acknowledgement);
    if (acknowledged > received_records_.next() && acknowledged != emitted_acknowledgement_)
      docket_.accuse(rule_id::honest_acknowledgement,
                     {.frames = {packet.frame},
                      .sentence = fmt::format("acknowledges all below {}, but packet {} has not arrived", acknowledged,
                                              received_records_.next())});
  }
  emitted_acknowledgement_ = std::max(acknowledged, emitted_acknowledgement_.value_or(acknowledged));
}

void endpoint_view::check_allocation(const packet_facts& packet) {
  const absolute_number room =
      absolute(static_cast<std::uint16_t>(packet.header.allocation + 1), packet.header.acknowledgement) -
      packet.header.acknowledgement;
  docket_.applied(rule_id::no_shrink);
  if (room < 0) {
    docket_.accuse(rule_id::no_shrink,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("the allocation {} lies {} below the acknowledgement {}",
                                            packet.header.allocation, -room - 1, packet.header.acknowledgement)});
    return;
  }
  const absolute_number own_view = *emitted_acknowledgement_;
  const absolute_number allocation = absolute(packet.header.allocation, emitted_allocation_.value_or(own_view));
  if (emitted_allocation_ && allocation < *emitted_allocation_)
    docket_.accuse(rule_id::no_shrink,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("the allocation shrinks from {} to {}", *emitted_allocation_, allocation)});
  docket_.applied(rule_id::half_space);
  if (allocation + 1 - own_view > widest_window)
    docket_.accuse(rule_id::half_space, {.frames = {packet.frame},
                                         .sentence = fmt::format("the allocation {} opens a window of {} packets",
                                                                 allocation, allocation + 1 - own_view)});
  emitted_allocation_ = std::max(allocation, emitted_allocation_.value_or(allocation));
}

void endpoint_view::check_output(const packet_facts& packet) {
  octets_out_ += packet.octets;
  if (!from_start_ || we_opened_ || !peer_opened_ || answered_at_) return;
  docket_.applied(rule_id::output_bound);
  if (octets_out_ > amplification_limit * octets_in_)
    docket_.accuse(rule_id::output_bound,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("{} octets to a peer that sent {} and has not yet used our connection id",
                                            octets_out_, octets_in_)});
}

void endpoint_view::check_quiet(const packet_facts& packet, bool says_nothing_new) {
  docket_.applied(rule_id::no_storm);
  // Every data packet that arrived deserves an answer, new or not; several may have arrived before the first answer.
  if (packet.header.system && answers_owed_ > 0) {
    --answers_owed_;
    return;
  }
  if (!says_nothing_new) quiet_.clear();
  quiet_.push_back(packet.at);
  if (quiet_.size() < storm_packets) return;
  if (packet.at - quiet_.front() < storm_span) {
    docket_.accuse(rule_id::no_storm,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("{} system packets in {:.3f} s while neither end said anything new",
                                            storm_packets, (packet.at - quiet_.front()).seconds())});
    quiet_.clear();
  } else {
    quiet_.erase(quiet_.begin());
  }
}

void endpoint_view::emitted_system(const packet_facts& packet) {
  docket_.applied(rule_id::system_packets_consume_no_sequence);
  const std::uint16_t sequence = packet.header.sequence;
  if (!from_start_ || sequence == static_cast<std::uint16_t>(next_number_) ||
      sequence == static_cast<std::uint16_t>(lowest_unsent_))
    return;
  docket_.accuse(
      rule_id::system_packets_consume_no_sequence,
      {.frames = {packet.frame},
       .sentence = fmt::format("a system packet says sequence {}; the next to be sent is {}", sequence, next_number_),
       .convention_of = own_});
}

void endpoint_view::emitted_data(const packet_facts& packet) {
  const absolute_number number = absolute(packet.header.sequence, next_number_);
  if (from_start_) last_emitted_number_ = number;
  check_within_window(packet, number);
  if (numbered_packet* row = sent_.find(number)) {
    emitted_again(packet, number, *row);
  } else if (number >= lowest_unsent_) {
    emitted_new(packet, number);
  } else if (from_start_ && number >= sent_.known_from()) {
    docket_.accuse(rule_id::system_packets_consume_no_sequence,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("packet {} was never due: the next is {}", number, lowest_unsent_)});
  }
}

void endpoint_view::check_within_window(const packet_facts& packet, absolute_number number) {
  if (!from_start_ || !permitted_) return;
  const bool may_exceed = packet.header.attention || is_close(packet.header);
  docket_.applied(rule_id::window_respected);
  if (number > *permitted_ + (may_exceed ? 1 : 0))
    docket_.accuse(
        rule_id::window_respected,
        {.frames = {packet.frame},
         .sentence = fmt::format("packet {} is sent while {} is the highest permitted", number, *permitted_)});
  docket_.applied(rule_id::half_space);
  if (number - unacknowledged_ + 1 > widest_window)
    docket_.accuse(rule_id::half_space,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("{} packets are in flight, from {} to {}", number - unacknowledged_ + 1,
                                            unacknowledged_, number)});
}

void endpoint_view::emitted_new(const packet_facts& packet, absolute_number number) {
  docket_.applied(rule_id::system_packets_consume_no_sequence);
  if (from_start_ && !any_data_sent_) {
    docket_.applied(rule_id::agreement_on_open);
    if (number != 0 && !packet.header.attention)
      docket_.accuse(
          rule_id::agreement_on_open,
          {.frames = {packet.frame}, .sentence = fmt::format("the first packet has number {}, not 0", number)});
  } else if (from_start_ && number > lowest_unsent_ && !packet.header.attention) {
    docket_.accuse(rule_id::system_packets_consume_no_sequence,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("packet {} leaves a gap: {} was never sent", number, lowest_unsent_)});
  }
  any_data_sent_ = true;
  if (from_start_) {
    docket_.applied(rule_id::legal_transitions_only);
    if (packet.to.id != 0 && !answered_at_ && !peer_opened_)
      docket_.accuse(rule_id::legal_transitions_only,
                     {.frames = {packet.frame}, .sentence = "data are sent before anything arrived from the peer"});
  }
  check_close(packet, number);
  const numbered_packet row = numbered_packet::of(packet);
  if (!sent_.add(number, row)) return;
  sent_records_.take(number, row, packet.body);
  next_number_ = std::max(next_number_, number + 1);
  while (sent_.find(lowest_unsent_) != nullptr) ++lowest_unsent_;
  if (number > lowest_unsent_ && !packet.header.attention) lowest_unsent_ = next_number_;  // said once is enough
}

void endpoint_view::check_close(const packet_facts& packet, absolute_number number) {
  const std::uint8_t type = packet.header.datastream_type;
  if (close_reply_number_ || close_request_number_ || is_close(packet.header)) docket_.applied(rule_id::graceful_close);
  if (close_reply_number_)
    docket_.accuse(rule_id::graceful_close, {.frames = {packet.frame},
                                             .sentence = fmt::format("packet {} is new after the close reply {}",
                                                                     number, *close_reply_number_)});
  else if (close_request_number_ && type != close_reply_type)
    docket_.accuse(rule_id::graceful_close, {.frames = {packet.frame},
                                             .sentence = fmt::format("packet {} is new after the close request {}",
                                                                     number, *close_request_number_)});
  const bool record_open = sent_records_.record_open() && sent_records_.next() == number;
  if (record_open && !packet.header.attention &&
      (is_close(packet.header) || type != sent_records_.open_datastream_type()))
    docket_.accuse(
        rule_id::boundary_integrity,
        {.frames = {packet.frame},
         .sentence = fmt::format("packet {} of datastream type {} follows a record that has not ended", number, type),
         .convention_of = own_});
  if (type == close_reply_type && from_start_) {
    docket_.applied(rule_id::legal_transitions_only);
    if (!peer_closes_)
      docket_.accuse(rule_id::legal_transitions_only,
                     {.frames = {packet.frame}, .sentence = "a close reply that no close of the peer asked for"});
  }
  if (type == close_request_type && !close_request_number_) close_request_number_ = number;
  if (type == close_reply_type && !close_reply_number_) close_reply_number_ = number;
}

void endpoint_view::emitted_again(const packet_facts& packet, absolute_number number, numbered_packet& row) {
  ++retransmissions_;
  docket_.applied(rule_id::immutability);
  if (!row.same_contents(numbered_packet::of(packet)))
    docket_.accuse(rule_id::immutability,
                   {.frames = {row.first_frame, packet.frame},
                    .sentence = fmt::format("packet {} is sent again with other contents", number)});
  docket_.applied(rule_id::retransmit_only_outstanding);
  if (number < settled_)
    docket_.accuse(
        rule_id::retransmit_only_outstanding,
        {.frames = {settled_frame_, packet.frame},
         .sentence = fmt::format("packet {} is sent again after the acknowledgement {} arrived", number, settled_)});
  check_backoff(packet, number, row);
  ++row.transmissions;
  row.last_at = packet.at;
}

void endpoint_view::check_backoff(const packet_facts& packet, absolute_number number, const numbered_packet& row) {
  if (last_arrival_ && row.last_at <= *last_arrival_) return;
  if (backoff_number_ != number) {
    backoff_number_ = number;
    backoff_intervals_.clear();
  }
  const duration interval = packet.at - row.last_at;
  if (backoff_intervals_.size() == backoff_window) {
    docket_.applied(rule_id::no_storm);
    const duration shortest = *std::min_element(backoff_intervals_.begin(), backoff_intervals_.end());
    if (shortest < backoff_ceiling && interval < shortest + shortest / 2)
      docket_.accuse(rule_id::no_storm, {.frames = {packet.frame},
                                         .sentence = fmt::format(
                                             "packet {} is sent again and again without an answer, and the interval of "
                                             "{:.3f} s does not grow",
                                             number, interval.seconds())});
    backoff_intervals_.erase(backoff_intervals_.begin());
  }
  backoff_intervals_.push_back(interval);
}

void endpoint_view::arrived(const packet_facts& packet) {
  if (packet.to.id == 0) {
    from_start_ = from_start_ || !seeded_;
    peer_opened_ = true;
  } else {
    if (!from_start_ && !seeded_) seed_from_middle(packet, false);
    if (!answered_at_) answered_at_ = packet.at;
  }
  octets_in_ += packet.octets;
  last_arrival_ = packet.at;
  backoff_number_ = -1;
  arrived_acknowledgement(packet);
  if (packet.header.system) return;
  ++answers_owed_;
  arrived_data(packet);
}

void endpoint_view::arrived_acknowledgement(const packet_facts& packet) {
  const absolute_number acknowledged = absolute(packet.header.acknowledgement, unacknowledged_);
  const absolute_number allocation =
      absolute(packet.header.allocation, permitted_.value_or(std::max(acknowledged, absolute_number{1}) - 1));
  if (!permitted_ || allocation > *permitted_) {
    permitted_ = allocation;
    quiet_.clear();
  }
  if (from_start_) {
    docket_.applied(rule_id::no_acknowledgement_of_the_unsent);
    if (acknowledged > next_number_) {
      docket_.accuse(
          rule_id::no_acknowledgement_of_the_unsent,
          {.frames = {packet.frame},
           .sentence = fmt::format("acknowledges all below {}, but {} has not been sent", acknowledged, next_number_),
           .rests_on = packet.packet});
      return;
    }
  }
  if (acknowledged <= unacknowledged_) return;
  unacknowledged_ = acknowledged;
  settle_later(packet);
  quiet_.clear();
}

// A few steps are waiting at most, whatever the stamps say.
void endpoint_view::settle_later(const packet_facts& packet) {
  settle(packet.at);
  if (settling_.empty() || packet.at - settling_.back().since >= settling_step)
    settling_.push_back({packet.at, packet.at, unacknowledged_, packet.frame});
  settling_.back() = {settling_.back().since, packet.at, unacknowledged_, packet.frame};
}

void endpoint_view::settle(instant now) {
  const auto waits = std::find_if(settling_.begin(), settling_.end(),
                                  [&](const auto& each) { return now - each.at < processing_grace; });
  if (waits == settling_.begin()) return;
  settled_ = std::prev(waits)->reached;
  settled_frame_ = std::prev(waits)->frame;
  settling_.erase(settling_.begin(), waits);
}

void endpoint_view::forget_numbers() {
  sent_.forget();
  received_.forget();
}

void endpoint_view::arrived_data(const packet_facts& packet) {
  quiet_.clear();
  const absolute_number number = absolute(packet.header.sequence, received_records_.next());
  if (is_close(packet.header)) peer_closes_ = true;
  if (packet.emitted_as && from_start_) {
    docket_.applied(rule_id::half_space);
    if (*packet.emitted_as != number && number >= received_records_.next() &&
        number <= emitted_allocation_.value_or(0) + 1)
      docket_.accuse(rule_id::half_space, {.frames = {packet.frame},
                                           .sentence = fmt::format("an old copy of packet {} is taken for packet {}",
                                                                   *packet.emitted_as, number),
                                           .rests_on = packet.packet});
  }
  // What was never allocated is refused: most likely it is an old copy of a number far below.
  const bool may_exceed = packet.header.attention || is_close(packet.header);
  if (from_start_ && emitted_allocation_ && number > *emitted_allocation_ + (may_exceed ? 1 : 0)) return;
  if (numbered_packet* row = received_.find(number)) {
    docket_.applied(rule_id::immutability);
    if (!row->same_contents(numbered_packet::of(packet)))
      docket_.accuse(rule_id::immutability,
                     {.frames = {row->first_frame, packet.frame},
                      .sentence = fmt::format("packet {} arrives again with other contents", number),
                      .rests_on = packet.packet,
                      .unless_seen_leaving = peer_,
                      .doubtful = !packet.checksummed});
    return;
  }
  const numbered_packet row = numbered_packet::of(packet);
  if (number >= 0 && received_.add(number, row)) received_records_.take(number, row, packet.body);
}

}  // namespace seqwire
