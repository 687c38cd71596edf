#include "lab/wire/wire_recorder.hpp"

#include <utility>

#include "protocol/wire/ethernet.hpp"
#include "rawio/recorder.hpp"

namespace seqwire {
namespace {

// A slow disk or a lost frame must not make records wait for ever.
constexpr std::size_t maximum_waiting = 65536;
constexpr duration tenth_of_a_second = 100_ms;

}  // namespace

wire_recorder::wire_recorder(capture_writer& writer, const std::vector<capture_interface>& ends)
    : writer_(writer), sides_(ends.size()) {
  for (std::size_t i = 0; i < ends.size(); ++i) sides_[i].interface = writer.add_interface(ends[i]);
}

void wire_recorder::sent(std::size_t end, instant at, octets_view frame) {
  side& of = sides_[end];
  of.unjudged.add(frame, of.first_record + of.records.size());
  of.sent_at.emplace_hint(of.sent_at.end(), ++last_id_, at);
  if (of.sent_at.size() > maximum_waiting) of.sent_at.erase(of.sent_at.begin());
  of.records.push_back({at, capture_direction::out, last_id_, octets(frame.begin(), frame.end()), {}, false});
  if (of.records.size() > maximum_waiting) resolve(of, of.first_record, {});
  write_resolved(of);
}

void wire_recorder::received(std::size_t end, instant at, octets_view frame) {
  side& of = sides_[end];
  record arrived{at, capture_direction::in, std::nullopt, octets(frame.begin(), frame.end()), {}, true};
  const auto match = of.on_their_way.find(
      frame, [&](std::uint64_t number) { return octets_view(of.expected[number - of.first_expected].frame); });
  if (match) {
    arrived.packet_id = of.expected[*match - of.first_expected].packet_id;
    count(of, of.expected[*match - of.first_expected], arrived);
    while (of.first_expected <= *match) forget_expected(of);  // those before it never arrived
  }
  of.records.push_back(std::move(arrived));
  write_resolved(of);
}

std::uint64_t wire_recorder::on_entry(std::size_t port, octets_view frame) {
  side& of = sides_[port];
  of.entered_record = of.unjudged.find(
      frame, [&](std::uint64_t number) { return octets_view(of.records[number - of.first_record].frame); });
  if (of.entered_record) return *of.records[*of.entered_record - of.first_record].packet_id;
  return ++last_id_;  // of something that no host of ours sent
}

void wire_recorder::on_verdict(std::size_t port, std::uint64_t packet_id, const channel_verdict& verdict) {
  side& of = sides_[port];
  if (!of.entered_record) return;  // a frame that is not ours
  const std::uint64_t judged = *std::exchange(of.entered_record, std::nullopt);
  require(of.records[judged - of.first_record].packet_id == packet_id);
  // The bridge takes frames in order: what was sent before and has not entered will not come.
  for (std::uint64_t older = of.first_record; older < judged; ++older) resolve(of, older, "not seen by the bridge");
  resolve(of, judged, to_string(verdict));
  write_resolved(of);
}

void wire_recorder::on_exit(std::size_t port, std::uint64_t packet_id, octets_view frame) {
  side& towards = sides_[port];
  towards.on_their_way.add(frame, towards.first_expected + towards.expected.size());
  const auto& sent = sides_[port ^ 1].sent_at;  // at the link's other end
  const auto found = sent.find(packet_id);
  const auto sent_at = found != sent.end() ? std::optional(found->second) : std::nullopt;
  towards.expected.push_back({packet_id, sent_at, octets(frame.begin(), frame.end())});
  if (towards.expected.size() > maximum_waiting) forget_expected(towards);
}

void wire_recorder::count(side& of, const departure& what, const record& arrived) {
  wire_arrivals& counted = of.arrivals;
  if (what.sent_at) {
    const duration took = arrived.at - *what.sent_at;
    counted.least_delay = counted.frames == 0 ? took : std::min(counted.least_delay, took);
    counted.longest_delay = std::max(counted.longest_delay, took);
    ++counted.frames;
    counted.mean_delay += (took.seconds() - counted.mean_delay) / static_cast<double>(counted.frames);
  }
  if (arrived.at - of.tenth >= tenth_of_a_second) {
    of.tenth = arrived.at;
    of.octets_of_tenth = 0;
  }
  of.octets_of_tenth += arrived.frame.size() - std::min(arrived.frame.size(), ethernet_header_octets);
  counted.busiest_rate =
      std::max(counted.busiest_rate, 8 * static_cast<double>(of.octets_of_tenth) / tenth_of_a_second.seconds());
}

void wire_recorder::resolve(side& of, std::uint64_t number, std::string comment) {
  record& judged = of.records[number - of.first_record];
  if (judged.resolved) return;
  of.unjudged.remove(judged.frame, number);
  judged.comment = std::move(comment);
  judged.resolved = true;
}

void wire_recorder::forget_expected(side& of) {
  of.on_their_way.remove(of.expected.front().frame, of.first_expected);
  of.expected.pop_front();
  ++of.first_expected;
}

void wire_recorder::write_resolved(side& of) {
  while (!of.records.empty() && of.records.front().resolved) {
    const record& next = of.records.front();
    writer_.write({.interface = of.interface,
                   .at = next.at,
                   .direction = next.direction,
                   .packet_id = next.packet_id,
                   .comment = next.comment},
                  next.frame);
    of.records.pop_front();
    ++of.first_record;
  }
}

void wire_recorder::finish() {
  for (side& of : sides_) {
    for (std::uint64_t number = of.first_record; number < of.first_record + of.records.size(); ++number)
      resolve(of, number, "not seen by the bridge");
    write_resolved(of);
  }
}

std::size_t recorded_link::receive(instant now, std::span<datagram> to) {
  const std::size_t count = inner_.receive(now, to);
  const host_number ours = inner_.capabilities().host;
  for (const datagram& each : to.first(count)) recorder_.received(end_, now, ethernet_frame(each, ours, room_));
  return count;
}

std::size_t recorded_link::transmit(instant now, std::span<const packet> packets) {
  const std::size_t taken = inner_.transmit(now, packets);
  const host_number ours = inner_.capabilities().host;
  for (const packet& each : packets.first(taken)) recorder_.sent(end_, now, ethernet_frame(each, ours, room_));
  return taken;
}

}  // namespace seqwire
