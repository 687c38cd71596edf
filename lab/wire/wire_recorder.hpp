// One capture of a run on the wire, like the simulator's: a vantage point at each host, the same packet id at both, and
// the bridge's verdict as a comment. The hosts' links and the bridge of one process report here; a host's records wait,
// in order, until the bridge has said what it did with the oldest one that the host sent.
#pragma once

#include <deque>

#include "lab/wire/bridge.hpp"
#include "protocol/host/link.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

class wire_recorder final : public bridge_observer {
 public:
  explicit wire_recorder(capture_writer& writer);

  // The hosts' links: 0 is a, 1 is b. A frame is given from its Ethernet header on.
  void sent(int host, instant at, octets_view frame);
  void received(int host, instant at, octets_view frame);

  std::uint64_t on_entry(int port, octets_view frame) override;
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
  struct side {
    std::size_t interface = 0;
    std::deque<record> records;                             // not yet written
    std::deque<std::pair<std::uint64_t, octets>> expected;  // left the bridge towards this host
  };

  void write_resolved(side& of);

  capture_writer& writer_;
  side sides_[2];
  std::uint64_t last_id_ = 0;
};

/// A link that reports what passes to a recorder.
class recorded_link final : public link {
 public:
  recorded_link(link& inner, wire_recorder& recorder, int host) : inner_(inner), recorder_(recorder), host_(host) {}
  link_capabilities capabilities() const override { return inner_.capabilities(); }
  std::size_t receive(instant now, std::span<datagram> to) override;
  std::size_t transmit(instant now, std::span<const packet> packets) override;

 private:
  link& inner_;
  wire_recorder& recorder_;
  int host_;
};

}  // namespace seqwire
