#include "rawio/raw_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"

namespace seqwire {
namespace {

using namespace live;

std::vector<slice> receive_frames(raw_port& from, std::size_t count) {
  std::vector<slice> all;
  std::array<slice, 64> batch;
  while (all.size() < count) {
    const std::size_t got = from.receive(batch);
    for (std::size_t i = 0; i < got; ++i) all.push_back(std::exchange(batch[i], {}));
    if (got == 0 && !wait_readable(from.descriptor(), patience)) break;
  }
  return all;
}

void forward(raw_port& from, raw_port& to) {
  std::array<slice, 64> batch;
  while (const std::size_t count = from.receive(batch)) {
    to.transmit(std::span(batch).first(count));
    batch.fill({});
  }
}

// A bridge between the lab's ports, in this process, until `until` becomes readable; false when patience ends first.
struct bridge {
  explicit bridge(const private_lab& lab)
      : a(lab.inside(lab_host::bridge, [] { return std::make_unique<raw_port>(lab_port_a); })),
        b(lab.inside(lab_host::bridge, [] { return std::make_unique<raw_port>(lab_port_b); })) {}
  bool run(int until) {
    event_loop loop;
    bool reached = false;
    loop.add(a->descriptor(), [&] { forward(*a, *b); });
    loop.add(b->descriptor(), [&] { forward(*b, *a); });
    loop.add(until, [&] {
      reached = true;
      loop.stop();
    });
    loop.on_deadline([&] { loop.stop(); });
    loop.set_deadline(clock_now() + patience);
    loop.run();
    return reached;
  }
  std::unique_ptr<raw_port> a;
  std::unique_ptr<raw_port> b;
};

descriptor tcp_socket() {
  descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made) throw_system_error("opening a TCP socket");
  return made;
}

sockaddr_in address_of_b(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, "10.87.0.2", &address.sin_addr);
  return address;
}

constexpr std::size_t tcp_octets = 1'000'000;
octet tcp_octet(std::size_t place) { return static_cast<octet>(place * 7 + place / 256); }

}  // namespace

BOOST_AUTO_TEST_SUITE(raw_port_test)

BOOST_AUTO_TEST_CASE(transmit__any_ethertype_and_any_address_crosses_the_bridge_untouched) {
  const private_lab lab = make_lab();
  bridge between(lab);
  const auto a = lab.inside(lab_host::a, [] { return std::make_unique<raw_port>(lab_interface); });
  const auto b = lab.inside(lab_host::b, [] { return std::make_unique<raw_port>(lab_interface); });
  std::vector<slice> sent;
  const host_number nobody{0x0200000000ff};
  octets tag{0x20, 0x07, 0x88, 0xb5};
  tag.resize(60, 3);
  sent.push_back(ethernet_frame(nobody, lab_address_a, 0x88b5, octets(46, 1)));
  sent.push_back(ethernet_frame(broadcast_host, nobody, 0x9000, octets(1500, 2)));
  sent.push_back(ethernet_frame(nobody, lab_address_a, 0x8100, tag));  // the tag arrives in its place
  sent.push_back(ethernet_frame(host_number{0x090007ffffff}, nobody, 38, octets(38, 4)));  // IEEE 802.3, by length
  BOOST_REQUIRE(a->transmit(sent) == sent.size());
  BOOST_REQUIRE(between.run(b->descriptor()));
  std::vector<slice> arrived = receive_frames(*b, 1);
  while (arrived.size() < sent.size() && between.run(b->descriptor()))
    for (slice& frame : receive_frames(*b, 1)) arrived.push_back(std::move(frame));
  BOOST_REQUIRE(arrived.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const octets_view expected = sent[i].view(), seen = arrived[i].view();
    BOOST_TEST(std::equal(expected.begin(), expected.end(), seen.begin(), seen.end()), "frame " << i);
  }
  BOOST_TEST(between.a->receive_drops() + between.b->receive_drops() == 0U);
}

BOOST_AUTO_TEST_CASE(receive__a_port_does_not_see_its_own_frames) {
  const private_lab lab = make_direct_lab();
  const auto a = lab.inside(lab_host::a, [] { return std::make_unique<raw_port>(lab_interface); });
  const auto b = lab.inside(lab_host::b, [] { return std::make_unique<raw_port>(lab_interface); });
  const std::vector<slice> sent{ethernet_frame(broadcast_host, lab_address_a, 0x88b5, octets(46))};
  BOOST_REQUIRE(a->transmit(sent) == 1U);
  BOOST_TEST(receive_frames(*b, 1).size() == 1U);
  std::array<slice, 4> room;
  BOOST_TEST(a->receive(room) == 0U);
}

BOOST_AUTO_TEST_CASE(forwarding__kernel_tcp_passes_because_the_lab_s_offloads_are_off) {
  const private_lab lab = make_lab();
  bridge between(lab);
  const auto listening = lab.inside(lab_host::b, tcp_socket);
  const sockaddr_in address = address_of_b(7000);
  BOOST_REQUIRE(::bind(listening.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(::listen(listening.number(), 1) == 0);
  child_process receiver = lab.start(lab_host::b, [&] {
    const descriptor accepted(::accept(listening.number(), nullptr, nullptr));
    octets room(65536);
    std::size_t place = 0;
    for (ssize_t count = 0; (count = ::read(accepted.number(), room.data(), room.size())) > 0;)
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
        if (room[i] != tcp_octet(place++)) return 2;
    return place == tcp_octets ? 0 : 3;
  });
  child_process sender = lab.start(lab_host::a, [&] {
    const descriptor connected = tcp_socket();
    octets data(tcp_octets);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = tcp_octet(i);
    if (::connect(connected.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 2;
    for (std::size_t done = 0; done < data.size();) {
      const ssize_t count = ::write(connected.number(), data.data() + done, data.size() - done);
      if (count <= 0) return 3;
      done += static_cast<std::size_t>(count);
    }
    return 0;
  });
  BOOST_TEST(between.run(receiver.descriptor_number()));
  BOOST_TEST(receiver.wait({}).value_or(-1) == 0);
  BOOST_TEST(sender.wait(patience).value_or(-1) == 0);
  BOOST_TEST(between.a->unfinished_checksums() + between.b->unfinished_checksums() == 0U);
  BOOST_TEST(between.a->too_long() + between.b->too_long() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
