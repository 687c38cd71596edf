#include "dissector/report/story.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

// Gathers events; times are absolute until the story is whole.
class storyteller {
 public:
  void take(const observed_event& event);
  story finish(analysis told);

 private:
  view_story& view_of(const observed_event& event);

  std::vector<connection_story> connections_;
  std::size_t kept_ = 0;
  std::uint64_t beyond_ = 0;
};

view_story& storyteller::view_of(const observed_event& event) {
  if (connections_.size() <= event.connection) connections_.resize(event.connection + 1);
  auto& views = connections_[event.connection].views;
  if (views.size() <= event.view) views.resize(event.view + 1);
  return views[event.view];
}

sighting sighting_of(const observed_event& event) {
  const packet_facts& packet = *event.packet;
  return {.at = event.at.nanoseconds,
          .frame = event.frame,
          .what = event.kind,
          .cause = event.cause,
          .side = static_cast<std::uint8_t>(event.side),
          .end_of_record = packet.header.end_of_record,
          .attention = packet.header.attention,
          .datastream_type = packet.header.datastream_type,
          .acknowledgement = packet.header.acknowledgement,
          .allocation = packet.header.allocation,
          .data_octets = static_cast<std::uint32_t>(packet.body.size()),
          .number = event.number,
          .repeats = event.repeats ? event.repeats->number : 0,
          .packet = packet.packet};
}

void storyteller::take(const observed_event& event) {
  view_story& view = view_of(event);
  const std::int64_t at = event.at.nanoseconds;
  switch (event.kind) {
    case event_kind::system:
    case event_kind::data:
    case event_kind::resent:
    case event_kind::copied:
    case event_kind::repeated:
      if (kept_ == most_sightings_drawn) {
        ++beyond_;
        return;
      }
      ++kept_;
      view.sightings.push_back(sighting_of(event));
      return;
    case event_kind::lost:
      if (!view.sightings.empty() && view.sightings.back().frame == event.frame) view.sightings.back().lost = true;
      return;
    default: break;
  }
  if (kept_ == most_sightings_drawn) return;
  switch (event.kind) {
    case event_kind::acknowledged: return view.acknowledged[event.side].add(at, event.number);
    case event_kind::allocated: return view.allowed[event.side].add(at, event.number);
    default: return view.round_trip[event.side].add(at, event.round_trip.nanoseconds);
  }
}

// Where the packets of a side leave and where they arrive: the first of each.
void find_vantages(passage_story& passage, const connection_summary& told, std::size_t side) {
  for (std::size_t view = 0; view < told.views.size(); ++view) {
    const auto where = told.views[view].sides[side].where;
    if (where == vantage::own_emission && !passage.from) passage.from = view;
    if (where == vantage::own_arrival && !passage.to) passage.to = view;
  }
}

void measure_delays(passage_story& passage, const connection_story& of, std::uint8_t side) {
  std::map<packet_key, std::int64_t> left;
  for (const sighting& each : of.views[*passage.from].sightings)
    if (each.side == side && each.packet) left.emplace(*each.packet, each.at);
  for (const sighting& each : of.views[*passage.to].sightings) {
    if (each.side != side || !each.packet) continue;
    if (const auto found = left.find(*each.packet); found != left.end())
      passage.delay.add(each.at, each.at - found->second);
  }
}

// A record is told by its last number; its first is the one behind the record before it.
void measure_records(passage_story& passage, const connection_story& of, std::uint8_t side) {
  struct number_facts {
    std::int64_t left = 0;
    bool ends = false;
  };
  std::map<absolute_number, number_facts> numbers;
  for (const sighting& each : of.views[*passage.from].sightings) {
    const bool counts = each.what == event_kind::data && each.side == side && !each.attention &&
                        each.datastream_type < close_request_type;
    if (counts) numbers.emplace(each.number, number_facts{each.at, each.end_of_record});
  }
  auto expected = numbers.begin();
  std::set<absolute_number> arrived;
  std::int64_t begun = 0;
  bool within = false;  // a record
  for (const sighting& each : of.views[*passage.to].sightings) {
    if (each.side != side || each.what != event_kind::data || !numbers.contains(each.number)) continue;
    arrived.insert(each.number);
    while (expected != numbers.end() && arrived.erase(expected->first) != 0) {
      if (!within) begun = expected->second.left;
      within = !expected->second.ends;
      if (!within) passage.latency.add(each.at, each.at - begun);
      ++expected;
    }
  }
}

void shift(story_line& line, std::int64_t begin) {
  for (std::int64_t& at : line.at) at -= begin;
}

// Times become those since the story's beginning.
void settle_times(story& whole) {
  std::int64_t begin = std::numeric_limits<std::int64_t>::max(), end = 0;
  for (const connection_story& each : whole.connections)
    for (const view_story& view : each.views)
      for (const sighting& seen : view.sightings) {
        begin = std::min(begin, seen.at);
        end = std::max(end, seen.at);
      }
  if (begin > end) return;
  whole.begin = instant{} + duration{begin};
  whole.length = end - begin;
  for (connection_story& each : whole.connections) {
    for (view_story& view : each.views) {
      for (sighting& seen : view.sightings) seen.at -= begin;
      for (std::size_t side = 0; side < 2; ++side)
        for (story_line* line : {&view.acknowledged[side], &view.allowed[side], &view.round_trip[side]})
          shift(*line, begin);
    }
    for (passage_story& passage : each.passages)
      for (story_line* line : {&passage.delay, &passage.latency}) shift(*line, begin);
  }
}

story storyteller::finish(analysis told) {
  story whole;
  connections_.resize(told.connections.size());
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    connection_story& each = connections_[i];
    each.views.resize(told.connections[i].views.size());
    for (std::uint8_t side = 0; side < 2; ++side) {
      passage_story& passage = each.passages[side];
      find_vantages(passage, told.connections[i], side);
      if (!passage.from || !passage.to) continue;
      measure_delays(passage, each, side);
      measure_records(passage, each, side);
    }
  }
  if (beyond_ != 0)
    told.holes.push_back(
        fmt::format("{} packets beyond the first {} are counted but not drawn", beyond_, most_sightings_drawn));
  whole.told = std::move(told);
  whole.connections = std::move(connections_);
  settle_times(whole);
  return whole;
}

}  // namespace

result<story, std::string> story_of(std::span<const std::string> captures, const std::function<bool()>& stopped) {
  storyteller teller;
  auto told = analyze_files(captures, [&](const observed_event& event) { teller.take(event); }, {.stopped = stopped});
  if (!told) return failure(told.error());
  return teller.finish(std::move(*told));
}

}  // namespace seqwire
