#include "rawio/packet_socket.hpp"

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/netlink.hpp"

namespace seqwire {
using namespace live;

BOOST_AUTO_TEST_SUITE(packet_socket_test)

BOOST_AUTO_TEST_CASE(find_ethernet_interface__tells_index_address_and_mtu) {
  const private_lab lab = make_lab({.mtu = 1400});
  const ethernet_interface found = lab.inside(lab_host::a, [] { return find_ethernet_interface(lab_interface); });
  BOOST_TEST(found.index > 0);
  BOOST_TEST(to_string(found.address) == to_string(lab_address_a));
  BOOST_TEST(found.mtu == 1400U);
}

BOOST_AUTO_TEST_CASE(constructor__refuses_what_is_no_usable_interface_with_one_clear_error) {
  const private_lab lab = make_lab();
  lab.inside(lab_host::a, [] {
    const auto refusal = [](const std::string& name, int code, const std::string& words) {
      std::string what;
      BOOST_TEST_CONTEXT("interface " << name) {
        BOOST_TEST(error_code_of([&] { packet_socket socket(name); }, what) == code);
        BOOST_TEST(what.find(words) != std::string::npos, what);
        BOOST_TEST(what.find('\n') == std::string::npos);
      }
    };
    refusal("absent0", ENODEV, "interface absent0");
    refusal("sixteen-letters-", EINVAL, "1 to 15 characters");
    refusal("a/b", EINVAL, "without '/'");
    refusal("a b", EINVAL, "blanks");
    refusal("", EINVAL, "1 to 15 characters");
    refusal("..", EINVAL, "expected a name");
    refusal("lo", EPROTONOSUPPORT, "loopback");
    set_interface_down(lab_interface);
    refusal(lab_interface, ENETDOWN, "is down");
  });
}

BOOST_AUTO_TEST_CASE(receive__nothing_arrives_before_bind) {
  const private_lab lab = make_direct_lab();
  packet_socket early = lab.inside(lab_host::b, [] { return packet_socket(lab_interface); });
  packet_socket sender = lab.inside(lab_host::a, [] { return packet_socket(lab_interface); });
  packet_socket bound = lab.inside(lab_host::b, [] { return packet_socket(lab_interface); });
  sender.bind({.ethertype = 0x88b5});
  bound.bind({.ethertype = 0x88b5});
  const slice frame = ethernet_frame(lab_address_b, lab_address_a, 0x88b5, octets(50));
  iovec piece{const_cast<octet*>(frame.data()), frame.size()};
  mmsghdr message{};
  message.msg_hdr.msg_iov = &piece;
  message.msg_hdr.msg_iovlen = 1;
  BOOST_REQUIRE(sender.send({&message, 1}) == 1U);
  BOOST_REQUIRE(wait_readable(bound.descriptor_number(), patience));  // it has crossed
  octets room(2000);
  piece = {room.data(), room.size()};
  BOOST_TEST(early.receive({&message, 1}) == 0U);
  BOOST_TEST(bound.receive({&message, 1}) == 1U);
  BOOST_TEST(message.msg_len == frame.size());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
