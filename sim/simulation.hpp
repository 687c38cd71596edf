// Two hosts on one link in virtual time: the internetwork that most experiments need.
#pragma once

#include "sim/internetwork.hpp"

namespace seqwire {

/// Two hosts and the link between them.
struct simulation_settings {
  std::uint64_t seed = 1;  // of all randomness of the run, secrets included
  std::size_t mtu = 1500;  // octets, as link_capabilities
  // Each direction by itself.
  channel_settings a_to_b;
  channel_settings b_to_a;
  duration time_limit = 1'000'000_s;  // the run ends here even if something still moves
};

/// No copy of a packet arrives later than this after it was sent: what an engine there may rely on.
duration packet_life(const simulation_settings& settings);

/// The smallest internetwork: a and b on one segment.
class simulation {
 public:
  /// `capture` may be nullptr. The applications run on hosts a and b; both outlive the simulation.
  simulation(const simulation_settings& settings, application& on_a, application& on_b, capture_writer* capture);

  /// Runs until both applications have finished and nothing moves any more, the time limit, or `stopped` says true.
  void run(const std::function<bool()>& stopped = {}) { net_.run(time_limit_, stopped); }

  // Locally administered addresses, the same in every run.
  static constexpr host_number host_a{0x02000000000a};
  static constexpr host_number host_b{0x02000000000b};
  static constexpr network_number network{1};  // of the segment

  // For looking, and for putting weather on a link while it runs.
  host& a() { return net_.on(0); }
  host& b() { return net_.on(1); }
  channel& a_to_b() { return net_.a_to_b(0); }
  channel& b_to_a() { return net_.b_to_a(0); }
  schedule& time() { return net_.time(); }
  std::uint64_t fingerprint() const { return net_.fingerprint(); }

 private:
  internetwork net_;
  duration time_limit_;
};

}  // namespace seqwire
