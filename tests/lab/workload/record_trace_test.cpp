// Traces of records as people write them, and as they should not: every refusal says which line, what was expected and
// what was there.
#include "lab/workload/record_trace.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(record_trace_test)

std::string refusal(std::string_view text) {
  const auto read = parse_record_trace(text, "x.trace");
  return read ? "" : read.error().message;
}

BOOST_AUTO_TEST_CASE(parse_record_trace__reads_seconds_and_octets) {
  const auto read = parse_record_trace("# video\n0 1400\n\n0.0125\t 900\r\n  .5 0\n0.500000001 1073741824", "x");
  BOOST_TEST(!read.has_value());  // no digit before the point
  const auto good = parse_record_trace("# video\n0 1400\n\n0.0125\t 900\r\n  0.5 0\n0.500000001 1073741824", "x");
  BOOST_TEST_REQUIRE(good.has_value(), good.error().message);
  BOOST_TEST((*good == std::vector<arrival>{
                           {0_ms, 1400}, {12'500_us, 900}, {500_ms, 0}, {500'000'001_ns, std::uint64_t{1} << 30}}));
}

BOOST_AUTO_TEST_CASE(parse_record_trace__refuses_by_line) {
  BOOST_TEST(refusal("0 1\n1.5 2\n1.25 3\n") ==
             "x.trace:3: a record is due before the one ahead of it; expected at least 1500ms; got 1.25");
  BOOST_TEST(refusal("7\n") ==
             "x.trace:1: a record's size is missing; expected seconds and octets such as 0.0125 1400; got 7");
  const std::string bad_time =
      "x.trace:1: a record has a bad time; expected seconds from 0 to 31536000 with at most nine decimals; got ";
  for (const std::string time : {"-1", "1m", "1e3", "nan", "0.0000000001", "31536001", "99999999999999999999999"})
    BOOST_TEST(refusal(time + " 1\n") == bad_time + time);
  const std::string bad_size =
      "x.trace:2: a record has a bad size; expected a whole number of octets from 0 to 1073741824; got ";
  for (const std::string size : {"-1", "1.5", "1KiB", "1073741825", "3 4", "99999999999999999999999"})
    BOOST_TEST(refusal("0 1\n1 " + size + "\n") == bad_size + size);
  BOOST_TEST(refusal(std::string("0 1\x1b[2J\n")).ends_with("got 1\\x1b[2J"));
  BOOST_TEST(refusal(std::string_view("0 \0", 3)).ends_with("got \\x00"));
  for (const std::string_view empty : {"", "\n\n", "# nothing\n"})
    BOOST_TEST(refusal(empty) == "x.trace: the trace is empty; expected at least one record; got none");
  BOOST_TEST(refusal(std::string(maximum_record_trace + 1, '\n')) ==
             "x.trace: the trace is too large; expected at most 32 MiB; got more");
}

BOOST_AUTO_TEST_CASE(read_record_trace__from_a_file) {
  const temporary_file file;
  std::ofstream(file.path()) << "0.001 20\n";
  const auto read = read_record_trace(file.path());
  BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
  BOOST_TEST(read->path == file.path());
  BOOST_TEST((*read->records == std::vector<arrival>{{1_ms, 20}}));
  BOOST_TEST(read_record_trace("").value().records == nullptr);
  for (const std::string path : {"/nonexistent", "/"})
    BOOST_TEST(read_record_trace(path).error().message ==
               path + ": the trace cannot be read; expected a readable file; got none, or one that fails");
  BOOST_TEST(read_record_trace("/dev/zero").error().message.starts_with("/dev/zero: the trace is too large"));
}

BOOST_AUTO_TEST_SUITE_END()
