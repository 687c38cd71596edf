// The Time protocol: a request of four octets, a response of twelve words.
#include "protocol/wire/time_of_day.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

namespace {

// Words of the sheet's table, by hand: 1970-01-01, one hour east, summer time from day 84 to day 298, error 10 ms.
const octets response = from_hexadecimal(
    "0002"
    "0002"
    "81c94b00"
    "0001"
    "0001"
    "0000"
    "0054"
    "012a"
    "0001"
    "0000000a");
const time_of_day epoch{0x81c94b00, zone_direction::east, 1, 0, 84, 298, 1, 10};

}  // namespace

BOOST_AUTO_TEST_SUITE(time_of_day_test)

BOOST_AUTO_TEST_CASE(time_request__is_version_2_operation_1) {
  BOOST_TEST(time_request() == from_hexadecimal("00020001"), boost::test_tools::per_element());
  const octets request = time_request();
  const auto parsed = parse_time(request);
  BOOST_TEST_REQUIRE(parsed.has_value());
  BOOST_TEST(!parsed->time.has_value());
}

BOOST_AUTO_TEST_CASE(time_response__twelve_words) {
  BOOST_TEST(unix_epoch_since_1901 == 0x81c94b00u);
  BOOST_TEST(time_response(epoch) == response, boost::test_tools::per_element());
  const auto parsed = parse_time(response);
  BOOST_TEST_REQUIRE(parsed.has_value());
  BOOST_TEST_REQUIRE(parsed->time.has_value());
  BOOST_TEST((*parsed->time == epoch));
}

BOOST_AUTO_TEST_CASE(parse_time__refuses_other_versions_operations_and_what_is_short) {
  for (const char* bad : {"", "0002", "00010001", "00020000", "00020003", "00020002"})
    BOOST_TEST(!parse_time(from_hexadecimal(bad)).has_value(), bad);
  for (std::size_t size = 4; size < response.size(); ++size)
    BOOST_TEST(!parse_time(octets_view(response).first(size)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
