// The file tools and ping on the carriers over IPv4, between two hosts and on one.
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct two_hosts : own_network {
  two_hosts() : between(bridge({"--loss", "3%", "--delay", "1ms", "--seed", "3"}), inside(lab_host::bridge)) {
    BOOST_REQUIRE(between.wait_for("the bridge is up"));
    write_files({0, 1, 1427, 1428, 300'000});
  }
  void transfer(const std::vector<std::string>& receiver, const std::vector<std::string>& sender) const {
    const auto joined = [](std::vector<std::string> words, const std::vector<std::string>& more) {
      words.insert(words.end(), more.begin(), more.end());
      return seqwire_with(words);
    };
    running_command receiving(
        joined({"receive", "--socket", "3000", "--out", "inbox", "--record", "b.pcapng", "--journal", "b.journal"},
               receiver),
        inside(lab_host::b));
    const ended_command sent =
        running_command(joined({"send", "files", "--record", "a.pcapng", "--journal", "a.journal"}, sender),
                        inside(lab_host::a))
            .finish();
    expect_transfer(sent, receiving.finish());
  }

  running_command between;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(carriers_test, two_hosts)

BOOST_AUTO_TEST_CASE(udp__files_arrive_through_weather) {
  transfer({"--udp", "10.87.0.2:49152"}, {"--udp", "0", "--to", "1.02000a570002:3000"});
}

BOOST_AUTO_TEST_CASE(udp__with_host_numbers_and_ports_of_the_users_choice) {
  transfer({"--udp", "4000", "--host", "02000000000b"},
           {"--udp", "0", "--peer", "02000000000b=10.87.0.2:4000", "--to", "1.02000000000b:3000", "--mtu", "576"});
}

BOOST_AUTO_TEST_CASE(ip__files_arrive_through_weather) {
  transfer({"--ip", "10.87.0.2"}, {"--ip", "10.87.0.1", "--to", "1.02000a570002:3000"});
}

BOOST_AUTO_TEST_CASE(ethernet__a_second_program_takes_a_host_number_of_its_own) {
  running_command first(receive({"--out", "first"}), inside(lab_host::b));
  running_command second(receive({"--out", "second", "--host", "auto"}), inside(lab_host::b));
  // Until somebody answers; both live at the same time then.
  int attempts = 0;
  while (running_command(seqwire_with({"ping", "1.02000000000b", "--interface", "xns0", "--host", "auto", "--count",
                                       "1", "--timeout", "50ms"}),
                         inside(lab_host::a))
             .finish()
             .exit_code != 0)
    BOOST_REQUIRE(++attempts < 200);
  for (running_command* each : {&first, &second}) {
    each->signal(SIGTERM);
    BOOST_TEST(each->finish().exit_code == 143);
  }
}

BOOST_AUTO_TEST_CASE(ping__over_udp_and_over_ip) {
  for (const auto& [carrier, own, echoes] :
       {std::tuple{"--udp", "10.87.0.2", "0"}, std::tuple{"--ip", "10.87.0.2", "10.87.0.1"}}) {
    running_command answering(seqwire_with({"listen", carrier, own}), inside(lab_host::b));
    BOOST_REQUIRE(answering.wait_for("listening on 1.02000a570002:"));
    const ended_command asked = running_command(seqwire_with({"ping", "1.02000a570002", carrier, echoes, "--count",
                                                              "30", "--interval", "1ms", "--size", "1401", "--json"}),
                                                inside(lab_host::a))
                                    .finish();
    BOOST_TEST(asked.exit_code == 0, asked.err);
    BOOST_TEST(nlohmann::json::parse(asked.out).at("received").get<int>() > 15);
    answering.signal(SIGINT);
    BOOST_TEST(answering.finish().exit_code == 130);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
