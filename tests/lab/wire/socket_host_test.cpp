// A command's host on a link: no octet of the network is read with privileges.
#include "lab/wire/socket_host.hpp"

#include <sys/eventfd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>

#include "rawio/child_process.hpp"

using namespace seqwire;

namespace {

// Whether this process has given up what drop_privileges() takes last: its system calls are filtered.
bool has_dropped() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Seccomp:")) return line.ends_with('2');
  return false;
}

// A link that knows who asked it for packets, and how.
struct watching_link final : live_link {
  link_capabilities capabilities() const override { return {.host = host_number{10}}; }
  std::size_t receive(instant, std::span<datagram>) override {
    ++asked;
    asked_with_privileges += has_dropped() ? 0 : 1;
    return 0;
  }
  std::size_t transmit(instant, std::span<const packet> packets) override { return packets.size(); }
  int descriptor() const override { return never.number(); }
  std::string name() const override { return "a test's link"; }
  std::uint64_t received() const override { return 0; }
  std::uint64_t receive_drops() override { return 0; }

  seqwire::descriptor never{::eventfd(0, EFD_CLOEXEC)};
  int asked = 0;
  int asked_with_privileges = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_host_test)

BOOST_AUTO_TEST_CASE(socket_host__reads_nothing_before_privileges_are_dropped) {
  child_process child = child_process::start([] {
    auto made = std::make_unique<watching_link>();
    watching_link& link = *made;
    socket_host host(std::move(made), network_number{1});
    host.at().process();
    if (link.asked == 0) return 1;
    return link.asked_with_privileges == 0 ? 0 : 2;
  });
  BOOST_TEST(child.wait(60_s).value_or(-1) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
