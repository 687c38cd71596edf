// Opening a connection: the three packets, each of them lost or doubled, the fresh socket, the rendezvous, refusals.
#include <boost/test/unit_test.hpp>

#include "tests/protocol/spp/pair.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(connection_opening_test)

using state = connection_state;

bool both_open(spp_pair& pair) {
  return pair.b.connection && pair[side::a].state() == state::open && pair[side::b].state() == state::open &&
         pair.a.told_times("opened") == 1 && pair.b.told_times("opened") == 1;
}

spp_header packet_to_a(std::uint16_t source, std::uint16_t destination) {
  spp_header header{};
  header.system = true;
  header.source_connection = source;
  header.destination_connection = destination;
  header.allocation = 63;
  return header;
}

BOOST_AUTO_TEST_CASE(open__takes_three_packets) {
  spp_pair pair;
  pair[side::a].open(pair.now());
  pair.run_for(10_s);
  BOOST_TEST(both_open(pair));
  BOOST_TEST(pair.take_story() ==
             "    0 a: system? 0 ack 0 alo 63 (10 -> 0)\n"
             "   10 b: system? 0 ack 0 alo 63\n"
             "   20 a: system 0 ack 0 alo 63\n");
  BOOST_TEST(pair[side::a].peer_id() == id_b);
  BOOST_TEST(pair[side::b].peer_id() == id_a);
}

BOOST_AUTO_TEST_CASE(open__a_lost_opening_is_repeated_with_growing_intervals) {
  spp_pair pair;
  pair.lose_next(side::a, 3);
  pair[side::a].open(pair.now());
  pair.run_for(30_s);
  BOOST_TEST(both_open(pair));
  BOOST_TEST(pair.take_story() ==
             "    0 a: system? 0 ack 0 alo 63 (10 -> 0); lost\n"
             " 1000 a: system? 0 ack 0 alo 63 (10 -> 0); lost\n"
             " 3000 a: system? 0 ack 0 alo 63 (10 -> 0); lost\n"
             " 7000 a: system? 0 ack 0 alo 63 (10 -> 0)\n"
             " 7010 b: system? 0 ack 0 alo 63\n"
             " 7020 a: system 0 ack 0 alo 63\n");
}

BOOST_AUTO_TEST_CASE(open__a_lost_answer_is_repeated_for_the_repeated_opening) {
  spp_pair pair;
  pair.lose(side::b, 1);
  pair[side::a].open(pair.now());
  pair.run_for(30_s);
  BOOST_TEST(both_open(pair));
  BOOST_TEST(pair.take_story() ==
             "    0 a: system? 0 ack 0 alo 63 (10 -> 0)\n"
             "   10 b: system? 0 ack 0 alo 63; lost\n"
             " 1000 a: system? 0 ack 0 alo 63 (10 -> 0)\n"
             " 1010 b: system? 0 ack 0 alo 63\n"
             " 1020 a: system 0 ack 0 alo 63\n");
}

// A server that speaks first must not wait for ever: the answer asks, and is repeated by its own timer.
BOOST_AUTO_TEST_CASE(open__a_lost_third_packet_is_asked_for_by_the_repeated_answer) {
  spp_pair pair;
  pair.lose(side::a, 2);
  pair[side::a].open(pair.now());
  pair.run_for(30_s);
  BOOST_TEST(both_open(pair));
  BOOST_TEST(pair.take_story() ==
             "    0 a: system? 0 ack 0 alo 63 (10 -> 0)\n"
             "   10 b: system? 0 ack 0 alo 63\n"
             "   20 a: system 0 ack 0 alo 63; lost\n"
             " 1010 b: system? 0 ack 0 alo 63\n"
             " 1020 a: system 0 ack 0 alo 63\n");
}

BOOST_AUTO_TEST_CASE(open__data_is_as_good_as_the_third_packet) {
  spp_pair pair;
  pair.lose(side::a, 2);
  pair[side::a].open(pair.now());
  pair.run_for(25_ms);
  pair.send(side::a, "hello");
  pair.run_for(30_s);
  BOOST_TEST(both_open(pair));
  BOOST_TEST(pair.b.texts() == std::vector<std::string>{"hello"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(open__records_given_before_the_answer_leave_after_it) {
  spp_pair pair;
  pair[side::a].open(pair.now());
  BOOST_TEST((pair.send(side::a, "early") == send_status::accepted));
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "    0 a: system? 0 ack 0 alo 63 (10 -> 0)\n"
             "   10 b: system? 0 ack 0 alo 63\n"
             "   20 a: data 0 ack 0 alo 63 octets 5 end\n"
             "   30 b: system 0 ack 1 alo 63\n");
}

BOOST_AUTO_TEST_CASE(open__a_duplicated_opening_makes_one_connection) {
  spp_pair pair;
  pair.duplicate(side::a, 1);
  pair[side::a].open(pair.now());
  pair.run_for(10_s);
  BOOST_TEST(both_open(pair));
  BOOST_TEST(pair[side::b].peer_id() == id_a);
}

BOOST_AUTO_TEST_CASE(open__a_late_duplicate_of_the_opening_is_answered_and_changes_nothing) {
  spp_pair pair;
  pair.open();
  pair.inject(side::b, packet_to_a(id_a, 0));
  BOOST_TEST(pair.take_story() == "   30 b: system 0 ack 0 alo 63\n");
  BOOST_TEST(both_open(pair));
}

BOOST_AUTO_TEST_CASE(open__an_answer_from_a_fresh_socket_is_adopted_for_good) {
  spp_pair pair;
  pair.answer_socket = socket_number{4001};
  pair[side::a].open(pair.now());
  pair.run_for(1_s);
  BOOST_TEST(both_open(pair));
  BOOST_TEST((pair[side::a].peer().socket == socket_number{4001}));
  spp_header data = packet_to_a(id_b, id_a);
  const auto from_elsewhere = pair.inject(side::a, data, {}, address_b.socket);
  BOOST_TEST((from_elsewhere.error() == drop_reason::wrong_connection_id));
  BOOST_TEST(pair.inject(side::a, data, {}, socket_number{4001}).has_value());
}

BOOST_AUTO_TEST_CASE(open__two_ends_that_open_to_each_other_meet) {
  for (const duration head_start : {0_ms, 3_ms, 9_ms}) {
    spp_pair pair;
    pair.make_b();
    pair[side::a].open(pair.now());
    pair.run_for(head_start);
    pair[side::b].open(pair.now());
    pair.run_for(10_s);
    BOOST_TEST(both_open(pair));
    BOOST_TEST(pair[side::a].peer_id() == id_b);
    BOOST_TEST(pair[side::b].peer_id() == id_a);
    pair.send(side::a, "from a");
    pair.send(side::b, "from b");
    pair.run_for(1_s);
    BOOST_TEST(pair.a.texts() == std::vector<std::string>{"from b"}, boost::test_tools::per_element());
    BOOST_TEST(pair.b.texts() == std::vector<std::string>{"from a"}, boost::test_tools::per_element());
  }
}

// a has repeated its opening for a while when b opens to it, and then first answers are lost.
BOOST_AUTO_TEST_CASE(open__a_rendezvous_survives_lost_answers_whatever_was_repeated_before) {
  spp_pair pair;
  pair.lose_next(side::a, 3);
  pair[side::a].open(pair.now());
  pair.run_for(6995_ms);
  pair.make_b();
  pair[side::b].open(pair.now());  // its opening crosses a's fourth
  pair.lose(side::a, 5);
  pair.lose(side::b, 2);
  pair.lose(side::b, 3);
  pair.run_for(60_s);
  BOOST_TEST(both_open(pair));
}

BOOST_AUTO_TEST_CASE(answer__is_repeated_twice_by_itself_and_gives_up_after_the_open_timeout) {
  spp_pair pair;
  pair[side::a].open(pair.now());
  pair.run_for(5_ms);
  pair.lose_next(side::a, 1000);  // the opener is never heard of again
  pair.lose_next(side::b, 1000);
  pair[side::a].abort();
  pair.run_for(80_s);
  BOOST_TEST(pair.take_story() ==
             "    0 a: system? 0 ack 0 alo 63 (10 -> 0)\n"
             "   10 b: system? 0 ack 0 alo 63; lost\n"
             " 1010 b: system? 0 ack 0 alo 63; lost\n"
             " 3010 b: system? 0 ack 0 alo 63; lost\n");
  BOOST_TEST((pair[side::b].status() == end_status::timed_out));
  BOOST_TEST(pair.b.told == std::vector<std::string>{"ended"}, boost::test_tools::per_element());
  BOOST_TEST(!pair[side::b].next_timeout().has_value());
}

BOOST_AUTO_TEST_CASE(open__gives_up_after_the_open_timeout_once) {
  spp_pair pair;
  pair.lose_next(side::a, 1000);
  pair[side::a].open(pair.now());
  pair.run_for(74'999_ms);
  BOOST_TEST((pair[side::a].state() == state::opening));
  pair.run_for(1_ms);
  BOOST_TEST((pair[side::a].status() == end_status::timed_out));
  BOOST_TEST(pair[side::a].finished());
  pair.settle();
  BOOST_TEST(pair.a.told == std::vector<std::string>{"ended"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(abort__while_opening_sends_nothing_any_more) {
  spp_pair pair;
  pair[side::a].open(pair.now());
  pair[side::a].abort();
  BOOST_TEST(!pair[side::a].poll_transmit(pair.now()).has_value());
  BOOST_TEST(!pair[side::a].next_timeout().has_value());
  BOOST_TEST((pair[side::a].status() == end_status::local_abort));
}

BOOST_AUTO_TEST_CASE(opening__accepts_only_what_carries_its_id_or_opens_from_the_same_socket) {
  spp_pair pair;
  pair[side::a].open(pair.now());
  pair.lose_next(side::a, 10);
  pair.run_for(1_ms);
  BOOST_TEST((pair.inject(side::a, packet_to_a(id_b, id_a + 1)).error() == drop_reason::wrong_connection_id));
  const auto opening_from_elsewhere = pair.inject(side::a, packet_to_a(id_b, 0), {}, socket_number{4001});
  BOOST_TEST((opening_from_elsewhere.error() == drop_reason::wrong_connection_id));
  spp_header data = packet_to_a(id_b, 0);
  data.system = false;
  BOOST_TEST((pair.inject(side::a, data, view_of("x")).error() == drop_reason::wrong_connection_id));
  BOOST_TEST((pair[side::a].state() == state::opening));
  BOOST_TEST(pair[side::a].statistics().packets_received == 0u);
}

// Other implementations may open with data. It is kept until the opener is known to exist.
BOOST_AUTO_TEST_CASE(answering__data_in_the_opening_is_kept) {
  spp_pair pair;
  pair.make_b();
  spp_header opening = packet_to_a(id_a, 0);
  opening.system = false;
  opening.end_of_message = true;
  pair[side::b].answer(pair.now(), opening, slice::copy_of(view_of("x")));
  pair.run_for(1_ms);
  BOOST_TEST(pair.take_story() == "    0 b: system? 0 ack 1 alo 63\n");
  BOOST_TEST(pair.b.texts().empty());
  // Repeated, it is answered again and not kept again.
  BOOST_TEST((pair.inject(side::b, opening, view_of("x")).error() == drop_reason::not_acceptable_in_state));
  BOOST_TEST(pair.take_story() == "    1 b: system? 0 ack 1 alo 63\n");
  opening.destination_connection = id_b;
  opening.system = true;
  opening.sequence = 1;
  BOOST_TEST(pair.inject(side::b, opening).has_value());
  BOOST_TEST(pair.b.texts() == std::vector<std::string>{"x"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(answering__data_in_the_opening_that_is_too_long_is_not_kept) {
  spp_config three_octets;
  three_octets.maximum_record = 3;
  spp_pair pair(three_octets);
  pair.make_b();
  spp_header opening = packet_to_a(id_a, 0);
  opening.system = false;
  opening.end_of_message = true;
  pair[side::b].answer(pair.now(), opening, slice::copy_of(view_of("long")));
  pair.run_for(1_ms);
  BOOST_TEST(pair.take_story() == "    0 b: system? 0 ack 0 alo 63\n");
}

BOOST_AUTO_TEST_CASE(answering__no_more_of_an_unknown_opener_is_kept_than_its_first_packet) {
  spp_pair pair;
  pair.make_b();
  spp_header opening = packet_to_a(id_a, 0);
  opening.system = false;
  opening.end_of_message = true;
  opening.sequence = 1;
  pair[side::b].answer(pair.now(), opening, slice::copy_of(view_of("second")));
  opening.destination_connection = id_b;
  opening.sequence = 0;
  BOOST_TEST(pair.inject(side::b, opening, view_of("first")).has_value());
  BOOST_TEST(pair.b.texts() == std::vector<std::string>{"first"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ids__are_checked_in_every_state) {
  const auto refuses_others = [](spp_pair& pair, std::initializer_list<side> ends) {
    for (const side to : ends) {
      const std::uint16_t own = to == side::a ? id_a : id_b;
      const std::uint16_t peer = to == side::a ? id_b : id_a;
      const spp_statistics before = pair[to].statistics();
      for (const auto& [source, destination] :
           {std::pair<int, int>{peer + 1, own}, {peer, own + 1}, {peer + 1, own + 1}, {own, peer}}) {
        spp_header header = packet_to_a(static_cast<std::uint16_t>(source), static_cast<std::uint16_t>(destination));
        BOOST_TEST((pair.inject(to, header).error() == drop_reason::wrong_connection_id));
        header.system = false;
        header.datastream_type = 254;
        BOOST_TEST((pair.inject(to, header).error() == drop_reason::wrong_connection_id));
      }
      BOOST_TEST(pair[to].statistics().packets_received == before.packets_received);
    }
  };
  spp_pair pair;
  pair.open();
  refuses_others(pair, {side::a, side::b});
  BOOST_TEST((pair[side::a].state() == state::open));
  pair.lose_next(side::b, 1);  // its 255 carries the acknowledgement
  pair[side::a].close();
  pair.run_for(15_ms);
  BOOST_TEST((pair[side::a].state() == state::close_requested));
  BOOST_TEST((pair[side::b].state() == state::close_replying));
  refuses_others(pair, {side::a, side::b});
  pair.run_for(1100_ms);
  BOOST_TEST((pair[side::b].state() == state::lingering));
  refuses_others(pair, {side::b});
  pair.settle();
  BOOST_TEST((pair.inject(side::a, packet_to_a(id_b, id_a)).error() == drop_reason::no_such_connection));
}

BOOST_AUTO_TEST_SUITE_END()
