// The receiving half alone: order, reassembly, allocation, and when an acknowledgement is owed.
#include "protocol/spp/receiver.hpp"

#include <rapidcheck/boost_test.h>
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <string>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(receiver_test)

struct fixture {
  explicit fixture(const spp_config& given = {}) : config(given), receiver(config, statistics) {}

  result<void, drop_reason> packet(int number, std::string_view data, bool end = true, std::uint8_t type = 0,
                                   bool attention = false) {
    spp_header header{};
    header.sequence = static_cast<std::uint16_t>(number);
    header.end_of_message = end;
    header.datastream_type = type;
    header.attention = attention;
    header.send_acknowledgement = true;
    return receiver.on_packet(now, header, slice::copy_of(view_of(data)));
  }
  result<void, drop_reason> attention(int number, char value) { return packet(number, {&value, 1}, false, 0, true); }
  // The records that can be taken, each in brackets.
  std::string records() {
    std::string text;
    while (const auto record = receiver.take_record()) {
      const slice whole = record->flatten();
      text += '[' + std::string(whole.view().begin(), whole.view().end()) + ']';
    }
    return text;
  }
  void acknowledged() {
    receiver.allocation();
    receiver.acknowledgement_sent();
  }

  spp_config config;
  spp_statistics statistics;
  spp_receiver receiver;
  instant now{};
};

spp_config with_allocation(packet_count allocation) {
  spp_config config;
  config.allocation = allocation;
  return config;
}

bool refused(const result<void, drop_reason>& outcome, drop_reason reason) {
  return !outcome && outcome.error() == reason;
}

// A record that comes as packets of one octet must not hold a link's buffer for each of them.
BOOST_AUTO_TEST_CASE(on_packet__crumbs_do_not_hold_the_buffers_they_came_in) {
  slice_pool buffers(2048);
  fixture of(with_allocation(64));
  constexpr int packets = 10'000;
  for (int number = 0; number < packets; ++number) {
    spp_header header{};
    header.sequence = static_cast<std::uint16_t>(number);
    header.end_of_message = number == packets - 1;
    const octet value = static_cast<octet>(number % 251);
    BOOST_REQUIRE(of.receiver.on_packet(of.now, header, buffers.copy_of({&value, 1})).has_value());
    of.acknowledged();
  }
  BOOST_TEST(buffers.allocated_blocks() <= 64u);
  const auto record = of.receiver.take_record();
  BOOST_REQUIRE(record.has_value());
  const slice whole = record->flatten();
  BOOST_REQUIRE(whole.size() == packets);
  for (int number = 0; number < packets; ++number)
    BOOST_REQUIRE(whole.data()[number] == static_cast<octet>(number % 251));
}

// Pieces that fill their buffers are shared: no octet of them is copied.
BOOST_AUTO_TEST_CASE(on_packet__full_pieces_are_shared_with_the_buffers_they_came_in) {
  slice_pool buffers(2048);
  fixture of(with_allocation(200));
  for (int number = 0; number < 150; ++number) {
    spp_header header{};
    header.sequence = static_cast<std::uint16_t>(number);
    header.end_of_message = number == 149;
    BOOST_REQUIRE(of.receiver.on_packet(of.now, header, buffers.copy_of(octets(1024))).has_value());
  }
  BOOST_TEST(buffers.allocated_blocks() == 150u);
  BOOST_TEST(of.receiver.take_record()->pieces.size() == 150u);
}

BOOST_AUTO_TEST_CASE(on_packet__joins_packets_up_to_end_of_message) {
  fixture of;
  of.packet(0, "ab", false);
  of.packet(1, "", false);
  BOOST_TEST(!of.receiver.has_record());
  of.packet(2, "cd");
  of.packet(3, "");
  BOOST_TEST(of.records() == "[abcd][]");
  BOOST_TEST(of.receiver.acknowledge() == 4);
}

BOOST_AUTO_TEST_CASE(on_packet__shares_the_octets) {
  fixture of;
  spp_header header{};
  header.end_of_message = true;
  const slice body = slice::copy_of(view_of("shared"));
  BOOST_TEST(of.receiver.on_packet(of.now, header, body).has_value());
  BOOST_TEST(of.receiver.take_record()->flatten().data() == body.data());
}

BOOST_AUTO_TEST_CASE(on_packet__every_order_of_eight_packets_gives_the_same_records) {
  std::vector<int> order(8);
  std::iota(order.begin(), order.end(), 0);
  int wrong = 0;
  do {
    fixture of;
    for (const int number : order) of.packet(number, std::to_string(number), number % 3 == 2 || number == 7);
    if (of.records() != "[012][345][67]" || of.receiver.acknowledge() != 8) ++wrong;
  } while (std::next_permutation(order.begin(), order.end()));
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(on_packet__duplicates_delivered_or_held_are_refused_and_owe_an_acknowledgement) {
  fixture of;
  of.packet(0, "a");
  of.packet(2, "c");
  for (const int number : {0, 2, -1, -100}) {
    of.acknowledged();
    BOOST_TEST(refused(of.packet(number, "again"), drop_reason::duplicate));
    BOOST_TEST(of.receiver.acknowledgement_due());
  }
  of.packet(1, "b");
  BOOST_TEST(of.records() == "[a][b][c]");
}

BOOST_AUTO_TEST_CASE(on_packet__beyond_the_allocation_is_refused) {
  fixture of(with_allocation(4));
  of.acknowledged();
  BOOST_TEST(of.packet(3, "last").has_value());
  BOOST_TEST(refused(of.packet(4, "one too many"), drop_reason::beyond_allocation));
  BOOST_TEST(refused(of.packet(30'000, "far"), drop_reason::beyond_allocation));
  BOOST_TEST(of.receiver.acknowledgement_due());
}

BOOST_AUTO_TEST_CASE(on_packet__attention_and_close_may_be_one_beyond_the_allocation) {
  for (const bool attention : {true, false}) {
    fixture of(with_allocation(2));
    const auto exempt = [&](int number) {
      return attention ? of.attention(number, '!') : of.packet(number, "", false, 254);
    };
    BOOST_TEST(refused(exempt(3), drop_reason::beyond_allocation));
    BOOST_TEST(exempt(2).has_value());
  }
}

BOOST_AUTO_TEST_CASE(attention__is_told_on_arrival_once_and_is_no_part_of_a_record) {
  fixture of;
  of.packet(0, "ab", false);
  of.attention(2, '!');
  BOOST_TEST((of.receiver.take_attention() == octet{'!'}));
  of.attention(2, '!');
  BOOST_TEST(!of.receiver.take_attention().has_value());
  of.packet(1, "cd", false);
  BOOST_TEST(!of.receiver.take_attention().has_value());
  of.packet(3, "ef");
  BOOST_TEST(of.records() == "[abcdef]");
}

// Looking whether there is something to read must not have to take anything away.
BOOST_AUTO_TEST_CASE(attention__has_a_place_among_packets_and_only_a_mark_among_octets) {
  for (const auto delivery : {record_delivery::packets, record_delivery::stream}) {
    spp_config config;
    config.delivery = delivery;
    fixture of(config);
    of.packet(0, "ab", false);
    of.attention(1, '!');
    of.packet(2, "cd", false);
    const bool has_place = delivery == record_delivery::packets;
    BOOST_TEST(of.receiver.unread_packets() == (has_place ? 3u : 2u));
    BOOST_TEST(!of.receiver.take_record()->after_attention);
    if (has_place) BOOST_TEST(of.receiver.take_record()->attention);
    BOOST_TEST(of.receiver.record(0)->after_attention);
    BOOST_TEST(of.records() == "[cd]");
    BOOST_TEST(of.receiver.held_octets() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(attention__that_nobody_takes_is_refused_after_64) {
  fixture of(with_allocation(100));
  for (int number = 0; number < 64; ++number) BOOST_TEST(of.attention(number, 'x').has_value());
  BOOST_TEST(refused(of.attention(64, 'x'), drop_reason::beyond_allocation));
  of.receiver.take_attention();
  BOOST_TEST(of.attention(64, 'x').has_value());
}

BOOST_AUTO_TEST_CASE(type__a_change_is_a_boundary_and_so_is_a_close) {
  fixture of;
  of.packet(0, "a", false, 1);
  of.packet(1, "b", false, 2);
  of.packet(2, "", false, 254);
  BOOST_TEST(of.records() == "[a][b]");
  BOOST_TEST((of.receiver.take_close() == std::uint8_t{254}));
  BOOST_TEST(!of.receiver.take_close().has_value());
}

BOOST_AUTO_TEST_CASE(record_too_long__is_refused_at_the_octet_that_is_too_many) {
  spp_config config;
  config.maximum_record = 4;
  fixture exact(config);
  exact.packet(0, "abc", false);
  BOOST_TEST(exact.packet(1, "d").has_value());
  fixture of(config);
  of.packet(0, "abc", false);
  BOOST_TEST(refused(of.packet(1, "de"), drop_reason::record_too_long));
}

BOOST_AUTO_TEST_CASE(allocation__shrinks_with_unread_records_and_never_takes_back) {
  fixture of(with_allocation(4));
  BOOST_TEST(of.receiver.allocation() == 3);
  of.packet(0, "a");
  BOOST_TEST(of.receiver.allocation() == 3);  // one is unread: 1 + 4 - 1
  of.packet(1, "b", false);
  BOOST_TEST(of.receiver.allocation() == 4);  // an unfinished record takes no room, or it could never be finished
  of.packet(2, "c");
  BOOST_TEST(of.receiver.allocation() == 4);  // never back
  of.records();
  BOOST_TEST(of.receiver.allocation() == 6);
}

BOOST_AUTO_TEST_CASE(take_record__owes_an_update_when_the_window_was_closed_or_half_opens) {
  fixture of(with_allocation(4));
  for (int number = 0; number < 4; ++number) of.packet(number, "x");
  of.acknowledged();  // closed
  of.receiver.take_record();
  BOOST_TEST(of.receiver.acknowledgement_due());
  of.acknowledged();
  of.receiver.take_record();
  BOOST_TEST(!of.receiver.acknowledgement_due());  // the sender may send one already
  of.receiver.take_record();
  BOOST_TEST(of.receiver.acknowledgement_due());  // half of the room at once
}

BOOST_AUTO_TEST_CASE(delayed__acknowledges_every_second_packet_or_after_the_delay) {
  spp_config config;
  config.acknowledgement = "delayed";
  fixture of(config);
  of.packet(0, "x");
  BOOST_TEST(!of.receiver.acknowledgement_due());
  BOOST_TEST((of.receiver.next_timeout() == instant{} + 40_ms));
  of.now = instant{} + 39_ms;
  of.receiver.on_timeout(of.now);
  BOOST_TEST(!of.receiver.acknowledgement_due());
  of.now = instant{} + 40_ms;
  of.receiver.on_timeout(of.now);
  BOOST_TEST(of.receiver.acknowledgement_due());
  of.acknowledged();
  BOOST_TEST(!of.receiver.next_timeout().has_value());
  of.packet(1, "x");
  BOOST_TEST(!of.receiver.acknowledgement_due());
  of.packet(2, "x");
  BOOST_TEST(of.receiver.acknowledgement_due());
  of.acknowledged();
  of.packet(4, "x");
  BOOST_TEST(of.receiver.acknowledgement_due());  // a gap
  of.acknowledged();
  of.packet(3, "", false, 255);
  BOOST_TEST(of.receiver.acknowledgement_due());  // a close
}

RC_BOOST_PROP(on_packet__whatever_comes_is_a_prefix_of_what_was_sent, (const std::vector<std::uint8_t>& arrivals)) {
  fixture of(with_allocation(16));
  std::string received;
  for (const std::uint8_t draw : arrivals) {
    const int number = draw % 64;
    static_cast<void>(of.packet(number, std::to_string(number)));
    received += of.records();
    of.acknowledged();
  }
  std::string expected;
  for (int number = 0; number < of.receiver.acknowledge(); ++number) expected += '[' + std::to_string(number) + ']';
  RC_ASSERT(received == expected);
}

BOOST_AUTO_TEST_SUITE_END()
