// The seqwire command: one file for each subcommand, registered in main.cpp. A subcommand parses its options with CLI11,
// does its work by the floors below, prints data on standard output and everything else on standard error, and returns
// an exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string>

namespace seqwire {

enum exit_code : int {
  exit_holds = 0,
  exit_could_not_run = 1,
  exit_usage = 2,
  exit_check_failed = 3,
  exit_inconclusive = 4,
  exit_no_privilege = 77,
};

/// Bad usage or bad input: printed as one line, exit code 2.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the chosen subcommand wants run after parsing.
using command_body = std::function<int()>;

void add_demo(CLI::App& to, command_body& chosen);
void add_run(CLI::App& to, command_body& chosen);
void add_verify(CLI::App& to, command_body& chosen);
void add_send(CLI::App& to, command_body& chosen);
void add_receive(CLI::App& to, command_body& chosen);
void add_bridge(CLI::App& to, command_body& chosen);
void add_lab(CLI::App& to, command_body& chosen);
void add_rerun(CLI::App& to, command_body& chosen);
void add_headers(CLI::App& to, command_body& chosen);

}  // namespace seqwire
