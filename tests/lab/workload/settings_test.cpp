// What follows from a workload's settings. What is refused is tested where people write it: scenario_test.
#include "lab/workload/settings.hpp"

#include <boost/test/unit_test.hpp>

#include "lab/scenario/scenario.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(settings_test)

BOOST_AUTO_TEST_CASE(interval_of__is_given_or_follows_from_the_rate) {
  flow_settings flow;
  flow.workload.interval = 7_ms;
  BOOST_TEST((interval_of(flow) == 7_ms));
  flow.record_size = 1500;
  flow.workload.offered_rate = 1'000'000'000;
  BOOST_TEST((interval_of(flow) == 12_us));
  flow.record_size = longest_record;
  flow.workload.offered_rate = 8;
  BOOST_TEST((interval_of(flow) == 1_s * std::int64_t{longest_record}));
  flow.workload.sizes = size_distribution::uniform;
  flow.workload.minimum_size = 100;
  flow.workload.maximum_size = 300;
  flow.workload.offered_rate = 1'600'000;
  BOOST_TEST((interval_of(flow) == 1_ms));
}

BOOST_AUTO_TEST_CASE(largest_datagram__fills_the_mtu_with_an_even_packet) {
  BOOST_TEST(largest_datagram(1500) == 1470u);
  BOOST_TEST(largest_datagram(577) == 546u);
}

BOOST_AUTO_TEST_CASE(complete_workload__bounds_datagrams_alone) {
  flow_settings flow;
  flow.workload.sizes = size_distribution::exponential;
  complete_workload(flow, 1500);
  BOOST_TEST(flow.workload.maximum_size == longest_record);
  flow.socket = flow_type::datagram;
  complete_workload(flow, 1500);
  BOOST_TEST(flow.workload.minimum_size == 16u);
  BOOST_TEST(flow.workload.maximum_size == 1470u);
  flow.workload.kind = workload_kind::trace;
  flow.workload.trace.records = std::make_shared<const std::vector<arrival>>(3);
  complete_workload(flow, 1500);
  BOOST_TEST(flow.records == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
