#include "rawio/interface_claim.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"

namespace seqwire {
using namespace live;

BOOST_AUTO_TEST_SUITE(interface_claim_test)

BOOST_AUTO_TEST_CASE(constructor__a_second_claim_names_the_owner_until_it_is_killed) {
  const private_lab lab = make_lab();
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::pipe(ends.data()) == 0);
  const descriptor reading(ends[0]);
  const descriptor writing(ends[1]);
  child_process owner = lab.start(lab_host::a, [&] {
    const interface_claim claim(lab_interface, 2, lab_address_a);
    return ::write(writing.number(), "+", 1) == 1 ? ::pause() : 1;
  });
  BOOST_REQUIRE(wait_readable(reading.number(), patience));
  lab.inside(lab_host::a, [&] {
    std::string what;
    const auto claim_again = [] { interface_claim second(lab_interface, 2, lab_address_a); };
    BOOST_TEST(error_code_of(claim_again, what) == EADDRINUSE);
    BOOST_TEST(what.find(fmt::format("host 02000000000a is in use by process {} (", owner.pid())) != std::string::npos,
               what);
    owner.signal(SIGKILL);
    BOOST_TEST(owner.wait(patience).value_or(-1) == 128 + SIGKILL);
    BOOST_TEST(error_code_of(claim_again, what) == 0);
  });
}

BOOST_AUTO_TEST_CASE(constructor__other_interfaces_hosts_and_namespaces_are_free) {
  const private_lab lab = make_lab();
  lab.inside(lab_host::a, [&] {
    const interface_claim first(lab_interface, 2, lab_address_a);
    const interface_claim other_host(lab_interface, 2, lab_address_b);
    const interface_claim other_interface("xns1", 3, lab_address_a);
    lab.inside(lab_host::b,
               [] { BOOST_CHECK_NO_THROW(interface_claim other_namespace(lab_interface, 2, lab_address_a)); });
  });
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
