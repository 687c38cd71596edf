// The joint: everything that arrives is handed over, timers run when due, and a full link loses and reorders nothing.
#include "protocol/host/drive.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "tests/protocol/host/memory_link.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(drive_test)

// Sends the numbers 0, 1, 2, ... while it has credit; each datagram that arrives gives as many more as its first octet
// says, and is echoed into the log.
class counting_engine final : public engine {
 public:
  std::uint64_t credit = 0;
  std::uint64_t next = 0;
  std::vector<octets> heard;
  std::optional<instant> deadline;
  int timeouts = 0;
  link_index links = 1;

  void on_datagram(instant, const datagram& arrived) override {
    heard.emplace_back(arrived.contents.view().begin(), arrived.contents.view().end());
    credit += arrived.contents.view().front();
  }
  std::size_t poll_transmit(instant, std::span<packet> out) override {
    std::size_t count = 0;
    for (; count < out.size() && next < credit; ++count) {
      out[count].link = static_cast<link_index>(next % links);
      out[count].head_size = 8;
      store_u64(out[count].head.data(), next++);
    }
    return count;
  }
  std::optional<instant> next_timeout() const override { return deadline; }
  void on_timeout(instant) override {
    ++timeouts;
    deadline.reset();
    ++credit;
  }
};

std::vector<std::uint64_t> numbers(const memory_link& of) {
  std::vector<std::uint64_t> result;
  for (const octets& frame : of.sent) result.push_back(load_u64(frame.data()));
  return result;
}

datagram giving(octet credit) { return {.contents = slice::copy_of({&credit, 1})}; }

BOOST_AUTO_TEST_CASE(drive__hands_over_all_that_arrived_and_sends_all_there_is) {
  counting_engine engine;
  memory_link wire;
  seqwire::link* links[] = {&wire};
  driver joint(engine, links);
  for (int i = 0; i < 200; ++i) wire.arriving.push_back(giving(1));
  const auto outcome = joint.drive(instant{});
  BOOST_TEST(engine.heard.size() == 200u);
  BOOST_TEST(wire.sent.size() == 200u);
  BOOST_TEST(!outcome.link_full);
  BOOST_TEST(!outcome.deadline.has_value());
}

BOOST_AUTO_TEST_CASE(drive__reads_only_the_links_that_can_have_something) {
  counting_engine engine;
  memory_link silent, other;
  seqwire::link* links[] = {&silent, &other};
  driver joint(engine, links);
  silent.arriving.push_back(giving(1));
  other.arriving.push_back(giving(2));
  const auto nothing_to_do = [] { return false; };
  joint.drive(instant{}, nothing_to_do, link_index{1});
  BOOST_TEST(engine.heard.size() == 1u);
  BOOST_TEST(engine.heard.front().front() == 2u);
  BOOST_TEST(silent.sent.size() == 2u, "it sends on all of them");
  joint.drive(instant{});
  BOOST_TEST(engine.heard.size() == 2u);
}

BOOST_AUTO_TEST_CASE(drive__runs_a_due_timer_and_reports_the_next_deadline) {
  counting_engine engine;
  memory_link wire;
  seqwire::link* links[] = {&wire};
  driver joint(engine, links);
  engine.deadline = instant{} + 5_ms;
  BOOST_TEST((joint.drive(instant{}).deadline == instant{} + 5_ms));
  BOOST_TEST(engine.timeouts == 0);
  BOOST_TEST(!joint.drive(instant{} + 5_ms).deadline.has_value());
  BOOST_TEST(engine.timeouts == 1);
  BOOST_TEST(wire.sent.size() == 1u);
}

BOOST_AUTO_TEST_CASE(drive__a_full_link_is_reported_and_served_later) {
  counting_engine engine;
  memory_link wire;
  seqwire::link* links[] = {&wire};
  driver joint(engine, links);
  engine.credit = 10;
  wire.room = 3;
  BOOST_TEST(joint.drive(instant{}).link_full);
  BOOST_TEST(joint.drive(instant{}).link_full);
  BOOST_TEST(wire.sent.size() == 3u);
  wire.room = 100;
  BOOST_TEST(!joint.drive(instant{}).link_full);
  BOOST_TEST(numbers(wire) == (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(drive__a_link_that_is_full_still_receives) {
  counting_engine engine;
  memory_link wire;
  seqwire::link* links[] = {&wire};
  driver joint(engine, links);
  engine.credit = 100;
  wire.room = 0;
  joint.drive(instant{});
  for (int i = 0; i < 100; ++i) wire.arriving.push_back(giving(2));
  joint.drive(instant{});
  BOOST_TEST(engine.heard.size() == 100u);
  wire.room = 1000;
  BOOST_TEST(!joint.drive(instant{}).link_full);
  BOOST_TEST(wire.sent.size() == 300u);
}

// A link that is full for one call only: what the engine kept back meanwhile must not wait for the next event.
class stuttering_link final : public seqwire::link {
 public:
  std::uint64_t calls = 0;
  std::uint64_t taken = 0;
  link_capabilities capabilities() const override { return {}; }
  std::size_t receive(instant, std::span<datagram>) override { return 0; }
  std::size_t transmit(instant, std::span<const packet> packets) override {
    if (calls++ == 0) return 0;
    taken += packets.size();
    return packets.size();
  }
};

BOOST_AUTO_TEST_CASE(drive__says_full_or_has_sent_everything) {
  counting_engine engine;
  stuttering_link wire;
  seqwire::link* links[] = {&wire};
  driver joint(engine, links);
  engine.credit = 1000;
  const auto outcome = joint.drive(instant{});
  BOOST_TEST((outcome.link_full || wire.taken == 1000u));
}

RC_BOOST_PROP(drive__loses_and_reorders_nothing_whatever_the_room, (const std::vector<std::uint8_t>& rooms)) {
  counting_engine engine;
  memory_link first, second;
  seqwire::link* links[] = {&first, &second};
  driver joint(engine, links);
  engine.links = 2;
  engine.credit = 10;
  for (const std::uint8_t room : rooms) {
    first.room = room % 16;
    second.room = room / 16;
    first.arriving.push_back(giving(room % 40));
    joint.drive(instant{});
  }
  first.room = second.room = 100'000;
  RC_ASSERT(!joint.drive(instant{}).link_full);
  RC_ASSERT(engine.next == engine.credit);
  RC_ASSERT(first.sent.size() + second.sent.size() == engine.credit);
  for (std::size_t i = 0; i < first.sent.size(); ++i) RC_ASSERT(numbers(first)[i] == 2 * i);
  for (std::size_t i = 0; i < second.sent.size(); ++i) RC_ASSERT(numbers(second)[i] == 2 * i + 1);
}

// How datagrams are batched changes nothing: a host answers the same octets.
BOOST_AUTO_TEST_CASE(drive__batches_change_no_octet) {
  const auto answers_with_batch = [](std::size_t batch) {
    host_config config;
    config.host = host_number{0x0b};
    host engine(config);
    engine.sequenced().listen(socket_number{100}, {});
    memory_link wire;
    wire.batch = batch;
    seqwire::link* links[] = {&wire};
    driver joint(engine, links);
    spp_header opening{};
    opening.system = true;
    opening.allocation = 63;
    for (std::uint16_t id = 1; id <= 10; ++id) {
      opening.source_connection = id;
      const octets frame = spp_frame({network_number{1}, host_number{0x0a}, socket_number{3000}},
                                     engine.address(socket_number{100}), opening);
      wire.arriving.push_back({.previous_hop = host_number{0x0a}, .contents = slice::copy_of(frame)});
      wire.arriving.push_back(wire.arriving.back());
    }
    joint.drive(instant{});
    return wire.sent;
  };
  BOOST_TEST((answers_with_batch(1) == answers_with_batch(64)));
  BOOST_TEST((answers_with_batch(3) == answers_with_batch(64)));
}

BOOST_AUTO_TEST_SUITE_END()
