// A journal says what its writer was told; and a reader that a verdict rests on believes no doubtful line.
#include "rawio/capture/journal.hpp"

#include <rapidcheck.h>
#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>

#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::octets_of;
using seqwire::test::temporary_file;

namespace {

const xns_address here{network_number{1}, host_number{0x02000000000a}, socket_number{3001}};
const xns_address there{network_number{1}, host_number{0x02000000000b}, socket_number{3000}};
const std::string heading = R"({"journal":"seqwire","version":1,"end":"a"})"
                            "\n";
const std::string open_line =
    R"({"event":"open","connection":0,"local":"1.02000000000a:3001","peer":"1.02000000000b:3000","local_id":17185,"peer_id":34661})"
    "\n";
const std::string hello_hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

// "line N: what", or "no fault".
std::string fault_of(const std::string& contents) {
  const temporary_file path(octets_of(contents));
  const auto read = read_journal(path.path());
  if (read) return "no fault";
  BOOST_TEST(read.error().file == path.path());
  return "line " + std::to_string(read.error().line) + ": " + read.error().what;
}

std::string fault_after_open(const std::string& line) { return fault_of(heading + open_line + line + "\n"); }

std::string record_line(const std::string& changed_from, const std::string& to) {
  std::string line = R"({"event":"submitted","connection":0,"record":0,"octets":5,"sha256":")" + hello_hash +
                     R"(","datastream_type":0,"attention":false})";
  return line.replace(line.find(changed_from), changed_from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(journal_test)

BOOST_AUTO_TEST_CASE(journal_writer__lines_as_documented) {
  const temporary_file path;
  journal_writer writer(path.path(), "a");
  BOOST_TEST((path.read() == octets_of(heading)));
  writer.opened(0, here, there, 17185, 34661);
  writer.submitted(0, {.number = 0, .octets = 5, .sha256 = hello_hash, .datastream_type = 0, .attention = false});
  writer.delivered(0, {.number = 7, .octets = 5, .sha256 = hello_hash, .datastream_type = 254, .attention = true});
  writer.flush();
  writer.ended(0, "closed \"gracefully\"\n");
  writer.close();
  BOOST_TEST(!writer.error());
  const std::string expected = heading + open_line +
                               R"({"event":"submitted","connection":0,"record":0,"octets":5,"sha256":")" + hello_hash +
                               R"(","datastream_type":0,"attention":false})"
                               "\n"
                               R"({"event":"delivered","connection":0,"record":7,"octets":5,"sha256":")" +
                               hello_hash +
                               R"(","datastream_type":254,"attention":true})"
                               "\n"
                               R"({"event":"ended","connection":0,"status":"closed \"gracefully\"\n"})"
                               "\n";
  const octets written = path.read();
  BOOST_TEST(std::string(written.begin(), written.end()) == expected);
}

BOOST_AUTO_TEST_CASE(journal_writer__full_disk_does_not_stop_the_run) {
  journal_writer writer("/dev/full", "a");
  writer.opened(0, here, there, 1, 2);
  writer.close();
  BOOST_TEST(writer.error().value() == "cannot write /dev/full: No space left on device; 0 octets were written");
  BOOST_CHECK_THROW(journal_writer("/nonexistent/j", "a"), std::system_error);
}

RC_BOOST_PROP(read_journal__gives_back_what_was_written, ()) {
  const temporary_file path;
  journal_writer writer(path.path(), "b");
  const auto connections = *rc::gen::inRange<std::uint64_t>(0, 4);
  std::vector<journal_connection> expected(connections);
  for (std::uint64_t number = 0; number < connections; ++number) {
    expected[number].connection = number * 1'000'000'007;
    expected[number].local = here;
    expected[number].peer = there;
    expected[number].local_id = *rc::gen::arbitrary<std::uint16_t>();
    writer.opened(expected[number].connection, here, there, expected[number].local_id, 0);
  }
  const auto events = *rc::gen::inRange(0, connections == 0 ? 1 : 60);
  for (int i = 0; i < events; ++i) {
    journal_connection& connection = expected[*rc::gen::inRange<std::uint64_t>(0, connections)];
    const journal_record record{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>(),
                                sha256_hexadecimal(*rc::gen::arbitrary<octets>()), *rc::gen::arbitrary<std::uint8_t>(),
                                *rc::gen::arbitrary<bool>()};
    const bool submitted = *rc::gen::arbitrary<bool>();
    (submitted ? connection.submitted : connection.delivered).push_back(record);
    submitted ? writer.submitted(connection.connection, record) : writer.delivered(connection.connection, record);
  }
  writer.close();
  const auto read = read_journal(path.path());
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->end == "b");
  RC_ASSERT(read->connections.size() == connections);
  for (std::uint64_t number = 0; number < connections; ++number) {
    RC_ASSERT(read->connections[number].connection == expected[number].connection);
    RC_ASSERT(read->connections[number].local == here);
    RC_ASSERT(read->connections[number].peer == there);
    RC_ASSERT(read->connections[number].local_id == expected[number].local_id);
    RC_ASSERT(read->connections[number].submitted == expected[number].submitted);
    RC_ASSERT(read->connections[number].delivered == expected[number].delivered);
    RC_ASSERT(read->connections[number].status.empty());
  }
}

BOOST_AUTO_TEST_CASE(read_journal__line_that_a_killed_writer_cut_is_not_there) {
  const std::string whole = heading + open_line +
                            R"({"event":"ended","connection":0,"status":"aborted"})"
                            "\n";
  for (std::size_t size = heading.size(); size <= whole.size(); ++size) {
    const temporary_file path(octets_of(whole.substr(0, size)));
    const auto read = read_journal(path.path());
    BOOST_REQUIRE(read);
    BOOST_TEST(read->connections.size() == (size >= heading.size() + open_line.size() ? 1u : 0u));
    BOOST_TEST((size < whole.size() || read->connections.at(0).status == "aborted"));
  }
  for (std::size_t size = 0; size < heading.size(); ++size)
    BOOST_TEST(fault_of(whole.substr(0, size)) == "line 1: expected a journal's first line; got none");
}

BOOST_AUTO_TEST_CASE(read_journal__compressed_with_gzip) {
  const temporary_file plain;
  journal_writer writer(plain.path(), "a");
  writer.close();
  const octets packed = test::gzipped(plain.read());
  const temporary_file path(packed);
  const auto read = read_journal(path.path());
  BOOST_REQUIRE(read);
  BOOST_TEST(read->end == "a");
  const temporary_file cut(octets_view(packed).first(packed.size() - 3));
  BOOST_TEST(read_journal(cut.path()).error().what == "the file ends in the middle of what gzip compressed");
}

BOOST_AUTO_TEST_CASE(read_journal__no_journal) {
  BOOST_TEST(read_journal("/nonexistent").error().what == "No such file or directory");
  BOOST_TEST(fault_of("hello\n") == "line 1: expected a JSON object; got something else");
  BOOST_TEST(fault_of("[1]\n") == "line 1: expected a JSON object; got [1]");
  BOOST_TEST(fault_of(R"({"journal":"other","version":1,"end":"a"})"
                      "\n") == R"(line 1: expected "journal" to be "seqwire"; got "other")");
  BOOST_TEST(fault_of(R"({"journal":"seqwire","version":2,"end":"a"})"
                      "\n") == R"(line 1: expected "version" 1; got 2)");
  BOOST_TEST(fault_of(std::string(100'000, '[')) ==
             "line 1: expected a line of less than 65536 octets; got a longer one");
  BOOST_TEST(fault_of(heading + std::string(60'000, '[') + "\n") ==
             "line 2: expected a JSON object; got something else");
}

BOOST_AUTO_TEST_CASE(read_journal__values_out_of_place) {
  BOOST_TEST(fault_after_open(record_line("\"record\":0", "\"record\":0")) == "no fault");
  BOOST_TEST(fault_after_open(record_line("\"record\":0", "\"record\":-1")) ==
             R"(line 3: expected "record" from 0 to 18446744073709551615; got -1)");
  BOOST_TEST(fault_after_open(record_line("\"octets\":5", "\"octets\":5.0")) ==
             R"(line 3: expected "octets" from 0 to 18446744073709551615; got 5.0)");
  BOOST_TEST(fault_after_open(record_line("type\":0", "type\":256")) ==
             R"(line 3: expected "datastream_type" from 0 to 255; got 256)");
  BOOST_TEST(fault_after_open(record_line("false", "0")) == R"(line 3: expected "attention" true or false; got 0)");
  BOOST_TEST(fault_after_open(record_line("2cf2", "2CF2"))
                 .starts_with(R"(line 3: expected "sha256" as 64 lower-case hexadecimal digits; got "2CF2)"));
  BOOST_TEST(fault_after_open(record_line("\"octets\":5,", "")) == R"(line 3: expected the key "octets"; got none)");
  BOOST_TEST(fault_after_open(record_line("\"octets\"", "\"size\":1,\"octets\"")) ==
             R"(line 3: expected no further key; got "size")");
  BOOST_TEST(fault_after_open(record_line("submitted", "sent")) ==
             R"(line 3: expected "event" open, submitted, delivered or ended; got "sent")");
  BOOST_TEST(fault_after_open(record_line("\"connection\":0", "\"connection\":3")) ==
             "line 3: expected an event of a connection opened before; got 3");
}

BOOST_AUTO_TEST_CASE(read_journal__connections_open_once_and_end_once) {
  BOOST_TEST(fault_of(heading + open_line + open_line) == "line 3: expected a new connection number; got 0");
  const std::string end_line = R"({"event":"ended","connection":0,"status":"closed"})"
                               "\n";
  BOOST_TEST(fault_of(heading + open_line + end_line + end_line) ==
             "line 4: expected one end of a connection; got a second one");
  std::string nowhere = open_line;
  nowhere.replace(nowhere.find("1.02"), 4, "1.");
  BOOST_TEST(fault_of(heading + nowhere).starts_with("line 2: expected \"local\" as a host as twelve"));
}

BOOST_AUTO_TEST_CASE(sha256_hexadecimal__known_answers) {
  BOOST_TEST(sha256_hexadecimal({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256_hexadecimal(view_of("hello")) == hello_hash);
}

BOOST_AUTO_TEST_CASE(sha256_stream__pieces_hash_like_the_whole_and_the_next_begins_anew) {
  sha256_stream hash;
  for (const std::string_view piece : {"hel", "", "lo"}) hash.append(view_of(piece));
  BOOST_TEST((hash.finish() == sha256_from_hexadecimal(hello_hash)));
  BOOST_TEST((hash.finish() == sha256_from_hexadecimal(sha256_hexadecimal({}))));
}

BOOST_AUTO_TEST_SUITE_END()
