#include "sim/simulation.hpp"

namespace seqwire {
namespace {

simulated_connection link_of(const simulation_settings& settings) {
  return {.a = 0,
          .b = 1,
          .network = simulation::network,
          .mtu = settings.mtu,
          .a_to_b = settings.a_to_b,
          .b_to_a = settings.b_to_a};
}

}  // namespace

duration packet_life(const simulation_settings& settings) { return packet_life(link_of(settings)); }

simulation::simulation(const simulation_settings& settings, application& on_a, application& on_b,
                       capture_writer* capture)
    : net_(settings.seed, capture), time_limit_(settings.time_limit) {
  net_.add({.name = "a", .number = host_a, .program = &on_a});
  net_.add({.name = "b", .number = host_b, .program = &on_b});
  net_.add(link_of(settings));
  net_.build();
}

}  // namespace seqwire
