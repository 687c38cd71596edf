// Errors quote a packet; nothing in the quotation is a bound.
#include "protocol/wire/error.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "tests/protocol/wire/packets.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(error_test)

// An Error "no such socket" about packet D, quoting its first octets.
octets error_about_d(std::size_t quoted) {
  octets result = from_hexadecimal("00020005");
  result.insert(result.end(), packet_d.begin(), packet_d.begin() + static_cast<std::ptrdiff_t>(quoted));
  return result;
}

BOOST_AUTO_TEST_CASE(parse_error__quotes_the_offending_packet) {
  const octets body = error_about_d(quoted_octets);
  const auto error = parse_error(body);
  BOOST_TEST_REQUIRE(error.has_value());
  BOOST_TEST((error->header == error_header{error_number::no_such_socket, 5}));
  BOOST_TEST((error->quoted == parse_idp(packet_d)->header));
  BOOST_TEST(error->quoted_data.size() == 12u);
  BOOST_TEST((spp_layout::decode(error->quoted_data.data()) == parse_spp(parse_idp(packet_d)->data)->header));
}

BOOST_AUTO_TEST_CASE(parse_error__refuses_less_than_a_quoted_idp_header) {
  for (std::size_t quoted = 0; quoted < idp_layout::octets; ++quoted)
    BOOST_TEST((parse_error(error_about_d(quoted)).error() == drop_reason::error_too_short));
  BOOST_TEST((parse_error({}).error() == drop_reason::error_too_short));
  BOOST_TEST(parse_error(error_about_d(idp_layout::octets)).has_value());
}

RC_BOOST_PROP(parse_error__never_trusts_the_quoted_length, (octets body)) {
  body.resize(body.size() + error_layout::octets + idp_layout::octets);
  const auto error = parse_error(body);
  RC_ASSERT(error.has_value());
  RC_ASSERT(error->quoted.length == load_u16(&body[6]));
  RC_ASSERT(error->quoted_data.size() == body.size() - error_layout::octets - idp_layout::octets);
  RC_ASSERT(error->quoted_data.data() == body.data() + error_layout::octets + idp_layout::octets);
}

BOOST_AUTO_TEST_CASE(error_number__every_named_value_is_the_protocols) {
  const field_description* number = error_layout::description.find(role::error_number);
  BOOST_TEST_REQUIRE(number != nullptr);
  BOOST_TEST(number->values.size() == 14u);
  BOOST_TEST(number->values.back().value == static_cast<unsigned>(error_number::congestion_discard));
}

BOOST_AUTO_TEST_SUITE_END()
