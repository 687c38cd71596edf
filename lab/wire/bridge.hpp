// The impairing bridge: two interfaces joined by the simulator's own channels, driven by the real clock. It carries
// frames of any protocol and reads none of them; every delay, rate and impairment is the channel's (sim/channel.hpp).
#pragma once

#include <deque>
#include <memory>

#include "rawio/raw_port.hpp"
#include "sim/channel.hpp"

namespace seqwire {

/// Watches frames pass; a recorder derives from it. Ports count over all bridges that it watches: those of the n-th
/// link are 2n (a) and 2n + 1 (b).
class bridge_observer {
 public:
  virtual ~bridge_observer() = default;
  /// A frame came in at this port; returns the id it travels under.
  virtual std::uint64_t on_entry(std::size_t port, octets_view frame) = 0;
  /// What the channel did with the frame that came in at this port.
  virtual void on_verdict(std::size_t port, std::uint64_t packet_id, const channel_verdict& verdict) = 0;
  /// A frame leaves by this port.
  virtual void on_exit(std::size_t port, std::uint64_t packet_id, octets_view frame) = 0;
};

/// Two ports and a channel for each direction, in real time.
class bridge {
 public:
  /// `observer` may be nullptr. Everything random comes from the seed and the link's number.
  bridge(raw_port& a, raw_port& b, const channel_settings& a_to_b, const channel_settings& b_to_a, std::uint64_t seed,
         instant started, bridge_observer* observer, std::size_t link = 0);

  /// Takes what has come in, up to a few thousand frames (the port stays readable while there are more), lets time pass
  /// up to `now`, sends what is due. When to call again without new frames.
  std::optional<instant> run(instant now);

  /// Other settings from now on (channel::change).
  void change(const channel_settings& a_to_b, const channel_settings& b_to_a);

  // For their statistics.
  channel& a_to_b() { return *directions_[0].carrier; }
  channel& b_to_a() { return *directions_[1].carrier; }
  /// Frames that an interface never took; they are lost beside what the channels did.
  std::uint64_t refused_frames() const { return refused_; }

 private:
  struct direction {
    raw_port* in = nullptr;
    raw_port* out = nullptr;
    std::unique_ptr<channel> carrier;
    std::deque<slice> leaving;  // delivered by the channel, not yet taken by the interface
  };

  void take_in(instant now, std::size_t port);
  bool send_out(direction& from);

  // More than this waits on the port, whose descriptor stays readable: a flood must not starve timers and signals.
  static constexpr std::size_t batches_at_once = 64;
  static constexpr std::size_t maximum_leaving = 4096;

  schedule schedule_;
  bridge_observer* observer_;
  std::size_t first_port_;
  direction directions_[2];  // a to b, b to a
  std::uint64_t refused_ = 0;
};

}  // namespace seqwire
