// Protocols that a program adds: scenarios name them, runs carry records by them, and the verdict reads their header by
// its roles.
#include "lab/protocols.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "lab/experiment.hpp"
#include "tests/command_runner.hpp"
#include "tests/lab/scenario/scenario_text.hpp"
#include "tests/protocol/wire/turned_profile.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;
using namespace seqwire::test;

namespace {

// Once in this process: what was added stays.
const bool added = [] {
  add_protocol(spp_with_profile("turned", turned_layout::description, turned_profile));
  return true;
}();

scenario bad_weather(const std::string& protocol) {
  const std::string text = "[scenario]\nprotocol = \"" + protocol +
                           "\"\n[link]\ndelay = \"5ms\"\nloss = \"5%\"\nreordering = \"5%\"\nduplication = \"2%\"\n"
                           "corruption = \"1%\"\n[[flow]]\nrecords = 40\nrecord_size = 3000\n";
  return parsed(text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(protocols_test)

BOOST_AUTO_TEST_CASE(find_protocol__spp_is_the_hosts_own) {
  BOOST_TEST_REQUIRE(added);
  BOOST_TEST(!find_protocol("spp").has_value());
  const auto found = find_protocol("turned");
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST((found->type == packet_type{22}));
  BOOST_TEST((protocol_names() == std::vector<std::string_view>{"spp", "turned"}));
  BOOST_TEST(layout_of(packet_type{22}) == &turned_layout::description);
}

BOOST_AUTO_TEST_CASE(scenario__names_a_protocol_that_there_is) {
  const auto refused = parse_scenario("[scenario]\nprotocol = \"turnd\"\n[[flow]]\n", "x.toml", {});
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().message.find("expected turned, the nearest one of spp, turned; got \"turnd\"") !=
             std::string::npos);
}

// The packets are other octets under another type; everything else is the same, and so is the verdict.
BOOST_AUTO_TEST_CASE(run_on_simulator__a_profile_carries_records_and_is_judged) {
  const command_runner::temporary_folder folder;
  const experiment_report classic = run_on_simulator(bad_weather("spp"), folder.path() + "/spp");
  const experiment_report turned = run_on_simulator(bad_weather("turned"), folder.path() + "/turned");
  for (const experiment_report* each : {&classic, &turned}) {
    BOOST_TEST(each->holds());
    BOOST_TEST(each->flows[0].receiver.records == 40u);
  }
  const auto packets_of = [](const experiment_report& of) { return of.flows[0].sender.statistics.packets_sent; };
  BOOST_TEST(packets_of(turned) >= packets_of(classic));  // a header that is longer by two octets
  BOOST_TEST_REQUIRE(turned.judged.has_value());
  BOOST_TEST(turned.judged->exit_code() == 0);
  BOOST_TEST(!std::filesystem::is_empty(folder.path() + "/turned/capture.pcapng"));
}

BOOST_AUTO_TEST_SUITE_END()
