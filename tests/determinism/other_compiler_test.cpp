// The same scenario and seed give the same octets with the command that the other compiler made, at another level of
// optimisation (scripts/test).
#include "compared_runs.hpp"

namespace seqwire {
namespace {

using namespace command_runner;
using namespace determinism;

// The program that the other compiler made: SEQWIRE_OTHER_COMMAND, else where scripts/test builds it.
std::string other_command() {
  const char* const named = std::getenv("SEQWIRE_OTHER_COMMAND");
  return named != nullptr ? named : SEQWIRE_SOURCE_DIR "/build/clang/bin/seqwire";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(other_compiler_test, compared_runs)

BOOST_AUTO_TEST_CASE(same_seed__same_octets_on_both_compilers) {
  const std::string other = other_command();
  if (!fs::exists(other)) {
    std::fprintf(stderr, "skipped: the other compiler's command is not at %s\n", other.c_str());
    std::fflush(nullptr);
    ::_exit(77);
  }
  for (const char* scenario : scenarios)
    for (const int seed : {1, 2, 3}) {
      const std::string ours = run(SEQWIRE_COMMAND, scenario, seed);
      expect_same(ours, run(other, scenario, seed));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
