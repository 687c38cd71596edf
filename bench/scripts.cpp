// The conformance scripts of tests/scenario, each with all its seeds: what a change to the engine costs to be tried.
#include <filesystem>

#include "bench/topics.hpp"
#include "lab/script/script_parser.hpp"
#include "lab/script/script_player.hpp"

namespace seqwire::bench {

std::vector<row> bench_scripts(duration round) {
  row whole{.topic = "scripts", .name = "all of tests/scenario", .unit = "s", .goal = aim{aim::direction::at_most, 5}};
  std::error_code ignored;
  if (!std::filesystem::is_directory(SEQWIRE_SCRIPTS, ignored)) {
    whole.skipped = "the project's folder is not where it was built: " SEQWIRE_SCRIPTS;
    return {whole};
  }
  const std::vector<std::string> files = scripts_below(SEQWIRE_SCRIPTS);
  whole.note = std::to_string(files.size()) + " scripts, read and played with each of their seeds";
  const auto play_all = [&files](duration) {
    const instant started = cpu_time();
    for (const std::string& path : files) {
      const auto text = read_script(path);
      require(text.has_value());
      for (std::uint64_t seed = text->first_seed; seed <= text->last_seed; ++seed)
        require(!play_script(*text, seed).failure);
    }
    return std::vector<double>{(cpu_time() - started).seconds()};
  };
  return take_turns({{{whole}, play_all}}, round);
}

}  // namespace seqwire::bench
