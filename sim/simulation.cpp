#include "sim/simulation.hpp"

#include <algorithm>

namespace seqwire {

duration packet_life(const simulation_settings& settings) {
  return std::max(frame_life(settings.a_to_b, settings.mtu), frame_life(settings.b_to_a, settings.mtu));
}

link_capabilities simulation::link_settings(host_number number) const {
  return {.host = number, .mtu = settings_.mtu, .packet_life = packet_life(settings_)};
}

host_config simulation::host_settings(host_number number) const {
  host_config config;
  config.network = network;
  config.host = number;
  config.secret = make_hash_key(random_.fork("secret").fork(static_cast<std::uint64_t>(number)));
  config.mtu = settings_.mtu;
  config.id_quarantine = packet_life(settings_) * 2;
  return config;
}

simulation::simulation(const simulation_settings& settings, application& on_a, application& on_b,
                       capture_writer* capture)
    : settings_(settings), random_(settings.seed) {
  const random_stream link = random_.fork("link 0");
  a_to_b_ = std::make_unique<channel>(schedule_, settings.a_to_b, link.fork("a to b"),
                                      [this](instant now, const channel_frame& frame) {
                                        link_b_->arrive(now, frame);
                                        b_->run(now);
                                      });
  b_to_a_ = std::make_unique<channel>(schedule_, settings.b_to_a, link.fork("b to a"),
                                      [this](instant now, const channel_frame& frame) {
                                        link_a_->arrive(now, frame);
                                        a_->run(now);
                                      });
  vantage_point at_a{capture};
  vantage_point at_b{capture};
  if (capture != nullptr) {
    at_a.interface = capture->add_interface({.name = "a", .description = "host a, simulated"});
    at_b.interface = capture->add_interface({.name = "b", .description = "host b, simulated"});
  }
  link_a_ = std::make_unique<simulated_link>(link_settings(host_a), at_a, packet_ids_);
  link_b_ = std::make_unique<simulated_link>(link_settings(host_b), at_b, packet_ids_);
  link_a_->attach(*a_to_b_);
  link_b_->attach(*b_to_a_);
  a_ = std::make_unique<node>(schedule_, host_settings(host_a), *link_a_, on_a);
  b_ = std::make_unique<node>(schedule_, host_settings(host_b), *link_b_, on_b);
}

void simulation::run() {
  const instant end = instant{} + settings_.time_limit;
  b_->run(schedule_.now());  // listeners first, so that the first opening finds one
  a_->run(schedule_.now());
  while (schedule_.next_at() <= end) schedule_.run_next();
}

}  // namespace seqwire
