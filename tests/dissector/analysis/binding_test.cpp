// Journals and captures of one run belong together by the connections they tell of; what does not is refused.
#include "dissector/analysis/binding.hpp"

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

journal_connection seen_from(char end, std::uint16_t own_id, std::uint16_t peer_id) {
  const xns_address a{network_number{1}, host_a, socket_a};
  const xns_address b{network_number{1}, host_b, socket_b};
  return {.connection = own_id,
          .local = end == 'a' ? a : b,
          .peer = end == 'a' ? b : a,
          .local_id = own_id,
          .peer_id = peer_id,
          .submitted = {},
          .delivered = {},
          .status = "closed gracefully"};
}
journal journal_a() { return {"a", {seen_from('a', id_a, id_b)}}; }
journal journal_b() { return {"b", {seen_from('b', id_b, id_a)}}; }
journal journal_of_another_run() { return {"b", {seen_from('b', 0x7777, 0x8888)}}; }

// The three packets of an opening and one record, with ids of their own: another run of the same program.
void another_run(story& run, std::uint16_t a, std::uint16_t b) {
  run.delivers({.from = 'a', .system = true, .end_of_message = false, .source_id = a, .destination_id = 0});
  segment answer = system('b', 0, 0);
  answer.source_id = b;
  answer.destination_id = a;
  run.delivers(answer);
  segment record = data('a', 0);
  record.source_id = a;
  record.destination_id = b;
  run.delivers(record);
}

void one_run(story& run) {
  run.opens();
  run.delivers(data('a', 0));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(binding_test)

BOOST_AUTO_TEST_CASE(contradiction__two_journals_and_a_capture_of_one_run) {
  story run;
  run.judge.add_journal(journal_a(), "a.ndjson");
  run.judge.add_journal(journal_b(), "b.ndjson");
  BOOST_TEST(!run.judge.contradiction());
  one_run(run);
  BOOST_TEST(!run.judge.contradiction());
}

BOOST_AUTO_TEST_CASE(contradiction__the_same_journal_twice) {
  story run;
  run.judge.add_journal(journal_a(), "a.ndjson");
  run.judge.add_journal(journal_a(), "copy.ndjson");
  BOOST_TEST(run.judge.contradiction().value() ==
             "copy.ndjson tells of the same end of the same connection as a.ndjson (1.02000000000a:3001, id 4369): "
             "expected one journal of each end");
}

BOOST_AUTO_TEST_CASE(contradiction__a_journal_of_another_run) {
  story run;
  run.judge.add_journal(journal_a(), "a.ndjson");
  run.judge.add_journal(journal_of_another_run(), "old.ndjson");
  one_run(run);
  BOOST_TEST(run.judge.contradiction().value() ==
             "old.ndjson: none of its 1 connections is in the captures: it tells of another run");
}

BOOST_AUTO_TEST_CASE(contradiction__a_capture_with_holes_may_have_lost_the_journals_connections) {
  story run;
  run.judge.add_journal(journal_of_another_run(), "old.ndjson");
  run.capture_loses(100);
  one_run(run);
  BOOST_TEST(!run.judge.contradiction());
  BOOST_TEST(run.finish().exit_code() == 4);
}

BOOST_AUTO_TEST_CASE(contradiction__captures_of_two_ends_of_one_run) {
  // The vantage points of a and b in files of their own.
  story run;
  run.judge.begin_capture("a.pcapng");
  const segment opening{.from = 'a', .system = true, .end_of_message = false, .destination_id = 0};
  run.sends(opening);
  run.arrives(system('b', 0, 0), std::nullopt);
  run.sends(data('a', 0));
  run.judge.begin_capture("b.pcapng");
  run.arrives(opening, std::nullopt);
  run.sends(system('b', 0, 0));
  run.arrives(data('a', 0), std::nullopt);
  BOOST_TEST(!run.judge.contradiction());
}

BOOST_AUTO_TEST_CASE(contradiction__captures_of_two_runs) {
  story run;
  run.judge.begin_capture("first.pcapng");
  one_run(run);
  run.judge.begin_capture("second.pcapng");
  another_run(run, 0x7777, 0x8888);
  BOOST_TEST(run.judge.contradiction().value() ==
             "first.pcapng and second.pcapng have no connection in common: expected captures of one run");
}

BOOST_AUTO_TEST_CASE(contradiction__captures_of_a_chain_of_hosts_hang_together) {
  story run;
  run.judge.begin_capture("first.pcapng");
  one_run(run);
  run.judge.begin_capture("second.pcapng");
  another_run(run, 0x7777, 0x8888);
  run.judge.begin_capture("both.pcapng");
  run.passes(data('a', 1));
  segment other = data('a', 1);
  other.source_id = 0x7777;
  other.destination_id = 0x8888;
  run.passes(other);
  BOOST_TEST(!run.judge.contradiction());
}

BOOST_AUTO_TEST_CASE(contradiction__a_capture_without_connections_contradicts_nothing) {
  story run;
  run.judge.begin_capture("a.pcapng");
  one_run(run);
  run.judge.begin_capture("silent.pcapng");
  BOOST_TEST(!run.judge.contradiction());
}

BOOST_AUTO_TEST_CASE(contradiction__one_vantage_point_in_two_captures) {
  story run;
  run.judge.begin_capture("first.pcapng");
  one_run(run);
  run.judge.begin_capture("again.pcapng");
  one_run(run);
  BOOST_TEST(run.judge.contradiction().value() ==
             "first.pcapng and again.pcapng both show host 02000000000a open the same connection: expected one capture "
             "of each vantage point");
}

BOOST_AUTO_TEST_CASE(finish__connection_that_no_capture_shows_is_a_hole) {
  story run;
  journal both = journal_a();
  both.connections[0].status.clear();  // the journal may end before the record that the capture shows
  both.connections.push_back(seen_from('a', 0x7777, 0x8888));
  run.judge.add_journal(both, "a.ndjson");
  one_run(run);
  BOOST_TEST(!run.judge.contradiction());
  const verdict result = run.finish();
  BOOST_TEST(result.exit_code() == 4);
  BOOST_REQUIRE(result.holes.size() == 1u);
  BOOST_TEST(result.holes[0] == "a.ndjson: 1 of its 2 connections is not in the captures");
}

BOOST_AUTO_TEST_CASE(finish__delivery_is_not_held_for_a_connection_without_both_journals) {
  const auto judged = [](bool second_connection) {
    story run;
    journal a = journal_a();
    journal b = journal_b();
    a.connections[0].submitted = b.connections[0].delivered = {{0, 5, sha256_hexadecimal(view_of("hello")), 0, false}};
    run.judge.add_journal(a, "a.ndjson");
    run.judge.add_journal(b, "b.ndjson");
    one_run(run);
    if (second_connection) {
      run.delivers(closing('a', 254, 1, 0));
      another_run(run, 0x7777, 0x8888);
    }
    return run.finish();
  };
  expect_held(judged(false), "I01");
  expect_held(judged(false), "I02");
  const verdict partly = judged(true);
  expect_holds(partly);
  for (const char* rule : {"I01", "I02", "I22"}) {
    BOOST_TEST(name_of(partly.row(rule)->outcome) == "not decidable", rule);
    BOOST_TEST(partly.row(rule)->reason == "no journals of both ends for 1 of 2 connections that carried data", rule);
  }
}

BOOST_AUTO_TEST_CASE(finish__one_terminal_event_is_not_held_for_a_connection_that_has_none) {
  story run;
  journal a = journal_a();
  journal b = journal_b();
  b.connections[0].status.clear();
  run.judge.add_journal(a, "a.ndjson");
  run.judge.add_journal(b, "b.ndjson");
  run.opens();
  const verdict result = run.finish();
  BOOST_TEST(name_of(result.row("I22")->outcome) == "not decidable");
  BOOST_TEST(result.row("I22")->reason == "a journal ends before its connection does");
}

BOOST_AUTO_TEST_SUITE_END()
