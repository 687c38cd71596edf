// Every example of a scenario runs, and delivers what it should.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "lab/experiment.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(scenarios_test)

BOOST_AUTO_TEST_CASE(scenarios__each_delivers_every_record) {
  std::size_t found = 0;
  for (const auto& each :
       std::filesystem::directory_iterator(std::string(SEQWIRE_SOURCE_DIR) + "/examples/scenarios")) {
    const std::string path = each.path();
    const auto read = read_scenario(path, {});
    BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
    ++found;
    const experiment_report report = simulate(*read, [] { return 0; });
    for (const auto& [plan, sender, receiver] : report.flows) {
      BOOST_TEST(receiver.records == report.ran.flows[plan.settings].records, path << ": flow " << plan.label);
      BOOST_TEST(name_of(sender.status) == name_of(end_status::closed_gracefully), path << ": flow " << plan.label);
    }
  }
  BOOST_TEST(found >= 11u);
}

BOOST_AUTO_TEST_SUITE_END()
