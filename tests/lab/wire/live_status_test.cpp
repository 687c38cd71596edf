// What `seqwire status` is told of a host: whoever listens, and each connection from its opening on.
#include "lab/wire/live_status.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "protocol/base/keyed_hash.hpp"

namespace seqwire {
namespace {

host_config settings() {
  host_config config;
  config.host = host_number{0x02000000000a};
  config.secret = make_hash_key(random_stream(1));
  return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(live_status_test)

BOOST_AUTO_TEST_CASE(describe_host__nothing_is_open) {
  const host of(settings());
  const auto told = describe_host(of, {}, "seqwire perf server");
  BOOST_TEST(told.at("schema").get<std::string>() == "seqwire.status/1");
  BOOST_TEST(told.at("command").get<std::string>() == "seqwire perf server");
  for (const char* list : {"links", "accepting", "connections", "datagrams"}) BOOST_TEST(told.at(list).empty(), list);
  BOOST_TEST(told.at("packets").at("received").get<int>() == 0);
  BOOST_TEST(told.at("left_out").empty());
}

BOOST_AUTO_TEST_CASE(describe_host__listeners_sockets_and_an_opening) {
  host of(settings());
  BOOST_REQUIRE(of.sequenced().listen(socket_number{3000}, {}, 5));
  BOOST_REQUIRE(of.sequenced().listen(socket_number{3001}, {}));
  BOOST_REQUIRE(of.datagrams().open(socket_number{4000}) != nullptr);
  of.datagrams().open_raw();
  const xns_address peer{network_number{1}, host_number{0x02000000000b}, socket_number{3000}};
  const auto opened = of.sequenced().connect(instant{}, peer, {});
  BOOST_REQUIRE(opened.has_value());
  const auto told = describe_host(of, {}, "");
  BOOST_TEST(told.at("accepting").size() == 2u);
  BOOST_TEST(told.at("accepting")[0].at("socket").get<int>() == 3000);
  BOOST_TEST(told.at("accepting")[0].at("backlog").get<int>() == 5);
  BOOST_TEST(told.at("accepting")[1].at("backlog").is_null());  // no limit
  BOOST_TEST(told.at("datagrams").size() == 1u);
  BOOST_TEST(told.at("datagrams")[0].at("socket").get<int>() == 4000);
  BOOST_TEST(told.at("datagrams")[0].at("peer").is_null());
  BOOST_REQUIRE(told.at("connections").size() == 1u);
  const auto& connection = told.at("connections")[0];
  BOOST_TEST(connection.at("peer").get<std::string>() == "1.02000000000b:3000");
  BOOST_TEST(connection.at("state").get<std::string>() == "opening");
  BOOST_TEST(connection.at("peer_id").get<int>() == 0);
  BOOST_TEST(connection.at("round_trip").is_null());
}

// A copy of a datagram for every link that is large enough for it, and no more routing packets than may wait.
BOOST_AUTO_TEST_CASE(describe_host__counts_what_was_not_sent) {
  host_config config = settings();
  config.further.push_back({network_number{2}, config.host, 576});
  host of(config);
  const xns_address everybody{all_networks, broadcast_host, socket_number{1}};
  BOOST_REQUIRE(
      (of.datagrams().send(*of.datagrams().open(), slice::owning(octets(1000)), everybody) == datagram_status::sent));
  std::array<packet, 4> left;
  BOOST_TEST(of.datagrams().poll_transmit(left) == 1u);
  for (int i = 0; i < 300; ++i) of.routing().ask();
  const auto told = describe_host(of, {}, "").at("packets");
  BOOST_TEST(told.at("datagrams_too_big").get<int>() == 1);
  BOOST_TEST(told.at("routing_not_sent").get<int>() > 0);
}

// Each list as long as it can be, with the longest values that JSON may have to write.
BOOST_AUTO_TEST_CASE(describe_host__of_many_it_tells_the_first_and_how_many_are_left_out) {
  constexpr std::size_t many = 20'000;
  host of(settings());
  for (std::uint16_t i = 0; i < many; ++i) BOOST_REQUIRE(of.sequenced().listen(socket_number(3000 + i), {}, 5));
  for (std::uint16_t i = 0; i < many; ++i) BOOST_REQUIRE(of.datagrams().open(socket_number(23'000 + i)) != nullptr);
  const xns_address peer{network_number{1}, host_number{0x02000000000b}, socket_number{3000}};
  for (std::size_t i = 0; i < many; ++i)
    BOOST_REQUIRE(of.sequenced().connect(instant{}, peer, {}, socket_number{2000}).has_value());
  const auto told = describe_host(of, {}, std::string(1'000'000, '\x01'));
  for (const char* list : {"accepting", "connections", "datagrams"}) {
    BOOST_TEST(told.at(list).size() + told.at("left_out").at(list).get<std::size_t>() == many, list);
    BOOST_TEST(told.at(list).size() > 1000u, list);
  }
  BOOST_TEST(told.dump().size() < longest_status / 2);  // whatever is counted takes at most twice the characters
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
