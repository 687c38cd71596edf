// The words of the bar.
#include "lab/sweep/progress_line.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(progress_line_test)

BOOST_AUTO_TEST_CASE(progress_text__how_far_and_how_long_still) {
  BOOST_TEST(progress_text({0, 3000, 0}, 0_s) == "[>                   ] 0 % 0 of 3,000 runs");
  BOOST_TEST(progress_text({1500, 3000, 0}, 30_s) == "[==========>         ] 50 % 1,500 of 3,000 runs, 30 s left");
  BOOST_TEST(progress_text({3000, 3000, 0}, 60_s) == "[====================] 100 % 3,000 of 3,000 runs");
  BOOST_TEST(progress_text({0, 0, 0}, 60_s) == "[====================] 100 % 0 of 0 runs");
}

BOOST_AUTO_TEST_CASE(progress_text__what_an_earlier_sweep_did_took_no_time) {
  BOOST_TEST(progress_text({1000, 1500, 900}, 10_s).ends_with(" 50 s left"));
  BOOST_TEST(progress_text({900, 1500, 900}, 10_s).ends_with(" runs"));
  BOOST_TEST(progress_text({1, 1'000'000, 0}, 1_s).ends_with(" 277 h 46 min left"));
  BOOST_TEST(progress_text({1, 301, 0}, 1_s).ends_with(" 5 min left"));
}

BOOST_AUTO_TEST_SUITE_END()
