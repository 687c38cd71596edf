// What `seqwire sweep` and `seqwire sweep submit` have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/command/command.hpp"
#include "lab/measure/statistics.hpp"
#include "lab/sweep/study.hpp"

namespace seqwire {

/// As the user wrote them.
struct sweep_options {
  // The options of these names; empty or nothing: not given.
  std::string path;
  std::vector<std::string> set;
  std::optional<std::uint64_t> seed;
  std::string jobs;
  std::string seeds;
  std::string until_ci;
  std::string measure;
  std::string out = "seqwire-sweep";
  bool resume = false;
  bool mix_revisions = false;
  bool verify = false;
  bool dry_run = false;
  bool json = false;
};

/// Those that say what runs, and how often.
void add_study_options(CLI::App& to, sweep_options& options);

/// A whole number that an option takes. Throws usage_error.
std::uint64_t count_in(const std::string& option, const std::string& text, std::uint64_t least, std::uint64_t most);
/// The study that the options name and change. Throws usage_error.
study study_of(const sweep_options& options);
/// How many runs each point gets. Throws usage_error.
stopping_rule rule_of(const sweep_options& options, const study& of);

/// The part of the command for clusters (sweep_submit.cpp).
void add_sweep_submit(CLI::App& to, command_body& chosen);

}  // namespace seqwire
