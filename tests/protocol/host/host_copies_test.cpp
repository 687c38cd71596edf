// The budget of copies: the engine makes none. What leaves is a share of the record that was queued, what is delivered
// a share of the datagrams that arrived; the one copy each way is the link's or the application's own.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "protocol/host/host.hpp"

using namespace seqwire;

namespace {

constexpr host_number number_a{0x02000000000a};
constexpr host_number number_b{0x02000000000b};
constexpr socket_number listening{3000};

bool inside(octets_view part, octets_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// Two hosts joined by hand; remembers what travelled and, by the datagram that carried it, what each body was part of.
struct joined_hosts {
  host a{{.host = number_a}};
  host b{{.host = number_b}};
  instant now{};
  std::vector<slice> bodies;     // of packets that a sent
  std::vector<slice> datagrams;  // that b received

  void exchange() {
    for (bool moved = true; moved;) {
      moved = move(a, b, true);
      moved = move(b, a, false) || moved;
      now += 1_ms;
    }
  }

 private:
  bool move(host& from, host& to, bool remember) {
    packet out[1];
    if (from.poll_transmit(now, out) == 0) return false;
    octets joined(out[0].size());
    out[0].copy_to(joined.data());
    const datagram arrived{.previous_hop = remember ? number_a : number_b,
                           .contents = slice::owning(std::move(joined))};
    if (remember && !out[0].body.empty()) bodies.push_back(out[0].body);
    if (remember) datagrams.push_back(arrived.contents);
    to.on_datagram(now, arrived);
    return true;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(host_copies_test)

BOOST_AUTO_TEST_CASE(payload__is_shared_from_the_record_to_the_packet_and_from_the_datagram_to_the_record) {
  joined_hosts world;
  BOOST_TEST_REQUIRE(world.b.sequenced().listen(listening, {}));
  const auto handle = world.a.sequenced().connect(world.now, world.b.address(listening), {});
  BOOST_TEST_REQUIRE(handle.has_value());
  world.exchange();
  const slice record = slice::owning(octets(5000, 0x5a));
  BOOST_TEST_REQUIRE((world.a.sequenced().find(*handle)->send(record) == send_status::accepted));
  world.exchange();

  BOOST_TEST(world.bodies.size() == 10u);  // 534 octets each
  for (const slice& body : world.bodies) BOOST_TEST(inside(body.view(), record.view()));

  connection_handle accepted = 0;
  while (const auto event = world.b.sequenced().poll_event()) accepted = event->connection;
  const auto delivered = world.b.sequenced().find(accepted)->take_record();
  BOOST_TEST_REQUIRE(delivered.has_value());
  BOOST_TEST(delivered->size == 5000u);
  for (const slice& piece : delivered->pieces) {
    bool found = false;
    for (const slice& arrived : world.datagrams) found = found || inside(piece.view(), arrived.view());
    BOOST_TEST(found, "a piece of the record lies in no datagram that arrived");
  }
}

BOOST_AUTO_TEST_SUITE_END()
