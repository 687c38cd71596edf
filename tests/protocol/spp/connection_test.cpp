// An open connection, from the application's side: records, types, attention, flow control, and what send() answers.
// Opening, repair, closing and ends have files of their own beside this one.
#include "protocol/spp/connection.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/protocol/spp/pair.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(connection_test)

using texts = std::vector<std::string>;
constexpr auto each = boost::test_tools::per_element();

spp_config with_allocation(packet_count allocation) {
  spp_config config;
  config.allocation = allocation;
  return config;
}

// --- records ---

BOOST_AUTO_TEST_CASE(send__one_record_is_one_packet_and_one_acknowledgement) {
  spp_pair pair;
  pair.open();
  BOOST_TEST((pair.send(side::a, "hello") == send_status::accepted));
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 63 octets 5 end\n"
             "   40 b: system 0 ack 1 alo 63\n");
  BOOST_TEST(pair.b.texts() == texts{"hello"}, each);
}

BOOST_AUTO_TEST_CASE(send__an_answer_carries_the_acknowledgement) {
  spp_pair pair;
  pair.open();
  pair.b.reading = false;
  pair.send(side::a, "question");
  pair.run_for(5_ms);
  pair.send(side::b, "answer");  // on its way when the question arrives
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 63 octets 8 end\n"
             "   35 b: data 0 ack 0 alo 63 octets 6 end\n"
             "   40 b: system 1 ack 1 alo 63\n"
             "   45 a: system 1 ack 1 alo 63\n");
}

BOOST_AUTO_TEST_CASE(send__records_of_every_size_arrive_whole) {
  spp_pair pair;
  pair.open();
  const std::size_t sizes[] = {0, 1, 2, 533, 534, 535, 1067, 1068, 1069, 100'000, 0, 0, 7};
  std::uint64_t packets = 0;
  for (const std::size_t size : sizes) {
    BOOST_TEST(
        (pair[side::a].send(slice::owning(pattern(size, static_cast<std::uint8_t>(size)))) == send_status::accepted));
    packets += size == 0 ? 1 : (size + 533) / 534;
  }
  pair.run_for(10_s);
  BOOST_TEST_REQUIRE(pair.b.records.size() == std::size(sizes));
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    const slice whole = pair.b.records[i].flatten();
    const octets expected = pattern(sizes[i], static_cast<std::uint8_t>(sizes[i]));
    BOOST_TEST(pair.b.records[i].size == sizes[i]);
    BOOST_TEST(std::equal(whole.view().begin(), whole.view().end(), expected.begin(), expected.end()));
  }
  BOOST_TEST(pair[side::a].statistics().data_packets_sent == packets);
  BOOST_TEST(pair[side::a].statistics().retransmissions == 0u);
  BOOST_TEST(pair[side::b].statistics().records_delivered == std::size(sizes));
  BOOST_TEST(pair[side::b].statistics().octets_delivered == pair[side::a].statistics().octets_sent);
}

BOOST_AUTO_TEST_CASE(send__a_record_larger_than_the_allocation_flows) {
  spp_pair pair(with_allocation(4));
  pair.open();
  pair[side::a].send(slice::owning(pattern(40 * 534)));
  pair.run_for(10_s);
  BOOST_TEST_REQUIRE(pair.b.records.size() == 1u);
  BOOST_TEST(pair.b.records[0].packets == 40u);
}

BOOST_AUTO_TEST_CASE(send__the_datastream_type_travels_with_every_packet) {
  spp_pair pair;
  pair.open();
  pair[side::a].send(slice::owning(pattern(600)), 7);
  pair.send(side::a, "x", 253);
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 63 octets 534 type 7\n"
             "   30 a: data 1 ack 0 alo 63 octets 66 type 7 end\n"
             "   30 a: data 2 ack 0 alo 63 octets 1 type 253 end\n"
             "   40 b: system 0 ack 1 alo 64\n"
             "   40 b: system 0 ack 2 alo 64\n"
             "   40 b: system 0 ack 3 alo 65\n");
  BOOST_TEST(pair.b.records[0].datastream_type == 7);
  BOOST_TEST(pair.b.records[1].datastream_type == 253);
}

BOOST_AUTO_TEST_CASE(receive__a_change_of_type_is_a_boundary_without_end_of_message) {
  spp_pair pair;
  pair.open();
  for (std::uint64_t ordinal = 3; ordinal <= 5; ++ordinal)
    pair.edit(side::a, ordinal, [](spp_header& header) { header.end_of_message = false; });
  pair.send(side::a, "one, ", 1);
  pair.send(side::a, "still one", 1);
  pair.send(side::a, "two", 2);
  pair.send(side::a, "three", 3);
  pair.run_for(10_s);
  BOOST_TEST(pair.b.texts() == (texts{"one, still one", "two", "three"}), each);
  BOOST_TEST(pair.b.records[0].packets == 2u);
}

// --- attention ---

BOOST_AUTO_TEST_CASE(attention__is_told_on_arrival_whatever_is_missing_before_it) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a);
  pair.send(side::a, "lost at first");
  pair.run_for(1_ms);
  pair[side::a].send_attention('!');
  pair.run_for(100_ms);
  BOOST_TEST(pair.b.attentions == std::vector<octet>{'!'}, each);
  BOOST_TEST(pair.b.records.empty());
  pair.run_for(10_s);
  BOOST_TEST(pair.b.texts() == texts{"lost at first"}, each);
  BOOST_TEST(pair.b.attentions.size() == 1u);
  BOOST_TEST(pair.b.told == (texts{"opened", "attention", "record"}), each);
}

BOOST_AUTO_TEST_CASE(attention__jumps_ahead_of_queued_records_and_of_the_congestion_window) {
  spp_config config;
  config.window = 2;
  spp_pair pair(config);
  pair.open();
  pair[side::a].send(slice::owning(pattern(3 * 534)));
  pair.run_for(1_ms);
  pair[side::a].send_attention('!');
  pair.run_for(10_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 63 octets 534\n"
             "   30 a: data 1 ack 0 alo 63 octets 534\n"
             "   31 a: attention 2 ack 0 alo 63 octets 1\n"
             "   40 b: system 0 ack 1 alo 64\n"
             "   40 b: system 0 ack 2 alo 65\n"
             "   41 b: system 0 ack 3 alo 66\n"
             "   50 a: data 3 ack 0 alo 63 octets 534 end\n"
             "   60 b: system 0 ack 4 alo 66\n");
  BOOST_TEST(pair.b.records[0].packets == 3u);  // the attention is in the middle of it, and no part of it
  BOOST_TEST(pair.b.attentions == std::vector<octet>{'!'}, each);
}

BOOST_AUTO_TEST_CASE(attention__exceeds_a_closed_window_by_one_at_a_time) {
  spp_pair pair(with_allocation(2));
  pair.open();
  pair.b.reading = false;
  for (const char* text : {"1", "2", "waits"}) pair.send(side::a, text);
  pair.run_for(50_ms);
  pair.take_story();
  pair[side::a].send_attention('x');
  pair[side::a].send_attention('y');
  pair.run_for(50_ms);
  BOOST_TEST(pair.take_story() ==
             "   80 a: attention 2 ack 0 alo 1 octets 1\n"
             "   90 b: system 0 ack 3 alo 2\n"
             "  100 a: attention 3 ack 0 alo 1 octets 1\n"
             "  110 b: system 0 ack 4 alo 3\n");
  BOOST_TEST(pair.b.attentions == (std::vector<octet>{'x', 'y'}), each);
}

BOOST_AUTO_TEST_CASE(attention__never_overtakes_another) {
  spp_pair pair;
  pair.open();
  pair.lose_next(side::a);
  pair[side::a].send_attention('1');
  pair[side::a].send_attention('2');
  pair[side::a].send_attention('3');
  pair.send(side::a, "records pass meanwhile");
  pair.run_for(100_ms);
  BOOST_TEST(pair.b.attentions.empty());
  pair.run_for(10_s);
  BOOST_TEST(pair.b.attentions == (std::vector<octet>{'1', '2', '3'}), each);
  BOOST_TEST(pair.b.texts() == texts{"records pass meanwhile"}, each);
}

BOOST_AUTO_TEST_CASE(send_attention__would_block_when_too_many_wait_then_writable) {
  spp_config config;
  spp_pair pair(config);
  pair.open();
  int accepted = 0;
  while (pair[side::a].send_attention(static_cast<octet>(accepted)) == send_status::accepted && accepted < 10'000)
    ++accepted;
  BOOST_TEST(accepted == 64);
  BOOST_TEST((pair[side::a].send_attention(0) == send_status::would_block));
  pair.run_for(1_ms);
  BOOST_TEST(pair.a.told_times("writable") == 1);
  BOOST_TEST((pair[side::a].send_attention(64) == send_status::accepted));
  pair.run_for(10_s);
  BOOST_TEST(pair.b.attentions.size() == 65u);
  BOOST_TEST(std::is_sorted(pair.b.attentions.begin(), pair.b.attentions.end()));
}

// --- flow control ---

BOOST_AUTO_TEST_CASE(window__closed_by_a_reader_that_does_not_read_and_probed_with_doubling_intervals) {
  spp_pair pair(with_allocation(2));
  pair.open();
  pair.b.reading = false;
  for (const char* text : {"1", "2", "3"}) pair.send(side::a, text);
  pair.run_for(7_s);
  BOOST_TEST(pair.take_story() ==
             "   30 a: data 0 ack 0 alo 1 octets 1 end\n"
             "   30 a: data 1 ack 0 alo 1 octets 1 end\n"
             "   40 b: system 0 ack 1 alo 1\n"
             "   40 b: system 0 ack 2 alo 1\n"
             "  250 a: system? 2 ack 0 alo 1\n"
             "  260 b: system 0 ack 2 alo 1\n"
             "  650 a: system? 2 ack 0 alo 1\n"
             "  660 b: system 0 ack 2 alo 1\n"
             " 1450 a: system? 2 ack 0 alo 1\n"
             " 1460 b: system 0 ack 2 alo 1\n"
             " 3050 a: system? 2 ack 0 alo 1\n"
             " 3060 b: system 0 ack 2 alo 1\n"
             " 6250 a: system? 2 ack 0 alo 1\n"
             " 6260 b: system 0 ack 2 alo 1\n");
  BOOST_TEST(pair[side::a].statistics().probes == 5u);
}

BOOST_AUTO_TEST_CASE(window__opened_by_reading_is_told_at_once) {
  spp_pair pair(with_allocation(2));
  pair.open();
  pair.b.reading = false;
  for (const char* text : {"1", "2", "3"}) pair.send(side::a, text);
  pair.run_for(70_ms);
  pair.take_story();
  pair[side::b].take_record();
  pair.run_for(20_ms);
  BOOST_TEST(pair.take_story() ==
             "  100 b: system 0 ack 2 alo 2\n"
             "  110 a: data 2 ack 0 alo 1 octets 1 end\n"
             "  120 b: system 0 ack 3 alo 2\n");
}

BOOST_AUTO_TEST_CASE(window__lost_updates_are_recovered_by_the_next_probe) {
  spp_pair pair(with_allocation(2));
  pair.open();
  pair.b.reading = false;
  for (const char* text : {"1", "2", "3"}) pair.send(side::a, text);
  pair.run_for(70_ms);
  pair.lose_next(side::b, 2);  // the update, and the answer to the first probe
  pair[side::b].take_record();
  pair.run_for(10_s);
  BOOST_TEST(pair[side::b].statistics().records_delivered == 3u);
  BOOST_TEST(pair[side::a].statistics().probes == 2u);
}

BOOST_AUTO_TEST_CASE(window__a_reader_slow_for_ten_minutes_loses_nothing) {
  spp_pair pair(with_allocation(4));
  pair.open();
  pair.b.reading = false;
  for (int i = 0; i < 20; ++i) pair.send(side::a, std::to_string(i));
  pair.run_for(600_s);
  BOOST_TEST((pair[side::a].status() == end_status::none));  // the peer lives: no reason to give up
  for (int i = 0; i < 20; ++i) {
    const auto record = pair[side::b].take_record();
    BOOST_TEST_REQUIRE(record.has_value());
    BOOST_TEST(text_of(record->flatten().view()) == std::to_string(i));
    pair.run_for(600_s);
  }
}

// An allocation below what was allocated before is legal from others and takes nothing back.
BOOST_AUTO_TEST_CASE(window__that_shrinks_takes_nothing_back) {
  spp_pair pair(with_allocation(4));
  pair.open();
  spp_header shrunk{};
  shrunk.system = true;
  shrunk.source_connection = id_b;
  shrunk.destination_connection = id_a;
  shrunk.allocation = 0xfff0;  // -16
  BOOST_TEST(pair.inject(side::a, shrunk).has_value());
  for (int i = 0; i < 4; ++i) pair.send(side::a, "x");
  pair.run_for(100_ms);
  BOOST_TEST(pair.b.records.size() == 4u);
}

// --- what send() answers ---

BOOST_AUTO_TEST_CASE(send__would_block_is_followed_by_writable_once_there_is_room_for_that_record) {
  spp_config config = with_allocation(2);
  config.send_buffer = 2200;
  spp_pair pair(config);
  pair.open();
  pair.b.reading = false;
  for (const std::size_t size : {500u, 500u, 900u})
    BOOST_TEST((pair.send(side::a, std::string(size, 'x')) == send_status::accepted));
  pair.run_for(100_ms);  // two packets leave; 900 octets wait
  BOOST_TEST((pair.send(side::a, std::string(1500, 'y')) == send_status::would_block));
  pair.run_for(1_s);
  BOOST_TEST(pair.a.told_times("writable") == 0);
  pair[side::b].take_record();
  pair.run_for(20_s);
  BOOST_TEST(pair.a.told_times("writable") == 1);
  BOOST_TEST((pair.send(side::a, std::string(1500, 'y')) == send_status::accepted));
  pair.run_for(20_s);
  BOOST_TEST(pair.a.told_times("writable") == 1);
}

BOOST_AUTO_TEST_CASE(send__one_record_always_fits_however_small_the_buffer) {
  spp_config config;
  config.send_buffer = 10;
  spp_pair pair(config);
  pair.open();
  BOOST_TEST((pair.send(side::a, std::string(5000, 'x')) == send_status::accepted));
  BOOST_TEST((pair.send(side::a, "y") == send_status::would_block));
  pair.run_for(1_s);
  BOOST_TEST((pair.send(side::a, "y") == send_status::accepted));
}

BOOST_AUTO_TEST_CASE(send__empty_records_fill_the_buffer_too) {
  spp_pair pair;
  pair.open();
  int accepted = 0;
  while (pair.send(side::a, "") == send_status::accepted && accepted < 1'000'000) ++accepted;
  BOOST_TEST(accepted > 1'000);
  BOOST_TEST(accepted < 100'000);  // 4 MiB by default
}

BOOST_AUTO_TEST_CASE(send__too_big_changes_nothing) {
  spp_config config;
  config.maximum_record = 1000;
  spp_pair pair(config);
  pair.open();
  BOOST_TEST((pair.send(side::a, std::string(1001, 'x')) == send_status::too_big));
  BOOST_TEST((pair.send(side::a, std::string(1000, 'x')) == send_status::accepted));
  pair.run_for(1_s);
  BOOST_TEST(pair.b.records.size() == 1u);
  BOOST_TEST(pair[side::a].statistics().records_sent == 1u);
}

BOOST_AUTO_TEST_CASE(receive__a_record_too_long_ends_the_connection_once) {
  spp_config small;
  small.maximum_record = 1000;
  spp_pair pair({}, small);
  pair.open();
  pair.send(side::a, std::string(5000, 'x'));
  pair.run_for(1_s);
  BOOST_TEST((pair[side::b].status() == end_status::record_too_long));
  BOOST_TEST(pair.b.told == (texts{"opened", "ended"}), each);
  BOOST_TEST(pair.b.records.empty());
  BOOST_TEST(pair[side::b].finished());
}

BOOST_AUTO_TEST_CASE(send__closed_after_close_and_after_the_end) {
  spp_pair pair;
  pair.open();
  pair[side::a].close();
  BOOST_TEST((pair.send(side::a, "x") == send_status::closed));
  BOOST_TEST((pair[side::a].send_attention(1) == send_status::closed));
  pair.settle();
  BOOST_TEST((pair.send(side::a, "x") == send_status::closed));
  BOOST_TEST((pair.send(side::b, "x") == send_status::closed));
  BOOST_TEST((pair[side::b].send_attention(1) == send_status::closed));
}

BOOST_AUTO_TEST_SUITE_END()
