// The input log of one host of a wire run: every instant at which its engine was driven, every datagram that its links
// gave it, and how many packets they took, so that the run can be repeated exactly without a network. Of what it
// sent only a hash is kept: enough to tell whether the repetition is the same to the octet; of the records that its
// program submitted name, size and SHA-256, because the files may have changed since. File: the line "seqwire-inputs
// 3", a line of JSON (who, where, the scenario), then little-endian records.
#pragma once

#include <string>

#include "lab/experiment.hpp"
#include "protocol/host/link.hpp"
#include "rawio/capture/file.hpp"

namespace seqwire {

/// Everything about the run that is not an input.
struct input_log_header {
  std::string host;                      // its name
  instant origin{};                      // from which flows' times count
  std::vector<link_capabilities> links;  // as the engine was told, in its order
  experiment_plan plan;                  // of the whole run, seed included
};

/// Writes the log. A full disk is reported by close(), and the run goes on.
class input_log_writer {
 public:
  /// Throws std::system_error naming the path.
  input_log_writer(const std::string& path, const input_log_header& header);
  /// The engine is about to be driven at this instant.
  void woken(instant now);
  /// What the link gave, in order; none is logged, too.
  void received(link_index link, std::span<const datagram> arrived);
  /// What the link was offered, and how many of these it took.
  void transmitted(link_index link, std::span<const packet> offered, std::size_t taken);
  /// What the program took from its records; nothing: it found no more.
  void submitted(const std::optional<named_record>& record);
  /// Flushes; what went wrong, or nothing.
  std::optional<std::string> close();

 private:
  output_file file_;
};

/// For add_flows(): logs the records that a host's program takes.
record_watch logged_records(input_log_writer& log);

/// A link that logs what the link below it answers.
class logged_link final : public link {
 public:
  /// `index`: among the host's links. Link and log outlive it.
  logged_link(link& inner, input_log_writer& log, link_index index = 0) : inner_(inner), log_(log), index_(index) {}
  link_capabilities capabilities() const override { return inner_.capabilities(); }
  std::size_t receive(instant now, std::span<datagram> to) override;
  std::size_t transmit(instant now, std::span<const packet> packets) override;

 private:
  link& inner_;
  input_log_writer& log_;
  link_index index_;
};

/// What a repetition found.
struct rerun_outcome {
  std::string host;             // whose log it is
  std::uint64_t wakes = 0;      // of woken()
  std::uint64_t datagrams = 0;  // that arrived
  std::uint64_t packets = 0;    // sent, each compared
  std::string difference;       // the first one; empty: the same to the octet
  bool cut_short = false;       // the log ends in the middle of a record
};

/// Runs the log's host again, on nothing but the log and the files that the scenario names. The error is one line: the
/// log cannot be read, or the files are not those of the run.
result<rerun_outcome, std::string> rerun(const std::string& path);

}  // namespace seqwire
