// A plain pcap knows no directions: what can still be told, and what stays in doubt.
#include "dissector/analysis/path_view.hpp"

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

void opening_passes(story& run) {
  run.passes({.from = 'a', .system = true, .send_acknowledgement = true, .end_of_message = false, .destination_id = 0});
  run.passes(system('b', 0, 0));
  run.passes(system('a', 0, 0));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(path_view_test)

BOOST_AUTO_TEST_CASE(passed__emission_rules_are_not_decidable) {
  story run;
  opening_passes(run);
  run.passes(data('a', 0));
  run.passes(system('b', 0, 1));
  run.passes(system('b', 0, 0));  // an older one, reordered: no matter here
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(!result.counts.retransmissions.has_value());  // not 0: a second copy may be the network's
  for (const char* rule : {"I07", "I08", "I09", "I10", "I11", "I14", "I26"})
    BOOST_TEST(name_of(result.row(rule)->outcome) == "not decidable", rule);
}

BOOST_AUTO_TEST_CASE(passed__late_look_cannot_clear_the_sender_of_its_haste) {
  // The allocation passes here before the data that were sent without it: nothing looks wrong, and nothing is proved.
  story run;
  opening_passes(run);
  segment more = system('b', 0, 0);
  more.allocation = 9;
  run.passes(more);
  run.passes(data('a', 8));
  const verdict result = run.finish();
  BOOST_TEST(name_of(result.row("I10")->outcome) == "not decidable");
  BOOST_TEST(result.row("I10")->doubts.empty());
}

BOOST_AUTO_TEST_CASE(passed__changed_payload_is_seen_anywhere) {
  story run;
  opening_passes(run);
  run.passes(data('a', 0, "hello"));
  run.passes(data('a', 0, "hallo"));
  expect_violated(run.finish(), "immutability");
}

BOOST_AUTO_TEST_CASE(passed__acknowledgement_of_what_did_not_pass_is_a_doubt) {
  story run;
  opening_passes(run);
  run.passes(data('a', 0));
  run.passes(system('b', 0, 2));
  const verdict result = run.finish();
  BOOST_TEST(result.exit_code() == 4, render_text(result));
  BOOST_TEST(result.row("I07")->doubts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(passed__beyond_the_allocation_is_a_doubt) {
  story run;
  opening_passes(run);
  run.passes(data('a', 8));
  const verdict result = run.finish();
  BOOST_TEST(result.exit_code() == 4, render_text(result));
  BOOST_TEST(result.row("I10")->doubts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(passed__new_number_after_the_close_request) {
  story run;
  opening_passes(run);
  run.passes(closing('a', 254, 0, 0));
  run.passes(data('a', 1));
  expect_violated(run.finish(), "graceful close");
}

BOOST_AUTO_TEST_SUITE_END()
