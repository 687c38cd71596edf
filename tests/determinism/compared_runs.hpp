// Scenarios that are run twice, and the comparison of what they leave octet by octet.
#pragma once

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
};
inline constexpr const char* files[] = {"capture.pcapng", "a.journal.ndjson", "b.journal.ndjson", "summary.json"};

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

  static void expect_same(const std::string& one, const std::string& other) {
    for (const char* file : files) {
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
