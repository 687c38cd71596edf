#include "rawio/privilege.hpp"

#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>

#include "rawio/child_process.hpp"

using namespace seqwire;

namespace {

// A line of /proc/self/status such as "CapEff:".
std::string status_value(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return line.substr(line.find_first_not_of(" \t", name.size()));
  return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(privilege_test)

BOOST_AUTO_TEST_CASE(drop_privileges__leaves_nothing_to_open_a_packet_socket_with) {
  child_process child = child_process::start([] {
    drop_privileges();
    if (status_value("CapEff:") != "0000000000000000") return 1;
    if (status_value("CapPrm:") != "0000000000000000") return 2;
    if (status_value("CapAmb:") != "0000000000000000") return 3;
    if (status_value("NoNewPrivs:") != "1") return 4;
    if (::socket(AF_PACKET, SOCK_RAW, 0) >= 0) return 5;
    return 0;
  });
  BOOST_TEST(child.wait(10_s).value_or(-1) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
