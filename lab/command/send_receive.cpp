// seqwire send and seqwire receive: files between two machines over a packet socket.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/command/command.hpp"
#include "lab/experiment.hpp"
#include "lab/files.hpp"
#include "lab/scenario/units.hpp"
#include "lab/wire/live_transfer.hpp"
#include "rawio/entropy.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// What both ends are told.
struct end_options {
  std::string interface;
  std::string host;
  std::string packet_life = "100ms";
  std::string record;
  std::string journal;
  std::vector<std::string> set;
  bool json = false;

  void add_to(CLI::App& command) {
    command.add_option("--interface", interface, "Ethernet interface")->required();
    command.add_option("--host", host, "Host number to use (default: the interface's own address)");
    command.add_option("--packet-life", packet_life, "No packet arrives later than this after it was sent")
        ->capture_default_str();
    command.add_option("--record", record, "Write a capture of this end (pcapng)");
    command.add_option("--journal", journal, "Write this end's journal (NDJSON)");
    add_repeatable(command, "--set", set, "Change a key of the flow, e.g. window=128 or give_up=30s");
    command.add_flag("--json", json, "Print the outcome as JSON");
  }

  live_transfer_settings settings(const char* end) const {
    require_interface_name("--interface", interface);
    live_transfer_settings made;
    made.interface = interface;
    made.end = end;
    made.record = record;
    made.journal = journal;
    made.seed = fresh_seed();
    made.progress = isatty(STDERR_FILENO) != 0;
    if (!host.empty()) {
      const auto number = parse_host(host);
      if (!number) throw usage_error("--host: expected " + number.error().expected + "; got " + host);
      if (is_group(*number)) throw usage_error("--host: expected a single host; got the group " + host);
      made.host = *number;
    }
    const auto life = parse_duration(packet_life);
    if (!life) throw usage_error("--packet-life: expected " + life.error().expected + "; got " + packet_life);
    made.packet_life = *life;
    return made;
  }

  spp_config flow(const live_transfer_settings& of, std::size_t packet_data) const {
    scenario one;
    one.flows.emplace_back();
    one.flows.front().spp.packet_data = packet_data;
    one.flows.front().spp.packet_life = of.packet_life;
    for (const std::string& assignment : set)
      if (const auto done = set_key(one, "flow.0." + assignment); !done) throw usage_error(done.error().message);
    return one.flows.front().spp;
  }
};

// `data_on_stdout`: standard output carries what was received, so that the outcome goes beside it.
int report(const end_options& options, const live_transfer_outcome& outcome, bool data_on_stdout) {
  const flow_result& flow = outcome.flows.front();
  const bool graceful = flow.status == end_status::closed_gracefully;
  if (options.json) {
    const nlohmann::json object = {{"schema", "seqwire.transfer/1"},
                                   {"status", std::string(name_of(flow.status))},
                                   {"records", flow.records},
                                   {"octets", flow.octets},
                                   {"seconds", flow.last_at.seconds()},
                                   {"packets_sent", flow.statistics.packets_sent},
                                   {"retransmissions", flow.statistics.retransmissions},
                                   {"receive_drops", outcome.receive_drops},
                                   {"trouble", outcome.trouble}};
    if (data_on_stdout) std::fputs(json_text(object).c_str(), stderr);
    else print_data(json_text(object));
  } else {
    std::fprintf(stderr, "%llu records, %llu octets, %s\n", static_cast<unsigned long long>(flow.records),
                 static_cast<unsigned long long>(flow.octets), std::string(name_of(flow.status)).c_str());
  }
  if (!outcome.trouble.empty()) throw std::runtime_error(outcome.trouble);
  if (outcome.stopped_by_signal != 0) return 128 + outcome.stopped_by_signal;
  if (graceful) return exit_holds;
  std::fprintf(stderr, "seqwire: error: the connection ended before all was delivered: %s\n",
               std::string(name_of(flow.status)).c_str());
  return exit_check_failed;
}

// --- send ---

struct send_options : end_options {
  std::vector<std::string> paths;
  std::string to;
};

record_source standard_input() {
  return [taken = false]() mutable -> std::optional<named_record> {
    if (std::exchange(taken, true)) return std::nullopt;
    octets contents;
    octet block[65536];
    while (const std::size_t got = std::fread(block, 1, sizeof block, stdin))
      contents.insert(contents.end(), block, block + got);
    return named_record{"standard-input", slice::owning(std::move(contents))};
  };
}

// The sources one after the other.
record_source joined(std::vector<record_source> sources) {
  return [sources = std::move(sources), at = std::size_t{0}]() mutable -> std::optional<named_record> {
    for (; at < sources.size(); ++at)
      if (auto next = sources[at]()) return next;
    return std::nullopt;
  };
}

record_source sources_of(const std::vector<std::string>& paths) {
  std::vector<record_source> sources;
  std::set<std::string> all_names;
  for (const std::string& path : paths) {
    if (path == "-") {
      sources.push_back(standard_input());
      continue;
    }
    if (!fs::exists(path)) throw usage_error(path + ": expected a file or a folder; got nothing there");
    const fs::path parent = fs::path(path).parent_path();
    const std::string folder = fs::is_directory(path) ? path : parent.empty() ? "." : parent.string();
    std::vector<std::string> names = list_files(path);
    for (const std::string& name : names)
      if (!all_names.insert(name).second)
        throw usage_error(path + ": expected names that differ; got a second file that would arrive as " + name);
    sources.push_back(read_files(folder, std::move(names)));
  }
  return joined(std::move(sources));
}

int send(const send_options& options) {
  const auto to = parse_address(options.to);
  if (!to) throw usage_error("--to: expected " + to.error().expected + "; got " + options.to);
  if (is_group(to->host)) throw usage_error("--to: expected a single host; got the group " + options.to);
  live_transfer_settings settings = options.settings("a");
  settings.network = to->network;
  options.flow(settings, 534);  // complains before anything is opened
  record_source source = sources_of(options.paths);
  const auto outcome = run_live_transfer(settings, [&](transfer_program& program, std::size_t packet_data) {
    program.add(outgoing_flow{"send", *to, options.flow(settings, packet_data), {}, source});
  });
  return report(options, outcome, false);
}

// --- receive ---

struct receive_options : end_options {
  std::string socket;
  std::string network = "1";
  std::string out;
};

// Whoever read standard output has enough: the transfer ends without a word, but not as if all had been delivered.
struct reader_gone {};

record_sink sink_of(const std::string& out) {
  if (out == "-")
    return [](const std::string&, const received_record& contents) {
      for (const slice& piece : contents.pieces)
        if (!print_data({reinterpret_cast<const char*>(piece.data()), piece.size()})) throw reader_gone();
    };
  return [out, unnamed = 0](const std::string& name, const received_record& contents) mutable {
    const auto path = safe_path(name);
    if (!path && !name.empty())
      std::fprintf(stderr, "seqwire: warning: a file name from the network was not safe; its contents get a number\n");
    write_record_file(out, path ? *path : "record-" + std::to_string(unnamed++), contents);
  };
}

int receive(const receive_options& options) {
  const auto socket = parse_socket(options.socket);
  if (!socket) throw usage_error("--socket: expected " + socket.error().expected + "; got " + options.socket);
  const auto network = parse_address(options.network + ".020000000001:1");
  if (!network)
    throw usage_error("--network: expected a network as up to eight hexadecimal digits; got " + options.network);
  if (options.out != "-") require_folder_or_nothing("--out", options.out);
  live_transfer_settings settings = options.settings("b");
  settings.network = network->network;
  options.flow(settings, 534);
  try {
    const auto outcome = run_live_transfer(settings, [&](transfer_program& program, std::size_t packet_data) {
      program.add(incoming_flow{"receive", *socket, options.flow(settings, packet_data), sink_of(options.out)});
    });
    return report(options, outcome, options.out == "-");
  } catch (const reader_gone&) {
    return exit_could_not_run;
  }
}

}  // namespace

void add_send(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<send_options>();
  CLI::App* command = to.add_subcommand("send", "Send files to another machine, every file one record");
  command->add_option("paths", options->paths, "Files and folders; - is standard input")->required();
  command->add_option("--to", options->to, "NET.HOST:SOCKET, e.g. 1.02000000000b:3000")->required();
  options->add_to(*command);
  command->footer(
      "Examples:\n  seqwire send photos/ --interface eth0 --to 1.02000000000b:3000\n"
      "  tar c . | seqwire send - --interface eth0 --to 1.02000000000b:3000 --record sent.pcapng");
  command->callback([options, &chosen] { chosen = [options] { return send(*options); }; });
}

void add_receive(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<receive_options>();
  CLI::App* command = to.add_subcommand("receive", "Receive what `send` sends: one transfer");
  command->add_option("--socket", options->socket, "Socket to listen on, e.g. 3000")->required();
  command->add_option("--out", options->out, "Folder for the files; - is standard output")->required();
  command->add_option("--network", options->network, "Our network, hexadecimal")->capture_default_str();
  options->add_to(*command);
  command->footer(
      "Examples:\n  seqwire receive --interface eth0 --socket 3000 --out inbox\n"
      "  seqwire receive --interface eth0 --socket 3000 --out - | tar t");
  command->callback([options, &chosen] { chosen = [options] { return receive(*options); }; });
}

}  // namespace seqwire
