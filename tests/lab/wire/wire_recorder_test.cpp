// One capture of two hosts and a bridge: the order at each vantage point, the same id for the same packet at both ends,
// and what the bridge did, told in the order in which links and bridge report it.
#include "lab/wire/wire_recorder.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(wire_recorder_test)

constexpr std::size_t a = 0;
constexpr std::size_t b = 1;

// A recorder, what drives it, and what its capture says in the end.
struct recording {
  temporary_file file;
  capture_writer writer{file.path(), {.comment = {}}};
  wire_recorder recorder{writer, {{.name = "a", .description = ""}, {.name = "b", .description = ""}}};
  std::int64_t time = 0;

  void sent(std::size_t host, std::string_view frame) { recorder.sent(host, {++time}, view_of(frame)); }
  void received(std::size_t host, std::string_view frame) { recorder.received(host, {++time}, view_of(frame)); }
  std::uint64_t enters(std::size_t port, std::string_view frame, const channel_verdict& verdict = {}) {
    const std::uint64_t id = recorder.on_entry(port, view_of(frame));
    recorder.on_verdict(port, id, verdict);
    return id;
  }
  void leaves(std::size_t port, std::uint64_t id, std::string_view frame) {
    recorder.on_exit(port, id, view_of(frame));
  }
  std::uint64_t written() const { return writer.packets_written(); }

  std::vector<captured_packet> at(std::size_t vantage_point) {
    recorder.finish();
    writer.close();
    std::vector<captured_packet> seen;
    for (const captured_packet& each : read_all(file.path()).packets)
      if (each.interface == vantage_point) seen.push_back(each);
    return seen;
  }
};

std::string text_of(const captured_packet& of) { return {of.frame.begin(), of.frame.end()}; }
std::string comment_of(const captured_packet& of) { return of.comments.empty() ? "" : of.comments.front(); }

BOOST_AUTO_TEST_CASE(sent__a_packet_has_one_id_at_both_vantage_points_and_the_bridge_verdict) {
  recording run;
  run.sent(a, "hello");
  const std::uint64_t id = run.enters(a, "hello", {.reordered = true, .corrupted_bit = {}});
  run.leaves(b, id, "hello");
  run.received(b, "hello");
  const auto at_b = run.at(b);
  const auto at_a = run.at(a);
  BOOST_TEST_REQUIRE(at_a.size() == 1u);
  BOOST_TEST_REQUIRE(at_b.size() == 1u);
  BOOST_TEST((at_a[0].direction == capture_direction::out));
  BOOST_TEST((at_b[0].direction == capture_direction::in));
  BOOST_TEST((at_a[0].packet_id == id));
  BOOST_TEST((at_b[0].packet_id == id));
  BOOST_TEST(comment_of(at_a[0]) == "delivered; held back");
  BOOST_TEST(comment_of(at_b[0]) == "");
}

BOOST_AUTO_TEST_CASE(sent__waits_for_its_verdict_and_holds_back_what_the_host_saw_later) {
  recording run;
  run.sent(a, "one");
  run.received(a, "from elsewhere");
  run.sent(a, "two");
  BOOST_TEST(run.written() == 0u);
  run.sent(b, "other side");
  run.enters(b, "other side");
  BOOST_TEST(run.written() == 1u);  // b does not wait for a
  run.enters(a, "one");
  BOOST_TEST(run.written() == 3u);
  run.enters(a, "two", {.what = channel_verdict::fate::lost, .corrupted_bit = {}});
  BOOST_TEST(run.written() == 4u);
  const auto at_a = run.at(a);
  BOOST_TEST_REQUIRE(at_a.size() == 3u);
  BOOST_TEST(text_of(at_a[0]) == "one");
  BOOST_TEST(text_of(at_a[1]) == "from elsewhere");
  BOOST_TEST(text_of(at_a[2]) == "two");
  BOOST_TEST(comment_of(at_a[2]) == "lost");
  for (std::size_t i = 1; i < at_a.size(); ++i) BOOST_TEST((at_a[i - 1].at < at_a[i].at));
}

BOOST_AUTO_TEST_CASE(on_entry__equal_frames_are_told_apart_by_their_order) {
  recording run;
  run.sent(a, "again");
  run.sent(a, "again");
  const std::uint64_t first = run.enters(a, "again", {.what = channel_verdict::fate::lost, .corrupted_bit = {}});
  const std::uint64_t second = run.enters(a, "again");
  BOOST_TEST(first != second);
  run.leaves(b, second, "again");
  run.received(b, "again");
  const auto at_b = run.at(b);
  const auto at_a = run.at(a);
  BOOST_TEST_REQUIRE(at_a.size() == 2u);
  BOOST_TEST_REQUIRE(at_b.size() == 1u);
  BOOST_TEST(comment_of(at_a[0]) == "lost");
  BOOST_TEST(comment_of(at_a[1]) == "delivered");
  BOOST_TEST((at_b[0].packet_id == second));
}

BOOST_AUTO_TEST_CASE(on_entry__a_foreign_frame_gets_an_id_of_its_own_and_changes_nothing) {
  recording run;
  run.sent(a, "ours");
  const std::uint64_t foreign = run.enters(a, "neighbour discovery");
  BOOST_TEST(run.written() == 0u);  // ours still waits for its own verdict
  run.leaves(b, foreign, "neighbour discovery");
  const std::uint64_t ours = run.enters(a, "ours");
  BOOST_TEST(ours != foreign);
  run.leaves(b, ours, "ours");
  run.received(b, "ours");  // the link's filter hid the foreign one
  const auto at_b = run.at(b);
  const auto at_a = run.at(a);
  BOOST_TEST_REQUIRE(at_a.size() == 1u);
  BOOST_TEST(comment_of(at_a[0]) == "delivered");
  BOOST_TEST_REQUIRE(at_b.size() == 1u);
  BOOST_TEST((at_b[0].packet_id == ours));
}

BOOST_AUTO_TEST_CASE(on_verdict__what_was_sent_before_and_never_entered_is_said_to_be_unseen) {
  recording run;
  run.sent(a, "vanished");
  run.sent(a, "seen");
  run.enters(a, "seen");
  BOOST_TEST(run.written() == 2u);
  const auto at_a = run.at(a);
  BOOST_TEST(comment_of(at_a[0]) == "not seen by the bridge");
  BOOST_TEST(comment_of(at_a[1]) == "delivered");
}

BOOST_AUTO_TEST_CASE(received__both_copies_of_a_duplicate_have_its_id) {
  recording run;
  run.sent(a, "twice");
  const std::uint64_t id = run.enters(a, "twice", {.duplicated = true, .corrupted_bit = {}});
  run.leaves(b, id, "twice");
  run.leaves(b, id, "twice");
  run.received(b, "twice");
  run.received(b, "twice");
  run.received(b, "twice");  // a third one did not come from the bridge
  const auto at_b = run.at(b);
  BOOST_TEST_REQUIRE(at_b.size() == 3u);
  BOOST_TEST((at_b[0].packet_id == id));
  BOOST_TEST((at_b[1].packet_id == id));
  BOOST_TEST(!at_b[2].packet_id.has_value());
}

BOOST_AUTO_TEST_CASE(received__a_corrupted_packet_keeps_its_id) {
  recording run;
  run.sent(b, "intact");
  const std::uint64_t id = run.enters(b, "intact", {.corrupted_bit = 47});
  run.leaves(a, id, "intacu");
  run.received(a, "intacu");
  const auto at_a = run.at(a);
  const auto at_b = run.at(b);
  BOOST_TEST((at_a.at(0).packet_id == id));
  BOOST_TEST(text_of(at_a.at(0)) == "intacu");
  BOOST_TEST(text_of(at_b.at(0)) == "intact");
  BOOST_TEST(comment_of(at_b.at(0)) == "delivered; corrupted: bit 47 flipped");
}

// Everything waits: nobody hears of a verdict, and of what left the bridge nothing arrives. Looking at all that waits
// for each frame would take minutes here.
BOOST_AUTO_TEST_CASE(received__finds_frames_among_many_that_wait) {
  recording run;
  constexpr int many = 30'000;
  const auto name = [](int number) { return "frame " + std::to_string(number) + std::string(1'000, '.'); };
  for (int i = 0; i < many; ++i) run.sent(a, name(i));
  for (int i = 0; i < many; ++i) BOOST_REQUIRE(run.recorder.on_entry(a, view_of("foreign " + name(i))) > 0u);
  for (int i = 0; i < many; ++i) run.leaves(b, run.enters(a, name(i)), name(i));
  for (int i = 0; i < many; ++i) run.received(b, "unheard of " + name(i));
  for (int i = 0; i < many; i += 2) run.received(b, name(i));
  const auto at_b = run.at(b);
  BOOST_TEST_REQUIRE(at_b.size() == many + many / 2u);
  BOOST_TEST(!at_b[0].packet_id.has_value());
  BOOST_TEST((at_b[many].packet_id == 1u));
  BOOST_TEST((at_b.back().packet_id == many - 1u));
}

BOOST_AUTO_TEST_CASE(finish__writes_what_still_waits) {
  recording run;
  run.sent(a, "last words");
  run.received(a, "answer");
  run.sent(b, "from b");
  BOOST_TEST(run.written() == 0u);
  run.recorder.finish();
  BOOST_TEST(run.written() == 3u);
  const auto at_a = run.at(a);
  BOOST_TEST(comment_of(at_a.at(0)) == "not seen by the bridge");
  BOOST_TEST(comment_of(at_a.at(1)) == "");
}

BOOST_AUTO_TEST_SUITE_END()
