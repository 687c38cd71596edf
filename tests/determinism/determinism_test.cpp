// The same scenario and seed give the same octets, twice.
#include "compared_runs.hpp"

namespace seqwire {

using namespace command_runner;
using namespace determinism;

BOOST_FIXTURE_TEST_SUITE(determinism_test, compared_runs)

BOOST_AUTO_TEST_CASE(same_seed__same_octets_twice) {
  for (const char* scenario : scenarios)
    for (const int seed : {1, 2, 3}) {
      const std::string first = run(SEQWIRE_COMMAND, scenario, seed);
      expect_same(first, run(SEQWIRE_COMMAND, scenario, seed));
    }
}

BOOST_AUTO_TEST_CASE(other_seed__other_octets) {
  const std::string one = run(SEQWIRE_COMMAND, scenarios[1], 1), two = run(SEQWIRE_COMMAND, scenarios[1], 2);
  for (const char* file : {"capture.pcapng", "a.journal.ndjson", "b.journal.ndjson", "summary.json"})
    BOOST_TEST(digest_of(one + file) != digest_of(two + file), file);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
