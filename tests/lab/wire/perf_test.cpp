// What the ends of a measurement tell each other, believed only within bounds; and times without keeping each.
#include "lab/wire/perf.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

namespace seqwire {

BOOST_AUTO_TEST_SUITE(perf_test)

BOOST_AUTO_TEST_CASE(parse_perf_request__reads_what_was_written) {
  const auto read = parse_perf_request(to_text(perf_request{false, true, 1000, 5_s}));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->reverse);
  BOOST_TEST(!read->round_trips);
  BOOST_TEST(read->record_octets == 1000u);
  BOOST_TEST((read->length == 5_s));
}

BOOST_AUTO_TEST_CASE(parse_perf_request__refuses_what_no_client_says) {
  const auto request = [](const std::string& octets_text, const std::string& time) {
    return R"({"schema":"seqwire.perf.request/1","record_octets":)" + octets_text + R"(,"nanoseconds":)" + time + "}";
  };
  BOOST_TEST(parse_perf_request(request("1", "1")).has_value());
  for (const std::string& wrong :
       {std::string(), std::string("{"), std::string("[]"), std::string("1"), std::string("{}"), request("0", "1"),
        request("1048577", "1"), request("-1", "1"), request("1.5", "1"), request("\"1\"", "1"), request("1", "-1"),
        request("1", "3600000000001"), request("18446744073709551615", "1"), request("1", "18446744073709551615"),
        std::string(R"({"schema":"seqwire.perf.request/2","record_octets":1,"nanoseconds":1})"),
        std::string(R"({"schema":7,"record_octets":1,"nanoseconds":1})")})
    BOOST_TEST(!parse_perf_request(wrong).has_value(), wrong);
}

RC_BOOST_PROP(parse_perf_request__never_throws, (const std::string& text)) {
  static_cast<void>(parse_perf_request(text));
  static_cast<void>(parse_perf_figures(text));
}

BOOST_AUTO_TEST_CASE(parse_perf_figures__there_and_back) {
  const auto read = parse_perf_figures(to_text(perf_figures{3, 3000, 2_s, 1_s, 7}));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->records == 3u);
  BOOST_TEST(read->retransmissions == 7u);
  BOOST_TEST(read->bits_per_second() == 12'000);
  BOOST_TEST(perf_figures{}.bits_per_second() == 0);
  BOOST_TEST(!parse_perf_figures("{}").has_value());
  BOOST_TEST(!parse_perf_figures(R"({"records":-1,"octets":0,"nanoseconds":0,"processor_nanoseconds":0})").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
