#include "protocol/base/slice_run.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(slice_run_test)

std::string joined(const slice_run& run) {
  std::string text;
  for (const slice& piece : run) text.append(piece.view().begin(), piece.view().end()).push_back('|');
  return text;
}

slice_run run_of(std::initializer_list<const char*> texts) {
  slice_run run;
  for (const char* text : texts) run.push_back(slice::copy_of(view_of(text)));
  return run;
}

BOOST_AUTO_TEST_CASE(push_back__keeps_none_one_and_several_in_order) {
  BOOST_TEST(run_of({}).empty());
  BOOST_TEST(joined(run_of({})) == "");
  BOOST_TEST(run_of({"one"}).size() == 1u);
  BOOST_TEST(joined(run_of({"one"})) == "one|");
  BOOST_TEST(joined(run_of({"one", "two"})) == "one|two|");
  BOOST_TEST(joined(run_of({"one", "", "three", "four"})) == "one||three|four|");
}

BOOST_AUTO_TEST_CASE(push_back__shares_the_octets) {
  const slice piece = slice::copy_of(view_of("octets"));
  slice_run run;
  for (int i = 0; i < 3; ++i) {
    run.push_back(piece);
    for (const slice& each : run) BOOST_TEST(each.data() == piece.data());
  }
}

BOOST_AUTO_TEST_CASE(join_from__makes_one_piece_of_the_last_ones) {
  slice_run run = run_of({"one", "two", "three"});
  run.join_from(1);
  BOOST_TEST(joined(run) == "one|twothree|");
  run.join_from(1);
  run.join_from(2);
  BOOST_TEST(joined(run) == "one|twothree|");
  run.push_back(slice::copy_of(view_of("four")));
  run.join_from(0);
  BOOST_TEST(joined(run) == "onetwothreefour|");
  slice_run single = run_of({"one"});
  single.join_from(0);
  BOOST_TEST(joined(single) == "one|");
}

BOOST_AUTO_TEST_CASE(moved_and_copied__runs_are_whole) {
  for (const slice_run& original : {run_of({"one"}), run_of({"one", "two"})}) {
    slice_run copy = original;
    const slice_run moved = std::exchange(copy, {});
    BOOST_TEST(copy.empty());
    BOOST_TEST(joined(moved) == joined(original));
  }
}

BOOST_AUTO_TEST_SUITE_END()
