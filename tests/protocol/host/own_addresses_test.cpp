// A host's own addresses, on one link and on many.
#include "protocol/host/own_addresses.hpp"

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(own_addresses_test)

host_config with_links(std::initializer_list<std::pair<unsigned, unsigned>> links) {
  host_config config;
  bool first = true;
  for (const auto& [network, host] : links) {
    if (first) {
      config.network = network_number{network};
      config.host = host_number{host};
    } else {
      config.further.push_back({network_number{network}, host_number{host}, 1500});
    }
    first = false;
  }
  return config;
}

BOOST_AUTO_TEST_CASE(link_on__is_the_first_of_that_network) {
  const own_addresses own(with_links({{7, 1}, {3, 2}, {7, 3}, {5, 1}}));
  BOOST_TEST(own.link_on(network_number{7}).value() == 0u);
  BOOST_TEST(own.link_on(network_number{3}).value() == 1u);
  BOOST_TEST(own.link_on(network_number{5}).value() == 3u);
  for (const unsigned none : {0u, 4u, 6u, 8u}) BOOST_TEST(!own.link_on(network_number{none}).has_value());
}

BOOST_AUTO_TEST_CASE(has__number_and_network_belong_together) {
  const own_addresses own(with_links({{7, 1}, {3, 2}, {7, 3}}));
  BOOST_TEST(own.has(network_number{7}, host_number{1}));
  BOOST_TEST(own.has(network_number{7}, host_number{3}));
  BOOST_TEST(!own.has(network_number{7}, host_number{2}));
  BOOST_TEST(!own.has(network_number{4}, host_number{1}));
  BOOST_TEST(own.has_host_number(host_number{2}));
  BOOST_TEST(!own.has_host_number(host_number{4}));
}

BOOST_AUTO_TEST_SUITE_END()
