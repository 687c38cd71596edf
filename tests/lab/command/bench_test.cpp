// What `seqwire bench` says that does not depend on how fast the machine is: memory, and that everything is measured.
#include <boost/test/unit_test.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

using namespace seqwire::command_runner;

namespace {

bool built_with_benchmarks() {
  return seqwire_command({"bench", "--help"}).out.find("not in this build") == std::string::npos;
}

// The rows of one topic by name, from the shortest rounds.
std::map<std::string, nlohmann::json> rows_of(const std::string& topic) {
  const auto ended = seqwire_command({"bench", "--only", topic, "--seconds", "0.01", "--json"});
  BOOST_REQUIRE_EQUAL(ended.exit_code, 0);
  const auto whole = nlohmann::json::parse(ended.out);
  std::map<std::string, nlohmann::json> rows;
  for (const auto& row : whole.at("rows")) {
    BOOST_TEST(row.at("topic") == topic);
    rows[row.at("name")] = row;
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bench_test)

BOOST_AUTO_TEST_CASE(analysis__captures_are_read_and_verify_stays_small) {
  if (!built_with_benchmarks()) return;
  const auto rows = rows_of("analysis");
  for (const char* name : {"decode", "verify", "analyze", "report"}) BOOST_TEST(rows.at(name).at("median") > 0.0, name);
  BOOST_TEST(rows.at("verify, most memory").at("median") < 200.0);
  // Where there is no tshark, the rows that need it say so.
  for (const char* name : {"verify over tshark", "the analysis in Lua over stock"})
    BOOST_TEST((rows.at(name).contains("skipped") || rows.at(name).at("median") > 0.0), name);
}

BOOST_AUTO_TEST_CASE(connections__an_idle_one_takes_less_than_4096_octets_at_either_end) {
  if (!built_with_benchmarks()) return;
  const auto rows = rows_of("connections");
  for (const char* name : {"idle, the opener's", "idle, the listener's"}) {
    const double octets = rows.at(name).at("median");
    BOOST_TEST(octets < 4096, name << ": " << octets);
    BOOST_TEST(octets > 512, name << ": " << octets << ", less than a connection's members alone");
  }
}

BOOST_AUTO_TEST_CASE(connections__speed_is_measured_and_compared) {
  if (!built_with_benchmarks()) return;
  const auto rows = rows_of("connections");
  for (const char* name : {"opened and closed", "packet in, acknowledgement out: 1 open", "10,000 open over 1 open"})
    BOOST_TEST(rows.at(name).at("median") > 0.0, name);
}

BOOST_AUTO_TEST_CASE(sockets__small_records_and_the_memory_of_an_idle_socket) {
  if (!built_with_benchmarks()) return;
  const auto rows = rows_of("sockets");
  for (const char* name : {"64-octet records, non-blocking", "64-octet records, blocking",
                           "64-octet records, programs in threads", "blocking over non-blocking"})
    BOOST_TEST(rows.at(name).at("median") > 0.0, name);
  BOOST_TEST(rows.at("idle connection and its socket").at("median") < 4096.0);
}

BOOST_AUTO_TEST_SUITE_END()
