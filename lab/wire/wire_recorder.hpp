// One capture of a run on the wire, like the simulator's: a vantage point at each host, the same packet id at both, and
// the bridge's verdict as a comment. The hosts' links and the bridge of one process report here; a host's records wait,
// in order, until the bridge has said what it did with the oldest one that the host sent.
#pragma once

#include <algorithm>
#include <deque>
#include <set>

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
  explicit wire_recorder(capture_writer& writer);  // it outlives this

  // The hosts' links: 0 is a, 1 is b. A frame is given from its Ethernet header on.
  void sent(int host, instant at, octets_view frame);
  void received(int host, instant at, octets_view frame);

  std::uint64_t on_entry(int port, octets_view frame) override;
  /// Written beside what the host sent.
  void on_verdict(int port, std::uint64_t packet_id, const channel_verdict& verdict) override;
  void on_exit(int port, std::uint64_t packet_id, octets_view frame) override;

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
  };

  void resolve(side& of, std::uint64_t number, std::string comment);
  void forget_expected(side& of);
  void write_resolved(side& of);

  capture_writer& writer_;
  side sides_[2];
  std::uint64_t last_id_ = 0;
};

/// A link that reports what passes to a recorder.
class recorded_link final : public link {
 public:
  /// `host`: 0 is a, 1 is b.
  recorded_link(link& inner, wire_recorder& recorder, int host) : inner_(inner), recorder_(recorder), host_(host) {}
  link_capabilities capabilities() const override { return inner_.capabilities(); }
  std::size_t receive(instant now, std::span<datagram> to) override;
  std::size_t transmit(instant now, std::span<const packet> packets) override;

 private:
  link& inner_;
  wire_recorder& recorder_;
  int host_;
  octets room_;
};

}  // namespace seqwire
