// Reading captures: our commands beside tshark on the same capture of a run, about a million packets long, and what the
// analysis in Lua adds to a packet in tshark. Everything but the decoder runs as its users run it, a process from start
// to end, by its CPU time and its most memory. It has to be the first topic: the memory of a process counts from its
// fork on.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>

#include "bench/temporary_file.hpp"
#include "bench/topics.hpp"
#include "dissector/analysis/capture_walk.hpp"
#include "dissector/analysis/decode.hpp"
#include "dissector/wireshark/lua_dissector.hpp"
#include "protocol/base/require.hpp"
#include "rawio/child_process.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire::bench {
namespace {

constexpr double packets_each_round_second = 2.5e6;  // a million in a round of 0.4 s
constexpr double most_packets = 1e6;
constexpr double packets_each_record = 8;  // two of data and what acknowledges them, at two vantage points

// What a process took from its start to its end.
struct expense {
  int status = 0;  // as a shell has it
  double cpu_seconds = 0;
  double megabytes = 0;  // of memory, at most
};

expense run(const std::vector<std::string>& command) {
  const pid_t child = ::fork();
  if (child < 0) throw_system_error("starting " + command.front());
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      if (::dup2(nowhere, each) < 0) ::_exit(126);
    ::_exit(execute(command));
  }
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0)
    if (errno != EINTR) throw_system_error("waiting for " + command.front());
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime),
          .megabytes = static_cast<double>(used.ru_maxrss) / 1024};
}

expense run_well(const std::vector<std::string>& command) {
  const expense taken = run(command);
  if (taken.status != 0)
    throw std::runtime_error(fmt::format("{} ended with {}", fmt::join(command, " "), taken.status));
  return taken;
}

std::vector<std::string> our_command(std::initializer_list<std::string> words) {
  std::vector<std::string> command{"/proc/self/exe"};
  command.insert(command.end(), words);
  return command;
}

struct subject {
  std::string capture;
  double packets = 0;
};

// The captures, made when they are first asked for, and tshark without anything of the user's own.
class workshop {
 public:
  workshop() {
    std::filesystem::create_directories(place_.path());
    std::ofstream(dissector()) << lua_dissector(catalogue());
  }

  const subject& capture_for(duration round) {
    const double packets = std::min(most_packets, round.seconds() * packets_each_round_second);
    const auto records = static_cast<std::uint64_t>(packets / packets_each_record) + 1;
    const auto known = subjects_.find(records);
    return known != subjects_.end() ? known->second : subjects_.emplace(records, made(records)).first->second;
  }

  std::string dissector() const { return place_.path() + "/seqwire.lua"; }

  std::vector<std::string> tshark(const std::string& capture, std::initializer_list<std::string> more = {}) const {
    std::vector<std::string> command{"env", "HOME=" + place_.path(), "XDG_CONFIG_HOME=" + place_.path(), "tshark"};
    for (const char* each : {"-n", "-2", "-T", "fields", "-e", "frame.number", "-e", "idp.src.socket", "-e", "spp.seq",
                             "-e", "spp.ack", "-e", "spp.alloc", "-r"})
      command.emplace_back(each);
    command.push_back(capture);
    command.insert(command.end(), more);
    return command;
  }

 private:
  subject made(std::uint64_t records) const {
    const std::string folder = fmt::format("{}/{}", place_.path(), records);
    const std::string file = folder + ".toml";
    std::ofstream(file) << fmt::format(
        "[link]\nrate = \"1Gbit/s\"\ndelay = \"5ms\"\nloss = \"0.5%\"\n"
        "[[flow]]\nrecords = {}\nrecord_size = 1000\npacket_data = 534\n",
        records);
    run_well(our_command({"run", file, "--out", folder}));
    subject of{.capture = folder + "/capture.pcapng"};
    const auto walked =
        walk_capture(of.capture, [&](const captured_packet&, const capture_interface&) { ++of.packets; });
    if (!walked) throw std::runtime_error(walked.error());
    return of;
  }

  temporary_file place_;
  std::map<std::uint64_t, subject> subjects_;  // by how many records
};

double decoded_each_second(const subject& of) {
  const instant started = cpu_time();
  const auto walked = walk_capture(of.capture, [](const captured_packet& packet, const capture_interface& seen_at) {
    const auto decoded = decode_frame(seen_at.type, packet.frame);
    keep(decoded.has_value());
  });
  require(walked.has_value());
  return of.packets / (cpu_time() - started).seconds();
}

row speed_row(std::string name, std::string note = {}) {
  return {.topic = "analysis", .name = std::move(name), .unit = "packets/s", .note = std::move(note)};
}
row memory_row(const std::string& name, std::optional<aim> goal = {}) {
  return {.topic = "analysis", .name = name + ", most memory", .unit = "MB", .goal = goal};
}

contender process(std::string name, std::optional<aim> most_memory, workshop& from,
                  std::function<std::vector<std::string>(const std::string& capture)> command) {
  std::vector<row> rows{speed_row(name), memory_row(name, most_memory)};
  return {std::move(rows), [&from, command = std::move(command)](duration round) {
            const subject& of = from.capture_for(round);
            const expense taken = run_well(command(of.capture));
            return std::vector{of.packets / taken.cpu_seconds, taken.megabytes};
          }};
}

constexpr const char* without_tshark = "there is no tshark (Debian: tshark)";

// Each of ours over tshark, at the places where speeds stand.
std::vector<row> beside_tshark(workshop& from, duration round, bool tshark_there) {
  const auto ours = [](std::initializer_list<std::string> words) {
    return [before = std::vector<std::string>(words)](const std::string& capture) {
      std::vector<std::string> command = our_command({});
      command.insert(command.end(), before.begin(), before.end());
      command.push_back(capture);
      return command;
    };
  };
  std::vector<contender> contenders{
      {{speed_row("decode", "reader, carrier, IDP header and checksum; what follows are whole processes")},
       [&](duration turn) { return std::vector{decoded_each_second(from.capture_for(turn))}; }},
      process("verify", aim{aim::direction::at_most, 200}, from, ours({"verify"})),
      process("analyze", {}, from, ours({"analyze"})),
      process("report", {}, from, ours({"report", "-o", "-"})),
  };
  if (tshark_there)
    contenders.push_back(
        process("tshark -2 -T fields", {}, from, [&](const std::string& capture) { return from.tshark(capture); }));
  std::vector<row> rows = take_turns(contenders, round);
  row twice = memory_row("verify");
  twice.rounds = {run_well(our_command({"verify", from.capture_for(round + round).capture})).megabytes};
  rows.push_back(ratio({.topic = "analysis",
                        .name = "verify's memory, twice the packets",
                        .unit = {},
                        .goal = aim{aim::direction::at_most, 1.1},
                        .note = "bounded: the bounds are reached before a million packets, which rounds of 0.4 s make"},
                       twice, rows[2]));
  struct comparison {
    std::size_t place;
    std::optional<double> at_least;
  };
  for (const comparison each : {comparison{0, {}}, comparison{1, 20}, comparison{3, 10}, comparison{5, {}}}) {
    row over{.topic = "analysis", .name = rows[each.place].name + " over tshark", .unit = "ratio"};
    if (each.at_least) over.goal = aim{aim::direction::at_least, *each.at_least};
    if (tshark_there) over = ratio(std::move(over), rows[each.place], rows[7]);
    else over.skipped = without_tshark;
    rows.push_back(std::move(over));
  }
  return rows;
}

// Without what starting costs: that is what the first packet takes alone.
std::vector<row> cost_of_lua(workshop& from, duration round, bool tshark_there) {
  row over{.topic = "analysis",
           .name = "the analysis in Lua over stock",
           .unit = "ratio",
           .goal = aim{aim::direction::at_most, 3},
           .note = "what it adds to a packet, in two passes, every field shown"};
  if (!tshark_there) {
    over.skipped = without_tshark;
    return {over};
  }
  const auto nanoseconds_each_packet = [&](const subject& of, std::initializer_list<std::string> more) {
    auto first = from.tshark(of.capture, more);
    first.insert(first.end(), {"-c", "1"});
    const double all = run_well(from.tshark(of.capture, more)).cpu_seconds;
    return (all - run_well(first).cpu_seconds) / (of.packets - 1) * 1e9;
  };
  const std::vector<row> taken = take_turns(
      {{{{.topic = "analysis", .name = "a packet in tshark", .unit = "ns", .note = "an eighth of the packets"}},
        [&](duration turn) { return std::vector{nanoseconds_each_packet(from.capture_for(turn), {})}; }},
       {{{.topic = "analysis", .name = "a packet in tshark, with the analysis in Lua", .unit = "ns"}},
        [&](duration turn) {
          return std::vector{nanoseconds_each_packet(from.capture_for(turn), {"-X", "lua_script:" + from.dissector()})};
        }}},
      round / 8);
  over =
      combined(std::move(over), taken[1], taken[0], [](double with, double stock) { return (with - stock) / stock; });
  return {taken[0], taken[1], over};
}

}  // namespace

std::vector<row> bench_analysis(duration round) {
  workshop from;
  const bool tshark_there = run({"tshark", "--version"}).status == 0;
  std::vector<row> rows = beside_tshark(from, round, tshark_there);
  for (row& each : cost_of_lua(from, round, tshark_there)) rows.push_back(std::move(each));
  return rows;
}

}  // namespace seqwire::bench
