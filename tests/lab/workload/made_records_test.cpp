// Made-up records: their octets come from the seed, their sizes and instants from the workload.
#include "lab/workload/made_records.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(made_records_test)

octets next(record_source& from) {
  const slice contents = from()->contents;
  return {contents.view().begin(), contents.view().end()};
}

BOOST_AUTO_TEST_CASE(made_records__come_from_the_seed) {
  flow_settings flow;
  flow.records = 2;
  flow.record_size = 100;
  auto one = made_records(flow, 7), same = made_records(flow, 7), other = made_records(flow, 8);
  const octets first = next(one);
  BOOST_TEST(first.size() == 100u);
  BOOST_TEST((first == next(same)));
  BOOST_TEST((first != next(other)));
  BOOST_TEST((first != next(one)));
  BOOST_TEST(!one().has_value());
}

BOOST_AUTO_TEST_CASE(made_records__are_due_when_the_workload_says) {
  flow_settings flow;
  BOOST_TEST(!made_records(flow, 7)()->due.has_value());
  flow.workload.kind = workload_kind::constant;
  flow.workload.sizes = size_distribution::uniform;
  flow.workload.minimum_size = flow.workload.maximum_size = 3;
  auto source = made_records(flow, 7);
  for (const duration due : {0_ms, 10_ms, 20_ms}) {
    const auto record = source();
    BOOST_TEST((record->due == due));
    BOOST_TEST(record->contents.size() == 3u);
  }
}

BOOST_AUTO_TEST_CASE(made_responses__never_end) {
  flow_settings flow;
  flow.records = 1;
  flow.workload.response_size = 40;
  auto responses = made_responses(flow, 7), requests = made_records(flow, 7);
  const octets first = next(responses);
  BOOST_TEST(first.size() == 40u);
  BOOST_TEST((first != next(responses)));
  const octets request = next(requests);
  BOOST_TEST((first != octets(request.begin(), request.begin() + 40)));
}

BOOST_AUTO_TEST_SUITE_END()
