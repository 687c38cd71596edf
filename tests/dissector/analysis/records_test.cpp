// Records cut from numbered packets, and the comparison of two accounts of them.
#include "dissector/analysis/records.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace seqwire;

namespace {

numbered_packet piece(std::string_view text, bool end, std::uint8_t type = 0) {
  return {.body_hash = std::hash<std::string_view>{}(text),
          .body_octets = static_cast<std::uint32_t>(text.size()),
          .transmissions = 1,
          .last_at = {},
          .first_frame = {},
          .datastream_type = type,
          .attention = false,
          .end_of_record = end};
}

sha256_digest digest_of(std::string_view text) { return sha256_from_hexadecimal(sha256_hexadecimal(view_of(text))); }

std::vector<record_account> told(std::initializer_list<std::pair<std::uint64_t, std::string_view>> records) {
  std::vector<record_account> result;
  for (const auto& [octets, text] : records) result.push_back({octets, digest_of(text), 0, {}, result.size()});
  return result;
}

std::string_view verdict_on(const std::vector<record_account>& reference, const std::vector<record_account>& observed) {
  const auto mismatch = compare_records(reference, observed, false);
  return mismatch ? row_of(mismatch->rule).number : "none";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(records_test)

BOOST_AUTO_TEST_CASE(take__every_order_gives_the_same_records) {
  const std::string_view pieces[] = {"one ", "record", "", "x"};
  const bool ends[] = {false, true, true, true};
  int order[] = {0, 1, 2, 3};
  do {
    reassembler cut(true);
    for (const int number : order) {
      cut.take(number, piece(pieces[number], ends[number]), view_of(pieces[number]));
      cut.take(number, piece("duplicate", true), view_of("duplicate"));
    }
    BOOST_REQUIRE(cut.records().size() == 3u);
    BOOST_TEST(cut.records()[0].octets == 10u);
    BOOST_TEST((cut.records()[0].digest == digest_of("one record")));
    BOOST_TEST((cut.records()[1].digest == digest_of("")));
    BOOST_TEST(cut.next() == 4);
  } while (std::next_permutation(std::begin(order), std::end(order)));
}

BOOST_AUTO_TEST_CASE(take__attention_and_close_belong_to_no_record) {
  reassembler cut(true);
  cut.take(0, piece("begin", false), view_of("begin"));
  numbered_packet attention = piece("!", false);
  attention.attention = true;
  cut.take(1, attention, view_of("!"));
  BOOST_TEST(cut.record_open());
  cut.take(2, piece("end", true), view_of("end"));
  cut.take(3, piece("", false, 254), {});
  BOOST_REQUIRE(cut.records().size() == 1u);
  BOOST_TEST((cut.records()[0].digest == digest_of("beginend")));
  BOOST_TEST(!cut.record_open());
}

BOOST_AUTO_TEST_CASE(take__change_of_datastream_type_never_merges) {
  reassembler cut(false);
  cut.take(0, piece("first", false, 1), {});
  cut.take(1, piece("second", true, 2), {});
  BOOST_TEST(cut.records().size() == 2u);
}

BOOST_AUTO_TEST_CASE(add__window_slides_and_forgets) {
  number_table table;
  for (absolute_number n = 0; n < 100'000; ++n) BOOST_REQUIRE(table.add(n, piece("x", true)));
  BOOST_TEST(table.find(0) == nullptr);
  BOOST_TEST(table.find(99'999) != nullptr);
  BOOST_TEST(table.find(100'000) == nullptr);
  BOOST_TEST(!table.add(100'000 + 1'000'000, piece("far", true)));
}

BOOST_AUTO_TEST_CASE(add__hostile_jumps_cost_no_more_than_their_packets) {
  // Every packet half a window beyond the one before: a table of rows for all numbers would fill them all each time.
  number_table table;
  for (absolute_number turn = 0; turn < 1'000'000; ++turn) BOOST_REQUIRE(table.add(turn * 32'767, piece("x", true)));
  BOOST_TEST(table.find(999'999 * absolute_number{32'767}) != nullptr);
  BOOST_TEST(table.find(999'990 * absolute_number{32'767}) == nullptr);
  BOOST_TEST(table.known_from() > 999'990 * absolute_number{32'767});
}

BOOST_AUTO_TEST_CASE(forget__what_was_known_is_no_more) {
  number_table table;
  BOOST_TEST(table.add(7, piece("x", true)));
  table.forget();
  BOOST_TEST(table.find(7) == nullptr);
  BOOST_TEST(table.known_from() == 8);
  BOOST_TEST(table.add(1'000'000, piece("x", true)));
}

// Whatever the length, some thousands are kept, and what is found at the end is counted from the beginning.
BOOST_AUTO_TEST_CASE(let_go_of_equal__keeps_the_latest_and_the_count) {
  constexpr int many = 30'000;
  reassembler sent(false), received(false);
  const auto both = [&](int number, const std::string& left, const std::string& came) {
    sent.take(number, piece(left, true), view_of(left));
    received.take(number, piece(came, true), view_of(came));
    reassembler::let_go_of_equal(sent, received);
  };
  for (int i = 0; i < many; ++i) {
    both(i, std::to_string(i), std::to_string(i));
    BOOST_REQUIRE(sent.records().size() < 2 * reassembler::kept_of_equal);
  }
  BOOST_TEST(sent.let_go() + sent.records().size() == std::uint64_t{many});
  BOOST_TEST(received.let_go() == sent.let_go());
  BOOST_TEST(!compare_records(accounts_of(sent), accounts_of(received), false, sent.let_go()).has_value());

  both(many, "new", std::to_string(many - 1));  // the one before, again
  for (int i = many + 1; i < 2 * many; ++i) both(i, std::to_string(i), std::to_string(i));
  const auto mismatch = compare_records(accounts_of(sent), accounts_of(received), false, sent.let_go());
  BOOST_TEST_REQUIRE(mismatch.has_value());
  BOOST_TEST(mismatch->what == "record 30000 (5 octets) is record 29999: lost, twice or out of order");
  BOOST_TEST(std::string(row_of(mismatch->rule).number) == "I02");
}

BOOST_AUTO_TEST_CASE(compare_records__names_what_is_broken) {
  const auto sent = told({{5, "a"}, {3, "b"}, {0, "z"}, {7, "c"}});
  BOOST_TEST(verdict_on(sent, sent) == "none");
  BOOST_TEST(verdict_on(sent, told({{5, "a"}})) == "none");
  BOOST_TEST(verdict_on(sent, told({{5, "a"}, {5, "a"}})) == "I02");    // twice
  BOOST_TEST(verdict_on(sent, told({{3, "b"}, {5, "a"}})) == "I02");    // swapped
  BOOST_TEST(verdict_on(sent, told({{5, "a"}, {0, "z"}})) == "I02");    // one lost
  BOOST_TEST(verdict_on(sent, told({{8, "ab"}})) == "I03");             // joined
  BOOST_TEST(verdict_on(sent, told({{2, "a1"}, {3, "a2"}})) == "I03");  // split
  BOOST_TEST(verdict_on(sent, told({{5, "x"}})) == "I01");              // other data
  BOOST_TEST(verdict_on(sent, told({{5, "a"}, {3, "b"}, {0, "z"}, {7, "c"}, {9, "n"}})) == "I01");
  auto typed = sent;
  typed[1].datastream_type = 3;
  BOOST_TEST(verdict_on(sent, typed) == "I01");
}

BOOST_AUTO_TEST_CASE(compare_records__reference_that_may_be_cut) {
  const auto sent = told({{5, "a"}});
  const auto more = told({{5, "a"}, {6, "b"}});
  BOOST_TEST(!compare_records(sent, more, true).has_value());
  BOOST_TEST(compare_records(sent, more, false).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
