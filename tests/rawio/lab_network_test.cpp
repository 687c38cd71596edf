#include "rawio/lab_network.hpp"

#include <sys/wait.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/netlink.hpp"

namespace seqwire {
namespace {

using namespace live;

// "lo xns0", what is up in a namespace.
std::string names_of_interfaces_that_are_up() {
  std::string names;
  for (const interface_row& row : list_interfaces())
    if (row.up) names += (names.empty() ? "" : " ") + row.name;
  return names;
}

// A lab made by somebody who is not root, and an IDP packet across it; what the child ends with.
int use_a_lab_as_nobody() {
  if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) return 10;
  const private_lab lab(lab_options{.through_bridge = false});
  if (lab.user_namespace() < 0) return 11;
  return lab
      .start(lab_host::a,
             [&] {
               packet_link a(lab_interface);
               const namespace_visit visit(lab.network_of(lab_host::b));
               packet_link b(lab_interface);
               const std::vector<packet> sent{make_packet(lab_address_a, lab_address_b, 101)};
               return a.transmit({}, sent) == 1 && receive_datagrams(b, 1).size() == 1 ? 0 : 12;
             })
      .wait(patience)
      .value_or(13);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lab_network_test)

// First in this file: once this program has visited a lab of a user namespace it cannot become another user.
BOOST_AUTO_TEST_CASE(constructor__works_without_root_or_says_why_not) {
  if (::geteuid() != 0) return;  // every other test here shows it
  child_process child = child_process::start(use_a_lab_as_nobody);
  const int status = child.wait(patience).value_or(-1);
  if (status == 77) BOOST_TEST_MESSAGE("ordinary users may not have user namespaces here");
  BOOST_TEST((status == 0 || status == 77), "status " << status);
}

BOOST_AUTO_TEST_CASE(parse_lab_host__knows_the_three_names) {
  for (const lab_host host : lab_hosts) BOOST_TEST((parse_lab_host(name_of(host)) == host));
  BOOST_TEST(!parse_lab_host("c").has_value());
  BOOST_TEST(!parse_lab_host("").has_value());
}

BOOST_AUTO_TEST_CASE(constructor__joins_a_and_b_through_the_bridge_and_leaves_the_caller_where_it_is) {
  const namespace_identity before = current_network_namespace();
  const private_lab lab = make_lab();
  BOOST_TEST((current_network_namespace() == before));
  BOOST_TEST(lab.inside(lab_host::a, names_of_interfaces_that_are_up) == "lo xns0");
  BOOST_TEST(lab.inside(lab_host::b, names_of_interfaces_that_are_up) == "lo xns0");
  BOOST_TEST(lab.inside(lab_host::bridge, names_of_interfaces_that_are_up) == "lo port-a port-b");
}

BOOST_AUTO_TEST_CASE(constructor__labs_do_not_know_each_other) {
  const private_lab first = make_lab();
  const private_lab second = make_lab();
  for (const lab_host host : lab_hosts)
    BOOST_TEST((first.network_of(host).identity() != second.network_of(host).identity()));
}

BOOST_AUTO_TEST_CASE(start__runs_inside_the_host) {
  const private_lab lab = make_lab();
  for (const lab_host host : lab_hosts) {
    child_process child =
        lab.start(host, [&] { return current_network_namespace() == lab.network_of(host).identity() ? 0 : 1; });
    BOOST_TEST(child.wait(patience).value_or(-1) == 0);
  }
}

BOOST_AUTO_TEST_CASE(start__executed_commands_keep_their_power_over_the_lab_s_network) {
  const private_lab lab = make_lab();
  child_process child = lab.start(lab_host::a, [] {
    return execute({"ip", "link", "set", lab_interface, "mtu", "1300"});
  });
  BOOST_TEST(child.wait(patience).value_or(-1) == 0);
  lab.inside(lab_host::a, [] { BOOST_TEST(find_ethernet_interface(lab_interface).mtu == 1300U); });
}

BOOST_AUTO_TEST_CASE(inside__comes_back_also_by_an_exception) {
  const private_lab lab = make_lab();
  lab.inside(lab_host::a, [] {});
  const namespace_identity before = current_network_namespace();
  BOOST_CHECK_THROW(lab.inside(lab_host::b, [] { throw std::runtime_error("expected"); }), std::runtime_error);
  BOOST_TEST((current_network_namespace() == before));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
