// seqwire replay: one end of a captured connection, played by our engine.
#include "lab/replay/replay.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/command.hpp"
#include "lab/experiment.hpp"
#include "lab/scenario/units.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

struct replay_options {
  std::string capture;
  std::size_t connection = 0;
  std::string side;
  std::string scenario_path;
  std::vector<std::string> set;
  std::string tolerance = "1ms";
  std::string reaction = "0";
  bool all = false;
  bool json = false;
};

duration parse_tolerance(const std::string& option, const std::string& text) {
  const auto span = parse_duration(text);
  if (!span) throw usage_error(option + ": expected " + span.error().expected + "; got " + printable(text));
  return *span;
}

// The scenario as a run's summary keeps it; nothing where the capture is in no run's folder.
std::optional<std::string> scenario_beside(const std::string& capture) {
  std::ifstream file(fs::path(capture).replace_filename(summary_name));
  if (!file) return std::nullopt;
  const nlohmann::json summary = nlohmann::json::parse(file, nullptr, false);
  if (!summary.is_object() || !summary.contains("scenario") || !summary.at("scenario").is_string()) return std::nullopt;
  return summary.at("scenario").get<std::string>();
}

struct chosen_scenario {
  scenario value;
  std::string from;
};

// Where nobody says otherwise an end is as its packets show it.
chosen_scenario choose_scenario(const replay_options& options, const recorded_end& end) {
  std::vector<std::string> overrides = options.set;
  const auto checked = [](result<scenario, scenario_error> read, std::string from) {
    if (!read) throw usage_error(read.error().message);
    return chosen_scenario{std::move(*read), std::move(from)};
  };
  if (!options.scenario_path.empty())
    return checked(read_scenario(options.scenario_path, overrides), options.scenario_path);
  if (const auto text = scenario_beside(options.capture)) {
    const std::string name = fs::path(options.capture).replace_filename(summary_name).string();
    return checked(parse_scenario(*text, name, overrides), name);
  }
  const std::vector<std::string> observed{
      fmt::format("flow.0.allocation={}", std::max<packet_count>(end.allocation, 1)),
      fmt::format("flow.0.packet_data={}", std::max<std::size_t>(end.packet_data, 2))};
  overrides.insert(overrides.begin(), observed.begin(), observed.end());
  return checked(parse_scenario("[[flow]]\n", "--set", overrides),
                 fmt::format("what the capture shows: {}, {}", observed[0], observed[1]));
}

// The flow whose receiver has the socket that the connection was opened to, else the first.
replay_settings configured(const replay_options& options, const recorded_end& end) {
  chosen_scenario chosen = choose_scenario(options, end);
  if (chosen.value.protocol != "spp")
    throw usage_error("--scenario: expected protocol = \"spp\"; got another, which replay does not speak");
  for (flow_settings& flow : chosen.value.flows) {  // nothing is read again
    if (!flow.files.empty()) flow.spp.maximum_record = std::size_t{1} << 32;
    flow.files.clear();
  }
  const experiment_plan plan = planned(std::move(chosen.value));
  const socket_number accepting = (end.opens ? end.peer : end.own).socket;
  std::size_t number = 0;
  for (std::size_t i = plan.flows.size(); i-- > 0;)
    if (flow_socket(i) == accepting) number = i;
  const flow_settings& flow = plan.settings_of(plan.flows.at(number));
  replay_settings settings;
  settings.spp = flow.spp;
  if (flow.socket == flow_type::stream && !end.opens) settings.spp.delivery = record_delivery::packets;
  settings.configured = fmt::format("{}, flow {}", printable(chosen.from), plan.flows.at(number).settings);
  return settings;
}

int replay_end(const replay_options& options) {
  require_readable({options.capture});
  const duration tolerance = parse_tolerance("--tolerance", options.tolerance);
  const duration reaction = parse_tolerance("--reaction", options.reaction);
  end_choice choice{options.connection, {}};
  if (!options.side.empty()) choice.side = options.side == "a" ? 0 : 1;
  const interrupt_flag asked;
  auto end = read_recorded_end(options.capture, choice, [&] { return asked.signal() != 0; });
  if (asked.signal() != 0) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; nothing was repeated\n", asked.signal()).c_str(),
               stderr);
    return 128 + asked.signal();
  }
  if (!end) throw usage_error(end.error());
  replay_settings settings = configured(options, *end);
  settings.tolerance = tolerance;
  settings.reaction = reaction;
  settings.everything = options.all;
  replay_outcome outcome = replay(std::move(*end), settings);
  outcome.file = options.capture;
  print_data(options.json ? json_text(to_json(outcome)) : render_text(outcome));
  return outcome.exit_code();
}

}  // namespace

void add_replay(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<replay_options>();
  CLI::App* command = to.add_subcommand("replay", "Play one end of a captured connection with our engine, and compare");
  command->add_option("capture", options->capture, "pcapng or pcap, from the connection's opening on")
      ->required()
      ->type_name("FILE");
  command->add_option("--connection", options->connection, "Which one, as seqwire analyze numbers them")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--side", options->side,
                   "The end that our engine plays: a, which opened, or b; without it one whose own vantage point the "
                   "capture has")
      ->check(CLI::IsMember({"a", "b"}));
  command
      ->add_option("--scenario", options->scenario_path,
                   "Where its configuration stands; without it the run's, if the capture is in a run's folder")
      ->type_name("FILE");
  add_repeatable(*command, "--set", options->set, "Change a key, e.g. flow.0.window=28")->type_name("KEY=VALUE");
  command->add_option("--tolerance", options->tolerance, "How far apart in time the same packets may be")
      ->type_name("DURATION")
      ->capture_default_str();
  command
      ->add_option("--reaction", options->reaction,
                   "Of a capture on a real wire: what leaves so soon after an arrival was the application's answer")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_flag("--all", options->all, "List every difference, not only the first 20");
  command->add_flag("--json", options->json, "Print the outcome as JSON");
  command->footer(
      "In virtual time: docs/replay.md. Exit code 0: it answers as captured; 3: differently; 4: the capture begins in "
      "the middle, is cut, or has holes.\n\n"
      "Examples:\n  seqwire replay seqwire-run/capture.pcapng\n  seqwire replay seqwire-run/capture.pcapng --set "
      "flow.0.window=8\n  seqwire replay foreign.pcap --side b --set flow.0.acknowledgement=delayed --reaction 1ms");
  command->callback([options, &chosen] { chosen = [options] { return replay_end(*options); }; });
}

}  // namespace seqwire
