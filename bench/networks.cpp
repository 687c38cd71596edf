// Whole simulated networks: packets end to end beside ns-3 on the same links, what a packet costs among 1 to 10,000
// flows, and what a connection takes. Every octet of a record is made, carried and checked; ns-3 carries none.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/allocations.hpp"
#include "bench/temporary_file.hpp"
#include "bench/topics.hpp"
#include "lab/experiment.hpp"
#include "lab/measure/measures.hpp"
#include "lab/sweep/sweep.hpp"
#include "rawio/clock.hpp"

namespace seqwire::bench {
namespace {

constexpr std::size_t packet_data = 534;  // octets; a record is one full classic packet
constexpr std::uint64_t fewest_records = 10'000;

// The same link everywhere, 10 Gbit/s and 50 us; a path's hosts are its ends.
constexpr std::string_view one_link = "";
constexpr std::string_view dumbbell = "[topology]\nshape = \"dumbbell\"\nsize = {}\n";
// As ns3/packets.cpp sets up TCP: every second packet is acknowledged, and the window fills the link from the start.
constexpr std::string_view bulk =
    "sender = \"newreno\"\nacknowledgement = \"delayed\"\nwindow = 256\ninitial_window = 256\nallocation = 256\n";
// Ten thousand such fill the queue of the link and lose nothing.
constexpr std::string_view small_window = "window = 1\nallocation = 8\n";
constexpr std::string_view datagrams = "socket = \"datagram\"\nworkload = \"constant\"\noffered_rate = \"8Gbit/s\"\n";

scenario network_of(const std::string& topology, std::string_view flow, std::uint64_t records) {
  const std::string text = fmt::format(
      "[scenario]\ntime_limit = \"1h\"\n{}[link]\nrate = \"10Gbit/s\"\ndelay = \"50us\"\nqueue = 10000\n"
      "[[flow]]\nrecord_size = {}\npacket_data = {}\nrecords = {}\n{}",
      topology, packet_data, packet_data, records, flow);
  auto read = parse_scenario(text, "bench", {});
  if (!read) throw std::logic_error(read.error().message);
  return *std::move(read);
}

std::string dumbbell_of(std::size_t pairs) { return fmt::format(fmt::runtime(dumbbell), pairs); }

struct simulated {
  duration cpu;
  double packets = 0;  // of data, delivered
};

simulated simulate_network(const std::string& topology, std::string_view flow, std::uint64_t records) {
  const scenario from = network_of(topology, flow, records);
  const instant started = cpu_time();
  const experiment_report report = simulate(from, [] { return 0; });
  simulated done{.cpu = cpu_time() - started};
  for (const flow_report& each : report.flows) {
    require(each.receiver.records == records);
    done.packets += static_cast<double>(records);
  }
  return done;
}

double packets_each_second(const std::string& topology, std::string_view flow, duration round) {
  for (std::uint64_t records = fewest_records;; records *= 2) {
    const simulated done = simulate_network(topology, flow, records);
    if (done.cpu * 2 >= round) return done.packets / done.cpu.seconds();
  }
}

// What twice as much costs more, so that setting up does not count.
double nanoseconds_each_packet(std::size_t flows, duration round) {
  const auto cost = static_cast<std::int64_t>(4'000 * flows);  // nanoseconds for a packet of each flow, about
  const std::uint64_t records = std::max<std::uint64_t>(10, static_cast<std::uint64_t>(round.nanoseconds / cost));
  const std::string topology = dumbbell_of(flows);
  const simulated once = simulate_network(topology, small_window, records);
  const simulated twice = simulate_network(topology, small_window, 2 * records);
  return static_cast<double>((twice.cpu - once.cpu).nanoseconds) / (twice.packets - once.packets);
}

#ifdef SEQWIRE_PACKETS_IN_NS3
// The figure that the other program prints of itself.
double ns3_packets_each_second(std::string_view topology, std::string_view transport, duration round) {
  const std::string command = fmt::format("{} {} {} {}", SEQWIRE_PACKETS_IN_NS3, topology, transport, round.seconds());
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "re"), &::pclose);
  if (!pipe) throw std::runtime_error("cannot start " + command);
  std::array<char, 256> line{};
  if (std::fgets(line.data(), line.size(), pipe.get()) == nullptr) throw std::runtime_error(command + " said nothing");
  const auto said = nlohmann::json::parse(line.data());
  return said.at("packets").get<double>() / said.at("cpu_seconds").get<double>();
}
#endif

struct comparison {
  const char* name;
  std::string topology;
  std::string_view flow;
  const char* ns3_topology;
  const char* ns3_transport;
};

std::vector<row> beside_ns3(duration round) {
  const std::vector<comparison> all = {{"one link, connections", std::string(one_link), bulk, "one-link", "tcp"},
                                       {"dumbbell, connections", dumbbell_of(1), bulk, "dumbbell", "tcp"},
                                       {"one link, datagrams", std::string(one_link), datagrams, "one-link", "udp"},
                                       {"dumbbell, datagrams", dumbbell_of(1), datagrams, "dumbbell", "udp"}};
  std::vector<row> rows;
  for (const comparison& each : all) {
    std::vector<contender> contenders = {
        {{{.topic = "networks", .name = each.name, .unit = "packets/s", .note = "data packets end to end, one core"}},
         [&](duration turn) { return std::vector{packets_each_second(each.topology, each.flow, turn)}; }}};
    const std::string there = fmt::format("{}, {} in ns-3", each.ns3_topology, each.ns3_transport);
#ifdef SEQWIRE_PACKETS_IN_NS3
    contenders.push_back(
        {{{.topic = "networks", .name = there, .unit = "packets/s", .note = "segments or datagrams of 1,446 octets"}},
         [&](duration turn) {
           return std::vector{ns3_packets_each_second(each.ns3_topology, each.ns3_transport, turn)};
         }});
#endif
    std::vector<row> taken = take_turns(contenders, round);
    row over{.topic = "networks",
             .name = std::string(each.name) + " over ns-3",
             .unit = "ratio",
             .goal = aim{aim::direction::at_least, 30}};
#ifdef SEQWIRE_PACKETS_IN_NS3
    over = ratio(std::move(over), taken[0], taken[1]);
#else
    over.skipped = "built without ns-3 (Debian: libns3-dev libgsl-dev, then configure again)";
#endif
    std::move(taken.begin(), taken.end(), std::back_inserter(rows));
    rows.push_back(std::move(over));
  }
  return rows;
}

std::vector<row> flow_counts(duration round) {
  std::vector<contender> contenders;
  for (const std::size_t flows : {1U, 10U, 100U, 1'000U, 10'000U})
    contenders.push_back(
        {{{.topic = "networks",
           .name = fmt::format("a packet among {} flows", flows),
           .unit = "ns",
           .note = flows == 1 ? "a data packet through the dumbbell, its acknowledgement included" : ""}},
         [flows](duration turn) { return std::vector{nanoseconds_each_packet(flows, turn)}; }});
  std::vector<row> rows = take_turns(contenders, round);
  rows.push_back(ratio({.topic = "networks",
                        .name = "10,000 flows over 1",
                        .unit = {},
                        .goal = aim{aim::direction::at_most, 4},
                        .note = "no more than the logarithm: the schedule and the caches are 10,000 times as full"},
                       rows.back(), rows.front()));
  return rows;
}

// Of ten thousand connections between two hosts, all open at a time, and few packets under way.
row memory_of_connections() {
  constexpr std::uint64_t connections = 10'000;
  const scenario from = network_of(
      std::string(one_link),
      fmt::format("copies = {}\nstagger = \"1us\"\nworkload = \"constant\"\ninterval = \"10ms\"\n", connections), 4);
  const std::int64_t before = octets_in_use();
  std::int64_t most = before;
  simulate(from, [&] {
    most = std::max(most, octets_in_use());
    return 0;
  });
  return {.topic = "networks",
          .name = "memory of a simulated connection",
          .unit = "octets",
          .goal = aim{aim::direction::at_most, 8192},
          .note = "both ends, their programs and the packets under way, among 10,000 open between two hosts",
          .rounds = {static_cast<double>(most - before) / static_cast<double>(connections)}};
}

// Seconds that eight equal runs take on so many threads: of the clock, since threads share no processor time.
double sweep_seconds(unsigned threads, duration round) {
  const temporary_file place;
  std::filesystem::create_directories(place.path());
  const auto records = static_cast<std::uint64_t>(round.nanoseconds / 4'000);
  study of;
  of.points = {{{}, network_of(std::string(one_link), bulk, records)}};
  of.measures = {find_measure("goodput", of.points.front().runs).value()};
  sweep_settings settings;
  settings.folder = place.path();
  settings.revision = "bench";
  settings.rule.seeds = 8;
  settings.jobs = threads;
  const instant started = clock_now();
  run_sweep(
      of, settings, [] { return 0; }, [](const sweep_progress&) {});
  return (clock_now() - started).seconds();
}

std::vector<row> sweep_threads(duration round) {
  row over{.topic = "networks",
           .name = "a sweep on one thread over two",
           .unit = "ratio",
           .goal = aim{aim::direction::at_least, 1.8},
           .note = "time that eight runs take; near two, where nobody else uses the processors"};
  if (std::thread::hardware_concurrency() < 2) {
    over.skipped = "there is one processor";
    return {over};
  }
  std::vector<contender> contenders;
  for (const unsigned threads : {1U, 2U})
    contenders.push_back({{{.topic = "networks", .name = fmt::format("a sweep on {} thread(s)", threads), .unit = "s"}},
                          [threads](duration turn) { return std::vector{sweep_seconds(threads, turn)}; }});
  std::vector<row> rows = take_turns(contenders, round);
  rows.push_back(ratio(std::move(over), rows[0], rows[1]));
  return rows;
}

}  // namespace

std::vector<row> bench_networks(duration round) {
  std::vector<row> rows = beside_ns3(round);
  for (row& each : flow_counts(round)) rows.push_back(std::move(each));
  for (row& each : sweep_threads(round)) rows.push_back(std::move(each));
  rows.push_back(memory_of_connections());
  return rows;
}

}  // namespace seqwire::bench
