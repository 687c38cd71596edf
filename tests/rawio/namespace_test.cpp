#include "rawio/namespace.hpp"

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/netlink.hpp"
#include "rawio/raw_port.hpp"

namespace seqwire {
namespace {

using namespace live;

// Runs `body` in a child of its own: environment and namespaces of the test program stay as they are.
int status_of(const std::function<int()>& body) { return child_process::start(body).wait(patience).value_or(-1); }

const namespace_identity first_network = current_network_namespace();
bool in_first_network() { return current_network_namespace() == first_network; }

template <class Action>
bool refused(Action&& action, const std::string& expected) {
  try {
    action();
  } catch (const guard_error& error) {
    return std::string(error.what()).find(expected) != std::string::npos;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(namespace_test)

// First in this file, and nothing to see when suites that leave the first network ran before in the same program.
BOOST_AUTO_TEST_CASE(require_private_namespace__refuses_the_network_that_the_program_was_started_in) {
  if (!in_first_network()) {
    BOOST_TEST_MESSAGE("not in the first network any more: run this suite alone");
    return;
  }
  BOOST_TEST(refused([] { require_private_namespace("trying"); }, "trying: refused: "));
  // Naming it in the environment does not make it private.
  BOOST_TEST(status_of([] {
               ::setenv(private_namespace_variable, to_string(current_network_namespace()).c_str(), 1);
               return refused([] { require_private_namespace("trying"); }, "refused") ? 0 : 1;
             }) == 0);
  BOOST_TEST(refused([] { packet_link link("lo"); }, "opening interface lo: refused"));
  BOOST_TEST(refused([] { raw_port port("lo"); }, "opening interface lo: refused"));
  BOOST_TEST(refused([] { set_interface_down("lo"); }, "taking the interface lo down: refused"));
}

BOOST_AUTO_TEST_CASE(require_private_namespace__accepts_a_lab_s_host_and_refuses_another_name_for_it) {
  const private_lab lab = make_lab();
  const auto inside_a = [&](const std::function<int()>& body) {
    return lab.start(lab_host::a, body).wait(patience).value_or(-1);
  };
  BOOST_TEST(inside_a([] {
               require_private_namespace("trying");
               return 0;
             }) == 0);
  BOOST_TEST(inside_a([&] {
               ::setenv(private_namespace_variable, to_string(lab.network_of(lab_host::b).identity()).c_str(), 1);
               return refused([] { require_private_namespace("trying"); }, private_namespace_variable) ? 0 : 1;
             }) == 0);
  BOOST_TEST(inside_a([] {
               ::unsetenv(private_namespace_variable);
               return refused([] { require_private_namespace("trying"); }, private_namespace_variable) ? 0 : 1;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(require_private_namespace_if_guarded__asks_only_when_told) {
  BOOST_TEST(status_of([] {
               ::unsetenv(network_guard_variable);
               require_private_namespace_if_guarded("trying");
               ::setenv(network_guard_variable, "1", 1);
               ::unsetenv(private_namespace_variable);
               return refused([] { require_private_namespace_if_guarded("trying"); }, "refused") ? 0 : 1;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(create_and_enter__makes_a_namespace_with_nothing_but_loopback) {
  make_lab();  // or ends the program where namespaces are not to be had
  BOOST_TEST(status_of([] {
               if (!new_namespace_would_be_private()) create_and_enter_user_namespace();
               const namespace_identity before = current_network_namespace();
               const network_namespace made = network_namespace::create_and_enter();
               const auto interfaces = list_interfaces();
               const bool empty =
                   std::all_of(interfaces.begin(), interfaces.end(), [](const auto& row) { return !row.up; });
               require_private_namespace("trying");
               return made.identity() == current_network_namespace() && made.identity() != before && empty ? 0 : 1;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(namespace_visit__comes_back) {
  const private_lab lab = make_lab();
  lab.inside(lab_host::a, [&] {
    const namespace_identity home = current_network_namespace();
    BOOST_TEST((home == lab.network_of(lab_host::a).identity()));
    {
      const namespace_visit visit(lab.network_of(lab_host::b));
      BOOST_TEST((current_network_namespace() == lab.network_of(lab_host::b).identity()));
      require_private_namespace("trying");
    }
    BOOST_TEST((current_network_namespace() == home));
    require_private_namespace("trying");
  });
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
