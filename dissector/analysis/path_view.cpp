#include "dissector/analysis/path_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/wire/spp.hpp"

namespace seqwire {
path_view::path_view(docket& charges, const speaker& first, const speaker& second) : docket_(charges) {
  directions_[0].from = first;
  directions_[1].from = second;
}

void path_view::passed(const packet_facts& packet, std::size_t side) {
  direction& ours = directions_[side];
  direction& theirs = directions_[1 - side];
  const absolute_number acknowledged = absolute(packet.header.acknowledgement, theirs.next);
  // What looks right here proves nothing of the moment of emission, so that neither this rule nor the window's is ever
  // applied: they only raise doubts.
  if (theirs.started && acknowledged > theirs.next)
    docket_.accuse(
        rule_id::no_acknowledgement_of_the_unsent,
        {.frames = {packet.frame},
         .sentence = fmt::format("acknowledges all below {}, but {} has not passed here", acknowledged, theirs.next),
         .doubtful = true});
  const absolute_number allocation = absolute(packet.header.allocation, theirs.permitted.value_or(acknowledged));
  if (!theirs.permitted || allocation > *theirs.permitted) theirs.permitted = allocation;
  if (!packet.header.system) passed_data(packet, ours);
}

void path_view::forget_numbers() {
  for (direction& each : directions_) each.seen.forget();
}

void path_view::passed_data(const packet_facts& packet, direction& ours) {
  if (!ours.started) ours.next = packet.header.sequence;
  ours.started = true;
  const absolute_number number = absolute(packet.header.sequence, ours.next);
  const bool may_exceed = packet.header.attention || packet.header.datastream_type >= close_request_type;
  if (ours.permitted) {
    const absolute_number limit = absolute(static_cast<std::uint16_t>(*ours.permitted), number) + (may_exceed ? 1 : 0);
    if (number > limit)
      docket_.accuse(rule_id::window_respected,
                     {.frames = {packet.frame},
                      .sentence = fmt::format("packet {} passes while {} is the highest permitted here", number, limit),
                      .doubtful = true});
  }
  check_close(packet, ours, number);
  const numbered_packet row = numbered_packet::of(packet);
  if (numbered_packet* before = ours.seen.find(number)) {
    docket_.applied(rule_id::immutability);
    if (!before->same_contents(row))
      docket_.accuse(rule_id::immutability,
                     {.frames = {before->first_frame, packet.frame},
                      .sentence = fmt::format("packet {} passes again with other contents", number),
                      .rests_on = packet.packet,
                      .unless_seen_leaving = ours.from,
                      .doubtful = !packet.checksummed});
  } else {
    ours.seen.add(number, row);
  }
  ours.next = std::max(ours.next, number + 1);
}

void path_view::check_close(const packet_facts& packet, direction& ours, absolute_number number) {
  const std::uint8_t type = packet.header.datastream_type;
  if (ours.close_request || ours.close_reply) docket_.applied(rule_id::graceful_close);
  const bool after_reply = ours.close_reply && number > *ours.close_reply;
  const bool after_request = ours.close_request && number > *ours.close_request && type != close_reply_type;
  if (after_reply || after_request)
    docket_.accuse(rule_id::graceful_close,
                   {.frames = {packet.frame},
                    .sentence = fmt::format("packet {} has a number after that of the close {}", number,
                                            after_reply ? "reply" : "request")});
  if (type == close_request_type && !ours.close_request) ours.close_request = number;
  if (type == close_reply_type && !ours.close_reply) ours.close_reply = number;
}

}  // namespace seqwire
