#include "dissector/analysis/analyze.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dissector/analysis/capture_walk.hpp"
#include "protocol/base/keyed_hash.hpp"

namespace seqwire {
namespace {

// The words with which a capture's comments begin when the link does not deliver a packet: docs/links.md.
bool says_lost(const captured_packet& packet) {
  return std::any_of(packet.comments.begin(), packet.comments.end(), [](const std::string& comment) {
    return comment.starts_with("lost") || comment.starts_with("dropped");
  });
}

}  // namespace

std::string_view connection_summary::ending() const {
  bool request = false;
  bool replied[2] = {};
  for (const view_summary& view : views)
    for (std::size_t side = 0; side < 2; ++side) {
      request = request || view.sides[side].close_request || view.sides[side].close_reply;
      replied[side] = replied[side] || view.sides[side].close_reply;
    }
  if (replied[0] && replied[1]) return "closed";
  return request ? "close not answered" : "open";
}

void analyzer::begin_capture(std::string name) {
  result_.files.push_back(std::move(name));
  first_interface_ = interfaces_.size();
  frame_number_ = 0;
}

void analyzer::on_packet(const captured_packet& packet, const capture_interface& seen_at) {
  if (result_.files.empty()) begin_capture("capture");
  const auto file = static_cast<std::uint32_t>(result_.files.size() - 1);
  seen_packet seen;
  seen.facts.frame = {file, ++frame_number_};
  seen.facts.interface = first_interface_ + packet.interface;
  seen.facts.at = sane(packet.at);
  ++result_.frames;
  if (seen.facts.interface >= interfaces_.size()) {
    interfaces_.resize(seen.facts.interface + 1);
    dropped_.resize(interfaces_.size());
  }
  std::string& name = interfaces_[seen.facts.interface];
  if (name.empty())
    name = seen_at.name.empty() ? fmt::format("interface {}", packet.interface) : printable_name(seen_at.name);
  dropped_[seen.facts.interface] += packet.dropped_before;
  if (packet.frame.size() < packet.original_length) {
    ++cut_frames_;
    return;
  }
  const auto decoded = decode_frame(seen_at.type, packet.frame);
  if (!decoded) return;
  const auto view = decode_sequenced(*decoded);
  if (!view) return;
  if (!decoded->checksum_right) {
    ++result_.wrong_checksums;
    return;
  }
  ++result_.sequenced_packets;
  if (view->fault != form_fault::none) {
    ++result_.malformed;
    return;
  }
  const auto direction = packet.direction == capture_direction::unknown ? decoded->told_by_link : packet.direction;
  seen.where = vantage_of(*decoded, direction);
  seen.facts.take(*decoded, *view);
  if (packet.packet_id) seen.facts.packet = packet_key{file, *packet.packet_id};
  seen.lost = seen.where == vantage::own_emission && says_lost(packet);
  see(seen);
}

void analyzer::see(const seen_packet& packet) {
  if (known_connection* known = connection_of(packet.facts)) deliver(*known, packet);
  else if (packet.facts.to.id == 0) keep_opening(packet);
  else if (known_connection* made = create(packet.facts)) deliver(*made, packet);
  else ++beyond_limits_;
}

analyzer::known_connection* analyzer::connection_of(const packet_facts& facts) {
  if (facts.to.id == 0) {
    const auto found = by_end_.find({facts.from, facts.to.host});
    return found == by_end_.end() ? nullptr : &connections_[found->second];
  }
  const auto found = by_pair_.find(std::minmax(facts.from, facts.to));
  return found == by_pair_.end() ? nullptr : &connections_[found->second];
}

analyzer::known_connection* analyzer::create(const packet_facts& facts) {
  if (connections_.size() == most_connections) return nullptr;
  const std::size_t index = connections_.size();
  by_pair_.emplace(std::minmax(facts.from, facts.to), index);
  known_connection& made = connections_.emplace_back();
  made.summary.sides[0] = facts.from;
  made.summary.sides[1] = facts.to;
  for (const auto& [end, peer] : {std::pair{facts.to, facts.from}, std::pair{facts.from, facts.to}}) {
    by_end_[{end, peer.host}] = index;
    auto opening = openings_.extract({end, peer.host});
    if (!opening) continue;
    made.summary.sides[0] = end;
    made.summary.sides[1] = peer;
    made.summary.opening_seen = true;
    for (const seen_packet& each : opening.mapped()) deliver(made, each);
  }
  return &made;
}

void analyzer::deliver(known_connection& to, const seen_packet& packet) {
  auto view = std::find_if(to.views.begin(), to.views.end(),
                           [&](const known_view& each) { return each.interface == packet.facts.interface; });
  if (view == to.views.end()) {
    if (to.views.size() == most_views) {
      ++beyond_limits_;
      return;
    }
    view = to.views.insert(view, known_view{.interface = packet.facts.interface, .file = packet.facts.frame.file});
  }
  const auto connection = static_cast<std::size_t>(&to - connections_.data());
  const auto place = static_cast<std::size_t>(view - to.views.begin());
  event_listener tell;
  if (listener_)
    tell = [&](observed_event event) {
      event.connection = connection;
      event.view = place;
      listener_(event);
    };
  const std::size_t sender = packet.facts.from == to.summary.sides[0] ? 0 : 1;
  numbers_kept_ -= view->numbers.numbers_kept();
  view->numbers.see(packet.facts, sender, packet.where, packet.lost, tell);
  keep_passage(*view, packet.facts, sender);
  numbers_kept_ += view->numbers.numbers_kept();
  forget_when_full();
}

void analyzer::keep_passage(known_view& at, const packet_facts& facts, std::size_t sender) {
  if (passages_kept_ == most_passages) {
    ++passages_beyond_;
    return;
  }
  ++passages_kept_;
  std::vector<passage>& kept = at.passages[sender];
  const absolute_number number = absolute(facts.header.sequence, kept.empty() ? 0 : at.highest[sender]);
  at.highest[sender] = kept.empty() ? number : std::max(at.highest[sender], number);
  kept.push_back(passage::of(facts, number));
}

// Along the way from the first side to the second. How far a vantage point is from another: the least delay of what the
// first side sends less that of what the second sends, in which the difference of their clocks cancels. Where that says
// nothing, those who sent and received know.
std::vector<crossing_summary> analyzer::crossings_of(const known_connection& of) {
  struct place {
    std::size_t view;
    int rank;  // of the first side, between, of the second
    std::int64_t distance;
  };
  const auto ground = [](const known_view& one, const known_view& other) {
    if (one.file != other.file) return common_ground::nothing;
    const auto has_ids = [](const known_view& each) {
      for (const std::vector<passage>& side : each.passages)
        for (const passage& packet : side)
          if (!packet.id) return false;
      return true;
    };
    if (!has_ids(one) || !has_ids(other)) return common_ground::clock;
    for (std::size_t side = 0; side < 2; ++side)
      if (least_delay(one.passages[side], other.passages[side], common_ground::ids)) return common_ground::ids;
    return common_ground::clock;
  };
  std::vector<place> along;
  for (std::size_t i = 0; i < of.views.size(); ++i) {
    const known_view& here = of.views[i];
    const known_view& reference = of.views.front();
    const auto is = [&](std::size_t side, vantage what) { return here.numbers.summary(side).where == what; };
    place made{i, 1, 0};
    if (is(0, vantage::own_emission) || is(1, vantage::own_arrival)) made.rank = 0;
    else if (is(0, vantage::own_arrival) || is(1, vantage::own_emission)) made.rank = 2;
    if (i != 0) {
      const common_ground by = ground(reference, here);
      const auto there = least_delay(reference.passages[0], here.passages[0], by);
      const auto back = least_delay(reference.passages[1], here.passages[1], by);
      if (there) made.distance += *there;
      if (back) made.distance -= *back;
    }
    along.push_back(made);
  }
  std::stable_sort(along.begin(), along.end(), [](const place& left, const place& right) {
    return std::pair(left.rank, left.distance) < std::pair(right.rank, right.distance);
  });
  std::vector<crossing_summary> found;
  const auto measure = [&](std::size_t first, std::size_t second) {
    const known_view& near = of.views[first];
    const known_view& far = of.views[second];
    crossing_summary made{.first = first, .second = second, .one_clock = near.file == far.file};
    const common_ground by = ground(near, far);
    for (std::size_t side = 0; side < 2; ++side) {
      const std::vector<passage>& from = (side == 0 ? near : far).passages[side];
      const std::vector<passage>& to = (side == 0 ? far : near).passages[side];
      if (!from.empty() && !to.empty()) made.sides[side] = measure_crossing(from, to, by);
    }
    if (made.sides[0] || made.sides[1]) found.push_back(std::move(made));
  };
  for (std::size_t i = 1; i < along.size(); ++i) measure(along[i - 1].view, along[i].view);
  if (along.size() > 2) measure(along.front().view, along.back().view);
  return found;
}

void analyzer::keep_opening(const seen_packet& packet) {
  const end_key key{packet.facts.from, packet.facts.to.host};
  if (openings_.size() == most_openings && !openings_.contains(key)) {
    ++beyond_limits_;
    return;
  }
  auto& kept = openings_[key];
  if (kept.size() == most_sightings) {
    ++beyond_limits_;
    return;
  }
  kept.push_back(packet);
  packet_facts& facts = kept.back().facts;
  if (!facts.body.empty()) facts.body_hash = keyed_hash({}, facts.body);
  facts.body = {};  // it lives no longer than the frame
}

void analyzer::forget_when_full() {
  if (numbers_kept_ <= most_numbers) return;
  for (known_connection& each : connections_)
    for (known_view& view : each.views) view.numbers.forget_numbers();
  numbers_kept_ = 0;
  forgot_ = true;
}

analysis analyzer::finish() {
  for (known_connection& each : connections_) {
    each.summary.crossings = crossings_of(each);
    for (const known_view& view : each.views)
      each.summary.views.push_back(
          {interfaces_[view.interface], view.file, {view.numbers.summary(0), view.numbers.summary(1)}});
    result_.connections.push_back(std::move(each.summary));
  }
  result_.unanswered_openings = openings_.size();
  for (std::size_t i = 0; i < dropped_.size(); ++i)
    if (dropped_[i] != 0)
      result_.holes.push_back(fmt::format("{}: {} packets were lost by the capture", interfaces_[i], dropped_[i]));
  if (cut_frames_ != 0) result_.holes.push_back(fmt::format("{} frames were cut by the capture", cut_frames_));
  if (beyond_limits_ != 0)
    result_.holes.push_back(
        fmt::format("{} packets are beyond {} connections, {} openings, or {} vantage points of one", beyond_limits_,
                    most_connections, most_openings, most_views));
  if (passages_beyond_ != 0)
    result_.holes.push_back(fmt::format("between vantage points only the first {} packets are looked at, {} are not",
                                        most_passages, passages_beyond_));
  if (forgot_)
    result_.holes.push_back(
        fmt::format("more than {} numbers at once: some repetitions are undecided that need not be", most_numbers));
  return std::move(result_);
}

result<analysis, std::string> analyze_files(std::span<const std::string> captures, event_listener listener,
                                            const capture_reading& how) {
  if (auto what = given_twice(captures)) return failure(std::move(*what));
  analyzer reader(std::move(listener));
  for (const std::string& path : captures) {
    reader.begin_capture(path);
    const auto walked = walk_capture(
        path,
        [&](const captured_packet& packet, const capture_interface& seen_at) { reader.on_packet(packet, seen_at); },
        how);
    if (!walked) return failure(walked.error());
    if (walked->cut_short) reader.on_hole(*walked->cut_short);
  }
  return reader.finish();
}

}  // namespace seqwire
