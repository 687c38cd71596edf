// Two simulated hosts with programs on them, and what such programs do all the time. A test that fails leaves the
// capture of what its hosts said, and tells where.
#pragma once

#include <unistd.h>
#include <boost/test/framework.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "rawio/capture/capture.hpp"
#include "sim/programs.hpp"
#include "sim/simulation.hpp"

namespace seqwire::test {

struct socket_world {
  explicit socket_world(duration delay, endpoint_config config = {}) : on_a(config), on_b(config) {
    settings.a_to_b.delay = settings.b_to_a.delay = delay;
    settings.time_limit = 10'000_s;
  }
  ~socket_world() {
    world.reset();
    if (!capture) return;
    capture->close();
    capture.reset();
    namespace bt = boost::unit_test;
    if (bt::results_collector.results(bt::framework::current_test_case_id()).passed()) std::filesystem::remove(path);
    else
      std::fprintf(stderr, "seed %llu; what the hosts said: %s\n", static_cast<unsigned long long>(settings.seed),
                   path.c_str());
  }
  socket_world(const socket_world&) = delete;
  socket_world& operator=(const socket_world&) = delete;

  void run() {
    namespace bt = boost::unit_test;
    std::string name = bt::framework::current_test_case().full_name();
    for (char& each : name)
      if (each == '/') each = '.';
    path = (std::filesystem::temp_directory_path() / ("seqwire-" + name + "-" + std::to_string(::getpid()) + ".pcapng"))
               .string();
    capture.emplace(path, capture_writer_options{.application = "seqwire tests", .comment = name});
    world.emplace(settings, on_a, on_b, &*capture);
    world->run();
  }

  simulated_programs on_a;
  simulated_programs on_b;
  simulation_settings settings;
  std::string path;  // of the capture
  std::optional<capture_writer> capture;
  std::optional<simulation> world;
};

inline void must(const socket_result<void>& outcome) {
  if (!outcome) BOOST_FAIL(outcome.error().message());
}
template <class Value>
Value must(socket_result<Value> outcome) {
  if (!outcome) BOOST_FAIL(outcome.error().message());
  return std::move(*outcome);
}

/// Lets this much time pass, whatever happens meanwhile.
inline void rest(endpoint& at, duration span) {
  const instant until = at.waiting().now() + span;
  while (at.waiting().now() < until && at.waiting().wait(until)) continue;
}

inline xns_address at_b(std::uint16_t number) {
  return {simulation::network, simulation::host_b, socket_number{number}};
}
inline xns_address own(std::uint16_t number) { return {local_network, host_number{}, socket_number{number}}; }

inline std::unique_ptr<socket> listener(endpoint& at, std::uint16_t number,
                                        socket_type type = socket_type::sequenced_packet) {
  auto made = must(at.open(type));
  must(made->bind(own(number)));
  must(made->listen(8));
  return made;
}

inline std::unique_ptr<socket> connected(endpoint& at, socket_type type, std::uint16_t number) {
  auto made = must(at.open(type));
  must(made->connect(at_b(number)));
  return made;
}

inline void send_text(socket& to, std::string_view text, const send_options& how = {}) {
  const auto sent = to.send(view_of(text), how);
  if (!sent) BOOST_FAIL(sent.error().message());
  BOOST_TEST(*sent == text.size());
}

/// What one receive() brings, as text; "(end)" or the error otherwise.
inline std::string text_from(socket& from, const receive_options& how = {}, std::size_t room = 65536) {
  octets buffer(room);
  const auto got = from.receive(std::span<octet>(buffer), how);
  if (!got) return "(" + got.error().message() + ")";
  if (got->end) return "(end)";
  return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got->size)};
}

}  // namespace seqwire::test
