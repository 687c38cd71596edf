// Socket numbers: who may have one, which come by themselves, and whom a packet is for.
#include "protocol/host/port_table.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(port_table_test)

struct somebody final : port_user {
  somebody() : port_user(kind::datagram) {}
};

constexpr socket_number number{5000};
constexpr host_number host_1{0x0a}, host_2{0x0b};
constexpr socket_number remote{3001};

constexpr xns_address from(host_number host, socket_number socket) { return {network_number{1}, host, socket}; }

BOOST_AUTO_TEST_CASE(taken__only_by_a_user_without_a_peer) {
  port_table ports;
  somebody first, second;
  BOOST_TEST(!ports.taken(number));
  BOOST_TEST(!ports.used(number));
  auto place = ports.add(number, {}, first);
  BOOST_TEST(ports.taken(number));
  place = ports.move(place, {host_1, remote});
  BOOST_TEST(!ports.taken(number));
  BOOST_TEST(ports.used(number));
  ports.add(number, {}, second);
  BOOST_TEST(ports.taken(number));
  BOOST_TEST(!ports.used(socket_number{4999}));
  BOOST_TEST(!ports.used(socket_number{5001}));
}

// 4.3BSD's wildcard scoring: exact host and socket, then the host with any socket, then everybody.
BOOST_AUTO_TEST_CASE(find__the_user_that_names_the_sender_most_exactly) {
  port_table ports;
  somebody exact, host, anybody;
  ports.add(number, {}, anybody);
  const auto of_host = ports.add(number, {host_1, {}}, host);
  const auto of_socket = ports.add(number, {host_1, remote}, exact);
  BOOST_TEST(ports.find(from(host_1, remote), number) == &exact);
  BOOST_TEST(ports.find(from(host_1, socket_number{9}), number) == &host);
  BOOST_TEST(ports.find(from(host_2, remote), number) == &anybody);
  BOOST_TEST(ports.find(from(host_1, remote), socket_number{5001}) == nullptr);  // another number never matches
  ports.remove(of_socket);
  BOOST_TEST(ports.find(from(host_1, remote), number) == &host);
  ports.remove(of_host);
  BOOST_TEST(ports.find(from(host_1, remote), number) == &anybody);
}

BOOST_AUTO_TEST_CASE(find__of_equals_the_first) {
  port_table ports;
  somebody first, second;
  ports.add(number, {host_1, remote}, first);
  ports.add(number, {host_1, remote}, second);
  BOOST_TEST(ports.find(from(host_1, remote), number) == &first);
}

BOOST_AUTO_TEST_CASE(fresh__from_3000_on_without_3004_and_without_what_is_used) {
  port_table ports;
  somebody user;
  ports.add(socket_number{3001}, {}, user);
  ports.add(socket_number{3002}, {host_1, remote}, user);
  std::set<int> numbers;
  for (int i = 0; i < 4; ++i) numbers.insert(static_cast<int>(ports.fresh().value()));
  BOOST_TEST(numbers == (std::set<int>{3000, 3003, 3005, 3006}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(fresh__begins_again_and_says_when_all_are_used) {
  port_table ports;
  somebody user;
  const auto first = ports.add(*ports.fresh(), {}, user);
  int given = 1;
  for (auto next = ports.fresh(); next; next = ports.fresh(), ++given) ports.add(*next, {}, user);
  BOOST_TEST(given == 65536 - 3000 - 1);
  ports.remove(first);
  BOOST_TEST((ports.fresh() == socket_number{3000}));
}

BOOST_AUTO_TEST_SUITE_END()
