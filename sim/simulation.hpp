// Two nodes on one link in virtual time: the whole experiment, with its capture. Everything random comes from the seed.
#pragma once

#include <memory>
#include <string>

#include "sim/node.hpp"

namespace seqwire {

struct simulation_settings {
  std::uint64_t seed = 1;
  std::size_t mtu = 1500;
  channel_settings a_to_b;
  channel_settings b_to_a;
  duration time_limit = 1'000'000_s;  // the run ends here even if something still moves
};

/// No copy of a packet arrives later than this after it was sent: what an engine there may rely on.
duration packet_life(const simulation_settings& settings);

class simulation {
 public:
  /// `capture` may be nullptr. The applications run on hosts a and b; both outlive the simulation.
  simulation(const simulation_settings& settings, application& on_a, application& on_b, capture_writer* capture);
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  /// Runs until both applications have finished and nothing moves any more, or the time limit.
  void run();

  static constexpr host_number host_a{0x02000000000a};
  static constexpr host_number host_b{0x02000000000b};
  static constexpr network_number network{1};

  host& a() { return a_->on(); }
  host& b() { return b_->on(); }
  channel& a_to_b() { return *a_to_b_; }
  channel& b_to_a() { return *b_to_a_; }
  schedule& time() { return schedule_; }

 private:
  host_config host_settings(host_number number) const;
  link_capabilities link_settings(host_number number) const;

  simulation_settings settings_;
  random_stream random_;
  schedule schedule_;
  std::uint64_t packet_ids_ = 1;
  std::unique_ptr<simulated_link> link_a_;
  std::unique_ptr<simulated_link> link_b_;
  std::unique_ptr<channel> a_to_b_;
  std::unique_ptr<channel> b_to_a_;
  std::unique_ptr<node> a_;
  std::unique_ptr<node> b_;
};

}  // namespace seqwire
