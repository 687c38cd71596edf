#include "rawio/event_loop.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "rawio/clock.hpp"

namespace seqwire {
namespace {

struct pipe_pair {
  pipe_pair() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    reading = descriptor(ends[0]);
    writing = descriptor(ends[1]);
  }
  void write() const { BOOST_REQUIRE(::write(writing.number(), "x", 1) == 1); }
  void read() const {
    char one = 0;
    BOOST_REQUIRE(::read(reading.number(), &one, 1) == 1);
  }
  descriptor reading;
  descriptor writing;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(event_loop_test)

BOOST_AUTO_TEST_CASE(next_drive__retries_a_full_link_after_a_millisecond_and_not_before) {
  const instant now{1'000'000'000};
  BOOST_TEST(!next_drive({}, now).has_value());
  BOOST_TEST((next_drive({.deadline = now + 5_s, .link_full = false}, now) == now + 5_s));
  BOOST_TEST((next_drive({.deadline = now + 5_s, .link_full = true}, now) == now + 1_ms));
  BOOST_TEST((next_drive({.deadline = now + 5_us, .link_full = true}, now) == now + 5_us));
  BOOST_TEST((next_drive({.deadline = std::nullopt, .link_full = true}, now) == now + 1_ms));
}

BOOST_AUTO_TEST_CASE(run__serves_what_is_readable_until_stopped) {
  event_loop loop;
  pipe_pair first, second;
  std::vector<int> served;
  loop.add(first.reading.number(), [&] {
    first.read();
    served.push_back(1);
    second.write();
  });
  loop.add(second.reading.number(), [&] {
    second.read();
    served.push_back(2);
    if (served.size() < 6) first.write();
    else loop.stop();
  });
  first.write();
  loop.run();
  BOOST_TEST(served == (std::vector<int>{1, 2, 1, 2, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(loop.stopped_by_signal() == 0);
}

BOOST_AUTO_TEST_CASE(remove__a_callback_may_remove_itself_and_others) {
  event_loop loop;
  pipe_pair first, second;
  int calls = 0;
  const auto remove_both = [&] {
    ++calls;
    loop.remove(first.reading.number());
    loop.remove(second.reading.number());
    loop.set_deadline(clock_now());  // ends the run after whatever else this round would have served
  };
  loop.add(first.reading.number(), remove_both);
  loop.add(second.reading.number(), remove_both);
  loop.on_deadline([&] { loop.stop(); });
  first.write();
  second.write();
  loop.run();
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(set_deadline__is_served_in_order_however_it_moves_and_never_early) {
  event_loop loop;
  const instant start = clock_now();
  std::vector<duration> asked{2_ms, 1_ms, 0_ms, -5_ms, 3_ms};
  std::size_t served = 0;
  loop.on_deadline([&] {
    BOOST_TEST((clock_now() >= start + asked[served]));
    if (++served == asked.size()) return loop.stop();
    loop.set_deadline(start + asked[served]);
  });
  loop.set_deadline(start + 3600_s);
  loop.set_deadline(start + asked[0]);
  loop.run();
  BOOST_TEST(served == asked.size());
}

BOOST_AUTO_TEST_CASE(set_deadline__none_means_that_the_old_one_is_forgotten) {
  event_loop loop;
  pipe_pair wake;
  bool due = false;
  loop.on_deadline([&] { due = true; });
  loop.set_deadline(clock_now() + 1_ms);
  loop.set_deadline(std::nullopt);
  wake.write();
  loop.add(wake.reading.number(), [&] { loop.stop(); });
  loop.run();
  BOOST_TEST(!due);
}

BOOST_AUTO_TEST_CASE(run__ends_by_a_signal_and_tells_which) {
  for (const int number : {SIGTERM, SIGINT}) {
    event_loop loop;
    BOOST_REQUIRE(::kill(::getpid(), number) == 0);
    loop.run();
    BOOST_TEST(loop.stopped_by_signal() == number);
  }
}

BOOST_AUTO_TEST_CASE(destructor__gives_the_signals_back) {
  sigset_t before, after;
  ::sigprocmask(SIG_SETMASK, nullptr, &before);
  { event_loop loop; }
  ::sigprocmask(SIG_SETMASK, nullptr, &after);
  BOOST_TEST(::sigismember(&before, SIGINT) == ::sigismember(&after, SIGINT));
  BOOST_TEST(::sigismember(&after, SIGTERM) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
