// Where values were given: which of what was said of a link, its directions and all links is the one that counts.
#include "lab/scenario/value_origins.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

namespace {

std::string text(const std::string* found) { return found == nullptr ? "none" : *found; }

const joined_hosts forward{"r1", "r2"};
const joined_hosts backward{"r2", "r1"};

}  // namespace

BOOST_AUTO_TEST_SUITE(value_origins_test)

BOOST_AUTO_TEST_CASE(find__the_narrowest_place_of_a_direction) {
  value_origins origins("x.toml");
  BOOST_TEST(text(origins.find(forward, "loss")) == "none");
  origins.note("link.loss", "all");
  BOOST_TEST(text(origins.find(forward, "loss")) == "all");
  origins.note("link.r2-r1.loss", "both");
  BOOST_TEST(text(origins.find(forward, "loss")) == "both");
  BOOST_TEST(text(origins.find(backward, "loss")) == "both");
  origins.note("link.r1_to_r2.loss", "one");
  BOOST_TEST(text(origins.find(forward, "loss")) == "one");
  BOOST_TEST(text(origins.find(backward, "loss")) == "both");
  BOOST_TEST(text(origins.find(forward, "rate")) == "none");
}

BOOST_AUTO_TEST_CASE(note__what_is_said_later_of_the_whole_counts) {
  value_origins origins;
  origins.note("link.r1_to_r2.loss", "one");
  origins.note("link.r2-r1.loss", "both");
  BOOST_TEST(text(origins.find(forward, "loss")) == "both");
  origins.note("link.r1-r2.loss", "the other name");
  BOOST_TEST(text(origins.find("link.r2-r1.loss")) == "none");
  origins.note("link.a-r1.rate", "elsewhere");
  origins.note("link.loss", "all");
  BOOST_TEST(text(origins.find(forward, "loss")) == "all");
  BOOST_TEST(text(origins.find("link.a-r1.rate")) == "elsewhere");
}

BOOST_AUTO_TEST_CASE(of__the_first_that_was_given_or_the_place_of_defaults) {
  value_origins origins("x.toml");
  BOOST_TEST(origins.of({"flow.0.window"}) == "x.toml");
  origins.note("flow.0.window", "x.toml:3:1");
  BOOST_TEST(origins.of({"flow.0.allocation", "flow.0.window"}) == "x.toml:3:1");
  BOOST_TEST(origins.of_way(forward, {"rate", "delay"}) == "x.toml");
  origins.note("link.delay", "x.toml:4:1");
  BOOST_TEST(origins.of_way(forward, {"rate", "delay"}) == "x.toml:4:1");
}

BOOST_AUTO_TEST_SUITE_END()
