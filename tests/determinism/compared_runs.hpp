// Scenarios that are run twice, and the comparison of what they leave octet by octet.
#pragma once

#include <set>

#include "tests/command_runner.hpp"

namespace seqwire::determinism {

using namespace command_runner;

inline constexpr const char* scenarios[] = {
    "[scenario]\nname = \"calm\"\n[link]\ndelay = \"5ms\"\n[[flow]]\nrecords = 50\n",
    "[scenario]\nname = \"hostile\"\n[link]\ndelay = \"20ms\"\nloss = \"5%\"\nreordering = \"10%\"\nduplication = "
    "\"2%\"\n"
    "corruption = \"1%\"\n[[flow]]\nrecords = 200\nrecord_size = 3001\n",
    "[scenario]\nname = \"narrow\"\n[link]\ndelay = \"50ms\"\nrate = \"1Mbit/s\"\nqueue = 10\n[[flow]]\nrecords = 100\n"
    "sender = \"newreno\"\n[[flow]]\nfrom = \"b\"\nrecords = 100\nsender = \"tahoe\"\n",
    // What draws from distributions, and so computes logarithms, powers and roots.
    "[scenario]\nname = \"drawn\"\nqlog = true\n[link]\ndelay = \"10ms\"\nrate = \"2Mbit/s\"\njitter = \"3ms\"\n"
    "jitter_distribution = \"normal\"\ngilbert_elliott = \"2% 30% 60%\"\nqueue_discipline = \"red\"\n[[flow]]\nrecords "
    "= 100\n"
    "workload = \"poisson\"\ninterval = \"15ms\"\nrecord_size_distribution = \"pareto\"\n[[flow]]\nrecords = 200\n"
    "socket = \"datagram\"\nworkload = \"on-off\"\non_off_distribution = \"exponential\"\nrecord_size = 300\n"
    "record_size_distribution = \"exponential\"\n[measure]\nvalues = [\"goodput\"]\nperiod = \"100ms\"\n",
    "[scenario]\nname = \"network\"\n[topology]\nshape = \"dumbbell\"\nsize = 3\nrouting = \"rip\"\n[link]\ndelay = "
    "\"1ms\"\n"
    "rate = \"10Mbit/s\"\n[link.r1-r2]\nrate = \"1Mbit/s\"\nqueue_discipline = \"fq_codel\"\nloss = \"1%\"\n[[flow]]\n"
    "sender = \"newreno\"\nrecords = 50\nstagger = \"20ms\"\n",
};

struct compared_runs {
  // Runs in a folder of its own, so that every path in the outputs is the same.
  std::string run(const std::string& program, const char* scenario, int seed) {
    const std::string place = folder.path(std::to_string(++runs));
    write_whole(place + "/scenario.toml", scenario);
    const ended_command ended =
        running_command({program, "run", "scenario.toml", "--seed", std::to_string(seed), "--out", "out"},
                        {.folder = place})
            .finish();
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, program << ": " << ended.err << ended.out);
    return place + "/out/";
  }

  /// The names of the files that a run left.
  static std::set<std::string> files_of(const std::string& left) {
    std::set<std::string> names;
    for (const auto& each : fs::directory_iterator(left)) names.insert(each.path().filename());
    return names;
  }

  static void expect_same(const std::string& one, const std::string& other) {
    BOOST_TEST(files_of(one) == files_of(other), boost::test_tools::per_element());
    for (const std::string& file : files_of(one)) {
      if (digest_of(one + file) == digest_of(other + file)) continue;
      const std::string first = read_whole(one + file), second = read_whole(other + file);
      const auto differing = std::mismatch(first.begin(), first.end(), second.begin(), second.end()).first;
      BOOST_ERROR(file << ": " << first.size() << " and " << second.size() << " octets, the first difference at octet "
                       << differing - first.begin());
    }
  }

  temporary_folder folder;
  int runs = 0;
};

}  // namespace seqwire::determinism
