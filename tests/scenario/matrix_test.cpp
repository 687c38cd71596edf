// The matrix: what a host does with each kind of packet in each state, with right and with wrong connection ids.
// matrix.txt says it for people; here each of its 320 cells becomes a script, which is played.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "lab/script/script_parser.hpp"
#include "lab/script/script_player.hpp"

using namespace seqwire;

namespace {

const std::string folder = std::string(SEQWIRE_SOURCE_DIR) + "/tests/scenario/";

const std::vector<std::string> states{"closed", "listening",       "opening",        "answering",
                                      "open",   "close_requested", "close_replying", "lingering"};
const std::vector<std::string> kinds{"opening", "acknowledgement", "probe",         "data",        "duplicate",
                                     "beyond",  "attention",       "close_request", "close_reply", "error"};
const std::vector<std::string> id_sets{"right", "source", "destination", "both"};

struct expectation {
  std::string answer;
  std::string counted;
  std::string after;
};

struct cell {
  std::string state;
  std::string kind;
  std::string ids;
  auto operator<=>(const cell&) const = default;
};

std::vector<std::string> list_of(const std::string& text, const std::vector<std::string>& all) {
  if (text == "any") return all;
  std::vector<std::string> list;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    BOOST_REQUIRE_MESSAGE(std::find(all.begin(), all.end(), word) != all.end(), "matrix.txt: unknown word " << word);
    list.push_back(word);
  }
  return list;
}

std::map<cell, expectation> read_matrix() {
  std::ifstream file(folder + "matrix.txt");
  std::map<cell, expectation> cells;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string state, kind, ids;
    expectation expected;
    words >> state >> kind >> ids >> expected.answer >> expected.counted >> expected.after;
    BOOST_REQUIRE_MESSAGE(words, "matrix.txt: a row without its six columns: " << line);
    for (const std::string& each_state : list_of(state, states))
      for (const std::string& each_kind : list_of(kind, kinds))
        for (const std::string& each_ids : list_of(ids, id_sets))
          BOOST_REQUIRE_MESSAGE(cells.emplace(cell{each_state, each_kind, each_ids}, expected).second,
                                "matrix.txt: twice " << each_state << ' ' << each_kind << ' ' << each_ids);
  }
  return cells;
}

bool has_connection(const cell& of) { return of.state != "closed" && of.state != "listening"; }

// The next number of the peer in this state.
unsigned next_number(const cell& of) {
  if (of.state == "lingering") return 2;
  return of.state == "close_replying" ? 1 : 0;
}

// In the quotation at the end of the frame: the id of the one who sent what is quoted (ours) is at octet 32.
std::string error_line_of(const cell& of) {
  const bool ours = of.ids == "destination" || of.ids == "both";
  const bool peers = of.ids == "source" || of.ids == "both";
  if (!has_connection(of))
    return fmt::format(
        "< xns_error number=no_such_socket hex "
        "0000002a0005000000010200000000000a0bb80000000102000000000b0dac"
        "c000{}{}000000000007",
        ours ? "7778" : "7777", peers ? "2222" : "1111");
  return fmt::format("< xns_error checksum=none number=no_such_socket quote last{}{}", ours ? " flip 67" : "",
                     peers ? " flip 69" : "");
}

std::string injected(const cell& of) {
  if (of.kind == "error") return error_line_of(of);
  const bool wrong_source = of.ids == "source" || of.ids == "both";
  const bool wrong_destination = of.ids == "destination" || of.ids == "both";
  const std::string source = wrong_source ? "0x2222" : "0x1111";
  std::string destination = has_connection(of) ? "$c" : "0x7777";
  if (of.kind == "opening" && !wrong_destination) destination = "0";
  else if (wrong_destination) destination = has_connection(of) ? "$c+1" : "0x7778";
  const unsigned next = next_number(of);
  // What is injected acknowledges nothing new, but for the 255, which follows the receipt of what we sent.
  const unsigned acknowledged = of.state == "lingering" || of.kind == "close_reply" ? 1 : 0;
  static const std::map<std::string, std::string> flags{{"opening", "system send_ack"},
                                                        {"acknowledgement", "system"},
                                                        {"probe", "system send_ack"},
                                                        {"data", "send_ack end_of_message"},
                                                        {"duplicate", "send_ack end_of_message"},
                                                        {"beyond", "send_ack end_of_message"},
                                                        {"attention", "send_ack attention"},
                                                        {"close_request", "send_ack datastream_type=close_request"},
                                                        {"close_reply", "send_ack datastream_type=close_reply"}};
  unsigned number = next;
  if (of.kind == "duplicate") number = (next - 1) & 0xffff;
  if (of.kind == "beyond") number = next + 500;
  const bool data = of.kind == "data" || of.kind == "duplicate" || of.kind == "beyond" || of.kind == "attention";
  return fmt::format("< spp {} source={} dest={} seq={} ack={} {}", flags.at(of.kind), source, destination, number,
                     of.state == "open" || has_connection(of) ? acknowledged : 0, data ? "\"x\"" : "");
}

std::string answered(const cell& of, const std::string& answer) {
  const std::string peer = of.ids == "source" || of.ids == "both" ? "0x2222" : "0x1111";
  const bool takes_it = answer == "ack+1" || answer == "reply";
  const bool begins = answer == "answer" || answer == "new";
  const unsigned acknowledged = begins ? 0 : next_number(of) + (takes_it ? 1 : 0);
  const unsigned unread = takes_it && of.kind == "data" ? 1 : 0;
  const std::string window = fmt::format("ack={} alloc={}", acknowledged, acknowledged + 63 - unread);
  if (answer == "none") return "";
  if (answer == "ack" || answer == "ack+1") return fmt::format("> spp system source=$c dest={} {}\n", peer, window);
  if (answer == "answer") return fmt::format("> spp system send_ack source=$c dest={} {}\n", peer, window);
  if (answer == "new")
    return fmt::format("> spp system send_ack source=$new dest={} {}\nstate $new == answering\n", peer, window);
  if (answer == "reply")
    return fmt::format("> spp send_ack end_of_message=* datastream_type=close_reply source=$c dest={} {}\n", peer,
                       window);
  if (answer == "error2") return "> xns_error number=no_such_socket parameter=0\n";
  BOOST_FAIL("matrix.txt: unknown answer " << answer);
  return "";
}

std::string script_of(const cell& of, const expectation& expected) {
  std::string text = fmt::format("# {}, {}, ids {}\npeer_breaks I06 I07\ninclude \"matrix/{}.inc\"\n{}\n{}", of.state,
                                 of.kind, of.ids, of.state, injected(of), answered(of, expected.answer));
  if (expected.counted == "accepted") text += "counter dropped == 0\n";
  else text += fmt::format("counter drop.{} == 1\ncounter dropped == 1\n", expected.counted);
  if (has_connection(of)) text += fmt::format("state $c == {}\n", expected.after);
  else text += fmt::format("counter connections == {}\n", expected.answer == "new" ? 1 : 0);
  return text + "! 100ms\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(matrix_test)

BOOST_AUTO_TEST_CASE(matrix__has_every_cell_once) {
  const auto cells = read_matrix();
  BOOST_TEST(cells.size() == 320u);
}

BOOST_AUTO_TEST_CASE(engine__does_what_the_matrix_says) {
  for (const auto& [of, expected] : read_matrix()) {
    const std::string text = script_of(of, expected);
    const auto parsed = parse_script(text, folder + "cell.sqs");
    BOOST_REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message) << "\n" << text);
    const script_outcome outcome = play_script(*parsed, 1);
    BOOST_TEST(!outcome.failure, of.state << ", " << of.kind << ", ids " << of.ids << ": "
                                          << (outcome.failure ? render_failure(*parsed, outcome) : ""));
  }
}

BOOST_AUTO_TEST_SUITE_END()
