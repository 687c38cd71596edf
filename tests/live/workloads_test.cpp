// Workloads on the wire, whole: datagrams without feedback beside connections, requests and their responses. They hold,
// lose what the bridge loses, and their input logs repeat them.
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct own_folder {
  own_folder() { make_network(); }  // or ends the program where there can be none
  nlohmann::json run(const std::string& scenario, const std::string& out) const {
    write_whole(folder.path("x.toml"), scenario);
    const ended_command ended =
        seqwire_command({"run", folder.path("x.toml"), "--on", "wire", "--out", folder.path(out), "--json"});
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err << ended.out);
    for (const char* log : {"/a.inputs", "/b.inputs"}) {
      const ended_command again = seqwire_command({"rerun", folder.path(out) + log, "--json"});
      BOOST_TEST(again.exit_code == 0, again.err << again.out);
    }
    return nlohmann::json::parse(ended.out);
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(workloads_test, own_folder)

// Datagrams 3 and 7 are lost, and the run does not wait for them.
BOOST_AUTO_TEST_CASE(datagrams__are_counted_and_lost_ones_are_not_waited_for) {
  const auto summary =
      run("[link]\ndelay = \"2ms\"\ndrop = [3, 7]\n[[flow]]\nsocket = \"datagram\"\nworkload = \"poisson\"\n"
          "interval = \"1ms\"\nrecord_size = 100\nrecords = 50\n",
          "datagrams");
  BOOST_TEST(summary.at("hosts").at("a").at("flows").at(0).at("records").get<int>() == 50);
  const auto& receiver = summary.at("hosts").at("b").at("flows").at(0);
  BOOST_TEST(receiver.at("records").get<int>() == 48);
  BOOST_TEST(receiver.at("latency").at("samples").get<int>() == 48);
  BOOST_TEST(receiver.at("latency").at("minimum_ms").get<double>() >= 2);
}

BOOST_AUTO_TEST_CASE(requests__and_a_constant_rate_beside_a_transfer) {
  const auto summary =
      run("[link]\ndelay = \"2ms\"\n[[flow]]\nworkload = \"request-response\"\nrecords = 20\nrecord_size = 50\n"
          "think_time = \"1ms\"\n[[flow]]\nfrom = \"b\"\nsocket = \"datagram\"\nworkload = \"constant\"\n"
          "interval = \"2ms\"\nrecord_size = 100\nrecords = 30\n[[flow]]\nsocket = \"stream\"\nrecords = 20\n",
          "requests");
  const auto& asker = summary.at("hosts").at("a").at("flows").at(0);
  BOOST_TEST(asker.at("responses").get<int>() == 20);
  BOOST_TEST(asker.at("latency").at("minimum_ms").get<double>() >= 4);
  BOOST_TEST(summary.at("hosts").at("a").at("flows").at(1).at("records").get<int>() == 30);
  BOOST_TEST(summary.at("hosts").at("b").at("flows").at(2).at("latency").at("samples").get<int>() == 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
