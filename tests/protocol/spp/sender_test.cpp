// The sending half alone: what it cuts, what may leave, when its timers run. Acknowledgement and allocation are given
// as they stand on the wire: (first number not received, highest number permitted).
#include "protocol/spp/sender.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(sender_test)

struct fixture {
  explicit fixture(const spp_config& given = {}) : config(given), sender(config, statistics) {
    sender.on_acknowledgement(now, 0, 63, true);
  }
  void queue(std::size_t octets_of_data, std::uint8_t type = 0) {
    sender.queue_record(slice::owning(octets(octets_of_data, 0x61)), type);
  }
  // Everything that may leave now, as "number:octets" with '.' at the end of a record and '!' for an attention.
  std::string leaving() {
    std::string text;
    while (const auto packet = sender.next_packet(now)) {
      if (!text.empty()) text += ' ';
      text += std::to_string(packet->number) + ':' + std::to_string(packet->body.size());
      if (packet->end_of_message) text += '.';
      if (packet->attention) text += '!';
    }
    return text;
  }
  void acknowledge(std::uint16_t number, std::uint16_t allocation) {
    sender.on_acknowledgement(now, number, allocation, true);
  }

  spp_config config;
  spp_statistics statistics;
  spp_sender sender;
  instant now{};
};

BOOST_AUTO_TEST_CASE(next_packet__cuts_records_at_the_packet_size_and_never_joins_them) {
  fixture of;
  for (const std::size_t size : {0u, 1u, 534u, 535u, 1068u}) of.queue(size);
  BOOST_TEST(of.leaving() == "0:0. 1:1. 2:534. 3:534 4:1. 5:534 6:534.");
}

BOOST_AUTO_TEST_CASE(next_packet__shares_the_record_and_its_checksum_is_summed_once) {
  fixture of;
  const slice record = slice::owning(octets(600, 7));
  of.sender.queue_record(record, 0);
  const auto first = of.sender.next_packet(of.now);
  BOOST_TEST(first->body.data() == record.data());
  const auto second = of.sender.next_packet(of.now);
  BOOST_TEST(second->body.data() == record.data() + 534);
}

BOOST_AUTO_TEST_CASE(next_packet__stops_at_the_allocation) {
  spp_config config;
  config.window = 1000;
  fixture of(config);
  for (int i = 0; i < 70; ++i) of.queue(1);
  of.leaving();
  BOOST_TEST(of.sender.next() == 64u);
  of.acknowledge(0, 65);
  BOOST_TEST(of.leaving() == "64:1. 65:1.");
}

BOOST_AUTO_TEST_CASE(next_packet__stops_at_its_own_window) {
  spp_config config;
  config.window = 2;
  fixture of(config);
  for (int i = 0; i < 5; ++i) of.queue(1);
  BOOST_TEST(of.leaving() == "0:1. 1:1.");
  of.acknowledge(1, 63);
  BOOST_TEST(of.leaving() == "2:1.");
}

BOOST_AUTO_TEST_CASE(next_packet__an_allocation_of_a_whole_half_circle_still_leaves_comparison_unambiguous) {
  spp_config config;
  config.window = 65'000;
  fixture of(config);
  of.acknowledge(0, 0x7fff);
  for (int i = 0; i < 40'000; ++i) of.queue(0);
  of.leaving();
  BOOST_TEST(of.sender.next() == maximum_window);
}

BOOST_AUTO_TEST_CASE(next_packet__an_allocation_behind_the_acknowledgement_permits_nothing) {
  fixture of;
  spp_statistics statistics;
  spp_sender fresh(of.config, statistics);
  fresh.on_acknowledgement(of.now, 0, 0xffff, true);  // -1: closed
  fresh.queue_record(slice{}, 0);
  BOOST_TEST(!fresh.next_packet(of.now).has_value());
  fresh.on_acknowledgement(of.now, 0, 0x8000, true);
  BOOST_TEST(!fresh.next_packet(of.now).has_value());
}

BOOST_AUTO_TEST_CASE(next_packet__slow_start_doubles_each_round) {
  spp_config config;
  config.sender = "tahoe";
  fixture of(config);
  for (int i = 0; i < 20; ++i) of.queue(1);
  BOOST_TEST(of.leaving() == "0:1.");
  of.acknowledge(1, 63);
  BOOST_TEST(of.leaving() == "1:1. 2:1.");
  of.acknowledge(2, 63);
  of.acknowledge(3, 63);
  BOOST_TEST(of.leaving() == "3:1. 4:1. 5:1. 6:1.");
}

BOOST_AUTO_TEST_CASE(tahoe__three_duplicates_start_over_with_one_packet) {
  spp_config config;
  config.sender = "tahoe";
  config.initial_window = 6;
  fixture of(config);
  for (int i = 0; i < 6; ++i) of.queue(1);
  of.leaving();
  for (int i = 0; i < 3; ++i) of.acknowledge(0, 63);
  BOOST_TEST(of.leaving() == "0:1.");
  of.acknowledge(1, 63);  // the window is 2: go-back-N sends what may have arrived already
  BOOST_TEST(of.leaving() == "1:1. 2:1.");
  of.acknowledge(6, 63);
  BOOST_TEST(of.leaving() == "");
  BOOST_TEST(of.statistics.retransmissions == 3u);
}

BOOST_AUTO_TEST_CASE(newreno__duplicates_beyond_the_third_let_new_packets_out) {
  spp_config config;
  config.sender = "newreno";
  config.initial_window = 8;
  fixture of(config);
  for (int i = 0; i < 20; ++i) of.queue(1);
  of.leaving();  // 0..7
  for (int i = 0; i < 3; ++i) of.acknowledge(0, 63);
  BOOST_TEST(of.leaving() == "0:1.");  // window 4 and three departed: up to 7
  of.acknowledge(0, 63);
  BOOST_TEST(of.leaving() == "");  // 4 + 4: up to 8, all sent
  of.acknowledge(0, 63);
  BOOST_TEST(of.leaving() == "8:1.");
  of.acknowledge(9, 63);  // everything repaired: the window is 4 and a little
  BOOST_TEST(of.leaving() == "9:1. 10:1. 11:1. 12:1.");
}

BOOST_AUTO_TEST_CASE(on_timeout__starts_over_as_the_window_permits) {
  spp_config config;
  config.sender = "newreno";
  config.initial_window = 3;
  fixture of(config);
  for (int i = 0; i < 3; ++i) of.queue(1);
  of.leaving();
  BOOST_TEST((of.sender.next_timeout() == instant{} + 1_s));
  of.now = *of.sender.next_timeout();
  of.sender.on_timeout(of.now);
  BOOST_TEST(of.leaving() == "0:1.");
  BOOST_TEST((of.sender.next_timeout() == instant{} + 3_s));  // doubled
  of.acknowledge(1, 63);
  BOOST_TEST(of.leaving() == "1:1. 2:1.");
  of.acknowledge(3, 63);
  BOOST_TEST(!of.sender.next_timeout().has_value());
  BOOST_TEST(of.sender.everything_acknowledged());
}

BOOST_AUTO_TEST_CASE(on_timeout__early_does_nothing_and_late_does_each_thing_once) {
  fixture of;
  of.queue(1);
  of.leaving();
  of.now = instant{} + 999_ms;
  of.sender.on_timeout(of.now);
  BOOST_TEST(of.leaving() == "");
  of.now = instant{} + 3600_s;  // the process was stopped for an hour
  of.sender.on_timeout(of.now);
  BOOST_TEST(of.leaving() == "0:1.");
  of.sender.on_timeout(of.now);
  BOOST_TEST(of.leaving() == "");
  BOOST_TEST(of.statistics.timeouts == 1u);
}

BOOST_AUTO_TEST_CASE(acknowledgement__of_a_packet_that_was_to_be_resent_cancels_it) {
  fixture of;
  for (int i = 0; i < 5; ++i) of.queue(1);
  of.leaving();
  for (int i = 0; i < 3; ++i) of.acknowledge(0, 63);  // 0 is due
  of.acknowledge(5, 63);                              // but it had only been slow
  BOOST_TEST(of.leaving() == "");
  BOOST_TEST(of.statistics.retransmissions == 0u);
}

BOOST_AUTO_TEST_CASE(queue_close__is_the_last_packet_and_has_no_data) {
  fixture of;
  of.queue(1);
  of.sender.queue_close(254);
  of.sender.queue_attention('!');
  BOOST_TEST(!of.sender.only_close_outstanding());
  const auto attention = of.sender.next_packet(of.now);
  BOOST_TEST(attention->attention);
  const auto record = of.sender.next_packet(of.now);
  BOOST_TEST(record->datastream_type == 0);
  const auto close = of.sender.next_packet(of.now);
  BOOST_TEST(close->datastream_type == 254);
  BOOST_TEST(close->body.empty());
  of.acknowledge(2, 63);
  BOOST_TEST(of.sender.only_close_outstanding());
  BOOST_TEST(!of.sender.everything_acknowledged());
  of.acknowledge(3, 63);
  BOOST_TEST(of.sender.everything_acknowledged());
}

BOOST_AUTO_TEST_CASE(has_room__counts_octets_that_wait_not_those_in_flight) {
  spp_config config;
  config.send_buffer = 2000;
  fixture of(config);
  BOOST_TEST(of.sender.has_room(1'000'000));  // one record always fits
  of.queue(1500);
  BOOST_TEST(of.sender.queued_octets() == 1500u);
  BOOST_TEST(of.sender.has_room(400));
  BOOST_TEST(!of.sender.has_room(500));
  of.leaving();
  BOOST_TEST(of.sender.queued_octets() == 0u);
  BOOST_TEST(of.sender.has_room(2000));
}

BOOST_AUTO_TEST_CASE(take_probe__only_when_nothing_in_flight_would_bring_news) {
  fixture of;
  of.acknowledge(0, 63);
  spp_statistics statistics;
  spp_sender closed(of.config, statistics);
  closed.on_acknowledgement(of.now, 0, 0, true);  // one packet
  closed.queue_record(slice{}, 0);
  closed.queue_record(slice{}, 0);
  BOOST_TEST(closed.next_packet(of.now).has_value());
  BOOST_TEST(!closed.next_packet(of.now).has_value());
  BOOST_TEST((closed.next_timeout() == instant{} + 1_s));  // the retransmission's
  closed.on_acknowledgement(of.now, 1, 0, true);
  BOOST_TEST(!closed.next_packet(of.now).has_value());
  BOOST_TEST(!closed.take_probe());
  const instant at = closed.next_timeout().value();
  closed.on_timeout(at);
  BOOST_TEST(closed.take_probe());
  BOOST_TEST(!closed.take_probe());
  closed.on_acknowledgement(at, 1, 1, true);
  BOOST_TEST(closed.next_packet(at).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
