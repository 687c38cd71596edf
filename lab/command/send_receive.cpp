// seqwire send and seqwire receive: files between two machines.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/command/open_host.hpp"
#include "lab/experiment.hpp"
#include "lab/files.hpp"
#include "lab/wire/live_transfer.hpp"
#include "rawio/entropy.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// Whether both names are, or would be, one file that can be overwritten. "-" is standard output, which has one end.
bool same_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  if (a == "-" || b == "-") return a == b;
  std::error_code ignored;
  if (fs::exists(a, ignored) && !fs::is_regular_file(a, ignored)) return false;
  return fs::equivalent(a, b, ignored) ||
         fs::weakly_canonical(fs::absolute(a), ignored) == fs::weakly_canonical(fs::absolute(b), ignored);
}

// What both ends are told.
struct end_options {
  carrier_options carrier;
  std::string record;
  std::string journal;
  flow_options flow;
  bool json = false;

  void add_to(CLI::App& command) {
    carrier.add_to(command);
    command.add_option("--record", record, "Write a capture of this end (pcapng); - is standard output")
        ->type_name("FILE");
    command.add_option("--journal", journal, "Write this end's journal (NDJSON)")->type_name("FILE");
    flow.add_to(command);
    command.add_flag("--json", json, "Print the outcome as JSON");
  }

  // Throws usage_error where a file to be written is another file of this transfer.
  void require_own_files(const std::string& other, const char* what_other_is) const {
    for (const auto& [option, path] : {std::pair{"--record", &record}, std::pair{"--journal", &journal}})
      if (same_file(*path, other))
        throw usage_error(
            fmt::format("{}: expected a file of its own; got {}, which is {}", option, *path, what_other_is));
  }

  live_transfer_settings settings(const char* end) const {
    if (same_file(record, journal))
      throw usage_error(fmt::format("--journal: expected a file of its own; got {}, which is --record's", journal));
    live_transfer_settings made;
    made.end = end;
    if (!record.empty()) made.record = record;
    made.journal = journal;
    made.seed = fresh_seed();
    made.progress = isatty(STDERR_FILENO) != 0;
    return made;
  }
};

// How a transfer ended, in the words of a result line.
std::string ending_of(const live_transfer_outcome& outcome) {
  const end_status status = outcome.flows.front().status;
  const bool unended = status == end_status::none || status == end_status::local_abort;
  if (unended) return outcome.stopped_by_signal != 0 ? "interrupted" : "not finished";
  if (status == end_status::closed_gracefully && !outcome.flows.front().missing.empty()) return "not everything came";
  return std::string(name_of(status));
}

nlohmann::json to_json(const live_transfer_settings& settings, const live_transfer_outcome& outcome) {
  const flow_result& flow = outcome.flows.front();
  nlohmann::json object = {{"schema", "seqwire.transfer/1"},
                           {"status", ending_of(outcome)},
                           {"records", flow.records},
                           {"octets", flow.octets},
                           {"seconds", flow.last_at.seconds()},
                           {"packets_sent", flow.statistics.packets_sent},
                           {"retransmissions", flow.statistics.retransmissions},
                           {"receive_drops", outcome.receive_drops},
                           {"trouble", outcome.trouble}};
  if (settings.records) object["records_asked"] = *settings.records;
  if (!flow.missing.empty()) object["missing"] = printable(flow.missing);
  return object;
}

// "0 of 6 records, 0 octets, timed out". A sender knows what it gave to the connection; how much of that arrived it
// knows only when all of it did.
std::string result_line(const live_transfer_settings& settings, const live_transfer_outcome& outcome) {
  const flow_result& flow = outcome.flows.front();
  const std::string ending = ending_of(outcome);
  if (!settings.records)
    return fmt::format("{}, {}, {}\n", counted(flow.records, "record"), counted(flow.octets, "octet"), ending);
  const bool unsure = flow.status != end_status::closed_gracefully && flow.records > 0;
  return fmt::format("{} of {}, {}{}, {}\n", flow.records, counted(*settings.records, "record"),
                     counted(flow.octets, "octet"), unsure ? " under way, of which some may not have arrived" : "",
                     ending);
}

std::string failure_line(const live_transfer_settings& settings, const flow_result& flow) {
  if (settings.peer && !flow.opened && flow.status == end_status::timed_out)
    return fmt::format("no answer came from {} within {}", to_string(*settings.peer),
                       print_duration(settings.open_timeout));
  std::string why;
  if (flow.status == end_status::peer_aborted)
    why = ": the other side knows the connection no more, because it was ended there";
  if (flow.status == end_status::timed_out)
    why = fmt::format(": the other side is gone or cannot be reached; {} for {}",
                      settings.peer ? "it acknowledged nothing" : "nothing came from it",
                      print_duration(settings.give_up));
  if (flow.status == end_status::record_too_long)
    why = fmt::format(" of {}: at most {}, unless both ends say otherwise by --set maximum_record=OCTETS",
                      flow.missing.empty() ? "what came" : printable(flow.missing),
                      counted(settings.maximum_record, "octet"));
  if (flow.status == end_status::closed_gracefully)
    return fmt::format("{} never came: the other side closed without sending it", printable(flow.missing));
  return fmt::format("the connection ended before all was delivered: {}{}", name_of(flow.status), why);
}

// `stdout_taken`: standard output carries something else, so that the outcome goes beside it.
int report(const end_options& options, const live_transfer_settings& settings, const live_transfer_outcome& outcome,
           bool stdout_taken) {
  const flow_result& flow = outcome.flows.front();
  if (outcome.reader_gone)
    throw std::runtime_error(fmt::format("nobody reads standard output any more, after {} and {}",
                                         counted(flow.records, "record"), counted(flow.octets, "octet")));
  if (!options.json) std::fputs(result_line(settings, outcome).c_str(), stderr);
  else if (stdout_taken) std::fputs(json_text(to_json(settings, outcome)).c_str(), stderr);
  else print_data(json_text(to_json(settings, outcome)));
  if (!outcome.trouble.empty()) throw std::runtime_error(outcome.trouble);
  if (outcome.stopped_by_signal != 0) return 128 + outcome.stopped_by_signal;
  if (flow.status == end_status::closed_gracefully && flow.missing.empty()) return exit_holds;
  std::fputs(fmt::format("seqwire: error: {}\n", failure_line(settings, flow)).c_str(), stderr);
  return exit_check_failed;
}

// --- send ---

struct send_command_options : end_options {
  std::vector<std::string> paths;
  std::string to;
};

// Read to its end before anything is opened: a slow writer must hold up neither a peer nor a signal, and no more than a
// record may be long.
record_source standard_input() {
  const std::size_t most = spp_config{}.maximum_record;
  octets contents;
  octet block[65536];
  while (const std::size_t got = std::fread(block, 1, sizeof block, stdin)) {
    if (contents.size() + got > most)
      throw usage_error(fmt::format("-: expected at most {} octets, one record; got more", most));
    contents.insert(contents.end(), block, block + got);
  }
  if (std::ferror(stdin) != 0) throw std::runtime_error("cannot read standard input");
  return [whole = slice::owning(std::move(contents)), taken = false]() mutable -> std::optional<named_record> {
    if (std::exchange(taken, true)) return std::nullopt;
    return named_record{"standard-input", whole};
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

struct send_list {
  record_source source;
  std::uint64_t records = 0;
};

// Everything that is to be sent, none of which may be a file that this transfer writes.
send_list list_of(const send_command_options& options) {
  send_list list;
  std::vector<record_source> sources;
  std::set<std::string> all_names;
  for (const std::string& path : options.paths) {
    if (path == "-") {
      sources.push_back(standard_input());
      if (!all_names.insert("").second) throw usage_error("expected - once; got it several times");
      continue;
    }
    std::error_code error;
    if (!fs::exists(path, error)) throw usage_error(path + ": expected a file or a folder; got nothing there");
    const fs::path parent = fs::path(path).parent_path();
    const std::string folder = fs::is_directory(path) ? path : parent.empty() ? "." : parent.string();
    std::vector<std::string> names = list_files(path);
    for (const std::string& name : names) {
      if (!all_names.insert(name).second)
        throw usage_error(path + ": expected names that differ; got a second file that would arrive as " + name);
      options.require_own_files((fs::path(folder) / name).string(), "to be sent");
    }
    sources.push_back(read_files(folder, std::move(names)));
  }
  list.records = all_names.size();
  if (list.records == 0)
    throw usage_error(options.paths.front() +
                      ": expected a folder with files; got none (hidden ones and build/ do not count)");
  list.source = joined(std::move(sources));
  return list;
}

int send(const send_command_options& options) {
  const auto to = parse_address(options.to);
  if (!to) {
    const std::string& form = to.error().expected;
    const char* example = form.find("such as") == std::string::npos ? ", as in 1.02000000000b:3000" : "";
    throw usage_error(fmt::format("--to: expected {}{}; got {}", form, example, options.to));
  }
  if (is_group(to->host)) throw usage_error("--to: expected a single host; got the group " + options.to);
  const carrier_choice carrier = options.carrier.choice();
  live_transfer_settings settings = options.settings("a");
  settings.network = options.carrier.own_network(to->network);
  settings.peer = *to;
  settings.open_timeout = options.flow.config().open_timeout;  // complains before anything is opened
  settings.give_up = options.flow.config().give_up;
  settings.maximum_record = options.flow.config().maximum_record;
  send_list list = list_of(options);
  settings.records = list.records;
  const auto on = open_carrier(carrier);
  require_reachable(*on, to->host, settings.network != to->network);
  const duration life = on->capabilities().packet_life;
  const auto outcome = run_live_transfer(*on, settings, [&](transfer_program& program, const record_sink&) {
    program.add(outgoing_flow{"send", *to, options.flow.config(life, 0), {}, list.source});
  });
  return report(options, settings, outcome, options.record == "-" || options.journal == "-");
}

// --- receive ---

struct receive_command_options : end_options {
  std::string socket;
  std::string network = "1";
  std::string out;
  bool replace = false;

  // A sender that is gone without a word is asked twice, after 10 s and 20 s.
  receive_command_options() { flow.give_up = 30_s; }
};

record_sink sink_of(const std::string& out, existing_file existing) {
  return [out, existing, unnamed = 0](const std::string& name, const received_record& contents) mutable {
    const auto path = safe_path(name);
    if (!path && !name.empty())
      std::fprintf(stderr, "seqwire: warning: a file name from the network was not safe; its contents get a number\n");
    const std::string wanted = path ? *path : "record-" + std::to_string(unnamed++);
    const std::string got = write_record_file(out, wanted, contents, existing);
    if (got != wanted)
      std::fputs(fmt::format("seqwire: warning: {0}/{1} was there and is kept; what came is {0}/{2}\n", printable(out),
                             printable(wanted), printable(got))
                     .c_str(),
                 stderr);
  };
}

// A name from the network could be that of a file below the folder it goes to.
void require_outside(const std::string& folder, const char* option, const std::string& path) {
  if (path.empty() || path == "-") return;
  std::error_code ignored;
  const fs::path inner = fs::weakly_canonical(fs::absolute(path), ignored);
  const fs::path outer = fs::weakly_canonical(fs::absolute(folder) / "", ignored);
  const fs::path root = outer.has_filename() ? outer : outer.parent_path();
  if (std::mismatch(root.begin(), root.end(), inner.begin(), inner.end()).first == root.end())
    throw usage_error(
        fmt::format("{}: expected a file outside of the folder for what is received; got {}", option, path));
}

int receive(const receive_command_options& options) {
  const socket_number socket = parse_own_socket(options.socket);
  const network_number network = parse_own_network(options.network);
  const bool to_standard_output = options.out == "-";
  if (to_standard_output) {
    options.require_own_files("-", "where the records go");
    if (options.replace) throw usage_error("--replace: expected with a folder; got --out -");
  } else {
    require_folder_or_nothing("--out", options.out);
    require_outside(options.out, "--record", options.record);
    require_outside(options.out, "--journal", options.journal);
  }
  const carrier_choice carrier = options.carrier.choice();
  live_transfer_settings settings = options.settings("b");
  settings.network = network;
  settings.to_standard_output = to_standard_output;
  settings.give_up = options.flow.config().give_up;  // complains before anything is opened
  settings.maximum_record = options.flow.config().maximum_record;
  const auto on = open_carrier(carrier);
  if (!to_standard_output) {
    const files_of_caller as_caller;
    require_writable(options.out);
  }
  const existing_file existing = options.replace ? existing_file::replaced : existing_file::kept;
  const duration life = on->capabilities().packet_life;
  const auto outcome =
      run_live_transfer(*on, settings, [&](transfer_program& program, const record_sink& standard_output) {
        program.add(incoming_flow{"receive", socket, options.flow.config(life, 0),
                                  to_standard_output ? standard_output : sink_of(options.out, existing)});
      });
  return report(options, settings, outcome, to_standard_output || options.record == "-" || options.journal == "-");
}

}  // namespace

void add_send(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<send_command_options>();
  CLI::App* command = to.add_subcommand("send", "Send files to another machine, every file one record");
  command->add_option("paths", options->paths, "Files and folders; - is standard input, one record")
      ->required()
      ->type_name("PATH");
  command->add_option("--to", options->to, "NET.HOST:SOCKET, e.g. 1.02000000000b:3000")
      ->required()
      ->type_name("ADDRESS");
  options->add_to(*command);
  options->carrier.add_network_to(*command);
  command->footer(
      "It gives up after 120 s in which the other side acknowledged nothing (--set give_up=30s). Ctrl-C ends it within "
      "2 s; `receive` learns of that by silence, see there.\n\n"
      "Examples:\n  seqwire send photos/ --interface eth0 --to 1.02000000000b:3000\n"
      "  tar c . | seqwire send - --interface eth0 --to 1.02000000000b:3000 --record sent.pcapng");
  command->callback([options, &chosen] { chosen = [options] { return send(*options); }; });
}

void add_receive(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<receive_command_options>();
  CLI::App* command = to.add_subcommand("receive", "Receive what `send` sends: one transfer");
  command->add_option("--socket", options->socket, "Socket to listen on, e.g. 3000")->required()->type_name("NUMBER");
  command->add_option("--out", options->out, "Folder for the files; - is standard output")
      ->required()
      ->type_name("DIR");
  command->add_option("--network", options->network, "Our network, hexadecimal")
      ->type_name("NET")
      ->capture_default_str();
  command->add_flag("--replace", options->replace,
                    "Write over files that are there; without it what comes is written to NAME.1 and told");
  options->add_to(*command);
  command->footer(
      "It ends about a second after `send` does, because it lingers: a last answer that was lost must be given "
      "again.\n"
      "A `send` that is silent is asked after 10 s (--set keepalive=10s), and after 30 s of silence it counts as gone "
      "(--set give_up=30s). Ctrl-C ends it within 2 s, in which `send` is told; files that are whole stay.\n\n"
      "Examples:\n  seqwire receive --interface eth0 --socket 3000 --out inbox\n"
      "  seqwire receive --interface eth0 --socket 3000 --out - | tar t");
  command->callback([options, &chosen] { chosen = [options] { return receive(*options); }; });
}

}  // namespace seqwire
