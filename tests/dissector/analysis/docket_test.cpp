// The docket keeps what can decide a rule, however many charges come before it.
#include "dissector/analysis/docket.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

namespace {

const speaker foreigner{host_number{1}, socket_number{2}, 3};

charge deviation() { return {.frames = {}, .sentence = "odd", .convention_of = foreigner}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(docket_test)

BOOST_AUTO_TEST_CASE(accuse__excusable_charges_do_not_crowd_out_the_others) {
  docket charges;
  for (std::size_t i = 0; i < 2 * docket::kept_charges; ++i) charges.accuse(rule_id::no_shrink, deviation());
  charges.accuse(rule_id::no_shrink, {.frames = {}, .sentence = "wrong"});
  BOOST_TEST(charges.charges(rule_id::no_shrink).size() == docket::kept_charges + 1);
  BOOST_TEST(charges.charges(rule_id::no_shrink).back().sentence == "wrong");
  BOOST_TEST(charges.surplus(rule_id::no_shrink) == 0u);
  BOOST_TEST(charges.unweighed(rule_id::no_shrink, true) == docket::kept_charges);
  BOOST_TEST(charges.unweighed(rule_id::no_shrink, false) == 0u);
}

BOOST_AUTO_TEST_CASE(accuse__more_than_can_be_kept_are_counted) {
  docket charges;
  for (std::size_t i = 0; i < docket::kept_charges + 5; ++i)
    charges.accuse(rule_id::no_shrink, {.frames = {}, .sentence = "wrong"});
  BOOST_TEST(charges.charges(rule_id::no_shrink).size() == docket::kept_charges);
  BOOST_TEST(charges.surplus(rule_id::no_shrink) == 5u);
}

BOOST_AUTO_TEST_CASE(lacks__the_first_reason_stays) {
  docket charges;
  charges.lacks(rule_id::prefix, "first");
  charges.lacks(rule_id::prefix, "second");
  BOOST_TEST(charges.lacking(rule_id::prefix) == "first");
  BOOST_TEST(charges.lacking(rule_id::no_invention) == "");
}

BOOST_AUTO_TEST_SUITE_END()
