// SIGINT and SIGTERM as a flag.
#include "rawio/interrupt_flag.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>

namespace seqwire {
namespace {

void (*handler_of(int number))(int) {
  struct sigaction now {};
  ::sigaction(number, nullptr, &now);
  return now.sa_handler;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interrupt_flag_test)

BOOST_AUTO_TEST_CASE(signal__is_noted_and_the_next_one_of_its_kind_ends_the_process) {
  for (const int number : {SIGINT, SIGTERM}) {
    const interrupt_flag flag;
    BOOST_TEST(flag.signal() == 0);  // whatever an earlier one noted
    std::raise(number);
    BOOST_TEST(flag.signal() == number);
    BOOST_TEST((handler_of(number) == SIG_DFL));
  }
}

BOOST_AUTO_TEST_CASE(signal__that_is_ignored_stays_ignored) {
  const auto before = std::signal(SIGINT, SIG_IGN);
  {
    const interrupt_flag flag;
    std::raise(SIGINT);
    BOOST_TEST(flag.signal() == 0);
  }
  BOOST_TEST((handler_of(SIGINT) == SIG_IGN));
  std::signal(SIGINT, before);
}

BOOST_AUTO_TEST_CASE(destructor__gives_the_signals_back) {
  const auto interrupt_before = handler_of(SIGINT), terminate_before = handler_of(SIGTERM);
  {
    const interrupt_flag flag;
    BOOST_TEST((handler_of(SIGINT) != interrupt_before));
  }
  BOOST_TEST((handler_of(SIGINT) == interrupt_before));
  BOOST_TEST((handler_of(SIGTERM) == terminate_before));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
