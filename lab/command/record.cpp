// seqwire record: what crosses interfaces of this machine, into captures.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/command/command.hpp"
#include "lab/scenario/units.hpp"
#include "lab/terminal_line.hpp"
#include "lab/wire/interface_recording.hpp"
#include "rawio/clock.hpp"

namespace seqwire {
namespace {

struct record_options {
  interface_recording_settings settings;
  std::string rotate;
  std::string duration_text;
  std::string buffer;
  std::optional<std::size_t> keep;
  bool not_promiscuous = false;
  bool json = false;
};

constexpr duration longest_duration = 3600_s * 24 * 365;

[[noreturn]] void refuse(const char* option, const std::string& expected, const std::string& got) {
  throw usage_error(fmt::format("{}: expected {}; got {}", option, expected, printable(got)));
}

// "100MB", "1h", or both with a comma between them.
file_rotation parse_rotation(const std::string& text) {
  constexpr std::uint64_t smallest_file = 1000;  // octets
  file_rotation rule;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    const std::string word = text.substr(from, to - from);
    from = to + 1;
    if (const auto size = parse_size(word); size && *size >= smallest_file && rule.octets == 0) rule.octets = *size;
    else if (const auto span = parse_duration(word);
             span && *span > duration{} && *span <= longest_duration && rule.span == duration{})
      rule.span = *span;
    else refuse("--rotate", "a size of at least 1kB, a duration, or both with a comma between them", text);
  }
  return rule;
}

interface_recording_settings settings_of(const record_options& options) {
  interface_recording_settings settings = options.settings;
  std::set<std::string> once;
  for (const std::string& each : settings.interfaces) {
    require_interface_name("--interface", each);
    if (!once.insert(each).second) refuse("--interface", "each interface once", each + " twice");
  }
  if (!options.rotate.empty()) settings.rotation = parse_rotation(options.rotate);
  if (settings.path == "-" && settings.rotation.is_wanted()) refuse("--write", "a file's name with --rotate", "-");
  if (options.keep && !settings.rotation.is_wanted())
    throw usage_error("--keep: expected --rotate beside it; got none");
  settings.rotation.kept = options.keep;
  settings.promiscuous = !options.not_promiscuous;
  if (!options.duration_text.empty()) {
    const auto span = parse_duration(options.duration_text);
    if (!span || *span <= duration{} || *span > longest_duration)
      refuse("--duration", "more than 0 and at most 8760h", options.duration_text);
    settings.longest = *span;
  }
  if (!options.buffer.empty()) {
    const auto size = parse_size(options.buffer);
    constexpr std::uint64_t smallest = 1 << 20, largest = 1 << 30;
    if (!size || *size < smallest || *size > largest) refuse("--buffer", "1MB to 1GB", options.buffer);
    settings.ring_octets = *size;
  }
  return settings;
}

nlohmann::json to_json(const interface_recording& outcome) {
  nlohmann::json interfaces = nlohmann::json::array();
  for (const recorded_interface& each : outcome.interfaces)
    interfaces.push_back({{"name", each.name}, {"frames", each.recorded}, {"dropped", each.dropped}});
  return {{"schema", "seqwire.recording/1"}, {"interfaces", std::move(interfaces)}, {"files", outcome.files}};
}

std::string to_text(const interface_recording& outcome) {
  std::string text;
  for (const recorded_interface& each : outcome.interfaces)
    text += fmt::format("  {:<16}{:>14} recorded{:>14} dropped\n", each.name, counted(each.recorded, "frame"),
                        thousands(each.dropped));
  for (const std::string& each : outcome.files)
    if (each != "-") text += "  written: " + printable(each) + '\n';
  return text;
}

int record_frames(const record_options& options) {
  const interface_recording_settings settings = settings_of(options);
  interface_recording outcome;
  {
    terminal_line line(terminal_line::there_is_one());
    const instant began = clock_now();
    try {
      outcome = record_interfaces(
          settings, [] { std::fputs("seqwire: recording; Ctrl-C ends it\n", stderr); },
          [&](const interface_recording& now) {
            if (line.is_due(clock_now()))
              line.show(fmt::format("{:.0f} s, {} frames, {} dropped", (clock_now() - began).seconds(),
                                    thousands(now.recorded()), thousands(now.dropped())));
          });
    } catch (const std::invalid_argument& fault) {
      refuse("--filter", fmt::format("a filter as tcpdump takes it ({})", fault.what()), settings.filter);
    }
  }
  const std::string told = options.json ? json_text(to_json(outcome)) : to_text(outcome);
  if (settings.path == "-") std::fputs(told.c_str(), stderr);  // standard output is the capture's
  else print_data(told);
  if (outcome.dropped() > 0)
    std::fputs(fmt::format("seqwire: warning: {} found no room: the capture says where; --buffer gives more\n",
                           counted(outcome.dropped(), "frame"))
                   .c_str(),
               stderr);
  if (!outcome.trouble.empty()) throw std::runtime_error(outcome.trouble);
  return exit_holds;  // a signal is how a recording is meant to end
}

}  // namespace

void add_record(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<record_options>();
  interface_recording_settings& settings = options->settings;
  CLI::App* command = to.add_subcommand("record", "Record what crosses interfaces of this machine");
  add_repeatable(*command, "-i,--interface", settings.interfaces,
                 "Ethernet interface; several are vantage points of one file")
      ->required()
      ->type_name("NAME");
  command->add_option("-w,--write", settings.path, "The capture (pcapng); - is standard output")
      ->required()
      ->type_name("FILE");
  command->add_option("-f,--filter", settings.filter, "Only these frames, as tcpdump says it: pcap-filter(7)")
      ->type_name("FILTER");
  command->add_option("--rotate", options->rotate, "Begin a new file, FILE with a number, after so much or so long")
      ->type_name("SIZE|DURATION");
  command->add_option("--keep", options->keep, "With --rotate: the latest files only, this many")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("FILES");
  command->add_option("-c,--count", settings.most_frames, "End after so many frames")
      ->check(CLI::PositiveNumber)
      ->type_name("FRAMES");
  command->add_option("--duration", options->duration_text, "End after so long")->type_name("DURATION");
  command->add_option("-s,--snap", settings.snap_length, "Octets kept of a frame")
      ->check(CLI::Range(64, 262144))
      ->capture_default_str();
  command->add_option("--buffer", options->buffer, "Room in the kernel for what is not yet written, each interface's")
      ->type_name("SIZE")
      ->default_str("32MiB");
  command->add_flag("-p,--no-promiscuous", options->not_promiscuous, "Only frames to and from this machine");
  command->add_flag("--json", options->json, "Print the counts as JSON");
  command->footer(
      "The kernel's times, the direction of each frame, and where frames were dropped, which verify takes into "
      "account.\n\n"
      "Examples:\n  seqwire record -i eth1 -w run.pcapng\n"
      "  seqwire record -i eth1 -i eth2 -f 'ether proto 0x0600' -w both.pcapng\n"
      "  seqwire record -i eth1 -w long.pcapng --rotate 100MB,1h --keep 24\n"
      "  seqwire record -i eth1 -w - | wireshark -k -i -");
  command->callback([options, &chosen] { chosen = [options] { return record_frames(*options); }; });
}

}  // namespace seqwire
