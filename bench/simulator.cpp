// How many packets the simulator carries: two hosts with the full engine, the transfer program on both, one link of
// 10 Gbit/s and 50 us each way, records of one full classic packet.
#include "bench/allocations.hpp"
#include "bench/temporary_file.hpp"
#include "bench/topics.hpp"
#include "lab/transfer.hpp"
#include "sim/simulation.hpp"

namespace seqwire::bench {
namespace {

constexpr std::uint64_t warm_up_records = 20'000;  // until every queue has found its size
constexpr std::uint64_t most_recorded = 120'000;   // bounds the capture file
constexpr socket_number transfer_socket{3000};

struct simulated_state {
  instant cpu;
  std::uint64_t allocated = 0;
  std::uint64_t packets = 0;  // of any kind, sent by either host
  std::uint64_t delivered = 0;
};

struct simulated_transfer {
  explicit simulated_transfer(capture_writer* capture)
      : on_a(nullptr), on_b(nullptr), world(settings(), on_a, on_b, capture) {}

  static simulation_settings settings() {
    simulation_settings made;
    for (channel_settings* direction : {&made.a_to_b, &made.b_to_a}) {
      direction->rate = 10'000'000'000;
      direction->delay = 50_us;
    }
    return made;
  }
  static spp_config connection() {
    spp_config config;
    config.window = config.allocation = 256;
    config.packet_life = packet_life(settings());
    return config;
  }
  simulated_state state() {
    return {cpu_time(), allocations(), world.a().statistics().sent + world.b().statistics().sent, delivered};
  }

  transfer_program on_a;
  transfer_program on_b;
  simulation world;
  std::uint64_t delivered = 0;
};

// Packets, delivered data packets, allocations: the first two for each second, the last for each packet.
std::vector<double> simulate(duration round, capture_writer* capture, std::uint64_t most_records) {
  simulated_transfer transfer(capture);
  const slice contents = slice::owning(octets(simulated_transfer::connection().packet_data, 0x5a));
  simulated_state from;
  simulated_state to;
  std::uint64_t submitted = 0;
  const record_source source = [&]() -> std::optional<named_record> {
    if (submitted == warm_up_records) from = transfer.state();
    const bool over = submitted == most_records ||
                      (submitted % 256 == 0 && submitted > warm_up_records && cpu_time() - from.cpu >= round);
    if (over) {
      to = transfer.state();
      return std::nullopt;
    }
    ++submitted;
    return named_record{{}, contents};
  };
  transfer.on_a.add({.label = "bench",
                     .to = {simulation::network, simulation::host_b, transfer_socket},
                     .config = simulated_transfer::connection(),
                     .source = source});
  transfer.on_b.add({.label = "bench",
                     .socket = transfer_socket,
                     .config = simulated_transfer::connection(),
                     .sink = [&](const std::string&, const received_record&) { ++transfer.delivered; }});
  transfer.world.run();
  require(transfer.delivered == submitted);
  const double seconds = (to.cpu - from.cpu).seconds();
  const auto packets = static_cast<double>(to.packets - from.packets);
  return {packets / seconds, static_cast<double>(to.delivered - from.delivered) / seconds,
          static_cast<double>(to.allocated - from.allocated) / packets};
}

std::vector<double> simulate_recorded(duration round) {
  const temporary_file file;
  capture_writer writer(file.path(), {});
  const std::vector<double> figures = simulate(round, &writer, most_recorded);
  writer.close();
  if (writer.error()) throw std::runtime_error(*writer.error());
  return {figures.front()};
}

}  // namespace

std::vector<row> bench_simulator(duration round) {
  const auto at_least = aim::direction::at_least;
  const auto at_most = aim::direction::at_most;
  std::vector<row> rows =
      take_turns({{{{.topic = "simulator",
                     .name = "packets",
                     .unit = "packets/s",
                     .goal = aim{at_least, 1e6},
                     .note = "data and acknowledgements, each sent, carried and received; one core"},
                    {.topic = "simulator",
                     .name = "data packets delivered",
                     .unit = "packets/s",
                     .note = "the same run; each was acknowledged by a packet of its own"},
                    {.topic = "simulator", .name = "allocations", .unit = "for each packet", .goal = aim{at_most, 0}}},
                   [](duration turn) { return simulate(turn, nullptr, ~std::uint64_t{0}); }},
                  {{{.topic = "simulator",
                     .name = "packets, recorded",
                     .unit = "packets/s",
                     .note = "into one capture at both vantage points"}},
                   simulate_recorded}},
                 round);
  rows.push_back(ratio({.topic = "simulator", .name = "recorded over not recorded", .unit = {}}, rows[3], rows[0]));
  return rows;
}

}  // namespace seqwire::bench
