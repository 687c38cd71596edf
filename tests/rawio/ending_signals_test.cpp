// SIGINT and SIGTERM as a descriptor.
#include "rawio/ending_signals.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"

namespace seqwire {
using namespace live;

BOOST_AUTO_TEST_SUITE(ending_signals_test)

BOOST_AUTO_TEST_CASE(take__each_that_came_before_anybody_waited) {
  ending_signals signals;
  BOOST_TEST(signals.take() == 0);
  BOOST_TEST(!wait_readable(signals.descriptor_number(), 0_s));
  for (const int number : {SIGTERM, SIGINT}) {
    BOOST_REQUIRE(::kill(::getpid(), number) == 0);
    BOOST_TEST(wait_readable(signals.descriptor_number(), patience));
    BOOST_TEST(signals.take() == number);
    BOOST_TEST(signals.take() == 0);
  }
}

BOOST_AUTO_TEST_CASE(destructor__gives_the_signals_back) {
  sigset_t before, after;
  ::sigprocmask(SIG_SETMASK, nullptr, &before);
  { ending_signals signals; }
  ::sigprocmask(SIG_SETMASK, nullptr, &after);
  for (const int number : {SIGINT, SIGTERM})
    BOOST_TEST(::sigismember(&before, number) == ::sigismember(&after, number));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
