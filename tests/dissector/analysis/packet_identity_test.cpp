// The same packet at two vantage points: corruption, marked and unmarked, seen by the checksum or not, and invention.
#include "dissector/analysis/packet_identity.hpp"

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

// Adds to one word and takes from the word 16 words on: the sum of the specification cannot tell.
octets swapped_sixteen_words_apart(octets frame) {
  const std::size_t at = 14 + spp_overhead;
  std::swap(frame[at], frame[at + 32]);
  std::swap(frame[at + 1], frame[at + 33]);
  return frame;
}

const std::string long_text = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";

}  // namespace

BOOST_AUTO_TEST_SUITE(packet_identity_test)

BOOST_AUTO_TEST_CASE(seen__marked_corruption_caught_by_the_checksum) {
  story run;
  run.opens();
  const auto id = run.sends(data('a', 0), "delivered; 1 bit flipped (bit 300)");
  octets damaged = run.frame_of(data('a', 0));
  damaged[50] ^= 4;
  run.arrives_as('a', damaged, id);
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.wrong_checksums == 1u);
  BOOST_TEST(result.findings.empty());
}

BOOST_AUTO_TEST_CASE(seen__unmarked_corruption_is_a_violation) {
  story run;
  run.opens();
  const auto id = run.sends(data('a', 0));
  octets damaged = run.frame_of(data('a', 0));
  damaged[60] ^= 4;
  run.arrives_as('a', damaged, id);
  expect_violated(run.finish(), "same packet, same octets");
}

BOOST_AUTO_TEST_CASE(seen__checksum_blind_corruption_is_named_with_its_frame) {
  story run;
  run.opens();
  const auto id = run.sends(data('a', 0, long_text), "corrupted");
  run.arrives_as('a', swapped_sixteen_words_apart(run.frame_of(data('a', 0, long_text))), id);
  run.delivers(system('b', 0, 1));
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_REQUIRE(result.findings.size() == 1u);
  BOOST_TEST(result.findings[0].name == "checksum-blind");
  BOOST_TEST(result.findings[0].frames.at(0).number == 8u);
  BOOST_TEST(result.row("I06")->violations == 0u);
  BOOST_TEST(result.row("I41")->violations == 0u);
}

BOOST_AUTO_TEST_CASE(seen__checksum_blind_copy_is_not_the_senders_retransmission) {
  story run;
  run.opens();
  const segment record = data('a', 0, long_text);
  const auto first = run.sends(record);
  run.arrives(record, first);
  run.wait(200_ms);
  const auto again = run.sends(record, "corrupted");
  run.arrives_as('a', swapped_sixteen_words_apart(run.frame_of(record)), again);
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.findings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(seen__checksum_turned_into_not_checked_is_blind_too) {
  story run;
  run.opens();
  const auto id = run.sends(data('a', 0), "corrupted");
  octets damaged = run.frame_of(data('a', 0));
  damaged[14] = damaged[15] = 0xff;
  run.arrives_as('a', damaged, id);
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.findings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(seen__packet_that_nobody_emitted) {
  story run;
  run.opens();
  run.arrives(data('a', 0), 4711);
  BOOST_TEST(run.finish().row("conservation")->violations == 1u);
}

BOOST_AUTO_TEST_CASE(seen__packet_leaves_once) {
  story run;
  run.opens();
  const captured_packet twice{.interface = 0,
                              .at = instant{2'000'000'000},
                              .direction = capture_direction::out,
                              .packet_id = 1,
                              .dropped_before = 0,
                              .original_length = run.frame_of(system('a', 0, 0)).size(),
                              .frame = run.frame_of(system('a', 0, 0)),
                              .comments = {}};
  run.judge.on_packet(twice, {.name = "a", .description = {}, .type = link_type::ethernet});
  expect_violated(run.finish(), "capture truth");
}

BOOST_AUTO_TEST_CASE(seen__router_changes_hop_count_and_checksum) {
  story run;
  run.opens();
  const auto id = run.sends(data('a', 0));
  octets routed = run.frame_of(data('a', 0));
  routed[14 + 4] += 1;
  const std::uint16_t sum = plain_checksum(octets_view(routed).subspan(16));
  store_u16(&routed[14], sum);
  run.arrives_as('a', routed, id);
  run.delivers(system('b', 0, 1));
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.findings.empty());
}

BOOST_AUTO_TEST_CASE(finish__of_a_flood_of_ids_the_latest_are_known_and_nothing_is_held_or_accused_by_guess) {
  docket charges;
  packet_identity packets(charges);
  const auto see = [&](std::uint64_t id, capture_direction direction) {
    packets.seen({.key = {0, id},
                  .frame = {0, id + 1},
                  .direction = direction,
                  .judged = true,
                  .octets_hash = id,
                  .source = host_a,
                  .destination = host_b});
  };
  const std::uint64_t many = 2 * packet_identity::most_packets;
  for (std::uint64_t id = 0; id < many; ++id) see(id, capture_direction::out);
  see(many - 1, capture_direction::in);
  BOOST_TEST(charges.lacking(rule_id::conservation) == "");
  see(0, capture_direction::in);  // emitted, and forgotten since
  for (std::uint64_t id = many; id < many + 2 * packet_identity::most_waiting; ++id) see(id, capture_direction::in);
  packets.finish();
  BOOST_TEST(charges.checks(rule_id::same_packet_same_octets) == 1u);
  BOOST_TEST(charges.lacking(rule_id::conservation) != "");
  BOOST_TEST(charges.lacking(rule_id::same_packet_same_octets) != "");
  for (const charge& each : charges.charges(rule_id::conservation)) BOOST_TEST(each.frames.at(0).number > many);
}

BOOST_AUTO_TEST_CASE(corrupted__is_remembered_when_the_id_is_forgotten) {
  docket charges;
  packet_identity packets(charges);
  sighting changed{.key = {0, 7}, .frame = {0, 1}, .direction = capture_direction::out, .judged = true};
  packets.seen(changed);
  changed.direction = capture_direction::in;
  changed.octets_hash = 1;
  packets.seen(changed);
  for (std::uint64_t id = 8; id < 9 + packet_identity::most_packets; ++id)
    packets.seen({.key = {0, id}, .frame = {0, id}, .direction = capture_direction::out, .judged = true});
  BOOST_TEST(packets.corrupted({0, 7}));
  BOOST_TEST(!packets.corrupted({0, 8}));
}

BOOST_AUTO_TEST_CASE(seen__ids_of_different_files_are_different_packets) {
  story run;
  run.judge.begin_capture("one");
  run.opens();
  run.judge.begin_capture("two");
  const std::uint64_t id_of_the_first_opening = 1;
  run.arrives(data('a', 0), id_of_the_first_opening);
  BOOST_TEST(run.finish().row("I41")->violations == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
