// Routes: what a router tells, what a host believes, and how both forget. Packets are made by hand.
#include "protocol/host/routing_protocol.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/protocol/host/hosts.hpp"

using namespace seqwire;
using namespace seqwire::test;

namespace {

const network_number here{1}, there{2}, far{9};
const host_number router_1{0x020000000101}, router_2{0x020000000102};  // two routers on our link

host_config two_links(bool forwards) {
  host_config config = settings(number_b);
  config.network = here;
  config.further = {{there, host_number{0x02000000000c}, 600}};
  config.forwards = forwards;
  return config;
}

// A host with hand-made routing packets from its neighbours.
struct router_neighbour {
  explicit router_neighbour(const host_config& config = settings(number_b)) : engine(config) {}

  void hear(std::vector<routing_entry> entries, host_number from = router_1, link_index link = 0,
            routing_operation operation = routing_operation::response) {
    const network_number network = link == 0 ? here : there;
    arrive(idp_frame(packet_type::routing_information, {network, from, routing_socket},
                     {network, broadcast_host, routing_socket}, routing_data({{operation}, std::move(entries)})),
           from, link);
  }
  void arrive(const octets& frame, host_number from = router_1, link_index link = 0) {
    engine.on_datagram(now, {.link = link, .previous_hop = from, .contents = slice::copy_of(frame)});
  }
  void asks_all(host_number asker) { hear({{all_networks, infinite_metric}}, asker, 0, routing_operation::request); }
  // From a router on link 1, with everything that had to be told of it.
  void reaches_many(std::uint32_t networks) {
    std::vector<routing_entry> many;
    for (std::uint32_t i = 0; i < networks; ++i) many.push_back({network_number{100 + i}, 2});
    hear(many, router_1, 1);
    pass(5_s);
    tells();
  }
  // A packet from beyond a router that told nothing, and one that shows that its sender gets what we send.
  void comes(network_number network, host_number router) {
    arrive(idp_frame(packet_type::echo, {network, number_a, socket_number{3000}}, engine.address(socket_number{2}),
                     octets{0, 1}),
           router);
    discard();
  }
  void confirms(network_number network, host_number router) {
    engine.routing().confirm(now, network, {.previous_hop = router, .contents = {}});
  }
  void discard() {
    std::array<packet, 16> batch;
    while (engine.poll_transmit(now, batch) > 0) continue;
  }
  struct told {
    link_index link;
    host_number next_hop;
    routing_packet packet;
  };
  std::vector<told> tells() {
    std::vector<told> all;
    std::array<packet, 16> batch;
    while (const std::size_t count = engine.poll_transmit(now, batch))
      for (std::size_t i = 0; i < count; ++i) {
        octets frame(batch[i].size());
        batch[i].copy_to(frame.data());
        const auto idp = parse_idp(frame);
        BOOST_REQUIRE((idp && idp->header.packet_type == packet_type::routing_information));
        BOOST_TEST((idp->header.source_socket == routing_socket));
        all.push_back({batch[i].link, batch[i].next_hop, *parse_routing(idp->data)});
      }
    return all;
  }
  void pass(duration span) {
    const instant until = now + span;
    while (const auto due = engine.next_timeout()) {
      if (*due > until) break;
      now = std::max(now, *due);
      engine.on_timeout(now);
    }
    now = until;
  }
  std::optional<way> to(network_number network) const { return engine.routing().way_to(network, number_a); }
  bool goes_by(network_number network, host_number router) const {
    const auto onward = to(network);
    return onward && onward->next_hop == router;
  }
  std::uint64_t drops(drop_reason reason) const { return engine.statistics().drops[reason]; }

  host engine;
  instant now = instant{} + 1_s;
};

std::uint16_t metric_of(const routing_packet& packet, network_number network) {
  for (const routing_entry& each : packet.entries)
    if (each.network == network) return each.metric;
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routing_protocol_test)

BOOST_AUTO_TEST_CASE(way_to__our_own_networks_need_nobody) {
  const router_neighbour of(two_links(false));
  for (const network_number ours : {here, local_network, all_networks}) {
    BOOST_TEST(of.to(ours)->link == 0u);
    BOOST_TEST((of.to(ours)->next_hop == number_a));
    BOOST_TEST(of.engine.routing().is_direct(ours));
  }
  BOOST_TEST(of.to(there)->link == 1u);
  BOOST_TEST(!of.to(far).has_value());
  BOOST_TEST(!of.engine.routing().is_direct(far));
}

BOOST_AUTO_TEST_CASE(way_to__a_gateway_takes_what_nobody_spoke_of) {
  host_config config = settings(number_b);
  config.gateway = router_2;
  router_neighbour of(config);
  BOOST_TEST(of.goes_by(far, router_2));
  of.hear({{far, 3}});
  BOOST_TEST(of.goes_by(far, router_1));
}

BOOST_AUTO_TEST_CASE(way_to__a_given_way_stands_whatever_routers_say) {
  host_config config = two_links(true);
  config.routes = {{far, 1, router_2}};
  config.tells_routes = false;
  router_neighbour of(config);
  of.hear({{far, 1}, {network_number{8}, 1}});
  BOOST_TEST(of.goes_by(far, router_2));
  BOOST_TEST(of.to(far)->link == 1u);
  BOOST_TEST(of.goes_by(network_number{8}, router_1), "of other networks they may speak");
  of.pass(600_s);
  BOOST_TEST(of.goes_by(far, router_2));
  BOOST_TEST(of.tells().empty(), "a router whose ways are given is silent");
  of.hear({{all_networks, infinite_metric}}, router_1, 0, routing_operation::request);
  BOOST_TEST(of.tells().empty());
}

BOOST_AUTO_TEST_CASE(on_packet__the_shorter_way_wins_and_its_own_router_may_correct_it) {
  router_neighbour of;
  of.hear({{far, 3}});
  BOOST_TEST(of.goes_by(far, router_1));
  of.hear({{far, 3}}, router_2);
  BOOST_TEST(of.goes_by(far, router_1));
  of.hear({{far, 2}}, router_2);
  BOOST_TEST(of.goes_by(far, router_2));
  of.hear({{far, 5}}, router_2);  // worse, but it is the one we go by
  of.hear({{far, 4}});
  BOOST_TEST(of.goes_by(far, router_1));
}

BOOST_AUTO_TEST_CASE(on_packet__an_equal_way_replaces_one_not_heard_of_for_long) {
  router_neighbour of;
  of.hear({{far, 3}});
  of.now = of.now + 89_s;
  of.hear({{far, 3}}, router_2);
  BOOST_TEST(of.goes_by(far, router_1));
  of.now = of.now + 1_s;
  of.hear({{far, 3}}, router_2);
  BOOST_TEST(of.goes_by(far, router_2));
}

BOOST_AUTO_TEST_CASE(on_packet__infinity_ends_a_way_at_once_and_it_is_forgotten_a_minute_later) {
  router_neighbour of;
  of.hear({{far, infinite_metric}});
  BOOST_TEST(of.engine.routing().routes().size() == 1u);  // our own network
  of.hear({{far, 3}});
  of.hear({{far, infinite_metric}}, router_2);  // not the one we go by
  BOOST_TEST(of.goes_by(far, router_1));
  of.hear({{far, 200}});
  BOOST_TEST(!of.to(far).has_value());
  of.pass(30_s);
  of.hear({{far, infinite_metric}});  // said again, it does not live longer
  of.pass(29_s);
  BOOST_TEST(of.engine.routing().routes().size() == 2u);
  of.pass(1_s);
  BOOST_TEST(of.engine.routing().routes().size() == 1u);
}

BOOST_AUTO_TEST_CASE(on_timeout__without_news_a_way_expires_and_is_forgotten) {
  router_neighbour of;
  of.hear({{far, 3}});
  of.pass(179_s);
  BOOST_TEST(of.to(far).has_value());
  of.pass(1_s);
  BOOST_TEST(!of.to(far).has_value());
  BOOST_TEST(of.engine.routing().routes().size() == 2u);
  of.pass(60_s);
  BOOST_TEST(of.engine.routing().routes().size() == 1u);
  BOOST_TEST(!of.engine.next_timeout().has_value());
}

BOOST_AUTO_TEST_CASE(on_packet__nothing_is_believed_about_networks_of_our_own) {
  router_neighbour of;
  of.hear({{here, 1}, {local_network, 1}, {all_networks, 1}, {far, 0}});
  BOOST_TEST((of.to(here)->next_hop == number_a));
  BOOST_TEST(of.engine.routing().routes().size() == 1u);
}

BOOST_AUTO_TEST_CASE(on_packet__nothing_is_believed_from_beyond_the_link) {
  router_neighbour of;
  const octets news = routing_data({{routing_operation::response}, {{far, 1}}});
  const xns_address everybody{here, broadcast_host, routing_socket};
  // From another network, from a number that no router uses, and forwarded by one.
  of.arrive(idp_frame(packet_type::routing_information, {there, router_1, routing_socket}, everybody, news));
  of.arrive(idp_frame(packet_type::routing_information, {here, router_1, socket_number{3000}}, everybody, news));
  octets passed_on;
  idp_header header =
      parse_idp(idp_frame(packet_type::routing_information, {here, router_1, routing_socket}, everybody))->header;
  header.transport_control = 1;
  append_idp(passed_on, header, news);
  of.arrive(passed_on);
  BOOST_TEST(of.drops(drop_reason::routing_not_from_link) == 3u);
  of.arrive(idp_frame(packet_type::routing_information, {here, router_1, routing_socket},
                      {here, number_b, socket_number{3000}}, news));
  BOOST_TEST(of.drops(drop_reason::no_such_socket) == 1u);
  of.arrive(idp_frame(packet_type::routing_information, {here, router_1, routing_socket}, everybody, octets(3)));
  BOOST_TEST(of.drops(drop_reason::routing_malformed) == 1u);
  BOOST_TEST(!of.to(far).has_value());
}

BOOST_AUTO_TEST_CASE(on_packet__the_table_has_a_limit) {
  router_neighbour of;
  const auto hear_about = [&](std::uint32_t first, std::uint32_t count) {
    std::vector<routing_entry> entries;
    for (std::uint32_t i = 0; i < count; ++i) entries.push_back({network_number{first + i}, 1});
    of.hear(entries);
  };
  for (std::uint32_t first = 1000; first < 1000 + 1024; first += 64) hear_about(first, 64);
  BOOST_TEST(of.drops(drop_reason::routing_table_full) == 0u);
  hear_about(5000, 1);
  BOOST_TEST(of.drops(drop_reason::routing_table_full) == 1u);
  BOOST_TEST(of.engine.routing().routes().size() == 1025u);
  hear_about(1000, 64);  // those it knows stay known
  BOOST_TEST(of.drops(drop_reason::routing_table_full) == 1u);
}

BOOST_AUTO_TEST_CASE(on_packet__answers_that_wait_for_the_link_are_bounded) {
  router_neighbour of(two_links(true));
  of.pass(1_s);
  of.tells();
  for (std::uint64_t i = 0; i < 300; ++i) {
    of.now += 1_s;
    of.hear({{there, infinite_metric}}, host_number{0x020000010000 + i}, 0, routing_operation::request);
  }
  BOOST_TEST(of.tells().size() == 256u);
}

BOOST_AUTO_TEST_CASE(on_timeout__a_host_tells_nobody) {
  router_neighbour of(two_links(false));
  of.hear({{far, 3}});
  of.hear({{all_networks, infinite_metric}}, number_a, 0, routing_operation::request);
  of.pass(170_s);
  BOOST_TEST(of.tells().empty());
}

BOOST_AUTO_TEST_CASE(on_timeout__a_router_asks_once_and_tells_everything_every_30_s_or_so) {
  router_neighbour of(two_links(true));
  of.pass(0_s);
  const auto first = of.tells();
  BOOST_TEST_REQUIRE(first.size() == 4u);
  for (link_index link = 0; link < 2; ++link) {
    BOOST_TEST((first[link].packet.header.operation == routing_operation::request));
    BOOST_TEST((first[2 + link].packet.header.operation == routing_operation::response));
    BOOST_TEST(first[link].link == link);
    BOOST_TEST((first[2 + link].next_hop == broadcast_host));
    BOOST_TEST(metric_of(first[2 + link].packet, here) == 1u);
    BOOST_TEST(metric_of(first[2 + link].packet, there) == 1u);
  }
  std::size_t told = 0;
  for (int minute = 0; minute < 60; ++minute) {
    of.pass(60_s);
    told += of.tells().size();
  }
  BOOST_TEST((told > 2 * 60 * 60 / 35 - 4 && told < 2 * 60 * 60 / 25 + 4), told);
}

BOOST_AUTO_TEST_CASE(on_packet__news_is_told_soon_and_poisoned_where_it_came_from) {
  router_neighbour of(two_links(true));
  of.pass(1_s);
  of.tells();
  of.hear({{far, 3}});
  of.pass(5_s);
  const auto soon = of.tells();
  BOOST_TEST_REQUIRE(soon.size() == 2u);
  BOOST_TEST(metric_of(soon[0].packet, far) == infinite_metric);
  BOOST_TEST(metric_of(soon[1].packet, far) == 4u);
  of.hear({{far, 3}});  // no news
  of.pass(5_s);
  BOOST_TEST(of.tells().empty());
  of.hear({{far, 15}});
  of.pass(5_s);
  BOOST_TEST(metric_of(of.tells()[1].packet, far) == infinite_metric);
}

BOOST_AUTO_TEST_CASE(on_packet__a_request_for_all_and_one_for_some) {
  router_neighbour of(two_links(true));
  of.pass(1_s);
  of.tells();
  of.hear({{far, 3}}, router_1, 1);
  of.hear({{all_networks, infinite_metric}}, number_a, 0, routing_operation::request);
  const auto all = of.tells();
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST((all[0].next_hop == number_a));
  BOOST_TEST(metric_of(all[0].packet, far) == 4u);
  BOOST_TEST(all[0].packet.entries.size() == 3u);
  of.now = of.now + 250_ms;
  of.hear({{there, 0}, {network_number{77}, 0}}, number_a, 0, routing_operation::request);
  const auto some = of.tells();
  BOOST_TEST_REQUIRE(some.size() == 1u);
  BOOST_TEST((some[0].packet.entries == std::vector<routing_entry>{{there, 1}, {network_number{77}, infinite_metric}}));
}

// Three times its octets are no profit for whoever asks in somebody else's name.
BOOST_AUTO_TEST_CASE(on_packet__short_answers_are_not_rationed) {
  router_neighbour of(two_links(true));
  of.pass(1_s);
  of.tells();
  for (int i = 0; i < 100; ++i) of.asks_all(number_a);
  BOOST_TEST(of.tells().size() == 100u);
}

BOOST_AUTO_TEST_CASE(on_packet__long_answers_are_rationed_for_each_asker) {
  router_neighbour of(two_links(true));
  of.reaches_many(40);
  const auto drawn = [&](host_number asker, int questions) {
    for (int i = 0; i < questions; ++i) of.asks_all(asker);
    return of.tells().size();
  };
  BOOST_TEST(drawn(number_a, 100) == 3u);
  BOOST_TEST(of.drops(drop_reason::routing_not_answered) == 97u);
  std::size_t others = 0;  // some share its ration
  for (std::uint64_t i = 0; i < 16; ++i) others += drawn(host_number{0x020000000200 + i}, 1);
  BOOST_TEST(others >= 13u);
  of.now = of.now + 15_s;
  BOOST_TEST(drawn(number_a, 100) == 1u);
  of.now = of.now + 60_s;
  BOOST_TEST(drawn(number_a, 100) == 3u);
  of.hear({{there, 0}}, number_a, 0, routing_operation::request);  // about one network: always
  BOOST_TEST(of.tells().size() == 1u);
}

BOOST_AUTO_TEST_CASE(on_packet__nobody_beyond_the_link_draws_an_answer) {
  router_neighbour of(two_links(true));
  of.pass(1_s);
  of.tells();
  const octets question = routing_data({{routing_operation::request}, {{all_networks, infinite_metric}}});
  const xns_address us{here, number_b, routing_socket};
  of.arrive(idp_frame(packet_type::routing_information, {far, number_a, routing_socket}, us, question));
  octets passed_on;
  idp_header header =
      parse_idp(idp_frame(packet_type::routing_information, {here, number_a, routing_socket}, us))->header;
  header.transport_control = 1;
  append_idp(passed_on, header, question);
  of.arrive(passed_on);
  BOOST_TEST(of.drops(drop_reason::routing_not_from_link) == 2u);
  BOOST_TEST(of.tells().empty());
}

BOOST_AUTO_TEST_CASE(on_timeout__long_tables_take_several_packets) {
  router_neighbour of(two_links(true));
  of.pass(1_s);
  of.tells();
  std::vector<routing_entry> many;
  for (std::uint32_t i = 0; i < 90; ++i) many.push_back({network_number{100 + i}, 2});
  of.hear(many, router_1, 1);
  of.pass(5_s);
  const auto told = of.tells();
  BOOST_TEST_REQUIRE(told.size() == 4u);  // 92 networks on each of two links
  BOOST_TEST(told[0].packet.entries.size() == 85u);
  BOOST_TEST(told[1].packet.entries.size() == 7u);
}

// Who asks from beyond a router that has not been heard gets an answer all the same.
BOOST_AUTO_TEST_CASE(note_arrival__answers_go_back_the_way_that_the_question_came) {
  router_neighbour of;
  of.comes(far, router_1);
  BOOST_TEST(of.goes_by(far, router_1));
  of.comes(far, router_2);
  BOOST_TEST(of.goes_by(far, router_2));
  of.comes(here, router_2);  // our own network needs nobody
  BOOST_TEST((of.to(here)->next_hop == number_a));
}

BOOST_AUTO_TEST_CASE(note_arrival__routers_and_a_gateway_win) {
  router_neighbour of;
  of.comes(far, router_2);
  of.hear({{far, 3}}, router_1);
  BOOST_TEST(of.goes_by(far, router_1));
  of.comes(far, router_2);
  of.confirms(far, router_2);
  BOOST_TEST(of.goes_by(far, router_1));
  host_config config = settings(number_b);
  config.gateway = router_1;
  router_neighbour with(config);
  with.comes(far, router_2);
  with.confirms(far, router_2);
  BOOST_TEST(with.goes_by(far, router_1));
}

BOOST_AUTO_TEST_CASE(note_arrival__the_newest_have_place) {
  router_neighbour of;
  for (std::uint32_t i = 0; i < 64; ++i, of.now += 1_ms) of.comes(network_number{1000 + i}, router_1);
  of.comes(network_number{1000}, router_1);  // heard again
  for (std::uint32_t i = 64; i < 100; ++i, of.now += 1_ms) of.comes(network_number{1000 + i}, router_1);
  for (std::uint32_t i = 0; i < 100; ++i)
    BOOST_TEST(of.to(network_number{1000 + i}).has_value() == (i == 0 || i >= 37), i);
}

BOOST_AUTO_TEST_CASE(note_arrival__forged_networks_drive_out_one_confirmed_way_at_most) {
  router_neighbour of;
  for (std::uint32_t i = 0; i < 64; ++i, of.now += 1_ms) of.confirms(network_number{1000 + i}, router_1);
  of.confirms(network_number{1000}, router_1);
  for (std::uint32_t forged = 0; forged < 10'000; ++forged) of.comes(network_number{50'000 + forged}, router_2);
  for (std::uint32_t i = 0; i < 64; ++i) BOOST_TEST(of.goes_by(network_number{1000 + i}, router_1) == (i != 1), i);
  BOOST_TEST(of.goes_by(network_number{59'999}, router_2));
}

BOOST_AUTO_TEST_CASE(note_arrival__turns_no_way_that_was_confirmed_lately) {
  router_neighbour of;
  of.confirms(far, router_1);
  const std::uint64_t before = of.engine.routing().version();
  of.now += 179_s;
  of.comes(far, router_2);
  BOOST_TEST(of.goes_by(far, router_1));
  BOOST_TEST(of.engine.routing().version() == before);
  of.comes(far, router_1);  // which confirms nothing
  of.now += 1_s;
  of.comes(far, router_2);
  BOOST_TEST(of.goes_by(far, router_2));
  BOOST_TEST(!of.engine.routing().way_to(far, number_a, evidence::confirmed).has_value());
}

BOOST_AUTO_TEST_CASE(note_arrival__is_forgotten_when_nothing_more_comes) {
  router_neighbour of;
  of.comes(far, router_1);
  of.pass(100_s);
  of.comes(far, router_1);
  of.pass(179_s);
  BOOST_TEST(of.goes_by(far, router_1));
  of.pass(1_s);
  BOOST_TEST(!of.to(far).has_value());
  BOOST_TEST(!of.engine.next_timeout().has_value());
}

BOOST_AUTO_TEST_CASE(version__changes_whenever_an_arrival_turns_a_way) {
  router_neighbour of;
  std::uint64_t last = of.engine.routing().version();
  const auto changes = [&] {
    const std::uint64_t before = std::exchange(last, of.engine.routing().version());
    return last != before;
  };
  of.comes(far, router_1);
  BOOST_TEST(changes());
  of.comes(far, router_1);
  BOOST_TEST(!changes());
  of.comes(far, router_2);
  BOOST_TEST(changes());
  of.confirms(far, router_2);
  BOOST_TEST(changes());
  of.confirms(far, router_2);
  BOOST_TEST(!changes());
  of.confirms(far, router_1);
  BOOST_TEST(changes());
  of.pass(180_s);
  BOOST_TEST(changes());
}

BOOST_AUTO_TEST_CASE(ask__one_request_on_each_link) {
  router_neighbour of(two_links(false));
  of.engine.routing().ask();
  const auto asked = of.tells();
  BOOST_TEST_REQUIRE(asked.size() == 2u);
  BOOST_TEST(asked[1].link == 1u);
  BOOST_TEST((asked[1].packet.entries == std::vector<routing_entry>{{all_networks, infinite_metric}}));
  of.engine.routing().ask(far);
  BOOST_TEST((of.tells()[0].packet.entries == std::vector<routing_entry>{{far, infinite_metric}}));
}

BOOST_AUTO_TEST_CASE(ask__what_waits_is_bounded) {
  router_neighbour of;
  for (int i = 0; i < 300; ++i) of.engine.routing().ask();
  BOOST_TEST(of.engine.routing().not_sent() == 44u);
  BOOST_TEST(of.tells().size() == 256u);
  of.engine.routing().ask();
  BOOST_TEST(of.tells().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
