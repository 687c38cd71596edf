// The rules about emission: for each a story that holds and one that breaks exactly that rule.
#include "dissector/analysis/endpoint_view.hpp"

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

BOOST_AUTO_TEST_SUITE(endpoint_view_test)

BOOST_AUTO_TEST_CASE(whole_connection__holds_every_rule_it_can_decide) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(system('b', 0, 1));
  segment early = data('a', 1);
  run.sends(early);  // lost
  run.wait(200_ms);
  run.delivers(early);
  run.delivers(system('b', 0, 2));
  run.delivers({.from = 'a', .attention = true, .end_of_message = false, .sequence = 2, .data = "!"});
  run.delivers(system('b', 0, 3));
  run.delivers(closing('a', 254, 3, 0));
  run.delivers(closing('b', 255, 0, 4));
  run.delivers(closing('a', 255, 4, 1));
  run.delivers(system('b', 1, 5));
  const verdict result = run.finish();
  expect_holds(result);
  for (const char* rule : {"I03", "I05", "I06", "I07", "I08", "I09", "I10", "I11", "I12", "I13", "I14",
                           "I16", "I19", "I20", "I21", "I26", "I27", "I34", "I35", "I37", "I41"})
    expect_held(result, rule);
  for (const char* rule : {"I01", "I02", "I04", "I15", "I17", "I22", "I23", "I24", "I38"})
    BOOST_TEST(name_of(result.row(rule)->outcome) == "not decidable", rule);
  BOOST_TEST(result.counts.retransmissions.value() == 1u);
}

BOOST_AUTO_TEST_CASE(immutability__changed_payload_on_retransmission) {
  story run;
  run.opens();
  run.sends(data('a', 0, "hello"));
  run.wait(200_ms);
  run.sends(data('a', 0, "hallo"));
  expect_violated(run.finish(), "immutability");
}

BOOST_AUTO_TEST_CASE(immutability__lost_end_of_message_bit_on_retransmission) {
  story run;
  run.opens();
  run.sends(data('a', 0));
  run.wait(200_ms);
  segment again = data('a', 0);
  again.end_of_message = false;
  run.sends(again);
  expect_violated(run.finish(), "I06");
}

BOOST_AUTO_TEST_CASE(immutability__acknowledgement_may_change) {
  story run;
  run.opens();
  run.sends(data('a', 0));
  run.delivers(data('b', 0));
  segment again = data('a', 0);
  again.acknowledge = 1;
  again.allocation = 8;
  run.sends(again);
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(no_acknowledgement_of_the_unsent__seen_at_the_data_senders_vantage) {
  story run;
  run.opens();
  run.arrives(system('b', 0, 1), std::nullopt);
  expect_violated(run.finish(), "no acknowledgement of the unsent");
}

BOOST_AUTO_TEST_CASE(acknowledgement_monotone__goes_back) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(system('b', 0, 1));
  segment older = system('b', 0, 0);
  older.allocation = 8;
  run.delivers(older);
  expect_violated(run.finish(), "acknowledgement monotone");
}

BOOST_AUTO_TEST_CASE(acknowledgement_monotone__reordered_arrival_is_nobodys_fault) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  const auto late = run.sends(system('b', 0, 0));
  run.delivers(system('b', 0, 1));
  run.wait(30_ms);
  run.arrives(system('b', 0, 0), late);
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(honest_acknowledgement__lost_packet_acknowledged) {
  story run;
  run.opens();
  run.sends(data('a', 0));  // lost
  run.delivers(system('b', 0, 1));
  expect_violated(run.finish(), "honest acknowledgement");
}

BOOST_AUTO_TEST_CASE(honest_acknowledgement__gap_before_what_arrived) {
  story run;
  run.opens();
  run.sends(data('a', 0));  // lost
  run.delivers(data('a', 1));
  run.delivers(system('b', 0, 0));  // honest
  run.delivers(system('b', 0, 2));  // not
  expect_violated(run.finish(), "I09");
}

BOOST_AUTO_TEST_CASE(honest_acknowledgement__packet_with_a_wrong_checksum_did_not_arrive) {
  story run;
  run.opens();
  const auto id = run.sends(data('a', 0), "delivered; 1 bit flipped (bit 500)");
  octets damaged = run.frame_of(data('a', 0));
  damaged.back() ^= 1;
  run.arrives_as('a', damaged, id);
  run.delivers(system('b', 0, 1));
  expect_violated(run.finish(), "I09");
}

BOOST_AUTO_TEST_CASE(honest_acknowledgement__packet_of_another_connection_accepted) {
  story run;
  run.opens();
  segment forged = data('a', 0);
  forged.source_id = 0x7777;
  run.arrives(forged, std::nullopt);
  run.delivers(system('b', 0, 1));
  const verdict result = run.finish();
  BOOST_TEST(result.row("I09")->violations == 1u, render_text(result));
  BOOST_TEST(result.counts.strays == 1u);
}

BOOST_AUTO_TEST_CASE(window_respected__one_beyond_the_allocation) {
  story run;
  run.opens();
  for (std::uint16_t n = 0; n <= 7; ++n) run.delivers(data('a', n));
  run.sends(data('a', 8));
  expect_violated(run.finish(), "window respected");
}

BOOST_AUTO_TEST_CASE(window_respected__attention_and_close_may_exceed_by_one) {
  for (const bool attention : {true, false}) {
    story run;
    run.opens();
    for (std::uint16_t n = 0; n <= 7; ++n) run.delivers(data('a', n));
    segment last = closing('a', 254, 8, 0);
    if (attention) last = {.from = 'a', .attention = true, .end_of_message = false, .sequence = 8, .data = "!"};
    run.delivers(last);
    expect_holds(run.finish());
  }
}

BOOST_AUTO_TEST_CASE(window_respected__attention_may_not_exceed_by_two) {
  story run;
  run.opens();
  for (std::uint16_t n = 0; n <= 7; ++n) run.delivers(data('a', n));
  run.delivers({.from = 'a', .attention = true, .end_of_message = false, .sequence = 8, .data = "!"});
  run.delivers({.from = 'a', .attention = true, .end_of_message = false, .sequence = 9, .data = "!"});
  expect_violated(run.finish(), "I10");
}

BOOST_AUTO_TEST_CASE(no_shrink__allocation_goes_down) {
  story run;
  run.opens();
  segment less = system('b', 0, 0);
  less.allocation = 6;
  run.delivers(less);
  expect_violated(run.finish(), "no shrink");
}

BOOST_AUTO_TEST_CASE(no_shrink__allocation_below_the_acknowledgement) {
  story run;
  run.opens();
  for (std::uint16_t n = 0; n < 8; ++n) run.delivers(data('a', n));
  segment closed = system('b', 0, 8);
  closed.allocation = 7;  // a closed window: fine
  run.delivers(closed);
  run.delivers({.from = 'a', .attention = true, .end_of_message = false, .sequence = 8, .data = "!"});
  closed.acknowledge = 9;  // one packet of room less than none
  run.delivers(closed);
  expect_violated(run.finish(), "I11");
}

BOOST_AUTO_TEST_CASE(half_space__window_of_more_than_half_the_circle) {
  story run;
  run.opens();
  segment wide = system('b', 0, 0);
  for (const std::uint16_t room : {std::uint16_t{20000}, std::uint16_t{32766}, std::uint16_t{32767}}) {
    wide.allocation = room;
    run.delivers(wide);
  }
  const verdict result = run.finish();
  BOOST_TEST(result.row("I11")->violations + result.row("I12")->violations == 1u, render_text(result));
}

BOOST_AUTO_TEST_CASE(absolute__is_the_nearest_number_with_these_bits) {
  for (const absolute_number reference : {0L, 1L, 32'767L, 32'768L, 65'535L, 65'536L, 1'000'000'007L, -5L})
    for (absolute_number number = reference - 32'768; number < reference + 32'768; ++number)
      BOOST_REQUIRE(absolute(static_cast<std::uint16_t>(number), reference) == number);
}

BOOST_AUTO_TEST_CASE(half_space__numbers_wrap_without_harm) {
  story run;
  run.opens();
  segment record = data('a', 0, "");
  segment acknowledgement = system('b', 0, 0);
  for (std::uint32_t n = 0; n < 140'000; ++n) {
    record.sequence = static_cast<std::uint16_t>(n);
    run.delivers(record);
    acknowledgement.acknowledge = static_cast<std::uint16_t>(n + 1);
    acknowledgement.allocation = static_cast<std::uint16_t>(n + 8);
    run.delivers(acknowledgement);
  }
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.retransmissions.value() == 0u);
}

BOOST_AUTO_TEST_CASE(half_space__late_ghost_taken_for_a_new_packet) {
  story run;
  run.opens();
  const auto ghost = run.sends(data('a', 0, "ghost"));
  run.wait(200_ms);
  segment record = data('a', 0, "ghost");
  segment acknowledgement = system('b', 0, 0);
  for (std::uint32_t n = 0; n < 65'536; ++n) {
    record.sequence = static_cast<std::uint16_t>(n);
    run.delivers(record);
    acknowledgement.acknowledge = static_cast<std::uint16_t>(n + 1);
    acknowledgement.allocation = static_cast<std::uint16_t>(n + 8);
    run.delivers(acknowledgement);
  }
  run.arrives(data('a', 0, "ghost"), ghost);
  const verdict result = run.finish();
  BOOST_TEST(result.row("half-space")->violations == 1u, render_text(result));
}

BOOST_AUTO_TEST_CASE(half_space__copy_beyond_the_allocation_is_not_kept) {
  story run;
  run.opens();
  run.arrives(data('a', 9, "ghost"), std::nullopt);  // b has allocated up to 7
  for (std::uint16_t number = 0; number < 11; ++number) {
    run.delivers(data('a', number, std::to_string(number)));
    run.delivers(system('b', 0, static_cast<std::uint16_t>(number + 1)));
  }
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(system_packets_consume_no_sequence__a_number_is_skipped) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(system('a', 1, 0));
  run.delivers(data('a', 2));
  expect_violated(run.finish(), "system packets consume no sequence");
}

BOOST_AUTO_TEST_CASE(system_packets_consume_no_sequence__system_packet_with_data) {
  story run;
  run.opens();
  segment loaded = system('a', 0, 0);
  loaded.data = "x";
  run.delivers(loaded);
  expect_violated(run.finish(), "I13");
}

BOOST_AUTO_TEST_CASE(system_packets_consume_no_sequence__foreign_number_is_a_deviation) {
  story run;
  run.opens();
  run.delivers(system('a', 65535, 0));
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.deviations.size() == 1u);
}

BOOST_AUTO_TEST_CASE(system_packets_consume_no_sequence__our_own_must_name_the_next) {
  story run;
  journal told{.end = "a",
               .connections = {{.connection = 0,
                                .local = {network_number{1}, host_a, socket_a},
                                .peer = {network_number{1}, host_b, socket_b},
                                .local_id = id_a,
                                .peer_id = id_b,
                                .submitted = {},
                                .delivered = {},
                                .status = {}}}};
  run.judge.add_journal(told);
  run.opens();
  run.delivers(system('a', 65535, 0));
  expect_violated(run.finish(), "I13");
}

BOOST_AUTO_TEST_CASE(retransmit_only_outstanding__after_the_acknowledgement) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(system('b', 0, 1));
  run.wait(200_ms);
  run.delivers(data('a', 0));
  expect_violated(run.finish(), "retransmit only outstanding");
}

BOOST_AUTO_TEST_CASE(retransmit_only_outstanding__decided_before_the_acknowledgement_was_processed) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(system('b', 0, 1));
  run.wait(9_ms);
  run.delivers(data('a', 0));
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(retransmit_only_outstanding__network_duplicate_is_no_retransmission) {
  story run;
  run.opens();
  const auto id = run.sends(data('a', 0));
  run.arrives(data('a', 0), id);
  run.delivers(system('b', 0, 1));
  run.wait(500_ms);
  run.arrives(data('a', 0), id);
  const verdict result = run.finish();
  expect_holds(result);
  BOOST_TEST(result.counts.retransmissions.value() == 0u);
}

BOOST_AUTO_TEST_CASE(legal_transitions_only__close_reply_that_nobody_asked_for) {
  story run;
  run.opens();
  run.delivers(closing('a', 255, 0, 0));
  expect_violated(run.finish(), "legal transitions only");
}

BOOST_AUTO_TEST_CASE(legal_transitions_only__opening_again_after_the_answer) {
  story run;
  run.opens();
  run.wait(100_ms);
  run.sends({.from = 'a', .system = true, .send_acknowledgement = true, .end_of_message = false, .destination_id = 0});
  expect_violated(run.finish(), "I19");
}

BOOST_AUTO_TEST_CASE(agreement_on_open__first_number_is_not_zero) {
  story run;
  run.opens();
  run.delivers(data('a', 1));
  expect_violated(run.finish(), "agreement on open");
}

BOOST_AUTO_TEST_CASE(graceful_close__data_after_the_close_request) {
  story run;
  run.opens();
  run.delivers(closing('a', 254, 0, 0));
  run.delivers(data('a', 1));
  expect_violated(run.finish(), "graceful close");
}

BOOST_AUTO_TEST_CASE(graceful_close__anything_new_after_the_close_reply) {
  story run;
  run.opens();
  run.delivers(closing('a', 254, 0, 0));
  run.delivers(closing('b', 255, 0, 1));
  segment more = data('b', 1);
  more.acknowledge = 1;
  more.allocation = 8;
  run.delivers(more);
  expect_violated(run.finish(), "I21");
}

BOOST_AUTO_TEST_CASE(graceful_close__simultaneous_and_repeated) {
  story run;
  run.opens();
  const auto a_closes = run.sends(closing('a', 254, 0, 0));
  const auto b_closes = run.sends(closing('b', 254, 0, 0));
  run.arrives(closing('b', 254, 0, 0), b_closes);
  run.arrives(closing('a', 254, 0, 0), a_closes);
  run.delivers(closing('a', 255, 1, 1));
  run.sends(closing('b', 255, 1, 1));  // lost
  run.wait(200_ms);
  run.delivers(closing('b', 255, 1, 1));
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(output_bound__more_than_three_times_to_an_unvalidated_peer) {
  story run;
  run.delivers(
      {.from = 'a', .system = true, .send_acknowledgement = true, .end_of_message = false, .destination_id = 0});
  for (int answer = 0; answer < 3; ++answer) run.sends(system('b', 0, 0));
  run.wait(1_s);
  run.sends(system('b', 0, 0));
  expect_violated(run.finish(), "output bound");
}

BOOST_AUTO_TEST_CASE(output_bound__free_once_the_peer_used_our_id) {
  story run;
  run.opens();
  for (std::uint16_t n = 0; n < 8; ++n) run.sends(data('b', n, std::string(500, 'x')));
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(no_storm__acknowledgements_of_acknowledgements) {
  story run;
  run.opens();
  for (int turn = 0; turn < 12; ++turn) {
    run.delivers(system('a', 0, 0));
    run.delivers(system('b', 0, 0));
  }
  BOOST_TEST(run.finish().row("no storm")->violations == 0u);
  story storm;
  storm.opens();
  for (int turn = 0; turn < 24; ++turn) {
    storm.delivers(system('a', 0, 0));
    storm.wait(20_ms);
    storm.delivers(system('b', 0, 0));
    storm.wait(20_ms);
  }
  expect_violated(storm.finish(), "no storm", 2);  // each end
}

BOOST_AUTO_TEST_CASE(no_storm__retransmissions_that_do_not_back_off) {
  story run;
  run.opens();
  for (int turn = 0; turn < 7; ++turn) {
    run.sends(data('a', 0));
    run.wait(200_ms);
  }
  expect_violated(run.finish(), "I27");
  story good;
  good.opens();
  for (int turn = 0; turn < 9; ++turn) {
    good.sends(data('a', 0));
    good.wait(200_ms * (std::int64_t{1} << turn));
  }
  expect_holds(good.finish());
}

BOOST_AUTO_TEST_CASE(no_storm__interval_at_its_maximum_need_not_grow) {
  story run;
  run.opens();
  for (int i = 0; i < 10; ++i) {
    run.sends(data('a', 0));
    run.wait(4_s);
  }
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(boundary_integrity__close_inside_a_record) {
  const auto tell = [](bool with_journal) {
    story run;
    if (with_journal)
      run.judge.add_journal({.end = "a",
                             .connections = {{.connection = 0,
                                              .local = {network_number{1}, host_a, socket_a},
                                              .peer = {network_number{1}, host_b, socket_b},
                                              .local_id = id_a,
                                              .peer_id = id_b,
                                              .submitted = {},
                                              .delivered = {},
                                              .status = {}}}});
    run.opens();
    segment open = data('a', 0);
    open.end_of_message = false;
    run.delivers(open);
    run.delivers(closing('a', 254, 1, 0));
    return run.finish();
  };
  expect_violated(tell(true), "boundary integrity");
  BOOST_TEST(tell(false).deviations.size() == 1u);  // a byte stream of 4.3BSD marks no records
}

BOOST_AUTO_TEST_SUITE_END()
