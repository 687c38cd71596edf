#include "lab/wire/wire_recorder.hpp"

#include <utility>

#include "rawio/recorder.hpp"

namespace seqwire {
namespace {

// A slow disk or a lost frame must not make records wait for ever.
constexpr std::size_t maximum_waiting = 65536;

}  // namespace

wire_recorder::wire_recorder(capture_writer& writer) : writer_(writer) {
  sides_[0].interface = writer.add_interface({.name = "a", .description = "host a, at its own interface"});
  sides_[1].interface = writer.add_interface({.name = "b", .description = "host b, at its own interface"});
}

void wire_recorder::sent(int host, instant at, octets_view frame) {
  side& of = sides_[host];
  of.unjudged.add(frame, of.first_record + of.records.size());
  of.records.push_back({at, capture_direction::out, ++last_id_, octets(frame.begin(), frame.end()), {}, false});
  if (of.records.size() > maximum_waiting) resolve(of, of.first_record, {});
  write_resolved(of);
}

void wire_recorder::received(int host, instant at, octets_view frame) {
  side& of = sides_[host];
  record arrived{at, capture_direction::in, std::nullopt, octets(frame.begin(), frame.end()), {}, true};
  const auto match = of.on_their_way.find(
      frame, [&](std::uint64_t number) { return octets_view(of.expected[number - of.first_expected].frame); });
  if (match) {
    arrived.packet_id = of.expected[*match - of.first_expected].packet_id;
    while (of.first_expected <= *match) forget_expected(of);  // those before it never arrived
  }
  of.records.push_back(std::move(arrived));
  write_resolved(of);
}

std::uint64_t wire_recorder::on_entry(int port, octets_view frame) {
  side& of = sides_[port];
  of.entered_record = of.unjudged.find(
      frame, [&](std::uint64_t number) { return octets_view(of.records[number - of.first_record].frame); });
  if (of.entered_record) return *of.records[*of.entered_record - of.first_record].packet_id;
  return ++last_id_;  // of something that no host of ours sent
}

void wire_recorder::on_verdict(int port, std::uint64_t packet_id, const channel_verdict& verdict) {
  side& of = sides_[port];
  if (!of.entered_record) return;  // a frame that is not ours
  const std::uint64_t judged = *std::exchange(of.entered_record, std::nullopt);
  require(of.records[judged - of.first_record].packet_id == packet_id);
  // The bridge takes frames in order: what was sent before and has not entered will not come.
  for (std::uint64_t older = of.first_record; older < judged; ++older) resolve(of, older, "not seen by the bridge");
  resolve(of, judged, to_string(verdict));
  write_resolved(of);
}

void wire_recorder::on_exit(int port, std::uint64_t packet_id, octets_view frame) {
  side& towards = sides_[port];
  towards.on_their_way.add(frame, towards.first_expected + towards.expected.size());
  towards.expected.push_back({packet_id, octets(frame.begin(), frame.end())});
  if (towards.expected.size() > maximum_waiting) forget_expected(towards);
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
  for (const datagram& each : to.first(count)) recorder_.received(host_, now, ethernet_frame(each, ours, room_));
  return count;
}

std::size_t recorded_link::transmit(instant now, std::span<const packet> packets) {
  const std::size_t taken = inner_.transmit(now, packets);
  const host_number ours = inner_.capabilities().host;
  for (const packet& each : packets.first(taken)) recorder_.sent(host_, now, ethernet_frame(each, ours, room_));
  return taken;
}

}  // namespace seqwire
