#include "rawio/netlink.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "live_support.hpp"

namespace seqwire {
namespace {

using namespace live;

std::optional<interface_row> find_interface(const std::string& name) {
  for (const interface_row& row : list_interfaces())
    if (row.name == name) return row;
  return std::nullopt;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(netlink_test)

BOOST_AUTO_TEST_CASE(add_veth_pair__makes_both_ends_each_in_its_namespace) {
  const private_lab lab = make_lab();
  const int b = lab.network_of(lab_host::b).descriptor_number();
  lab.inside(lab_host::a, [&] {
    add_veth_pair({"here", host_number{0x020000000101}}, {"there", host_number{0x020000000102}, b}, 1280);
    const auto here = find_interface("here");
    BOOST_REQUIRE(here.has_value());
    BOOST_TEST(here->mtu == 1280U);
    BOOST_TEST(to_string(here->address.value_or(host_number{})) == "020000000101");
    BOOST_TEST(!here->up);
    BOOST_TEST(!find_interface("there").has_value());
  });
  lab.inside(lab_host::b, [] {
    const auto there = find_interface("there");
    BOOST_REQUIRE(there.has_value());
    BOOST_TEST(there->mtu == 1280U);
    BOOST_TEST(to_string(there->address.value_or(host_number{})) == "020000000102");
    set_interface_up("there");
    BOOST_TEST(find_interface("there")->up);
    set_interface_mtu("there", 9000);
    BOOST_TEST(find_interface("there")->mtu == 9000U);
    set_interface_down("there");
    BOOST_TEST(!find_interface("there")->up);
    delete_interface("there");
    BOOST_TEST(!find_interface("there").has_value());
  });
  lab.inside(lab_host::a, [] { BOOST_TEST(!find_interface("here").has_value()); });
}

BOOST_AUTO_TEST_CASE(changes__name_what_failed) {
  const private_lab lab = make_lab();
  lab.inside(lab_host::a, [] {
    std::string what;
    BOOST_TEST(error_code_of([] { set_interface_up("absent"); }, what) == ENODEV);
    BOOST_TEST(what.starts_with("bringing the interface absent up"), what);
    BOOST_TEST(error_code_of([] { delete_interface("absent"); }, what) == ENODEV);
    BOOST_TEST(error_code_of([] { set_interface_mtu("absent", 600); }, what) == ENODEV);
    BOOST_TEST(error_code_of([] { add_ipv4_address("absent", "10.0.0.1/8"); }, what) == ENODEV);
    BOOST_TEST(error_code_of([] { add_ipv4_address(lab_interface, "10.0.0"); }, what) != 0);
    BOOST_TEST(error_code_of([] { turn_offloads_off("absent"); }, what) == ENODEV);
    BOOST_TEST(error_code_of([] { turn_offloads_off(std::string(16, 'x')); }, what) == EINVAL);
    BOOST_TEST(error_code_of([] { add_veth_pair({lab_interface}, {"other"}, 1500); }, what) == EEXIST);
  });
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
