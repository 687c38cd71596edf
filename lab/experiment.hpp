// Running a scenario, on the simulator or on the wire, and what came of it. Both worlds run the same programs on the
// same engine and leave the same things: one capture with a vantage point at each end of a link, a journal of each host
// that flows begin or end at, a summary and a verdict.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dissector/analysis/verify.hpp"
#include "lab/scenario/flow_plan.hpp"
#include "lab/scenario/scenario.hpp"
#include "lab/transfer.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// What one host counted.
struct host_report {
  std::string name;          // of the topology
  host_statistics counters;  // of the whole run
};

/// What arrived at an end of a link on the wire.
struct wire_arrivals {
  std::uint64_t frames = 0;  // that are known to have been sent at the other end
  duration least_delay{};    // from there to here, with what the kernel and this process add
  duration longest_delay{};  // as the least
  double mean_delay = 0;     // seconds
  double busiest_rate = 0;   // bits per second of IDP packets, in the busiest tenth of a second
};

/// What one link counted, in each direction.
struct link_report {
  joined_hosts ends;  // of the topology
  // Of each direction.
  channel_statistics a_to_b;
  channel_statistics b_to_a;
  // Frames that wait for it at the report's instant.
  std::size_t a_to_b_waiting = 0;
  std::size_t b_to_a_waiting = 0;
  // On the wire.
  std::optional<wire_arrivals> a_to_b_arrivals = std::nullopt;
  std::optional<wire_arrivals> b_to_a_arrivals = std::nullopt;
};

/// One transfer, and what became of it at both ends.
struct flow_report {
  planned_flow plan;     // which, of what settings, between whom
  flow_result sender;    // at its from
  flow_result receiver;  // at its to
};

/// What a measure came to in a run.
struct measured_value {
  std::string name;                  // of the measure
  std::string unit;                  // empty: a count or a share
  double value = 0;                  // of the whole run, less its warm-up; NaN: there is none
  std::uint64_t batches = 0;         // intervals that were measured each; 0: none were
  std::optional<double> mean;        // over the batches
  std::optional<double> half_width;  // of its 95 % interval
};

/// What an expectation came to.
struct expectation_outcome {
  expected_value asked;  // of the scenario
  double value = 0;      // as measured
  bool holds = false;    // the value is one of those expected
};

/// What became of a scenario.
struct experiment_report {
  std::string world;       // "simulator" or "wire"
  scenario ran;            // as it ran: with packet sizes, packet life and seed filled in
  std::string directory;   // where the files are
  duration finished_at{};  // the last record's delivery, from the run's start
  // In the topology's order, routers included.
  std::vector<host_report> hosts;
  std::vector<link_report> links;
  std::vector<flow_report> flows;                 // in the order of plan_flows()
  std::vector<measured_value> measured;           // [measure] and what [expect] names
  std::vector<expectation_outcome> expectations;  // of [expect]
  std::uint64_t files_sent = 0;                   // of all flows with files
  std::uint64_t files_equal = 0;                  // delivered with the SHA-256 they were sent with
  std::optional<verdict> judged;                  // nothing where the files could not be read
  std::optional<std::uint64_t> fingerprint;       // of the trace; simulator only (sim/trace_fingerprint.hpp)
  std::vector<std::string> not_written;           // one line for each file that is not whole: a full disk, a broken one

  /// Every flow ended gracefully or at the time limit, and every record arrived as it was sent, as far as it came.
  bool arrived() const;
  /// Whatever [expect] names is as expected.
  bool came_true() const;
  /// Every flow ended gracefully or at the time limit, every record arrived as it was sent, what was expected came
  /// true, the verdict holds and every file is whole.
  bool holds() const;
  /// Every flow goes by datagrams, and every rule that could be applied held: rules about connections have no place.
  bool holds_without_connections() const;
  /// 0 holds; 1 a file is not whole, and nothing else is known to be wrong; 3 something is wrong; 4 the verdict is
  /// inconclusive.
  int exit_code() const;
};

/// The hosts that flows begin or end at: those that keep journals.
std::set<std::size_t> hosts_with_flows(const experiment_report& report);

// Names of the files in a run's folder.
inline constexpr const char* capture_name = "capture.pcapng";
inline constexpr const char* summary_name = "summary.json";          // as to_json() of the report
inline constexpr const char* journal_extension = ".journal.ndjson";  // behind a host's name
inline constexpr const char* inputs_extension = ".inputs";           // of the wire: lab/wire/input_log.hpp

/// Hosts that may keep journals in one run: each is an open file.
inline constexpr std::size_t maximum_journals = 500;

/// The files that a run fills as it goes, in either world. A full disk does not stop the run; close() tells.
class run_files {
 public:
  /// Makes the folder, the capture and a journal for each of these hosts; of an earlier run nothing stays. Throws
  /// std::system_error naming what could not be made, and where a file that is not a run's would be replaced.
  run_files(const std::string& folder, const scenario& ran, const std::vector<std::string>& hosts);

  /// The path of a file in the folder.
  std::string path(const std::string& name) const;
  /// The journal of a host that keeps one.
  journal_writer& journal_of(const std::string& host) { return journals_.at(host); }
  /// Closes all; one line for each that did not take everything.
  std::vector<std::string> close();

  const std::string directory;  // made, and as given
  capture_writer capture;       // open until close()

 private:
  std::map<std::string, journal_writer> journals_;  // open until close()
};

/// The socket that the n-th transfer's receiver listens on.
socket_number flow_socket(std::size_t transfer);

/// Refuses a run whose output folder is a folder that its flows read: a capture would replace a file that is to be
/// sent. Throws std::system_error (EINVAL).
void require_outputs_apart(const scenario& from, const std::string& directory);

/// Of each transfer, what its two ends share in one process (lab/flow.hpp).
using flow_clocks = std::vector<std::shared_ptr<due_instants>>;

/// A scenario as it runs, with its network and transfers.
struct experiment_plan {
  scenario ran;     // packet sizes from the MTU, the packet life, and how many records the files are, are filled in
  network_map map;  // of its links
  std::vector<planned_flow> flows;                 // of plan_flows()
  std::vector<std::vector<std::size_t>> flows_at;  // of each host of the map: the flows that begin or end there
  flow_clocks clocks{};                            // of both hosts' programs; none where only one of them is here

  /// What the scenario says of it.
  const flow_settings& settings_of(const planned_flow& flow) const { return ran.flows[flow.settings]; }
  /// Names of the hosts that flows begin or end at, in the map's order.
  std::vector<std::string> hosts_with_flows() const;
};

/// Fills in what the scenario leaves to the world; each link adds `slack` to its packets' life. Throws
/// std::system_error when files cannot be listed, or the flows cannot be planned.
experiment_plan planned(scenario from, duration slack = {});

/// Stands between a flow's records and the program that sends them.
using record_watch = std::function<record_source(const flow_settings& of, record_source records)>;
/// The address of a host of the map.
using host_address = std::function<xns_address(std::size_t host)>;

/// Gives a plan its clocks, where one process has both ends of every flow.
void give_clocks(experiment_plan& plan);

/// The program of a host: its ends of all flows, in their order. Without the plan's clocks no latency is known of what
/// is delivered on connections. Throws std::system_error naming files that cannot be
/// listed.
void add_flows(transfer_program& to, const experiment_plan& plan, std::size_t host, const host_address& address_of,
               const record_watch& watch = {});

/// The report's flows, from what the hosts' programs say of their ends; by host, nullptr where there is none.
std::vector<flow_report> flow_reports(const experiment_plan& plan, const std::vector<const transfer_program*>& programs,
                                      bool with_digests = true);

/// How far a run in virtual time is.
struct run_progress {
  duration at{};              // the time there
  std::uint64_t events = 0;   // that have happened
  std::uint64_t records = 0;  // delivered, of all flows
};
/// Told of it some times a second of real time. A run is the same with it and without.
using progress_listener = std::function<void(const run_progress&)>;

/// Runs in virtual time, writes capture and journals to `directory` (created), verifies them and writes the summary.
/// Throws std::system_error when it cannot begin, and interrupted, in place of a summary, on SIGINT and SIGTERM.
experiment_report run_on_simulator(const scenario& from, const std::string& directory,
                                   const progress_listener& tell = {});

/// Asked before every event whether a run is to end: the signal's number, or 0.
using stop_question = std::function<int()>;
/// The same for runs side by side, which share what answers `stop`.
experiment_report run_on_simulator(const scenario& from, const std::string& directory, const stop_question& stop);

/// Runs in virtual time and leaves nothing but the counts: no file, no digests, no verdict. Runs side by side do not
/// disturb each other. Throws as run_on_simulator().
experiment_report simulate(const scenario& from, const stop_question& stop);

// What a run on the wire may need of the machine: network namespaces, interfaces.
inline constexpr std::size_t most_wire_hosts = 64;
inline constexpr std::size_t most_wire_links = 64;
/// What was expected and what it is, where the network is larger.
std::optional<std::string> too_large_for_wire(const scenario& from);

/// Runs between network namespaces of its own, in real time: an engine for each host, routers included, an impairing
/// bridge for each link. The network is not too large. Once its sockets are open the process gives up its privileges,
/// for good. Throws std::system_error when it cannot begin, privilege_error, interrupted.
experiment_report run_on_wire(const scenario& from, const std::string& directory);

/// Verifies the capture of a report that is summed up against the journals, writes summary.json. What cannot be read or
/// written is told in not_written. Throws interrupted on a signal that comes before the verdict.
void conclude(experiment_report& report);
/// The same; `stop` is asked before every packet that is judged.
void conclude(experiment_report& report, const stop_question& stop);
/// Fills files_sent, files_equal and finished_at.
void sum_up(experiment_report& report);

/// What summary.json holds.
nlohmann::json to_json(const experiment_report& report);
/// The table for people.
std::string render_text(const experiment_report& report);

}  // namespace seqwire
