// One capture of a run on the wire, like the simulator's: a vantage point at each end of a link, the same packet id at
// both, and the bridge's verdict as a comment. The hosts' links and the bridges of one process report here; the records
// of an end wait, in order, until the bridge has said what it did with the oldest one that was sent there. Also how
// long packets took from end to end, and how much the busiest moment brought: what a link achieved.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "lab/experiment.hpp"
#include "lab/wire/bridge.hpp"
#include "protocol/base/keyed_hash.hpp"
#include "protocol/host/link.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// Frames by their octets: finds the oldest equal one without looking at all of them.
class frame_index {
 public:
  /// A later frame has a larger number.
  void add(octets_view frame, std::uint64_t number) { known_.emplace(hash_of(frame), number); }
  void remove(octets_view frame, std::uint64_t number) { known_.erase({hash_of(frame), number}); }  // as it was added
  /// The smallest number whose frame, by `frame_of(number)`, is equal; nothing: none is.
  template <class FrameOf>
  std::optional<std::uint64_t> find(octets_view frame, FrameOf&& frame_of) const {
    const std::uint64_t hash = hash_of(frame);
    for (auto at = known_.lower_bound({hash, 0}); at != known_.end() && at->first == hash; ++at) {
      const octets_view candidate = frame_of(at->second);
      if (std::equal(candidate.begin(), candidate.end(), frame.begin(), frame.end())) return at->second;
    }
    return std::nullopt;
  }

 private:
  static std::uint64_t hash_of(octets_view frame) { return keyed_hash({}, frame); }

  std::set<std::pair<std::uint64_t, std::uint64_t>> known_;  // hash, number
};

/// The capture of a run on the wire; one thread's.
class wire_recorder final : public bridge_observer {
 public:
  /// Ends of links, in order of the bridges' ports, each with its vantage point. The writer outlives this.
  wire_recorder(capture_writer& writer, const std::vector<capture_interface>& ends);

  // The hosts' links. A frame is given from its Ethernet header on.
  void sent(std::size_t end, instant at, octets_view frame);
  void received(std::size_t end, instant at, octets_view frame);

  std::uint64_t on_entry(std::size_t port, octets_view frame) override;
  /// Written beside what the host sent.
  void on_verdict(std::size_t port, std::uint64_t packet_id, const channel_verdict& verdict) override;
  void on_exit(std::size_t port, std::uint64_t packet_id, octets_view frame) override;

  const wire_arrivals& arrivals_at(std::size_t end) const { return sides_[end].arrivals; }  // up to now

  /// Writes what still waits; the last call.
  void finish();

 private:
  struct record {
    instant at{};
    capture_direction direction{};
    std::optional<std::uint64_t> packet_id;
    octets frame;
    std::string comment;
    bool resolved = false;
  };
  struct departure {
    std::uint64_t packet_id;
    std::optional<instant> sent_at;
    octets frame;
  };
  // Numbers count from the run's start; a queue holds those from its first number on.
  struct side {
    std::size_t interface = 0;
    std::deque<record> records;  // not yet written
    std::uint64_t first_record = 0;
    frame_index unjudged;            // of the records that were sent: the bridge has not told of them
    std::deque<departure> expected;  // left the bridge towards this host
    std::uint64_t first_expected = 0;
    frame_index on_their_way;                     // of `expected`
    std::optional<std::uint64_t> entered_record;  // the record that on_entry() found last
    std::map<std::uint64_t, instant> sent_at;     // by packet id; the latest ones
    wire_arrivals arrivals;
    instant tenth{};  // the tenth of a second that is counted
    std::uint64_t octets_of_tenth = 0;
  };

  static void count(side& of, const departure& what, const record& arrived);

  void resolve(side& of, std::uint64_t number, std::string comment);
  void forget_expected(side& of);
  void write_resolved(side& of);

  capture_writer& writer_;
  std::vector<side> sides_;
  std::uint64_t last_id_ = 0;
};

/// A link that reports what passes to a recorder.
class recorded_link final : public link {
 public:
  /// `end`: as the recorder counts them.
  recorded_link(link& inner, wire_recorder& recorder, std::size_t end)
      : inner_(inner), recorder_(recorder), end_(end) {}
  link_capabilities capabilities() const override { return inner_.capabilities(); }
  std::size_t receive(instant now, std::span<datagram> to) override;
  std::size_t transmit(instant now, std::span<const packet> packets) override;

 private:
  link& inner_;
  wire_recorder& recorder_;
  std::size_t end_;
  octets room_;
};

}  // namespace seqwire
