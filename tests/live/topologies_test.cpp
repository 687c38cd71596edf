// Networks of every shape on the wire: every record arrives, the verdict on the capture holds, input logs repeat each
// host, routers included, and what links achieved stands beside what was asked of them.
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct runs_on_the_wire {
  runs_on_the_wire() { make_network(); }  // or ends the program where there can be none
  std::vector<std::string> words(const std::string& text) const {
    write_whole(folder.path("run.toml"), text);
    return {"run", folder.path("run.toml"), "--on", "wire", "--out", folder.path("out"), "--json"};
  }
  nlohmann::json run(const std::string& text) const {
    const ended_command ended = seqwire_command(words(text));
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err << ended.out);
    return nlohmann::json::parse(ended.out);
  }
  std::uint64_t packets_of_rerun(const std::string& host) const {
    const ended_command again = seqwire_command({"rerun", folder.path("out/" + host + ".inputs"), "--json"});
    BOOST_TEST(again.exit_code == 0, again.err << again.out);
    const auto told = nlohmann::json::parse(again.out);
    BOOST_TEST(told.at("identical").get<bool>(), host);
    return told.at("packets").get<std::uint64_t>();
  }
  temporary_folder folder;
};

constexpr const char* few_records = "[[flow]]\nrecords = 40\nrecord_size = 1000\n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(topologies_test, runs_on_the_wire)

BOOST_AUTO_TEST_CASE(chain__crosses_its_routers_and_each_host_can_be_run_again) {
  const auto told = run(std::string("[topology]\nshape = \"chain\"\nsize = 2\n[link]\nloss = \"2%\"\n") + few_records);
  BOOST_TEST(told.at("world") == "wire");
  for (const char* host : {"a", "r1", "r2", "b"}) BOOST_TEST(packets_of_rerun(host) > 40u, host);
  BOOST_TEST(told.at("link").size() == 6u);  // three links, both ways
}

BOOST_AUTO_TEST_CASE(dumbbell__tells_what_its_links_achieved) {
  const auto told =
      run("[topology]\nshape = \"dumbbell\"\nsize = 3\n[link]\nrate = \"50Mbit/s\"\ndelay = \"1ms\"\n"
          "[link.r1-r2]\nrate = \"8Mbit/s\"\ndelay = \"10ms\"\nloss = \"2%\"\n[[flow]]\nrecords = 150\nrecord_size = "
          "1000\n");
  const auto& bottleneck = told.at("link").at("r1_to_r2");
  BOOST_TEST(bottleneck.at("asked").at("rate_bits_per_second") == 8'000'000);
  const auto& achieved = bottleneck.at("achieved");
  BOOST_TEST(achieved.at("delay_minimum_ms").get<double>() >= 10);
  BOOST_TEST(achieved.at("delay_mean_ms").get<double>() >= achieved.at("delay_minimum_ms").get<double>());
  BOOST_TEST(achieved.at("delay_maximum_ms").get<double>() >= achieved.at("delay_mean_ms").get<double>());
  BOOST_TEST(achieved.at("rate_bits_per_second").get<double>() > 1e6);
  BOOST_TEST(achieved.at("lost").get<int>() > 0);
  BOOST_TEST(told.at("link").at("a1_to_r1").at("achieved").at("lost") == 0);
  BOOST_TEST(told.at("hosts").size() == 8u);
}

BOOST_AUTO_TEST_CASE(star_and_parking_lot__hold) {
  for (const char* shape : {"shape = \"star\"\nsize = 4\n", "shape = \"parking lot\"\nsize = 2\n"})
    run(std::string("[topology]\n") + shape + few_records);
}

BOOST_AUTO_TEST_CASE(by_hand__routers_find_ways_by_themselves) {
  const auto told =
      run("[scenario]\ntime_limit = \"60s\"\n[topology]\nlinks = [\"a-r1\", \"r1-r2\", \"r2-b\"]\nrouting = \"rip\"\n"
          "[[flow]]\nfrom = \"a\"\nto = \"b\"\nstart = \"3s\"\nrecords = 20\n");
  BOOST_TEST(told.at("hosts").contains("r2"));
  packets_of_rerun("r1");
}

BOOST_AUTO_TEST_CASE(too_many_hosts__are_refused_in_one_line) {
  const ended_command refused =
      seqwire_command(words(std::string("[topology]\nshape = \"star\"\nsize = 64\n") + few_records));
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(
      refused.err ==
      "seqwire: error: --on wire: expected a network of at most 64 hosts and 64 links; got 65 and 64, which --on "
      "sim runs\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
