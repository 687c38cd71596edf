// Every reason has a name of its own, and every refusal counts once.
#include "protocol/wire/drop_reason.hpp"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(drop_reason_test)

BOOST_AUTO_TEST_CASE(name_of__is_complete_and_unique) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < drop_reason_count; ++i) {
    const std::string_view name = name_of(static_cast<drop_reason>(i));
    BOOST_TEST(name != "unknown");
    BOOST_TEST(!name.empty());
    BOOST_TEST(names.insert(name).second, "a second reason is named " << name);
  }
  BOOST_TEST(name_of(static_cast<drop_reason>(drop_reason_count)) == "unknown");
}

BOOST_AUTO_TEST_CASE(drop_counters__count_each_reason_apart) {
  drop_counters counters;
  for (std::size_t i = 0; i < drop_reason_count; ++i)
    for (std::size_t times = 0; times <= i; ++times) counters.count(static_cast<drop_reason>(i));
  for (std::size_t i = 0; i < drop_reason_count; ++i) BOOST_TEST(counters[static_cast<drop_reason>(i)] == i + 1);
  BOOST_TEST(counters.total() == drop_reason_count * (drop_reason_count + 1) / 2);
}

BOOST_AUTO_TEST_SUITE_END()
