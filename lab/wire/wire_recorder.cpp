#include "lab/wire/wire_recorder.hpp"

#include <algorithm>

#include "rawio/recorder.hpp"

namespace seqwire {
namespace {

bool same(const octets& a, octets_view b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

// A slow disk or a lost frame must not make records wait for ever.
constexpr std::size_t maximum_waiting = 65536;

}  // namespace

wire_recorder::wire_recorder(capture_writer& writer) : writer_(writer) {
  sides_[0].interface = writer.add_interface({.name = "a", .description = "host a, at its own interface"});
  sides_[1].interface = writer.add_interface({.name = "b", .description = "host b, at its own interface"});
}

void wire_recorder::sent(int host, instant at, octets_view frame) {
  side& of = sides_[host];
  of.records.push_back({at, capture_direction::out, ++last_id_, octets(frame.begin(), frame.end()), {}, false});
  if (of.records.size() > maximum_waiting) of.records.front().resolved = true;
  write_resolved(of);
}

void wire_recorder::received(int host, instant at, octets_view frame) {
  side& of = sides_[host];
  record arrived{at, capture_direction::in, std::nullopt, octets(frame.begin(), frame.end()), {}, true};
  const auto match = std::find_if(of.expected.begin(), of.expected.end(),
                                  [&](const auto& candidate) { return same(candidate.second, frame); });
  if (match != of.expected.end()) {
    arrived.packet_id = match->first;
    of.expected.erase(of.expected.begin(), match + 1);  // those before it never arrived
  }
  of.records.push_back(std::move(arrived));
  write_resolved(of);
}

std::uint64_t wire_recorder::on_entry(int port, octets_view frame) {
  side& of = sides_[port];
  for (record& candidate : of.records)
    if (candidate.direction == capture_direction::out && !candidate.resolved && same(candidate.frame, frame))
      return *candidate.packet_id;
  return ++last_id_;  // of something that no host of ours sent
}

void wire_recorder::on_verdict(int port, std::uint64_t packet_id, const channel_verdict& verdict) {
  side& of = sides_[port];
  const auto judged = std::find_if(of.records.begin(), of.records.end(), [&](const record& candidate) {
    return candidate.direction == capture_direction::out && candidate.packet_id == packet_id;
  });
  if (judged == of.records.end()) return;  // a frame that is not ours
  judged->comment = to_string(verdict);
  judged->resolved = true;
  for (auto older = of.records.begin(); older != judged; ++older) {
    if (older->resolved) continue;
    older->comment = "not seen by the bridge";  // it takes frames in order: this one will not come
    older->resolved = true;
  }
  write_resolved(of);
}

void wire_recorder::on_exit(int port, std::uint64_t packet_id, octets_view frame) {
  side& towards = sides_[port];
  towards.expected.emplace_back(packet_id, octets(frame.begin(), frame.end()));
  if (towards.expected.size() > maximum_waiting) towards.expected.pop_front();
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
  }
}

void wire_recorder::finish() {
  for (side& of : sides_) {
    for (record& waiting : of.records) {
      if (!waiting.resolved) waiting.comment = "not seen by the bridge";
      waiting.resolved = true;
    }
    write_resolved(of);
  }
}

std::size_t recorded_link::receive(instant now, std::span<datagram> to) {
  const std::size_t count = inner_.receive(now, to);
  octets frame;
  for (std::size_t i = 0; i < count; ++i) {
    const auto header = ethernet_header(inner_.capabilities().host, to[i].previous_hop);
    frame.assign(header.begin(), header.end());
    frame.insert(frame.end(), to[i].contents.view().begin(), to[i].contents.view().end());
    recorder_.received(host_, now, frame);
  }
  return count;
}

std::size_t recorded_link::transmit(instant now, std::span<const packet> packets) {
  const std::size_t taken = inner_.transmit(now, packets);
  octets frame;
  for (const packet& each : packets.first(taken)) {
    const auto header = ethernet_header(each.next_hop, inner_.capabilities().host);
    frame.assign(header.begin(), header.end());
    frame.resize(header.size() + each.size());
    each.copy_to(frame.data() + header.size());
    recorder_.sent(host_, now, frame);
  }
  return taken;
}

}  // namespace seqwire
