// Sockets on real links: the same calls as in virtual time, blocking in one thread, and inside a loop of somebody else.
#include "rawio/live_endpoint.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "live_support.hpp"
#include "rawio/packet_link.hpp"

namespace seqwire {
namespace {

using namespace live;

constexpr socket_number service{3000};

// A host of the laboratory with sockets; made inside its namespace.
struct live_end {
  live_end(const private_lab& lab, lab_host where)
      : on(lab.inside(where, [] { return std::make_unique<packet_link>(lab_interface); })),
        at(*on, on->descriptor(), settings(*on)) {}

  static host_config settings(const link& on) {
    host_config config;
    config.host = on.capabilities().host;
    config.secret = make_hash_key(random_stream(static_cast<std::uint64_t>(config.host)));
    config.mtu = on.capabilities().mtu;
    return config;
  }
  xns_address address() const { return at.on().address(service); }

  std::unique_ptr<packet_link> on;
  live_endpoint at;
};

struct two_ends {
  private_lab lab = make_direct_lab(1500);
  live_end a{lab, lab_host::a};
  live_end b{lab, lab_host::b};
};

std::string text_of(const socket_result<received>& got, const octets& buffer) {
  if (!got) return "(" + got.error().message() + ")";
  return got->end ? "(end)" : std::string(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got->size));
}

// Listens, sends every record back, and ends with the connection.
void echo_records(live_endpoint& at) {
  const auto listening = at.sockets().open(socket_type::sequenced_packet).value();
  xns_address own{};
  own.socket = service;
  if (!listening->bind(own) || !listening->listen(4)) return;
  const auto talk = listening->accept().value();
  octets buffer(100'000);
  for (;;) {
    const auto got = talk->receive(std::span<octet>(buffer));
    if (!got || got->end) break;
    if (!talk->send(octets_view(buffer.data(), got->size))) break;
  }
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(live_endpoint_test, two_ends)

BOOST_AUTO_TEST_CASE(wait__blocking_programs_exchange_records) {
  std::thread server([this] {
    echo_records(b.at);
    b.at.sockets().drain(10_s);
  });
  {
    const auto talk = a.at.sockets().open(socket_type::sequenced_packet).value();
    BOOST_REQUIRE(talk->set(socket_option::receive_timeout, 20_s).has_value());
    const auto opened = talk->connect(b.address());
    BOOST_TEST(opened.has_value());
    for (const std::size_t size : {0u, 1u, 1458u, 1459u, 100'000u}) {
      const octets record(size, static_cast<octet>(size % 251));
      BOOST_TEST(talk->send(record).has_value());
      octets buffer(100'000);
      const auto got = talk->receive(std::span<octet>(buffer));
      BOOST_REQUIRE(got.has_value());
      BOOST_TEST(!got->end);
      BOOST_REQUIRE(got->size == size);
      BOOST_TEST(std::equal(record.begin(), record.end(), buffer.begin()));
    }
  }
  BOOST_TEST(a.at.sockets().drain(10_s));
  server.join();
}

BOOST_AUTO_TEST_CASE(process__inside_the_loop_of_a_program_that_has_one) {
  const auto client = a.at.sockets().open(socket_type::datagram).value();
  const auto server = b.at.sockets().open(socket_type::datagram).value();
  xns_address own{};
  own.socket = service;
  BOOST_REQUIRE(server->bind(own).has_value());
  BOOST_REQUIRE(server->set(socket_option::non_blocking, true).has_value());
  octets buffer(100);
  BOOST_TEST(text_of(server->receive(std::span<octet>(buffer)), buffer) == "(Resource temporarily unavailable)");
  BOOST_TEST(client->send(view_of("hello"), {.to = b.address()}).has_value());
  BOOST_REQUIRE(wait_readable(b.at.readiness_descriptor(), patience));
  b.at.process();
  BOOST_TEST(server->ready().readable);
  BOOST_TEST(text_of(server->receive(std::span<octet>(buffer)), buffer) == "hello");
}

// Nobody runs b, so that nothing answers: the timer alone wakes the program.
BOOST_AUTO_TEST_CASE(wait__a_peer_that_does_not_run_times_out) {
  const auto talk = a.at.sockets().open(socket_type::sequenced_packet).value();
  BOOST_REQUIRE(talk->set(socket_option::open_timeout, 50_ms).has_value());
  const auto opened = talk->connect(b.address());
  BOOST_REQUIRE(!opened.has_value());
  BOOST_TEST((opened.error() == std::errc::timed_out));
}

// What is readable before the wait begins interrupts it as well: there is no moment at which it could be missed.
BOOST_AUTO_TEST_CASE(interrupt_by__ends_every_wait_while_it_is_readable) {
  const descriptor interrupting(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  a.at.interrupt_by(interrupting.number());
  const std::uint64_t one = 1;
  BOOST_REQUIRE(::write(interrupting.number(), &one, sizeof one) == ssize_t{sizeof one});
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto talk = a.at.sockets().open(socket_type::sequenced_packet).value();
    const auto opened = talk->connect(b.address());
    BOOST_REQUIRE(!opened.has_value());
    BOOST_TEST((opened.error() == std::errc::interrupted));
  }
  std::uint64_t taken = 0;
  BOOST_REQUIRE(::read(interrupting.number(), &taken, sizeof taken) == ssize_t{sizeof taken});
  const auto talk = a.at.sockets().open(socket_type::datagram).value();
  BOOST_REQUIRE(talk->bind({}).has_value());
  BOOST_REQUIRE(talk->set(socket_option::receive_timeout, 1_ms).has_value());
  octets buffer(10);
  BOOST_TEST((talk->receive(std::span<octet>(buffer)).error() == std::errc::operation_would_block));
}

// A program that is busy calls process() for every few packets: nobody is looked after then who did not ask.
BOOST_AUTO_TEST_CASE(attend__serves_only_what_is_readable) {
  const descriptor asking(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  std::uint64_t value = 1;
  int served = 0;
  a.at.attend(asking.number(), [&] {
    ++served;
    BOOST_TEST(::read(asking.number(), &value, sizeof value) == ssize_t{sizeof value});
  });
  for (int i = 0; i < 10; ++i) a.at.process();
  BOOST_TEST(served == 0);
  BOOST_REQUIRE(::write(asking.number(), &value, sizeof value) == ssize_t{sizeof value});
  BOOST_TEST(wait_readable(a.at.readiness_descriptor(), patience));
  for (int i = 0; i < 10; ++i) a.at.process();
  BOOST_TEST(served == 1);
}

// Being stopped and continued ends system calls in the same way as a handled signal does.
BOOST_AUTO_TEST_CASE(wait__goes_on_after_signals_that_mean_nothing_to_it) {
  static volatile sig_atomic_t handled;
  handled = 0;
  struct sigaction counting {};
  counting.sa_handler = [](int) { handled = handled + 1; };
  struct sigaction before {};
  BOOST_REQUIRE(::sigaction(SIGALRM, &counting, &before) == 0);
  const itimerval often{{0, 1000}, {0, 1000}}, never{};
  BOOST_REQUIRE(::setitimer(ITIMER_REAL, &often, nullptr) == 0);
  const auto talk = a.at.sockets().open(socket_type::datagram).value();
  BOOST_REQUIRE(talk->bind({}).has_value());
  BOOST_REQUIRE(talk->set(socket_option::receive_timeout, 20_ms).has_value());
  octets buffer(10);
  BOOST_TEST((talk->receive(std::span<octet>(buffer)).error() == std::errc::operation_would_block));
  ::setitimer(ITIMER_REAL, &never, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
  BOOST_TEST(handled > 0);
}

BOOST_AUTO_TEST_CASE(hold_output__what_was_sent_leaves_with_the_next_process) {
  const auto client = a.at.sockets().open(socket_type::datagram).value();
  const auto server = b.at.sockets().open(socket_type::datagram).value();
  xns_address own{};
  own.socket = service;
  BOOST_REQUIRE(server->bind(own).has_value());
  a.at.hold_output(true);
  for (int i = 0; i < 10; ++i) BOOST_TEST(client->send(view_of("hello"), {.to = b.address()}).has_value());
  BOOST_TEST(a.on->counters().sent == 0u);
  a.at.process();
  BOOST_TEST(a.on->counters().sent == 10u);
}

BOOST_AUTO_TEST_SUITE_END()

// A host between two networks, each of a veth pair of its own.
BOOST_AUTO_TEST_CASE(live_endpoint__on_two_links_talks_on_both) {
  private_lab lab = make_lab();
  const auto link_to = [&](lab_host where, const std::string& name) {
    return lab.inside(where, [&] { return std::make_unique<packet_link>(name); });
  };
  const auto left = link_to(lab_host::bridge, lab_port_a), right = link_to(lab_host::bridge, lab_port_b);
  const auto of_a = link_to(lab_host::a, lab_interface), of_b = link_to(lab_host::b, lab_interface);
  host_config between = live_end::settings(*left);
  between.further.push_back({network_number{2}, right->capabilities().host, right->capabilities().mtu});
  host_config on_b = live_end::settings(*of_b);
  on_b.network = network_number{2};
  live_endpoint a(*of_a, of_a->descriptor(), live_end::settings(*of_a)), b(*of_b, of_b->descriptor(), on_b);
  live_endpoint middle({{left.get(), left->descriptor()}, {right.get(), right->descriptor()}}, between);

  const auto waiting = middle.sockets().open(socket_type::datagram).value();
  BOOST_REQUIRE(waiting->bind(middle.on().address(service, 1)).has_value());  // one number on all its links
  BOOST_REQUIRE(waiting->set(socket_option::receive_timeout, patience).has_value());
  for (live_endpoint* const each : {&a, &b}) {
    const link_index through = each == &a ? 0 : 1;
    const auto asks = each->sockets().open(socket_type::datagram).value();
    BOOST_REQUIRE(asks->send(view_of("hello"), {.to = middle.on().address(service, through)}).has_value());
    octets buffer(10);
    const auto got = waiting->receive(std::span<octet>(buffer));
    BOOST_TEST(text_of(got, buffer) == "hello");
    BOOST_REQUIRE(got->from.has_value());
    BOOST_TEST((*got->from == each->on().address(got->from->socket)));
    BOOST_REQUIRE(waiting->send(view_of("and back"), {.to = got->from}).has_value());
    BOOST_REQUIRE(asks->set(socket_option::receive_timeout, patience).has_value());
    BOOST_TEST(text_of(asks->receive(std::span<octet>(buffer)), buffer) == "and back");
  }
}

}  // namespace seqwire
