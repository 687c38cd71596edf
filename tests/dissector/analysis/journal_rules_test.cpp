// What the applications say: against each other, and against the records in the capture.
#include "dissector/analysis/journal_rules.hpp"

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

journal_record record(std::uint64_t number, std::string_view text, bool attention = false) {
  return {number, text.size(), sha256_hexadecimal(view_of(text)), 0, attention};
}

std::vector<journal_record> records(std::initializer_list<std::string_view> texts) {
  std::vector<journal_record> result;
  for (const std::string_view text : texts) result.push_back(record(result.size(), text));
  return result;
}

struct both_ends {
  journal a{"a",
            {{.connection = 0,
              .local = {network_number{1}, host_a, socket_a},
              .peer = {network_number{1}, host_b, socket_b},
              .local_id = id_a,
              .peer_id = id_b,
              .submitted = records({"one", "two", "", "four"}),
              .delivered = {},
              .status = "closed gracefully"}}};
  journal b{"b",
            {{.connection = 7,
              .local = {network_number{1}, host_b, socket_b},
              .peer = {network_number{1}, host_a, socket_a},
              .local_id = id_b,
              .peer_id = id_a,
              .submitted = {},
              .delivered = records({"one", "two", "", "four"}),
              .status = "closed gracefully"}}};

  journal_connection& sender() { return a.connections[0]; }
  journal_connection& receiver() { return b.connections[0]; }
  verdict judged() const {
    verifier judge;
    judge.add_journal(a);
    judge.add_journal(b);
    return judge.finish();
  }
};

// The same four records in a capture, the second cut into two packets.
void four_records_cross(story& run, bool second_ends = true) {
  run.opens();
  run.delivers(data('a', 0, "one"));
  segment part = data('a', 1, "tw");
  part.end_of_message = false;
  run.delivers(part);
  segment rest = data('a', 2, "o");
  rest.end_of_message = second_ends;
  run.delivers(rest);
  run.delivers(data('a', 3, ""));
  run.delivers(data('a', 4, "four"));
  run.delivers(system('b', 0, 5));
  run.delivers(closing('a', 254, 5, 0));
  run.delivers(closing('b', 255, 0, 6));
  run.delivers(closing('a', 255, 6, 1));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(journal_rules_test)

BOOST_AUTO_TEST_CASE(judge_journals__all_delivered) {
  const verdict result = both_ends{}.judged();
  expect_holds(result);
  for (const char* rule : {"I01", "I02", "I03", "I21", "I22", "I23"}) expect_held(result, rule);
  BOOST_TEST(name_of(result.row("I17")->outcome) == "not decidable");
}

BOOST_AUTO_TEST_CASE(judge_journals__invented) {
  both_ends ends;
  ends.receiver().delivered[1] = record(1, "owt");
  expect_violated(ends.judged(), "no invention");
}

BOOST_AUTO_TEST_CASE(judge_journals__twice_and_swapped) {
  both_ends twice;
  twice.receiver().delivered = records({"one", "one", "two", "", "four"});
  expect_violated(twice.judged(), "prefix");
  both_ends swapped;
  swapped.receiver().delivered = records({"two", "one", "", "four"});
  expect_violated(swapped.judged(), "prefix");
}

BOOST_AUTO_TEST_CASE(judge_journals__joined) {
  both_ends ends;
  ends.receiver().delivered = records({"onetwo", "", "four"});
  BOOST_TEST(ends.judged().row("boundary integrity")->violations == 1u);
}

BOOST_AUTO_TEST_CASE(judge_journals__zero_length_record_lost) {
  both_ends ends;
  ends.receiver().delivered = records({"one", "two", "four"});
  BOOST_TEST(ends.judged().row("prefix")->violations == 1u);
}

BOOST_AUTO_TEST_CASE(judge_journals__gracefully_closed_but_not_all_delivered) {
  both_ends ends;
  ends.receiver().delivered = records({"one", "two", ""});
  expect_violated(ends.judged(), "status is true");
}

BOOST_AUTO_TEST_CASE(judge_journals__failure_may_deliver_a_prefix_of_whole_records) {
  both_ends ends;
  ends.sender().status = ends.receiver().status = "timed out";
  ends.receiver().delivered = records({"one", "two"});
  const verdict result = ends.judged();
  expect_holds(result);
  expect_held(result, "no partial on failure");
  ends.receiver().delivered = records({"one", "tw"});
  BOOST_TEST(ends.judged().row("no partial on failure")->violations == 1u);
}

BOOST_AUTO_TEST_CASE(judge_journals__attention_is_counted_apart) {
  both_ends ends;
  ends.sender().submitted.push_back(record(0, "!", true));
  ends.receiver().delivered.push_back(record(0, "!", true));
  expect_held(ends.judged(), "attention");
  ends.receiver().delivered.push_back(record(1, "!", true));
  expect_violated(ends.judged(), "attention");
}

BOOST_AUTO_TEST_CASE(judge_journals__attention_delivered_as_a_record) {
  both_ends run;
  run.sender().submitted.push_back(record(0, "!", true));
  run.receiver().delivered = {record(0, "!", true), record(0, "one"), record(1, "!"), record(2, "two")};
  const verdict result = run.judged();
  BOOST_TEST(name_of(result.row("attention")->outcome) == "violated", render_text(result));
}

BOOST_AUTO_TEST_CASE(judge_journals__record_of_an_earlier_incarnation) {
  both_ends ends;
  journal_connection again = ends.sender();
  again.connection = 1;
  again.local_id = 5;
  again.peer_id = 6;
  again.submitted = records({"new"});
  journal_connection other = ends.receiver();
  other.connection = 8;
  other.local_id = 6;
  other.peer_id = 5;
  other.delivered = records({"new"});
  ends.a.connections.push_back(again);
  ends.b.connections.push_back(other);
  expect_held(ends.judged(), "incarnation");
  ends.b.connections[1].delivered = records({"two"});
  BOOST_TEST(ends.judged().row("incarnation")->violations == 1u);
}

BOOST_AUTO_TEST_CASE(judge_journals__one_journal_decides_no_delivery) {
  both_ends ends;
  verifier judge;
  judge.add_journal(ends.b);
  const verdict result = judge.finish();
  BOOST_TEST(name_of(result.row("I02")->outcome) == "not decidable");
}

BOOST_AUTO_TEST_CASE(judge_journals_by_captures__same_records) {
  both_ends ends;
  story run;
  run.judge.add_journal(ends.a);
  run.judge.add_journal(ends.b);
  four_records_cross(run);
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(judge_journals_by_captures__end_of_message_bit_dropped_by_the_sender) {
  both_ends ends;
  ends.receiver().delivered = records({"one", "two", "four"});
  story run;
  run.judge.add_journal(ends.a);
  run.judge.add_journal(ends.b);
  four_records_cross(run, false);
  const verdict result = run.finish();
  BOOST_TEST(result.exit_code() == 3);
  BOOST_TEST(result.row("prefix")->violations > 0u, render_text(result));
}

BOOST_AUTO_TEST_CASE(judge_journals_by_captures__delivered_what_did_not_arrive) {
  both_ends ends;
  ends.receiver().delivered = records({"one", "two", "", "four", "five"});
  story run;
  run.judge.add_journal(ends.b);
  four_records_cross(run);
  expect_violated(run.finish(), "no invention");
}

BOOST_AUTO_TEST_CASE(judge_journals_by_captures__hole_in_the_capture_is_no_violation) {
  both_ends ends;
  ends.sender().submitted = ends.receiver().delivered = records({"zero", "one", "two", "", "four"});
  story run;
  run.judge.add_journal(ends.a);
  run.judge.add_journal(ends.b);
  run.capture_loses(1);
  four_records_cross(run);
  const verdict result = run.finish();
  BOOST_TEST(result.exit_code() == 4, render_text(result));
}

BOOST_AUTO_TEST_SUITE_END()
