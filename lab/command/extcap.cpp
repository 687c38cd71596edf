// seqwire extcap: a run as an interface of Wireshark's, to be watched as it goes. Wireshark calls it as extcap(4) says:
// first to ask what there is, then to record.
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "lab/capture_relay.hpp"
#include "lab/command/command.hpp"
#include "lab/command/revision.hpp"
#include "lab/experiment.hpp"
#include "rawio/child_process.hpp"
#include "rawio/interrupt_flag.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// Whoever just presses the button sees something: losses, a queue that fills, and what the sender makes of it.
constexpr const char* default_scenario =
    "[link]\nrate = \"2Mbit/s\"\ndelay = \"50ms\"\nloss = \"1%\"\nqueue = 20\n[[flow]]\nrecords = 500\n"
    "record_size = \"4KiB\"\nsender = \"newreno\"\n";

struct watched_interface {
  const char* name;
  const char* display;
  const char* world;  // of `seqwire run --on`
};
constexpr watched_interface interfaces[] = {
    {"seqwire-sim", "seqwire: a run on the simulator", "sim"},
    {"seqwire-wire", "seqwire: a run on the wire, in a network of its own", "wire"},
};

struct extcap_options {
  // What Wireshark asks.
  bool list_interfaces = false;
  bool list_link_types = false;
  bool list_settings = false;
  bool capture = false;
  std::string interface;
  std::string fifo;
  std::string ignored;  // what it also says
  // What the user chose in its dialogue.
  std::string scenario;
  double pace = 1;
  std::string seed;
  std::string set;
};

const watched_interface& interface_named(const std::string& name) {
  for (const watched_interface& each : interfaces)
    if (name == each.name) return each;
  throw usage_error("--extcap-interface: expected seqwire-sim or seqwire-wire; got " + printable(name));
}

std::string interface_sentences() {
  std::string text = fmt::format("extcap {{version={}}}{{display=seqwire}}\n", program_version);
  for (const watched_interface& each : interfaces)
    text += fmt::format("interface {{value={}}}{{display={}}}\n", each.name, each.display);
  return text;
}

std::string setting_sentences(const watched_interface& of) {
  std::string text =
      "arg {number=0}{call=--scenario}{display=Scenario}{type=fileselect}{mustexist=true}{fileext=TOML (*.toml)}"
      "{tooltip=What runs (docs/scenarios.md); none: 2 Mbit/s, 1 % lost, 500 records}\n"
      "arg {number=1}{call=--set}{display=Changes}{type=string}"
      "{tooltip=Keys of the scenario, as in link.loss=5% flow.0.window=28}\n"
      "arg {number=2}{call=--seed}{display=Seed}{type=string}{tooltip=Instead of the scenario's}\n";
  if (std::string_view(of.world) == "sim")
    text +=
        "arg {number=3}{call=--pace}{display=Simulated seconds in a second}{type=double}{range=0,1000000}{default=1}"
        "{tooltip=0: as fast as the simulator goes}\n";
  return text;
}

// A folder for the run's files, which goes with the object.
class folder_of_run {
 public:
  folder_of_run() {
    std::string pattern = (fs::temp_directory_path() / "seqwire-extcap-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw_system_error("making a temporary folder");
    path_ = pattern;
  }
  ~folder_of_run() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  folder_of_run(const folder_of_run&) = delete;
  folder_of_run& operator=(const folder_of_run&) = delete;
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::vector<std::string> command_of(const extcap_options& options, const folder_of_run& folder) {
  std::string scenario = options.scenario;
  if (scenario.empty()) {
    scenario = folder.path("watched.toml");
    std::ofstream(scenario) << default_scenario;
  }
  std::vector<std::string> command{
      "/proc/self/exe", "run", scenario, "--on", interface_named(options.interface).world, "--out", folder.path("run")};
  if (!options.seed.empty()) command.insert(command.end(), {"--seed", options.seed});
  std::istringstream changes(options.set);
  for (std::string each; changes >> each;) command.insert(command.end(), {"--set", each});
  return command;
}

// What the run has to say is for whoever started Wireshark at a terminal; it shows what stands on standard error when
// the exit code is not 0.
int record(const extcap_options& options) {
  const watched_interface& of = interface_named(options.interface);
  if (options.fifo.empty()) throw usage_error("--capture: expected --fifo beside it; got none");
  const interrupt_flag asked;
  const folder_of_run folder;
  const auto command = command_of(options, folder);
  child_process run = child_process::start([&command] {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    return execute(command);
  });
  const descriptor fifo(::open(options.fifo.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (!fifo) throw_system_error("opening " + options.fifo);
  const relay_end end = relay_capture({.path = folder.path(std::string("run/") + capture_name),
                                       .to = fifo.number(),
                                       .pace = std::string_view(of.world) == "sim" ? options.pace : 0,
                                       .writer_ended = [&run] { return run.wait({}).has_value(); },
                                       .stopped = [&asked] { return asked.signal() != 0; }});
  if (end != relay_end::finished) return exit_holds;  // the run goes with its object
  const int code = run.wait({}).value_or(exit_could_not_run);
  // Something wrong is to be seen in the capture; a run that could not be is to be told.
  return code == exit_check_failed || code == exit_inconclusive ? int{exit_holds} : code;
}

int extcap(const extcap_options& options) {
  if (options.list_interfaces) print_data(interface_sentences());
  else if (options.list_link_types) {
    interface_named(options.interface);
    print_data("dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
  } else if (options.list_settings) print_data(setting_sentences(interface_named(options.interface)));
  else if (options.capture) return record(options);
  else throw usage_error("extcap: expected --extcap-interfaces or --capture, as Wireshark calls it; got neither");
  return exit_holds;
}

}  // namespace

void add_extcap(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<extcap_options>();
  CLI::App* command = to.add_subcommand("extcap", "A run as an interface of Wireshark's, watched as it goes");
  command->add_flag("--extcap-interfaces", options->list_interfaces, "Wireshark asks: which interfaces");
  command->add_flag("--extcap-dlts", options->list_link_types, "Wireshark asks: which link types");
  command->add_flag("--extcap-config", options->list_settings, "Wireshark asks: which settings");
  command->add_option("--extcap-interface", options->interface, "Which of the interfaces");
  command->add_option("--extcap-version", options->ignored, "Wireshark's own");
  command->add_option("--extcap-capture-filter", options->ignored, "Not used");
  command->add_option("--extcap-reload-option", options->ignored, "Not used");
  command->add_flag("--capture", options->capture, "Wireshark starts a capture");
  command->add_option("--fifo", options->fifo, "Where it reads the capture")->type_name("FILE");
  command->add_option("--scenario", options->scenario, "What runs; none: 2 Mbit/s, 1 % lost, 500 records")
      ->type_name("FILE");
  command->add_option("--set", options->set, "Keys of the scenario, as in 'link.loss=5% flow.0.window=28'")
      ->type_name("KEY=VALUE...");
  command->add_option("--seed", options->seed, "Instead of the scenario's")->type_name("NUMBER");
  command->add_option("--pace", options->pace, "Simulated seconds in a second; 0: as fast as it goes")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  command->footer(
      "`seqwire wireshark install --extcap` puts it where Wireshark finds it.\n\n"
      "Examples:\n  seqwire extcap --extcap-interfaces\n"
      "  seqwire extcap --capture --extcap-interface seqwire-sim --fifo /dev/stdout | wireshark -k -i -");
  command->callback([options, &chosen] { chosen = [options] { return extcap(*options); }; });
}

}  // namespace seqwire
