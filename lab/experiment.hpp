// Running a scenario, on the simulator or on the wire, and what came of it. Both worlds run the same programs on the
// same engine and leave the same things: one capture with a vantage point at each host, two journals, a summary and a
// verdict.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dissector/analysis/verify.hpp"
#include "lab/scenario/scenario.hpp"
#include "lab/transfer.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// What one host counted.
struct host_report {
  host_statistics counters;        // of the whole run
  std::vector<flow_result> flows;  // in the scenario's order; each host has its end of every flow
};

/// What became of a scenario.
struct experiment_report {
  std::string world;       // "simulator" or "wire"
  scenario ran;            // as it ran: with packet sizes, packet life and seed filled in
  std::string directory;   // where the files are
  duration finished_at{};  // the last record's delivery, from the run's start
  // Of each host, and of each direction of the link.
  host_report a;
  host_report b;
  channel_statistics a_to_b;
  channel_statistics b_to_a;
  std::uint64_t files_sent = 0;              // of all flows with files
  std::uint64_t files_equal = 0;             // delivered with the SHA-256 they were sent with
  std::optional<verdict> judged;             // nothing where the files could not be read
  std::optional<std::uint64_t> fingerprint;  // of the trace; simulator only (sim/trace_fingerprint.hpp)
  std::vector<std::string> not_written;      // one line for each file that is not whole: a full disk, a broken one

  /// Every flow ended gracefully or at the time limit, every record arrived as it was sent, the verdict holds and every
  /// file is whole.
  bool holds() const;
  /// 0 holds; 1 a file is not whole, and nothing else is known to be wrong; 3 something is wrong; 4 the verdict is
  /// inconclusive.
  int exit_code() const;
};

// Names of the files in a run's folder.
inline constexpr const char* capture_name = "capture.pcapng";
inline constexpr const char* journal_a_name = "a.journal.ndjson";
inline constexpr const char* journal_b_name = "b.journal.ndjson";
inline constexpr const char* inputs_a_name = "a.inputs";     // of a run on the wire: lab/wire/input_log.hpp
inline constexpr const char* inputs_b_name = "b.inputs";     // as a's
inline constexpr const char* summary_name = "summary.json";  // as to_json() of the report

/// The files that a run fills as it goes, in either world. A full disk does not stop the run; close() tells.
class run_files {
 public:
  /// Makes the folder, the capture and the journals; of an earlier run nothing stays. Throws std::system_error naming
  /// what could not be made, and where a file that is not a run's would be replaced.
  run_files(const std::string& folder, const scenario& ran);

  /// The path of a file in the folder.
  std::string path(const char* name) const;
  /// Closes all three; one line for each that did not take everything.
  std::vector<std::string> close();

  const std::string directory;  // made, and as given
  // Open until close().
  capture_writer capture;
  journal_writer journal_a;
  journal_writer journal_b;
};

/// The socket that the n-th flow's receiver listens on.
socket_number flow_socket(std::size_t flow);

/// Refuses a run whose output folder is a folder that its flows read: a capture would replace a file that is to be
/// sent. Throws std::system_error (EINVAL).
void require_outputs_apart(const scenario& from, const std::string& directory);

/// Fills in what the world decides: packet sizes from the MTU, the packet life, how many records the files are. Throws
/// std::system_error when these cannot be listed.
scenario completed(scenario from, duration packet_life);

/// Stands between a flow's records and the program that sends them.
using record_watch = std::function<record_source(const flow_settings& of, record_source records)>;

/// The program of host 'a' or 'b': its ends of all flows of a completed scenario. Throws std::system_error naming files
/// that cannot be listed.
void add_flows(transfer_program& to, const scenario& from, char host, network_number network, host_number peer,
               const record_watch& watch = {});

/// Runs in virtual time, writes capture and journals to `directory` (created), verifies them and writes the summary.
/// Throws std::system_error when it cannot begin, and interrupted, in place of a summary, on SIGINT and SIGTERM.
experiment_report run_on_simulator(const scenario& from, const std::string& directory);

/// Asked before every event whether a run is to end: the signal's number, or 0.
using stop_question = std::function<int()>;
/// The same for runs side by side, which share what answers `stop`.
experiment_report run_on_simulator(const scenario& from, const std::string& directory, const stop_question& stop);

/// Runs in virtual time and leaves nothing but the counts: no file, no digests, no verdict. Runs side by side do not
/// disturb each other. Throws as run_on_simulator().
experiment_report simulate(const scenario& from, const stop_question& stop);

/// Runs between network namespaces of its own, in real time: an engine in each host's process, the impairing bridge
/// between them. Once its sockets are open the process gives up its privileges, for good. Throws std::system_error when
/// it cannot begin, privilege_error, interrupted.
experiment_report run_on_wire(const scenario& from, const std::string& directory);

/// Fills files_sent and files_equal, verifies the capture against the journals, writes summary.json. What cannot be
/// read or written is told in not_written. Throws interrupted on a signal that comes before the verdict.
void conclude(experiment_report& report);
/// The same; `stop` is asked before every packet that is judged.
void conclude(experiment_report& report, const stop_question& stop);
/// Fills files_sent, files_equal and finished_at: conclude()'s part that needs no file.
void sum_up(experiment_report& report);

/// What summary.json holds.
nlohmann::json to_json(const experiment_report& report);
/// The table for people.
std::string render_text(const experiment_report& report);

}  // namespace seqwire
