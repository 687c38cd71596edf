// A host in the real world: an engine and its program on its links, woken by an event loop. The counterpart of
// sim/node.hpp.
#pragma once

#include <vector>

#include "protocol/host/application.hpp"
#include "protocol/host/drive.hpp"
#include "rawio/event_loop.hpp"

namespace seqwire {

/// A host in real time, with one program.
class live_host {
 public:
  /// Everything outlives the live host. Whoever owns the loop registers run() for the link's descriptor.
  live_host(const host_config& config, link& connected, application& program)
      : live_host(config, std::vector<link*>{&connected}, program) {}
  /// Of several links, as a router has them; in the order of the configuration's.
  live_host(const host_config& config, std::vector<link*> links, application& program)
      : host_(config), links_(std::move(links)), driver_(host_, links_), application_(program) {}

  /// Drives until neither engine nor program has anything to do now. When to run again at the latest.
  std::optional<instant> run(instant now) {
    const drive_outcome outcome = driver_.drive(now, [&] { return application_.step(now, host_); });
    const auto due = next_drive(outcome, now);
    const auto wake = application_.next_wake();
    if (!due || !wake) return due ? due : wake;
    return *due < *wake ? due : wake;
  }

  /// The program has finished and no connection lingers.
  bool finished() const { return application_.finished() && host_.idle(); }
  host& on() { return host_; }  // for programs and for looking

 private:
  host host_;
  std::vector<link*> links_;
  driver driver_;
  application& application_;
};

/// The configuration of a host on this link; its secret comes from the seed.
host_config live_host_config(const link_capabilities& on, network_number network, std::uint64_t seed);

}  // namespace seqwire
