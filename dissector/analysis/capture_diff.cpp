#include "dissector/analysis/capture_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "dissector/analysis/capture_walk.hpp"
#include "protocol/base/keyed_hash.hpp"

namespace seqwire {
namespace {

constexpr std::size_t usually_listed = 20;
constexpr absolute_number lowest = std::numeric_limits<absolute_number>::min();
// Wire numbers reach no farther back: nothing below can be sent again.
constexpr absolute_number window_of_numbers = 65536;
// What is kept of each direction once there is too much: enough for most that is sent again.
constexpr absolute_number window_under_pressure = 256;

std::uint64_t mixed(std::uint64_t one, std::uint64_t other) {
  one = (one ^ other) * 0x9e3779b97f4a7c15u;
  return one ^ (one >> 29);
}

bool same_contents(const packet_sight& one, const packet_sight& other) {
  return one.hash == other.hash && one.octets == other.octets && one.datastream_type == other.datastream_type &&
         one.attention == other.attention && one.end_of_record == other.end_of_record;
}

packet_sight sight_of(const observed_event& event) {
  const packet_facts& packet = *event.packet;
  packet_sight seen;
  seen.hash = packet.body.empty() ? packet.body_hash : keyed_hash({}, packet.body);
  seen.frame = event.frame.number;
  seen.at = event.at;
  seen.times = 1;
  seen.octets = static_cast<std::uint32_t>(packet.body.size());
  seen.datastream_type = packet.header.datastream_type;
  seen.attention = packet.header.attention;
  seen.end_of_record = packet.header.end_of_record;
  return seen;
}

struct diff_row {
  std::array<packet_sight, 2> sights;
};

// The packets of one kind and direction that are still open, by what makes them the same packet.
template <class Key>
struct open_rows {
  std::map<Key, diff_row> rows;
  std::array<absolute_number, 2> reached{lowest, lowest};  // one beyond the highest number, by capture
  absolute_number settled = lowest;                        // lower numbers were compared and forgotten
  std::array<std::uint64_t, 2> frame_before{};
};

// The system packets' reckoning of one direction in one capture.
struct reckoning {
  bool begun = false;
  absolute_number acknowledgement = 0;
};

struct open_direction {
  open_rows<absolute_number> data;
  open_rows<system_words> system;
  std::array<reckoning, 2> answers;
};

absolute_number place_of(absolute_number number) { return number; }
absolute_number place_of(const system_words& words) { return words.acknowledgement; }

// Takes what both captures show, and compares packet by packet as soon as neither can add to it.
class comparison {
 public:
  comparison(const diff_options& options, capture_diff& result, const std::array<analysis, 2>& told,
             const connection_pairing& pairing)
      : options_(options), result_(result), open_(pairing.pairs.size()) {
    for (std::size_t file = 0; file < 2; ++file) pair_of_[file].resize(told[file].connections.size());
    for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
      const connection_pair& pair = pairing.pairs[i];
      for (std::size_t file = 0; file < 2; ++file) pair_of_[file][pair.connection[file]] = i;
      captured_from_ = std::min(captured_from_, result.connections[i].starts[0]);
    }
  }

  void see(std::size_t file, const observed_event& event) {
    const bool sent = event.kind == event_kind::system || event.kind == event_kind::data ||
                      event.kind == event_kind::resent || event.kind == event_kind::repeated;
    if (!sent || event.connection >= pair_of_[file].size() || !pair_of_[file][event.connection]) return;
    const std::size_t pair = *pair_of_[file][event.connection];
    const connection_pair& which = result_.connections[pair].which;
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const auto& chosen = which.directions[direction][file];
      if (!chosen || chosen->view != event.view || chosen->side != event.side) continue;
      if (event.kind == event_kind::system) see_system(file, pair, direction, event);
      else add(file, {pair, direction}, open_[pair].directions[direction].data, event.number, event);
    }
    if (rows_ > options_.most_rows) relieve();
  }

  // Distinct packets so far, by which the readers keep step.
  std::uint64_t progress(std::size_t file) const { return progress_[file]; }

  void finish() {
    settle_all(std::nullopt);
    std::sort(listed_.begin(), listed_.end(), earlier);
    for (placed_difference& each : listed_) result_.listed.push_back(std::move(each.what));
    if (not_compared_ != 0)
      result_.holes.push_back(
          fmt::format("more than {} packets at once: {} could not be compared", options_.most_rows, not_compared_));
  }

 private:
  struct open_pair {
    open_direction directions[2];
  };
  struct place {
    std::size_t pair;
    std::size_t direction;
  };
  struct placed_difference {
    duration since_capture{};  // in the time of the first capture
    std::uint64_t order = 0;
    packet_difference what;
  };
  static bool earlier(const placed_difference& one, const placed_difference& other) {
    return std::pair(one.since_capture, one.order) < std::pair(other.since_capture, other.order);
  }

  void see_system(std::size_t file, std::size_t pair, std::size_t direction, const observed_event& event) {
    if (!options_.system_packets) return;
    open_direction& open = open_[pair].directions[direction];
    reckoning& answers = open.answers[file];
    const sequenced_header& header = event.packet->header;
    const absolute_number acknowledged =
        answers.begun ? absolute(header.acknowledgement, answers.acknowledgement) : header.acknowledgement;
    answers.acknowledgement = answers.begun ? std::max(answers.acknowledgement, acknowledged) : acknowledged;
    answers.begun = true;
    const system_words words{acknowledged, absolute(header.allocation, acknowledged), event.number,
                             header.acknowledgement_request, header.destination_connection == 0};
    add(file, {pair, direction}, open.system, words, event);
  }

  template <class Key>
  void add(std::size_t file, place where, open_rows<Key>& rows, const Key& key, const observed_event& event) {
    if (place_of(key) < rows.settled) {
      ++not_compared_;
      return;
    }
    const auto [found, fresh] = rows.rows.try_emplace(key);
    if (fresh) ++rows_;
    packet_sight& sight = found->second.sights[file];
    packet_sight seen = sight_of(event);
    if (sight.times == 0) {
      sight = seen;
      ++progress_[file];
    } else {
      ++sight.times;
      if (!same_contents(sight, seen)) sight.hash = mixed(sight.hash, seen.hash);
    }
    rows.reached[file] = std::max(rows.reached[file], place_of(key) + 1);
    settle(where, rows, window_of_numbers);
  }

  // Compares what neither capture can add to any more. No window: everything, both have ended.
  template <class Key>
  void settle(place where, open_rows<Key>& rows, std::optional<absolute_number> window) {
    const absolute_number both = std::min(rows.reached[0], rows.reached[1]);
    if (window && both == lowest) return;
    const absolute_number bound = window ? both - *window : std::numeric_limits<absolute_number>::max();
    auto each = rows.rows.begin();
    for (; each != rows.rows.end() && place_of(each->first) < bound; ++each) {
      compare(where, each->first, each->second, rows.frame_before);
      --rows_;
    }
    if (each == rows.rows.begin()) return;
    rows.rows.erase(rows.rows.begin(), each);
    rows.settled = bound;
  }

  void settle_all(std::optional<absolute_number> window) {
    for (std::size_t pair = 0; pair < open_.size(); ++pair)
      for (std::size_t direction = 0; direction < 2; ++direction) {
        settle({pair, direction}, open_[pair].directions[direction].data, window);
        settle({pair, direction}, open_[pair].directions[direction].system, window);
      }
  }

  // What both captures have gone past is compared sooner. If that makes too little room, the one is too far ahead of
  // the other: what waits for it is not compared at all.
  void relieve() {
    settle_all(window_under_pressure);
    if (rows_ <= options_.most_rows / 2) return;
    for (open_pair& pair : open_)
      for (open_direction& direction : pair.directions) {
        discard(direction.data);
        discard(direction.system);
      }
  }

  template <class Key>
  void discard(open_rows<Key>& rows) {
    not_compared_ += rows.rows.size();
    rows_ -= rows.rows.size();
    rows.rows.clear();
    rows.settled = std::max({rows.settled, rows.reached[0], rows.reached[1]});
  }

  template <class Key>
  void compare(place where, const Key& key, const diff_row& row, std::array<std::uint64_t, 2>& frame_before) {
    packet_difference what;
    what.pair = where.pair;
    what.direction = where.direction;
    if constexpr (std::is_same_v<Key, system_words>) what.system = key;
    else what.number = key;
    what.sights = row.sights;
    what.frame_before = frame_before;
    const auto& [one, other] = row.sights;
    for (std::size_t file = 0; file < 2; ++file)
      if (row.sights[file].times != 0) frame_before[file] = row.sights[file].frame;
    direction_counts& counts = result_.connections[where.pair].counts[where.direction][what.system ? 1 : 0];
    bool same = true;
    const auto differs = [&](difference_kind kind) {
      same = false;
      ++counts.different[static_cast<std::size_t>(kind)];
      what.kind = kind;
      note(what);
    };
    if (other.times == 0) return differs(difference_kind::only_in_first);
    if (one.times == 0) return differs(difference_kind::only_in_second);
    if (!what.system && !same_contents(one, other)) differs(difference_kind::contents);
    if (one.times != other.times) {
      differs(difference_kind::times_sent);
      ++counts.sent_more[one.times > other.times ? 0 : 1];
    }
    const duration apart = since_start(where, row, 0) - since_start(where, row, 1);
    if (options_.tolerance && (apart > *options_.tolerance || apart < duration{} - *options_.tolerance))
      differs(difference_kind::time);
    if (same) ++counts.same;
  }

  duration since_start(place where, const diff_row& row, std::size_t file) const {
    return row.sights[file].at - result_.connections[where.pair].starts[file];
  }

  // The earliest ones are kept, as a heap with the latest of them in front.
  void note(packet_difference& what) {
    const place where{what.pair, what.direction};
    const diff_row row{what.sights};
    what.offset = duration::maximum();
    for (std::size_t file = 0; file < 2; ++file)
      if (what.sights[file].times != 0) what.offset = std::min(what.offset, since_start(where, row, file));
    const instant shown = result_.connections[what.pair].starts[0];
    const instant began = shown == instant::never() ? captured_from_ : shown;
    placed_difference added{began - captured_from_ + what.offset, result_.differences++, what};
    if (listed_.size() == (options_.everything ? most_listed_at_all : usually_listed)) {
      if (listed_.empty() || !earlier(added, listed_.front())) return;
      std::pop_heap(listed_.begin(), listed_.end(), earlier);
      listed_.pop_back();
    }
    listed_.push_back(std::move(added));
    std::push_heap(listed_.begin(), listed_.end(), earlier);
  }

  const diff_options& options_;
  capture_diff& result_;
  std::array<std::vector<std::optional<std::size_t>>, 2> pair_of_;  // by capture and its connection
  std::vector<open_pair> open_;
  instant captured_from_ = instant::never();  // the first packet of any pair in the first capture
  std::vector<placed_difference> listed_;
  std::size_t rows_ = 0;
  std::array<std::uint64_t, 2> progress_{};
  std::uint64_t not_compared_ = 0;
};

// One capture, a packet at a time.
class stepped_capture {
 public:
  stepped_capture(capture_reader reader, std::string name, event_listener listener)
      : reader_(std::move(reader)), analyzer_(std::move(listener)) {
    analyzer_.begin_capture(std::move(name));
  }
  bool ended() const { return ended_; }
  void step() {
    const auto next = reader_.next();  // what is wrong with the file was said when it was read first
    ended_ = !next || *next == nullptr;
    if (!ended_) analyzer_.on_packet(**next, reader_.interfaces()[(*next)->interface]);
  }

 private:
  capture_reader reader_;
  analyzer analyzer_;
  bool ended_ = false;
};

result<void, std::string> read_side_by_side(const std::array<std::string, 2>& files, comparison& compared,
                                            const std::function<bool()>& stopped) {
  std::vector<stepped_capture> captures;
  for (std::size_t file = 0; file < 2; ++file) {
    auto reader = capture_reader::open(files[file]);
    if (!reader) return failure(to_string(reader.error()));
    captures.emplace_back(std::move(*reader), files[file],
                          [&compared, file](const observed_event& event) { compared.see(file, event); });
  }
  while (!captures[0].ended() || !captures[1].ended()) {
    if (stopped && stopped()) return failure(std::string("stopped"));
    const bool first = !captures[0].ended() && (captures[1].ended() || compared.progress(0) <= compared.progress(1));
    captures[first ? 0 : 1].step();
  }
  return {};
}

void describe(capture_diff& result, const std::array<analysis, 2>& told, const connection_pairing& pairing) {
  for (const connection_pair& pair : pairing.pairs) {
    connection_diff& added = result.connections.emplace_back();
    added.which = pair;
    for (std::size_t file = 0; file < 2; ++file) {
      const connection_summary& connection = told[file].connections[pair.connection[file]];
      for (std::size_t direction = 0; direction < 2; ++direction) {
        const auto& chosen = pair.directions[direction][file];
        if (!chosen) continue;
        added.starts[file] = std::min(added.starts[file], chosen->first.value_or(instant::never()));
        added.seen_at[direction][file] =
            fmt::format("{} at {}", name_of(chosen->where), connection.views[chosen->view].name);
      }
      const auto& side = pair.directions[0][file] ? pair.directions[0][file] : pair.directions[1][file];
      const std::size_t first = side ? (pair.directions[0][file] ? side->side : 1 - side->side) : 0;
      added.ends[file] = {connection.sides[first], connection.sides[1 - first]};
    }
  }
  for (std::size_t file = 0; file < 2; ++file)
    for (const std::size_t each : pairing.unpaired[file]) {
      const connection_summary& connection = told[file].connections[each];
      std::uint64_t most = 0;
      for (const view_summary& view : connection.views)
        most = std::max(most, view.sides[0].packets + view.sides[1].packets);
      result.lonely.push_back({file, each, {connection.sides[0], connection.sides[1]}, most});
    }
}

}  // namespace

std::string_view name_of(difference_kind kind) {
  switch (kind) {
    case difference_kind::only_in_first: return "only in A";
    case difference_kind::only_in_second: return "only in B";
    case difference_kind::contents: return "contents differ";
    case difference_kind::times_sent: return "not sent as often";
    case difference_kind::time: return "at another time";
  }
  return "unknown";
}

bool connection_diff::differs() const {
  for (const auto& direction : counts)
    for (const direction_counts& each : direction)
      for (const std::uint64_t count : each.different)
        if (count != 0) return true;
  return false;
}

bool capture_diff::same() const {
  return differences == 0 && lonely.empty() && unanswered_openings[0] == unanswered_openings[1];
}

int capture_diff::exit_code() const {
  if (!same()) return 3;
  return holes.empty() ? 0 : 4;
}

result<capture_diff, std::string> diff_files(const std::string& first, const std::string& second,
                                             const diff_options& options, const std::function<bool()>& stopped) {
  capture_diff result;
  result.files = {first, second};
  result.everything = options.everything;
  if (auto what = given_twice(result.files)) return failure(std::move(*what));
  std::array<analysis, 2> told;
  for (std::size_t file = 0; file < 2; ++file) {
    std::error_code unknown;
    if (std::filesystem::exists(result.files[file], unknown) &&
        !std::filesystem::is_regular_file(result.files[file], unknown))
      return failure(printable_name(result.files[file]) +
                     ": expected a file, which can be read twice; got another thing");
    auto found = analyze_files({&result.files[file], 1}, {}, {.stopped = stopped});
    if (!found) return failure(found.error());
    told[file] = std::move(*found);
    result.frames[file] = told[file].frames;
    result.unanswered_openings[file] = told[file].unanswered_openings;
    for (const std::string& hole : told[file].holes)
      result.holes.push_back(fmt::format("{}: {}", file == 0 ? "A" : "B", hole));
  }
  const connection_pairing pairing = pair_connections(told[0], told[1]);
  describe(result, told, pairing);
  if (result.connections.empty() && result.lonely.empty()) result.holes.push_back("neither shows a connection");
  comparison compared(options, result, told, pairing);
  if (const auto read = read_side_by_side(result.files, compared, stopped); !read) return failure(read.error());
  compared.finish();
  return result;
}

}  // namespace seqwire
