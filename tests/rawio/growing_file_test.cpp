// A file that is written by this very process: what its reader is told, and when it ends.
#include "rawio/growing_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <system_error>

#include "tests/rawio/capture/support.hpp"

using namespace seqwire;

namespace {

const auto never_enough = [] { return false; };
const auto enough = [] { return true; };

}  // namespace

BOOST_AUTO_TEST_SUITE(growing_file_test)

BOOST_AUTO_TEST_CASE(wait__nobody_writes) {
  const test::temporary_file path;
  growing_file file(path.path());
  BOOST_TEST(!file.wait(never_enough));
}

BOOST_AUTO_TEST_CASE(wait__until_there_is_more_and_until_the_writer_has_gone) {
  const test::temporary_file path;
  std::ofstream writer(path.path());
  growing_file file(path.path());
  BOOST_TEST(!file.wait(enough));  // nothing yet
  writer << "some" << std::flush;
  BOOST_TEST(file.wait(never_enough));
  BOOST_TEST(!file.wait(enough));
  writer << "more";
  writer.close();
  BOOST_TEST(file.wait(never_enough));  // the rest is still to be read
  BOOST_TEST(!file.wait(never_enough));
}

BOOST_AUTO_TEST_CASE(wait__one_writer_of_two_is_none_too_few) {
  const test::temporary_file path;
  std::ofstream one(path.path()), other(path.path(), std::ios::app);
  growing_file file(path.path());
  one.close();
  BOOST_TEST(file.wait(never_enough));
  BOOST_TEST(!file.wait(enough));  // not finished: it asked
  other.close();
  BOOST_TEST(file.wait(never_enough));
  BOOST_TEST(!file.wait(never_enough));
}

BOOST_AUTO_TEST_CASE(growing_file__what_cannot_grow) {
  BOOST_CHECK_THROW(growing_file("/nonexistent/file"), std::system_error);
  const test::temporary_file path;
  ::unlink(path.path().c_str());
  BOOST_REQUIRE(::mkfifo(path.path().c_str(), 0600) == 0);
  BOOST_TEST(!growing_file(path.path()).wait(never_enough));
}

BOOST_AUTO_TEST_SUITE_END()
