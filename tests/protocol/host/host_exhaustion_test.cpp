// Exhaustion of the memory for what arrives (A09 of the attack catalogue): records without end, pieces of windows, all
// windows of many connections; and of that for what is to be sent, by peers that take nothing (A08). What is held is
// bounded for each connection and for the host, and who is honest goes on.
#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "tests/protocol/host/victim.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_exhaustion_test)

host_config with_memory(std::size_t octets) {
  host_config config = settings(number_b);
  config.receive_memory = octets;
  return config;
}

// Connections that peers on hosts of their own have opened, and data of any number on them.
struct crowded_host : lone_host {
  crowded_host(std::size_t memory, int connections, const spp_config& config = {})
      : crowded_host(with_memory(memory), connections, config) {}
  crowded_host(const host_config& of, int connections, const spp_config& config) : lone_host(of) {
    BOOST_REQUIRE(engine.sequenced().listen(service, config));
    for (int i = 0; i < connections; ++i) opens();
  }
  void opens(socket_number at = service) {
    at_socket.push_back(at);
    peers.push_back({network_number{1}, host_number{0x020200000000 + peers.size()}, socket_number{3000}});
    spp_header header{};
    header.system = true;
    header.source_connection = peers_id;
    header.allocation = 63;
    arrive(spp_frame(peers.back(), engine.address(at), header));
    given.push_back(parse_spp(parse_idp(leaving().at(0))->data)->header.source_connection);
    header.destination_connection = given.back();
    arrive(spp_frame(peers.back(), engine.address(at), header));
    leaving();
    while (const auto event = engine.sequenced().poll_event()) handles.push_back(event->connection);
  }
  // Whether it was taken.
  bool data(std::size_t which, std::uint16_t number, std::size_t size, bool end = false) {
    const std::uint64_t accepted = engine.statistics().accepted;
    spp_header header{};
    header.source_connection = peers_id;
    header.destination_connection = given[which];
    header.allocation = 63;
    header.sequence = number;
    header.end_of_message = end;
    arrive(spp_frame(peers[which], engine.address(at_socket[which]), header, octets(size)));
    leaving();
    return engine.statistics().accepted > accepted;
  }
  std::size_t held() const { return engine.sequenced().receiving().held; }
  end_status status(std::size_t which) const { return engine.sequenced().status(handles[which]); }

  std::vector<socket_number> at_socket;
  std::vector<xns_address> peers;
  std::vector<std::uint16_t> given;
  std::vector<connection_handle> handles;
};

BOOST_AUTO_TEST_CASE(a09__a_record_without_end_ends_its_connection_at_the_bound_and_gives_everything_back) {
  spp_config config;
  config.maximum_record = 10'000;
  crowded_host of(1 << 20, 1, config);
  for (std::uint16_t number = 0; number < 10; ++number) of.data(0, number, 1000);
  BOOST_TEST(of.held() == 10'000u);
  BOOST_TEST((of.status(0) == end_status::none));
  of.data(0, 10, 1000);
  BOOST_TEST((of.status(0) == end_status::record_too_long));
  BOOST_TEST(of.drops(drop_reason::record_too_long) == 1u);
  BOOST_TEST(of.held() == 0u);
}

BOOST_AUTO_TEST_CASE(a09__a_record_of_empty_packets_holds_nothing) {
  crowded_host of(1 << 20, 1);
  for (int number = 0; number < 70'000; ++number) of.data(0, static_cast<std::uint16_t>(number), 0);
  BOOST_TEST(of.held() == 0u);
  BOOST_TEST(of.engine.sequenced().find(of.handles[0])->information().unread_packets == 0u);
}

BOOST_AUTO_TEST_CASE(a09__only_the_first_and_the_last_of_a_window_and_nothing_beyond_it) {
  crowded_host of(1 << 20, 1);
  of.data(0, 0, 500);
  for (const std::uint16_t last : std::initializer_list<std::uint16_t>{64, 63, 100, 1000, 32'767})
    of.data(0, last, 500, true);
  BOOST_TEST(of.drops(drop_reason::beyond_allocation) == 3u);
  BOOST_TEST(of.held() == 1500u);  // the first, and two within the window of 64 behind it
}

// Each of a hundred fills its window behind a gap that it never closes.
BOOST_AUTO_TEST_CASE(a09__all_windows_of_many_connections_are_bounded_together) {
  crowded_host of(100'000, 100);
  for (std::size_t which = 0; which < 100; ++which)
    for (std::uint16_t number = 1; number < 64; ++number) of.data(which, number, 1000);
  // And one packet for each that held nothing.
  BOOST_TEST(of.held() <= 100'000u + 100 * 1000u);
  BOOST_TEST(of.drops(drop_reason::receive_memory_full) > 6000u);
  for (std::size_t which = 0; which < 100; ++which) BOOST_TEST((of.status(which) == end_status::none));
}

// Whoever's application takes what comes can go on, one packet at a time.
BOOST_AUTO_TEST_CASE(a09__an_honest_connection_goes_on_while_the_memory_is_full) {
  crowded_host of(100'000, 3);
  for (std::size_t which = 0; which < 2; ++which)
    for (std::uint16_t number = 1; number < 64; ++number) of.data(which, number, 1000);
  spp_connection& honest = *of.engine.sequenced().find(of.handles[2]);
  for (std::uint16_t number = 0; number < 1000; ++number) {
    of.data(2, number, 1000, true);
    BOOST_TEST_REQUIRE(honest.take_record().has_value());
  }
}

BOOST_AUTO_TEST_CASE(a09__a_record_that_does_not_grow_is_given_up_when_its_memory_is_needed) {
  crowded_host of(100'000, 4);
  for (std::uint16_t number = 1; number < 64; ++number) of.data(0, number, 1000);
  for (std::uint16_t number = 1; number < 31; ++number) of.data(1, number, 1000);
  of.now += 119_s;
  of.data(2, 0, 1000, true);
  for (std::uint16_t number = 1; number < 20; ++number) of.data(2, number, 1000, true);
  BOOST_TEST(of.drops(drop_reason::receive_memory_full) > 0u);
  BOOST_TEST((of.status(0) == end_status::none));  // they have their time
  of.now += 2_s;
  of.data(2, 19, 1000, true);
  BOOST_TEST((of.status(0) == end_status::timed_out));  // the largest
  BOOST_TEST((of.status(1) == end_status::none));       // it is enough
  BOOST_TEST((of.status(2) == end_status::none));
  const std::uint64_t refused = of.drops(drop_reason::receive_memory_full);
  of.data(2, 19, 1000, true);
  BOOST_TEST(of.drops(drop_reason::receive_memory_full) == refused);
}

BOOST_AUTO_TEST_CASE(a09__a_slow_record_costs_nobody_anything_while_there_is_room) {
  crowded_host of(100'000, 1);
  of.data(0, 0, 1000);
  of.now += 10'000_s;
  of.engine.on_timeout(of.now);
  of.data(0, 1, 1000, true);
  BOOST_TEST((of.status(0) == end_status::none));
  BOOST_TEST(of.engine.sequenced().find(of.handles[0])->take_record().has_value());
}

// Octets on a close are nobody's data: they were counted as held for as long as the connection was there.
BOOST_AUTO_TEST_CASE(a09__octets_on_a_close_are_not_held) {
  crowded_host of(100'000, 1);
  spp_header header{};
  header.source_connection = peers_id;
  header.destination_connection = of.given[0];
  header.allocation = 63;
  header.datastream_type = close_request_type;
  of.arrive(spp_frame(of.peers[0], of.engine.address(service), header, octets(500)));
  BOOST_TEST(of.held() == 0u);
}

// A socket whose records may be longer than there is room for has room for one, and nobody else has any of it.
BOOST_AUTO_TEST_CASE(a09__who_asks_for_longer_records_has_room_for_one_of_its_own) {
  spp_config longer;
  longer.maximum_record = spp_config{}.maximum_record + 1;
  crowded_host of(100'000, 0, longer);
  BOOST_REQUIRE(of.engine.sequenced().listen(socket_number{200}, {}));
  for (const socket_number at : {service, socket_number{200}})
    for (int i = 0; i < 3; ++i) of.opens(at);
  for (std::size_t which = 0; which < 3; ++which)
    for (std::uint16_t number = 1; number < 64; ++number) of.data(which, number, 1000);
  BOOST_TEST(of.drops(drop_reason::receive_memory_full) == 0u);
  BOOST_TEST(of.held() == 0u);  // of the others
  for (std::size_t which = 3; which < 6; ++which)
    for (std::uint16_t number = 1; number < 64; ++number) of.data(which, number, 1000);
  BOOST_TEST(of.drops(drop_reason::receive_memory_full) > 80u);
  BOOST_TEST(of.held() <= 100'000u + 3 * 1000u);
}

BOOST_AUTO_TEST_CASE(a09__a_record_is_given_up_only_for_those_who_share_its_memory) {
  spp_config longer;
  longer.maximum_record = spp_config{}.maximum_record + 1;
  crowded_host of(100'000, 1, longer);
  BOOST_REQUIRE(of.engine.sequenced().listen(socket_number{200}, {}));
  of.opens(socket_number{200});
  for (std::uint16_t number = 1; number < 64; ++number) of.data(0, number, 1000);
  for (std::uint16_t number = 1; number < 50; ++number) of.data(1, number, 1000);
  of.now += 121_s;
  of.opens(socket_number{200});
  for (std::uint16_t number = 1; number < 64; ++number) of.data(2, number, 1000);
  BOOST_TEST(of.drops(drop_reason::receive_memory_full) > 0u);
  BOOST_TEST((of.status(0) == end_status::none));  // larger, and nobody else would have anything of it
  BOOST_TEST((of.status(1) == end_status::timed_out));
}

// All connections of that socket share the room for one, however many there are.
BOOST_AUTO_TEST_CASE(a09__longer_records_of_one_socket_are_bounded_together) {
  constexpr std::size_t most = (std::size_t{256} << 20) + 1, piece = 60'000;
  host_config of_host = with_memory(100'000);
  of_host.mtu = 65'000;
  spp_config longer;
  longer.maximum_record = most;
  longer.allocation = 8192;
  crowded_host of(of_host, 2, longer);
  std::size_t fit = 0;
  for (std::uint16_t number = 1; number < 4000; ++number)
    for (std::size_t which = 0; which < 2; ++which) fit += of.data(which, number, piece);
  BOOST_TEST(fit == most / piece);
  BOOST_TEST((of.status(0) == end_status::none));
}

host_config with_send_memory(std::size_t octets) {
  host_config config = settings(number_b);
  config.send_memory = octets;
  return config;
}

// An application that has much to say to peers that acknowledge what they like.
struct talkative_host : crowded_host {
  talkative_host(std::size_t memory, int connections) : crowded_host(with_send_memory(memory), connections, {}) {}

  spp_connection& to(std::size_t which) { return *engine.sequenced().find(handles[which]); }
  // As many as are taken.
  int says(std::size_t which, std::size_t size) {
    int records = 0;
    while (to(which).send(slice::owning(octets(size))) == send_status::accepted) ++records;
    leaving();
    return records;
  }
  void acknowledges(std::size_t which, std::uint16_t number) {
    spp_header header{};
    header.system = true;
    header.source_connection = peers_id;
    header.destination_connection = given[which];
    header.acknowledge = number;
    header.allocation = static_cast<std::uint16_t>(number + 63);
    arrive(spp_frame(peers[which], engine.address(service), header));
  }
  bool told_writable(std::size_t which) {
    bool told = false;
    while (const auto event = engine.sequenced().poll_event())
      told = told || (event->connection == handles[which] && event->what == connection_notice::writable);
    return told;
  }
  std::size_t to_send() const { return engine.sequenced().sending().held; }
};

// Without the bound each of them would have its send buffer of 4 MiB.
BOOST_AUTO_TEST_CASE(a08__what_waits_for_many_peers_that_take_nothing_is_bounded_together) {
  talkative_host of(1'000'000, 100);
  for (std::size_t which = 0; which < 100; ++which) BOOST_TEST(of.says(which, 10'000) >= 1);
  BOOST_TEST(of.to_send() > 900'000u);
  BOOST_TEST(of.to_send() <= 1'000'000u + 100 * (10'000u + 64u));  // and one record of each that held nothing
  for (std::size_t which = 0; which < 100; ++which) BOOST_TEST(of.says(which, 10'000) == 0);
  of.now += 121_s;  // what is in flight counts, until it is given up
  of.engine.on_timeout(of.now);
  of.leaving();
  BOOST_TEST((of.status(0) == end_status::timed_out));
  BOOST_TEST(of.to_send() == 0u);
}

BOOST_AUTO_TEST_CASE(a08__who_is_acknowledged_goes_on_while_the_send_memory_is_full) {
  talkative_host of(1'000'000, 3);
  for (std::size_t which = 0; which < 2; ++which) of.says(which, 10'000);
  const std::size_t others = of.to_send();
  std::uint16_t packets = 0;
  for (int round = 0; round < 100; ++round) {
    BOOST_TEST_REQUIRE(of.says(2, 500) >= 1);  // and nothing more, until it is acknowledged
    BOOST_TEST(!of.told_writable(2));
    packets = static_cast<std::uint16_t>(of.to(2).statistics().data_packets_sent);
    of.acknowledges(2, packets);
    BOOST_TEST(of.told_writable(2));
    BOOST_TEST(of.to_send() == others);
  }
}

BOOST_AUTO_TEST_CASE(a08__a_connection_that_is_ended_gives_its_send_memory_back) {
  talkative_host of(1'000'000, 2);
  of.says(0, 10'000);
  of.says(1, 10'000);
  BOOST_TEST(of.to_send() > 900'000u);
  of.to(0).abort();
  BOOST_TEST(of.says(1, 10'000) > 80);
}

// What they hold together is what each holds, whatever comes and whatever applications do; and nothing when all has
// been taken and all have ended.
RC_BOOST_PROP(a09__what_is_held_is_what_connections_hold, (const std::vector<std::uint32_t>& steps)) {
  spp_config config;
  config.maximum_record = 3000;
  connection_memory memory{.most = 5000};
  std::vector<std::unique_ptr<spp_statistics>> statistics;
  std::vector<std::unique_ptr<spp_receiver>> receivers;
  for (int i = 0; i < 3; ++i) {
    statistics.push_back(std::make_unique<spp_statistics>());
    receivers.push_back(std::make_unique<spp_receiver>(config, *statistics.back(), &memory));
  }
  const auto held = [&] {
    std::size_t sum = 0;
    for (const auto& each : receivers) sum += each->held_octets();
    return sum;
  };
  for (const std::uint32_t step : steps) {
    spp_receiver& to = *receivers[step % 3];
    switch (step / 3 % 8) {
      case 0: to.take_record(); break;
      case 1: to.set_delivery(step & 64 ? record_delivery::packets : record_delivery::records); break;
      case 2: to.take_attention(); break;
      default: {
        spp_header header{};
        header.sequence = static_cast<std::uint16_t>(to.acknowledge() + step / 256 % 4);
        header.end_of_message = (step & 4096) != 0;
        header.attention = (step & (7u << 13)) == 0;
        header.datastream_type = step % 11 == 0 ? close_request_type : static_cast<std::uint8_t>(step % 2);
        const auto taken = to.on_packet({}, header, slice::owning(octets(header.attention ? 1 : step / 65536 % 1500)));
        if (!taken && taken.error() == drop_reason::record_too_long) to.drop_unfinished();
      }
    }
    RC_ASSERT(memory.held == held());
    RC_ASSERT(to.unfinished_octets() <= to.held_octets());
  }
  for (const auto& each : receivers) {
    while (each->take_record()) continue;
    each->drop_unfinished();
    RC_ASSERT(each->held_octets() == 0u);
  }
  RC_ASSERT(memory.held == 0u);
  receivers.clear();
  RC_ASSERT(memory.held == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
