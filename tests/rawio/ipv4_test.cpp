// Addresses as text and as host numbers, and what the kernel says about ways.
#include "rawio/ipv4.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/netlink.hpp"

namespace seqwire {
namespace {

using namespace live;

constexpr std::uint32_t address_a = 0x0a570001, address_b = 0x0a570002;

}  // namespace

BOOST_AUTO_TEST_SUITE(ipv4_test)

BOOST_AUTO_TEST_CASE(text__there_and_back) {
  BOOST_TEST(to_string(ipv4_endpoint{0x0a000007, 49152}) == "10.0.0.7:49152");
  BOOST_TEST((parse_ipv4("10.87.0.1") == address_a));
  for (const char* wrong : {"", "10", "10.0.0", "10.0.0.256", "10.0.0.1.2", "10.0.0.1 ", "host", "::1", "0x0a000001"})
    BOOST_TEST(!parse_ipv4(wrong).has_value(), wrong);
  BOOST_TEST((parse_port("65535") == 65535));
  for (const char* wrong : {"", "-1", "65536", "1x", " 1"}) BOOST_TEST(!parse_port(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(derived_host__is_read_off_for_the_first_port) {
  BOOST_TEST(to_string(derived_host({0x0a000007, 49152}).value()) == "02000a000007");
  BOOST_TEST(to_string(derived_host({0x0a000007, 49153}).value()) == "02010a000007");
  BOOST_TEST(to_string(derived_host({0x7f000001, 65535}).value()) == "feff7f000001");
  BOOST_TEST(!derived_host({0x0a000007, 49151}).has_value());
  for (const std::uint32_t nobody : {0u, 0xe0000001u, 0xf0000001u, 0xffffffffu})
    BOOST_TEST(!derived_host({nobody, 50000}).has_value());
  BOOST_TEST(!derived_endpoint(host_number{0x08000a000007}).has_value());    // not locally administered
  BOOST_TEST(!derived_endpoint(host_number{0x03000a000007}).has_value());    // a group
  BOOST_TEST(!derived_endpoint(host_number{0x0102000a000007}).has_value());  // no host number at all
  BOOST_TEST(!derived_endpoint(broadcast_host).has_value());
}

RC_BOOST_PROP(derived_host__and_endpoint_each_tell_the_other, ()) {
  const ipv4_endpoint endpoint{*rc::gen::inRange<std::uint32_t>(0x01000000, 0xe0000000),
                               static_cast<std::uint16_t>(*rc::gen::inRange(49152, 65536))};
  const auto host = derived_host(endpoint);
  RC_ASSERT(host.has_value());
  RC_ASSERT(!is_group(*host));
  RC_ASSERT(derived_endpoint(*host) == endpoint);
}

RC_BOOST_PROP(random_host__is_single_and_leads_nowhere, (std::uint64_t seed)) {
  const host_number host = random_host(seed);
  RC_ASSERT(!is_group(host));
  RC_ASSERT(static_cast<std::uint64_t>(host) >> 48 == 0u);
  RC_ASSERT((static_cast<std::uint64_t>(host) >> 41 & 1) == 1u);
  RC_ASSERT(!derived_endpoint(host).has_value());
}

BOOST_AUTO_TEST_CASE(find_ipv4_path__tells_neighbours_from_those_behind_a_router) {
  const private_lab lab = make_direct_lab(1400);
  lab.inside(lab_host::a, [] {
    const auto near = find_ipv4_path(0, address_b);
    BOOST_REQUIRE(near.has_value());
    BOOST_TEST(near->source == address_a);
    BOOST_TEST(near->mtu == 1400u);
    BOOST_TEST(!near->routed);
    BOOST_TEST(!find_ipv4_path(0, 0x0b000001).has_value());
    BOOST_TEST(!find_ipv4_path(address_b, address_b).has_value());  // not our address
    BOOST_REQUIRE(std::system("ip route add default via 10.87.0.2") == 0);
    const auto far = find_ipv4_path(0, 0x0b000001);
    BOOST_REQUIRE(far.has_value());
    BOOST_TEST(far->routed);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
