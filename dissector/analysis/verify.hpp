// verify: packets and journals in, a verdict out. The verifier takes packets one by one in file order and keeps, for
// each connection, a window of numbers and one line for each record, and the latest packet ids; what a hostile capture
// holds beyond the limits is said to be a hole. verify_files() streams files through it. Never includes the engine; it
// reads bytes by the header layouts and judges by reliability rules I01 to I41.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "dissector/analysis/capture_walk.hpp"
#include "dissector/analysis/verdict.hpp"
#include "rawio/capture/capture.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire {

/// Judges one run, from packets in order of their captures.
class verifier {
 public:
  verifier();
  ~verifier();
  // The other can only be destroyed.
  verifier(verifier&&) noexcept;
  verifier& operator=(verifier&&) noexcept;

  /// Adds one end's journal; `name` is its file's. All journals come before the first packet: only then is the data of
  /// records hashed.
  void add_journal(journal told, std::string name = "journal");

  /// Frames count from 1 and interfaces anew from here on. Packets before the first call belong to "capture".
  void begin_capture(std::string name);
  /// `seen_at` is the packet's own interface, packet.interface its index in this capture.
  void on_packet(const captured_packet& packet, const capture_interface& seen_at);
  /// What the current capture says at its end: an interface that dropped packets leaves a hole.
  void on_statistics(std::size_t interface, const capture_interface& seen_at, const interface_statistics& statistics);
  /// The current capture ends in the middle of a block; one line.
  void on_truncation(const std::string& what);
  /// The current capture lacks something at a place before its end; one line.
  void on_damage(const std::string& what);

  /// One line if what was given so far cannot be of one run: the same journal twice, a journal or a capture of another
  /// run, one vantage point in two captures. A verdict would mean nothing then. Of captures, ask after the last packet.
  std::optional<std::string> contradiction() const;

  /// Weighs all charges. Call once, at the end.
  verdict finish();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Verifies whole files. The error is one line for the user: a file that cannot be read or is malformed, or files that
/// cannot be of one run; a capture that merely ends early is verified as far as it goes, and the verdict is then
/// inconclusive at best, and so is that of a damaged one where damage is to be left out.
result<verdict, std::string> verify_files(std::span<const std::string> captures, std::span<const std::string> journals,
                                          const capture_reading& how = {});

}  // namespace seqwire
