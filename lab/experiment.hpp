// Running a scenario, on the simulator or on the wire, and what came of it. Both worlds run the same programs on the
// same engine and leave the same things: one capture with a vantage point at each host, two journals, a summary and a
// verdict.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dissector/analysis/verify.hpp"
#include "lab/scenario/scenario.hpp"
#include "lab/transfer.hpp"

namespace seqwire {

/// What one host counted.
struct host_report {
  host_statistics counters;
  std::vector<flow_result> flows;  // in the scenario's order; each host has its end of every flow
};

/// What became of a scenario.
struct experiment_report {
  std::string world;  // "simulator" or "wire"
  scenario ran;       // as it ran: with packet sizes, packet life and seed filled in
  std::string directory;
  duration finished_at{};  // the last record's delivery, from the run's start
  host_report a;
  host_report b;
  channel_statistics a_to_b;
  channel_statistics b_to_a;
  std::uint64_t files_sent = 0;
  std::uint64_t files_equal = 0;  // delivered with the SHA-256 they were sent with
  std::optional<verdict> judged;

  /// Every flow ended gracefully or at the time limit, every record arrived as it was sent, and the verdict holds.
  bool holds() const;
  /// 0 holds; 3 something is wrong; 4 the verdict is inconclusive.
  int exit_code() const;
};

inline constexpr const char* capture_name = "capture.pcapng";
inline constexpr const char* journal_a_name = "a.journal.ndjson";
inline constexpr const char* journal_b_name = "b.journal.ndjson";
inline constexpr const char* inputs_a_name = "a.inputs";  // of a run on the wire: lab/wire/input_log.hpp
inline constexpr const char* inputs_b_name = "b.inputs";
inline constexpr const char* summary_name = "summary.json";

/// The socket that the n-th flow's receiver listens on.
socket_number flow_socket(std::size_t flow);

/// Refuses a run whose output folder is a folder that its flows read: a capture would replace a file that is to be
/// sent. Throws std::system_error (EINVAL).
void require_outputs_apart(const scenario& from, const std::string& directory);

/// Fills in what the world decides: packet sizes from the MTU, the packet life.
scenario completed(scenario from, duration packet_life);

/// The program of host 'a' or 'b': its ends of all flows of a completed scenario.
void add_flows(transfer_program& to, const scenario& from, char host, network_number network, host_number peer);

/// Runs in virtual time, writes capture and journals to `directory` (created), verifies them and writes the summary.
/// Throws std::system_error.
experiment_report run_on_simulator(const scenario& from, const std::string& directory);

/// Runs between network namespaces of its own, in real time: an engine in each host's process, the impairing bridge
/// between them. Throws std::system_error, privilege_error.
experiment_report run_on_wire(const scenario& from, const std::string& directory);

/// Fills files_sent and files_equal, verifies the capture against the journals, writes summary.json.
void conclude(experiment_report& report);

nlohmann::json to_json(const experiment_report& report);
/// The table for people.
std::string render_text(const experiment_report& report);

}  // namespace seqwire
