// What a connection does about loss and silence: retransmission, Karn, backoff, duplicates and nonsense from the peer,
// giving up, and Errors.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/spp/pair.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(connection_repair_test)

using texts = std::vector<std::string>;
constexpr auto each = boost::test_tools::per_element();

spp_header from_b(std::uint16_t acknowledge, std::uint16_t allocation) {
  spp_header header{};
  header.system = true;
  header.source_connection = id_b;
  header.destination_connection = id_a;
  header.acknowledge = acknowledge;
  header.allocation = allocation;
  return header;
}

// --- retransmission ---

BOOST_AUTO_TEST_CASE(timeout__resends_after_at_least_200_ms) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a);
  pair.send(side::a, "x");
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 63 octets 1 end; lost\n"
             "  230 a: data 0 ack 0 alo 63 octets 1 end\n"
             "  240 b: system 0 ack 1 alo 63\n");
  BOOST_TEST(pair[side::a].statistics().timeouts == 1u);
}

BOOST_AUTO_TEST_CASE(timeout__doubles_up_to_the_maximum) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a, 1000);
  pair.send(side::a, "x");
  pair.run_for(15_s);
  std::string expected;
  for (const char* at : {"   30", "  230", "  630", " 1430", " 3030", " 6230", "10230", "14230"})
    expected += std::string(at) + " a: data 0 ack 0 alo 63 octets 1 end; lost\n";
  BOOST_TEST(pair.take_story() == expected);
}

BOOST_AUTO_TEST_CASE(timeout__of_a_lost_acknowledgement_brings_a_duplicate_that_is_answered) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::b);
  pair.send(side::a, "x");
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 63 octets 1 end\n"
             "   40 b: system 0 ack 1 alo 63; lost\n"
             "  230 a: data 0 ack 0 alo 63 octets 1 end\n"
             "  240 b: system 0 ack 1 alo 64\n");
  BOOST_TEST(pair.b.texts() == texts{"x"}, each);
}

BOOST_AUTO_TEST_CASE(fast_retransmit__at_the_third_duplicate) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a);
  for (const char* text : {"0", "1", "2", "3", "4"}) pair.send(side::a, text);
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 63 octets 1 end; lost\n"
             "   30 a: data 1 ack 0 alo 63 octets 1 end\n"
             "   30 a: data 2 ack 0 alo 63 octets 1 end\n"
             "   30 a: data 3 ack 0 alo 63 octets 1 end\n"
             "   30 a: data 4 ack 0 alo 63 octets 1 end\n"
             "   40 b: system 0 ack 0 alo 63\n"
             "   40 b: system 0 ack 0 alo 63\n"
             "   40 b: system 0 ack 0 alo 63\n"
             "   40 b: system 0 ack 0 alo 63\n"
             "   50 a: data 0 ack 0 alo 63 octets 1 end\n"
             "   60 b: system 0 ack 5 alo 63\n");
  BOOST_TEST(pair.b.texts() == (texts{"0", "1", "2", "3", "4"}), each);
  BOOST_TEST(pair[side::a].statistics().duplicate_acknowledgements == 4u);
  BOOST_TEST(pair[side::a].statistics().fast_retransmissions == 1u);
  BOOST_TEST(pair[side::a].statistics().timeouts == 0u);
  BOOST_TEST(pair[side::b].statistics().out_of_order == 4u);
}

BOOST_AUTO_TEST_CASE(statistics__a_retransmission_is_fast_unless_it_repairs_a_timeout) {
  for (const char* sender : {"fixed", "newreno", "tahoe"}) {
    spp_config config;
    config.sender = sender;
    config.initial_window = 8;
    spp_pair pair(config);
    pair.open();
    for (std::uint64_t i = 1; i <= 4; ++i) pair.lose(side::a, pair.a.sent + 2 * i);  // too many for duplicates
    pair.lose_next(side::b, 8);
    for (int i = 0; i < 8; ++i) pair.send(side::a, std::to_string(i));
    pair.run_for(20_s);
    BOOST_TEST(pair.b.records.size() == 8u, sender);
    BOOST_TEST(pair[side::a].statistics().timeouts > 0u, sender);
    BOOST_TEST(pair[side::a].statistics().retransmissions >= 4u, sender);
    BOOST_TEST(pair[side::a].statistics().fast_retransmissions == 0u, sender);
    pair.lose(side::a, pair.a.sent + 40);  // by then every window has grown
    for (int i = 0; i < 60; ++i) pair.send(side::a, std::to_string(i));
    pair.run_for(20_s);
    BOOST_TEST(pair[side::a].statistics().fast_retransmissions > 0u, sender);
  }
}

BOOST_AUTO_TEST_CASE(fast_retransmit__two_holes_one_round_trip_each) {
  spp_pair pair;
  pair.open();
  pair.lose(side::a, 3);
  pair.lose(side::a, 5);
  for (int i = 0; i < 8; ++i) pair.send(side::a, std::to_string(i));
  pair.run_for(65_ms);
  pair.take_story();
  BOOST_TEST(pair[side::a].statistics().retransmissions == 2u);
  pair.run_for(10_s);
  BOOST_TEST(pair.b.records.size() == 8u);
  BOOST_TEST(pair[side::a].statistics().retransmissions == 2u);
}

BOOST_AUTO_TEST_CASE(reordering__of_fewer_than_three_packets_resends_nothing) {
  spp_pair pair;
  pair.open();
  pair.hold(side::a, 3, 5_ms);
  for (int i = 0; i < 3; ++i) pair.send(side::a, std::to_string(i));
  pair.run_for(10_s);
  BOOST_TEST(pair.b.texts() == (texts{"0", "1", "2"}), each);
  BOOST_TEST(pair[side::a].statistics().retransmissions == 0u);
}

BOOST_AUTO_TEST_CASE(duplicates__of_every_packet_change_nothing_above) {
  spp_pair pair;
  pair.weather = [](side, std::uint64_t, const spp_header&) { return fate{.twice = true}; };
  pair.open();
  for (int i = 0; i < 100; ++i) {
    pair.send(side::a, "a" + std::to_string(i));
    pair.send(side::b, "b" + std::to_string(i));
  }
  pair[side::a].send_attention('!');
  pair.run_for(1_s);
  pair[side::a].close();
  pair.settle();
  BOOST_TEST(pair.a.records.size() == 100u);
  BOOST_TEST(pair.b.records.size() == 100u);
  BOOST_TEST(pair.b.attentions.size() == 1u);
  BOOST_TEST((pair[side::a].status() == end_status::closed_gracefully));
  BOOST_TEST((pair[side::b].status() == end_status::closed_gracefully));
}

// --- Karn ---

BOOST_AUTO_TEST_CASE(karn__what_was_sent_twice_gives_no_sample) {
  spp_pair pair;
  pair.open();
  BOOST_TEST(pair[side::a].statistics().round_trip_samples == 1u);  // the opening's
  pair.lose_next(side::a);
  pair.send(side::a, "x");
  pair.run_for(10_s);
  BOOST_TEST(pair[side::a].statistics().round_trip_samples == 1u);
  pair.send(side::a, "y");
  pair.run_for(10_s);
  BOOST_TEST(pair[side::a].statistics().round_trip_samples == 2u);
  BOOST_TEST((pair[side::a].statistics().round_trip_minimum == 20_ms));
  BOOST_TEST((pair[side::a].statistics().round_trip_maximum == 20_ms));
}

// The second half of Karn's algorithm: the backed-off timeout stays until something that was sent once is
// acknowledged, or a path slower than the timeout would never be measured.
BOOST_AUTO_TEST_CASE(karn__a_path_that_became_slower_than_the_timeout_is_learned) {
  spp_config config;
  config.window = 1;
  spp_pair pair(config);
  pair.open();
  pair.delay = 1500_ms;
  for (int i = 0; i < 50; ++i) pair.send(side::a, std::to_string(i));
  pair.run_for(300_s);
  BOOST_TEST(pair.b.records.size() == 50u);
  BOOST_TEST(pair[side::a].statistics().round_trip_samples > 40u);
  BOOST_TEST(pair[side::a].statistics().retransmissions < 10u);
}

// --- nonsense ---

BOOST_AUTO_TEST_CASE(acknowledgement__beyond_anything_sent_is_ignored_and_the_rest_is_used) {
  spp_config one;
  one.allocation = 1;
  spp_pair pair({}, one);
  pair.open();
  pair.lose_next(side::a);
  pair.send(side::a, "first");
  pair.send(side::a, "second");
  pair.run_for(1_ms);
  pair.take_story();
  spp_header header = from_b(50, 5);
  header.system = false;
  header.end_of_message = true;
  BOOST_TEST(pair.inject(side::a, header, view_of("data")).has_value());
  BOOST_TEST(pair.a.texts() == texts{"data"}, each);
  BOOST_TEST(pair[side::a].statistics().excess_acknowledgements == 1u);
  // The allocation is used too: number 1 may leave. Nothing was taken for acknowledged: number 0 comes again.
  BOOST_TEST(pair.take_story() == "   31 a: data 1 ack 1 alo 63 octets 6 end\n");
  pair.run_for(10_s);
  BOOST_TEST(pair.b.texts().front() == "first");
}

// Some implementations acknowledge one more than they have received, already in the answer to an opening.
BOOST_AUTO_TEST_CASE(acknowledgement__one_too_many_in_the_answer_does_not_stop_the_first_data) {
  spp_pair pair;
  pair.edit(side::b, 1, [](spp_header& header) { header.acknowledge = 1; });
  pair[side::a].open(pair.now());
  pair.send(side::a, "x");
  pair.run_for(25_ms);
  BOOST_TEST(pair[side::a].statistics().excess_acknowledgements == 1u);
  BOOST_TEST(pair[side::a].statistics().data_packets_sent == 1u);
}

BOOST_AUTO_TEST_CASE(acknowledgement__older_than_known_is_ignored_with_its_allocation) {
  spp_config four;
  four.allocation = 4;
  spp_pair pair({}, four);
  pair.open();
  pair.send(side::a, "0");
  pair.send(side::a, "1");
  pair.run_for(1_s);
  pair.b.reading = false;
  for (int i = 0; i < 10; ++i) pair.send(side::a, "x");
  pair.run_for(1_ms);
  pair.take_story();
  pair.inject(side::a, from_b(1, 60));
  BOOST_TEST(pair.take_story() == "");
  BOOST_TEST(pair[side::a].statistics().duplicate_acknowledgements == 0u);
}

BOOST_AUTO_TEST_CASE(acknowledgement__repeated_on_data_is_no_duplicate) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a, 3);
  pair.send(side::a, "x");
  pair.run_for(1_ms);
  for (std::uint16_t i = 0; i < 5; ++i) {
    spp_header header = from_b(0, 63);
    header.system = false;
    header.sequence = i;
    BOOST_TEST(pair.inject(side::a, header, view_of("y")).has_value());
  }
  BOOST_TEST(pair[side::a].statistics().duplicate_acknowledgements == 0u);
}

// --- giving up ---

BOOST_AUTO_TEST_CASE(give_up__after_120_s_without_progress_once) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a, 100'000);
  pair.send(side::a, "x");
  pair.run_for(119'999_ms);
  BOOST_TEST((pair[side::a].status() == end_status::none));
  pair.run_for(1_ms);
  BOOST_TEST((pair[side::a].status() == end_status::timed_out));
  BOOST_TEST(pair[side::a].finished());
  pair.run_for(1000_s);
  BOOST_TEST(pair.a.told == (texts{"opened", "ended"}), each);
  BOOST_TEST((pair.send(side::a, "y") == send_status::closed));
  BOOST_TEST(!pair[side::a].next_timeout().has_value());
}

BOOST_AUTO_TEST_CASE(give_up__progress_starts_the_time_anew) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a, 1'000'000);
  pair.send(side::a, "0");
  pair.send(side::a, "1");
  pair.run_for(100_s);
  pair.inject(side::a, from_b(1, 63));
  pair.run_for(119_s);
  BOOST_TEST((pair[side::a].status() == end_status::none));
  pair.inject(side::a, from_b(1, 63));  // a repetition is no progress
  pair.run_for(1_s);
  BOOST_TEST((pair[side::a].status() == end_status::timed_out));
}

BOOST_AUTO_TEST_CASE(give_up__a_long_idle_time_before_does_not_count) {
  spp_pair pair;
  pair.open();
  pair.send(side::a, "x");
  pair.run_for(100'000_s);
  BOOST_TEST(!pair[side::a].next_timeout().has_value());  // idle: nothing to wake for
  pair.lose_next(side::a, 5);
  pair.send(side::a, "y");
  pair.run_for(60_s);
  BOOST_TEST(pair.b.texts() == (texts{"x", "y"}), each);
  BOOST_TEST((pair[side::a].status() == end_status::none));
}

BOOST_AUTO_TEST_CASE(give_up__a_closed_window_whose_probes_are_not_answered) {
  spp_config one;
  one.allocation = 1;
  spp_pair pair({}, one);
  pair.open();
  pair.b.reading = false;
  pair.send(side::a, "0");
  pair.send(side::a, "1");
  pair.run_for(1_s);
  pair.lose_next(side::b, 1'000'000);
  pair.run_for(130_s);
  BOOST_TEST((pair[side::a].status() == end_status::timed_out));
  BOOST_TEST(pair.a.told_times("ended") == 1);
}

BOOST_AUTO_TEST_CASE(give_up__both_ends_of_a_cut_path_each_once) {
  spp_pair pair;
  pair.open();
  pair.weather = [](side, std::uint64_t, const spp_header&) { return fate{.lost = true}; };
  pair.send(side::a, "x");
  pair.send(side::b, "y");
  pair.settle();
  for (const side end : {side::a, side::b}) {
    BOOST_TEST((pair[end].status() == end_status::timed_out));
    BOOST_TEST(pair.at(end).told == (texts{"opened", "ended"}), each);
  }
}

BOOST_AUTO_TEST_CASE(abort__tells_the_application_once_and_the_peer_nothing) {
  spp_pair pair;
  pair.open();
  pair.send(side::a, "unsent");
  pair[side::a].abort();
  pair[side::a].abort();
  pair.run_for(1_s);
  BOOST_TEST(pair.take_story() == "");
  BOOST_TEST((pair[side::a].status() == end_status::local_abort));
  BOOST_TEST(pair.a.told == (texts{"opened", "ended"}), each);
}

// --- Errors ---

spp_header sent_by_a(std::uint16_t number) {
  spp_header header{};
  header.source_connection = id_a;
  header.destination_connection = id_b;
  header.sequence = number;
  return header;
}

BOOST_AUTO_TEST_CASE(error__while_opening_is_a_refusal_when_it_quotes_the_opening) {
  for (const auto& [number, expected] : {std::pair{error_number::no_such_socket, end_status::refused},
                                         {error_number::listener_rejects, end_status::refused},
                                         {error_number::destination_unreachable, end_status::unreachable},
                                         {error_number::too_many_hops, end_status::unreachable},
                                         {error_number::resource_limit, end_status::none}}) {
    spp_pair pair;
    pair[side::a].open(pair.now());
    pair.run_for(1_ms);
    spp_header opening = sent_by_a(0);
    opening.destination_connection = 0;
    BOOST_TEST(pair[side::a].on_error(number, opening).has_value());
    BOOST_TEST((pair[side::a].status() == expected));
    BOOST_TEST(pair[side::a].finished() == (expected != end_status::none));
  }
}

BOOST_AUTO_TEST_CASE(error__that_quotes_other_ids_or_numbers_is_ignored) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a, 100);
  pair.send(side::a, "0");
  pair.send(side::a, "1");
  pair.run_for(2_s);  // several timeouts: only the quotation protects it now
  spp_header wrong = sent_by_a(0);
  wrong.source_connection = id_b;
  std::vector<spp_header> quotes{wrong};
  wrong = sent_by_a(0);
  wrong.destination_connection = id_b + 1;
  quotes.push_back(wrong);
  wrong.destination_connection = 0;
  quotes.push_back(wrong);
  for (const auto number : std::initializer_list<std::uint16_t>{3, 100, 0xffff, 0x8000})
    quotes.push_back(sent_by_a(number));
  for (const spp_header& quote : quotes) {
    const auto outcome = pair[side::a].on_error(error_number::no_such_socket, quote);
    BOOST_TEST((!outcome && outcome.error() == drop_reason::error_quotes_nothing_of_ours));
  }
  BOOST_TEST((pair[side::a].status() == end_status::none));
  for (const auto number :
       std::initializer_list<std::uint16_t>{0, 1, 2}) {  // in flight, and the next one, which a system packet carries
    BOOST_TEST(pair[side::a].on_error(error_number::resource_limit, sent_by_a(number)).has_value());
  }
  BOOST_TEST((pair[side::a].status() == end_status::none));
}

BOOST_AUTO_TEST_CASE(error__in_an_open_connection_counts_only_while_the_peer_is_silent) {
  spp_pair pair;
  pair.open();
  const spp_header quote = sent_by_a(0);
  pair.lose_next(side::a, 100);
  pair.send(side::a, "x");
  pair.run_for(1_ms);
  BOOST_TEST(pair[side::a].on_error(error_number::no_such_socket, quote).has_value());
  pair.run_for(300_ms);
  BOOST_TEST(pair[side::a].on_error(error_number::no_such_socket, quote).has_value());
  BOOST_TEST((pair[side::a].status() == end_status::none));  // one timeout so far
  pair.run_for(400_ms);
  BOOST_TEST(pair[side::a].on_error(error_number::destination_unreachable, quote).has_value());
  BOOST_TEST((pair[side::a].status() == end_status::none));  // a path may come back
  BOOST_TEST(pair[side::a].on_error(error_number::no_such_socket, quote).has_value());
  BOOST_TEST((pair[side::a].status() == end_status::peer_aborted));
  BOOST_TEST(pair[side::a].on_error(error_number::no_such_socket, quote).has_value() == true);
  pair.run_for(1_s);
  BOOST_TEST(pair.a.told == (texts{"opened", "ended"}), each);
}

BOOST_AUTO_TEST_CASE(error__after_progress_the_timeouts_before_count_no_more) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a, 100);
  pair.send(side::a, "0");
  pair.send(side::a, "1");
  pair.run_for(2_s);
  pair.inject(side::a, from_b(1, 63));
  BOOST_TEST(pair[side::a].on_error(error_number::no_such_socket, sent_by_a(1)).has_value());
  BOOST_TEST((pair[side::a].status() == end_status::none));
}

BOOST_AUTO_TEST_SUITE_END()
