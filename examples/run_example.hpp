// Runs an example's two programs: by default both in virtual time, on two simulated hosts whose link loses every tenth
// packet; with --server INTERFACE or --client INTERFACE NET.HOST one of them on a real link. The program text is the
// same in both worlds: only what stands in this file differs.
#pragma once

#include <cstdio>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "rawio/entropy.hpp"
#include "rawio/live_endpoint.hpp"
#include "rawio/packet_link.hpp"
#include "rawio/privilege.hpp"
#include "sim/programs.hpp"
#include "sim/simulation.hpp"

namespace example {

using namespace seqwire;
using seqwire::socket;  // not the function of that name in <sys/socket.h>

/// The socket number on which all examples' servers wait.
inline constexpr socket_number service{4000};

using server_program = std::function<void(endpoint& at)>;
using client_program = std::function<void(endpoint& at, const xns_address& server)>;

/// What a call brought, or its error as an exception.
template <class Value>
Value must(socket_result<Value> outcome) {
  if (!outcome) throw std::system_error(outcome.error());
  if constexpr (!std::is_void_v<Value>) return std::move(*outcome);
}

/// The first connection that comes to the service; it has the header options that `prepare` gives the listening socket.
inline std::unique_ptr<socket> accept_one(endpoint& at, const std::function<void(socket&)>& prepare = {}) {
  const auto listening = must(at.open(socket_type::sequenced_packet));
  must(listening->bind({local_network, {}, service}));
  must(listening->set(socket_option::keepalive, 30_s));  // a client that dies without a word is noticed
  if (prepare) prepare(*listening);
  must(listening->listen(1));
  return must(listening->accept());
}

inline std::unique_ptr<socket> connect_to(endpoint& at, const xns_address& server) {
  auto talk = must(at.open(socket_type::sequenced_packet));
  must(talk->connect(server));
  return talk;
}

/// The next record, or nothing when the peer has closed. `type`, if given, gets its datastream type.
inline std::optional<std::string> next_record(socket& from, std::uint8_t* type = nullptr) {
  const auto next = must(from.receive(std::span<octet>(), {.peek = true}));  // a look at how long it is
  if (next.end) return std::nullopt;
  if (type != nullptr) *type = next.datastream_type.value_or(0);
  std::string text(next.true_size, '\0');
  must(from.receive(std::span<octet>(reinterpret_cast<octet*>(text.data()), text.size())));
  return text;
}

/// Lets this much time pass, in whichever world this is.
inline void rest(endpoint& at, duration span) {
  const instant until = at.waiting().now() + span;
  while (at.waiting().now() < until && at.waiting().wait(until)) continue;
}

inline void run_simulated(const server_program& server, const client_program& client) {
  simulated_programs on_a({.privileged = true}), on_b({.privileged = true});
  on_a.add([&](endpoint& at) { client(at, {simulation::network, simulation::host_b, service}); });
  on_b.add(server);
  simulation_settings settings;
  settings.a_to_b.delay = settings.b_to_a.delay = 10_ms;
  settings.a_to_b.loss = settings.b_to_a.loss = 0.1;
  simulation(settings, on_a, on_b, nullptr).run();
}

inline void run_live(const std::string& interface, const std::function<void(endpoint&)>& program) {
  packet_link on(interface);
  host_config config;
  config.host = on.capabilities().host;
  config.mtu = on.capabilities().mtu;
  config.secret = make_hash_key(random_stream(fresh_seed()));
  live_endpoint at(on, on.descriptor(), config, {.privileged = true});
  drop_privileges();
  program(at.sockets());
  // What was sent last still goes out; a peer that stays silent is given up before this.
  if (!at.sockets().drain(3600_s)) throw std::runtime_error("not all that was sent has arrived");
}

inline int run_example(int count, char** arguments, const server_program& server, const client_program& client) try {
  const std::string_view mode = count > 1 ? arguments[1] : "--simulated";
  const auto host = count > 3 ? parse_address(std::string(arguments[3]) + ":4000") : parse_address("");
  if (mode == "--server" && count == 3) run_live(arguments[2], server);
  else if (mode == "--client" && host) run_live(arguments[2], [&](endpoint& at) { client(at, *host); });
  else if (mode == "--simulated") run_simulated(server, client);
  else {
    std::fprintf(stderr, "usage: %s [--simulated | --server INTERFACE | --client INTERFACE NET.HOST]\n", arguments[0]);
    return 2;
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", arguments[0], error.what());
  return 1;
}

}  // namespace example
