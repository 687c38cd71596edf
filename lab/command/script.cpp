// seqwire script: conformance scripts in virtual time.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/carrier_options.hpp"
#include "lab/scenario/units.hpp"
#include "lab/script/script_capture.hpp"
#include "lab/script/script_on_wire.hpp"
#include "lab/script/script_parser.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

constexpr const char* default_out = "seqwire-script";

struct script_options {
  std::vector<std::string> paths;
  std::optional<std::uint64_t> seed;
  std::string out;
  bool json = false;
  carrier_options carrier;
  std::string against;  // NET.HOST of the host on the wire; empty: the engine, in virtual time
  std::string tolerance = "10ms";
};

// Of a script that was played with each of its seeds: the first run that failed, or the last.
struct played_script {
  script text;
  script_outcome outcome;
  std::uint64_t runs = 0;
  std::string capture;
};

// Files as they are named, and every .sqs below a folder.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      files.push_back(path);
      continue;
    }
    const std::vector<std::string> below = scripts_below(path);
    if (below.empty()) throw usage_error(path + ": expected a folder with .sqs files; got none");
    files.insert(files.end(), below.begin(), below.end());
  }
  return files;
}

// "tests/scenario/open/passive.sqs" -> "OUT/tests-scenario-open-passive.pcapng": no two files have one name.
std::string capture_path(const std::string& out, const std::string& name) {
  std::string flat;
  for (const fs::path& part : fs::path(name).relative_path())
    if (part != "." && part != "..") flat += (flat.empty() ? "" : "-") + part.string();
  return (fs::path(out) / fs::path(flat).replace_extension(".pcapng")).string();
}

void leave_capture(played_script& of, const script_options& options) {
  if (options.out.empty() && !of.outcome.failure) return;
  const std::string out = options.out.empty() ? default_out : options.out;
  fs::create_directories(out);
  of.capture = capture_path(out, of.text.name);
  write_script_capture(of.capture, of.text, of.outcome);
}

wire_test parse_wire_test(const script_options& options) {
  const auto address = parse_address(options.against + ":1");
  if (!address) throw usage_error("--against: expected NET.HOST, as in 1.02000000000b; got " + options.against);
  const auto tolerance = parse_duration(options.tolerance);
  if (!tolerance || *tolerance > 60_s)
    throw usage_error("--tolerance: expected a duration of at most 60s; got " + options.tolerance);
  return {address->network, address->host, *tolerance};
}

void play(played_script& to, const script_options& options) {
  const std::uint64_t first = options.seed.value_or(to.text.first_seed);
  const std::uint64_t last = options.seed.value_or(to.text.last_seed);
  for (std::uint64_t seed = first;; ++seed) {
    to.outcome = play_script(to.text, seed);
    ++to.runs;
    if (to.outcome.failure || seed == last) break;
  }
}

nlohmann::json to_json(const played_script& played) {
  nlohmann::json object = {{"file", played.text.name},
                           {"about", played.text.about},
                           {"holds", !played.outcome.failure},
                           {"runs", played.runs},
                           {"seed", played.outcome.seed},
                           {"events", played.outcome.events},
                           {"seconds", played.outcome.end.seconds()}};
  if (!played.capture.empty()) object["capture"] = played.capture;
  if (const auto& failed = played.outcome.failure)
    object["failure"] = {{"file", failed->at.file},  {"line", failed->at.line},    {"expected", failed->line},
                         {"actual", failed->actual}, {"details", failed->details}, {"story", played.outcome.story}};
  return object;
}

int run_scripts(const script_options& options) {
  if (!options.out.empty()) require_folder_or_nothing("--out", options.out);
  std::vector<played_script> all;
  for (const std::string& path : files_of(options.paths)) {  // all are read before the first is played
    auto text = read_script(path);
    if (!text) throw usage_error(text.error().message);
    all.push_back({std::move(*text), {}, 0, {}});
  }
  if (options.against.empty() && (options.carrier.interface || options.carrier.ip || options.carrier.udp))
    throw usage_error("--against: expected the host to be tested on that carrier; got none");
  std::unique_ptr<live_link> wire;
  wire_test against;
  if (!options.against.empty()) {
    against = parse_wire_test(options);
    for (const played_script& each : all)
      if (const auto needs = needs_engine(each.text)) throw usage_error(*needs);
    wire = open_carrier(options.carrier.choice());
    require_reachable(*wire, against.host);
    drop_privileges();
  }
  std::uint64_t failed = 0;
  nlohmann::json list = nlohmann::json::array();
  for (played_script& each : all) {
    if (wire == nullptr) play(each, options);
    else each.outcome = play_on_wire(each.text, against, *wire);
    leave_capture(each, options);
    if (each.outcome.failure) ++failed;
    if (options.json) list.push_back(to_json(each));
    else if (each.outcome.failure)
      print_data(render_failure(each.text, each.outcome) + "  capture   " + each.capture + "\n");
    each.outcome = {};
  }
  const std::uint64_t held = all.size() - failed;
  if (options.json)
    print_data(json_text({{"schema", "seqwire.script/1"}, {"hold", held}, {"fail", failed}, {"scripts", list}}));
  else print_data(fmt::format("{}: {} hold, {} fail\n", counted(all.size(), "script"), held, failed));
  return failed == 0 ? exit_holds : exit_check_failed;
}

}  // namespace

void add_script(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<script_options>();
  CLI::App* command = to.add_subcommand("script", "Play conformance scripts against the engine, in virtual time");
  command->add_option("scripts", options->paths, "Scripts, or folders with .sqs files")->required()->type_name("FILE");
  add_seed(*command, options->seed, "Instead of the scripts' own");
  command
      ->add_option("--out", options->out,
                   fmt::format("Folder for a capture of every script; without it only those that fail leave one, "
                               "in {}",
                               default_out))
      ->type_name("DIR");
  command->add_flag("--json", options->json, "Print the outcome as JSON");
  command
      ->add_option("--against", options->against,
                   "A host on the wire instead of the engine; the script has packets and silence alone")
      ->type_name("NET.HOST");
  command->add_option("--tolerance", options->tolerance, "With --against: how much earlier or later a packet may come")
      ->type_name("DURATION")
      ->capture_default_str();
  options->carrier.add_to(*command);
  command->footer(
      "The language: docs/scripts.md. Exit code 0 when all hold, 3 when one does not, 2 when one cannot be read.\n\n"
      "Examples:\n  seqwire script tests/scenario\n  seqwire script tests/scenario/open/passive.sqs --out captures\n"
      "  seqwire script my.sqs --seed 7 --json\n"
      "  seqwire script echo.sqs --against 1.02000000000b --interface xns0 --tolerance 20ms");
  command->callback([options, &chosen] { chosen = [options] { return run_scripts(*options); }; });
}

}  // namespace seqwire
