// The link's impairments as command line options, the same for `bridge` and `lab up`: each is a scenario key.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "lab/command/command.hpp"
#include "lab/scenario/scenario.hpp"
#include "lab/scenario/scenario_keys.hpp"

namespace seqwire {

/// The options that put weather on a link, by the scenario's own keys.
class link_options {
 public:
  /// Before parsing; the object outlives it.
  void add_to(CLI::App& command) {
    for (const scenario_key& key : scenario_keys())
      if (key.table == key_table::direction)
        command.add_option("--" + std::string(key.name), values_[std::string(key.name)], std::string(key.meaning))
            ->type_name("VALUE");
    add_seed(command, seed_, "Everything random comes from it");
    add_repeatable(command, "--set", set_, "Any key of the link, e.g. a_to_b.drop=[16,30] or b_to_a.loss=0")
        ->type_name("KEY=VALUE");
  }

  /// What was given, as "KEY=VALUE" below link.
  std::vector<std::string> assignments() const {
    std::vector<std::string> all;
    for (const auto& [key, value] : values_)
      if (!value.empty()) all.push_back(key + "=" + value);
    all.insert(all.end(), set_.begin(), set_.end());
    return all;
  }

  /// A scenario whose link is as the options say. Throws usage_error.
  scenario parse() const {
    scenario link;
    if (seed_) link.seed = *seed_;
    for (const std::string& each : assignments())
      if (const auto done = set_key(link, "link." + each); !done) throw usage_error(done.error().message);
    return link;
  }

 private:
  std::map<std::string, std::string> values_;
  std::optional<std::uint64_t> seed_;
  std::vector<std::string> set_;
};

}  // namespace seqwire
