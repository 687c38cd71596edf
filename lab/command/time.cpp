// seqwire time: what time it is, asked of a host or of everybody by the Time protocol; or the answer to those who ask.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/open_host.hpp"
#include "lab/scenario/units.hpp"
#include "protocol/socket/time_service.hpp"

namespace seqwire {
namespace {

struct time_options {
  carrier_options carrier;
  std::string from;
  std::string timeout = "1s";
  int attempts = 4;
  bool serve = false;
  bool json = false;
};

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Network 0 is the one we are on, whatever its number.
xns_address parse_server(const std::string& text) {
  if (text.empty()) return {local_network, broadcast_host, time_socket};
  const auto address = parse_address(text.find(':') == std::string::npos ? text + ":8" : text);
  if (!address)
    throw usage_error("HOST: expected " + address.error().expected + " without socket, as in 1.02000000000b; got " +
                      text);
  return *address;
}

int serve_time(socket_host& host) {
  require_permitted(host.sockets(), time_socket);
  time_server server(host.sockets(), [] { return utc_time_of_day(std::llround(wall_clock())); });
  if (const auto set = server.below().set(socket_option::receive_timeout, 200_ms); !set)
    throw std::system_error(set.error(), "time");
  std::fputs(fmt::format("seqwire: answering on {}\n", to_string(server.below().local())).c_str(), stderr);
  std::uint64_t answered = 0;
  for (;;) {
    if (const int signal = host.signals().take()) {
      std::fputs(fmt::format("seqwire: {} answered\n", counted(answered, "request")).c_str(), stderr);
      return 128 + signal;
    }
    if (server.answer_next()) ++answered;
    host.keep();
  }
}

void print_time(const time_answer& answer, bool json) {
  const std::uint32_t seconds = unix_seconds(answer.time);
  const double offset = static_cast<double>(seconds) - wall_clock() + answer.round_trip.seconds() / 2;
  const auto time_point = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  const std::string utc =
      fmt::format("{:%Y-%m-%d %H:%M:%S}",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::time_point(time_point))));
  if (json) {
    print_data(json_text({{"schema", "seqwire.time/1"},
                          {"from", to_string(answer.from)},
                          {"utc", utc},
                          {"unix_seconds", seconds},
                          {"round_trip_seconds", answer.round_trip.seconds()},
                          {"offset_seconds", offset},
                          {"error_known", answer.time.error_known == 1},
                          {"error_ms", answer.time.error}}));
    return;
  }
  print_data(fmt::format("{} UTC from {}; round trip {:.3f} ms; {:+.1f} s from our clock, to the second\n", utc,
                         to_string(answer.from), answer.round_trip.seconds() * 1e3, offset));
}

int time(const time_options& options) {
  const xns_address server = parse_server(options.from);
  const duration timeout = parse_span("--timeout", options.timeout);
  if (options.serve && !options.from.empty()) throw usage_error("--serve: expected without HOST; got " + options.from);
  auto on = open_carrier(options.carrier.choice());
  // A server is on network 1, as others that answer, unless it is told otherwise.
  const network_number ours = options.carrier.own_network(options.serve ? network_number{1} : server.network);
  if (!is_group(server.host)) require_reachable(*on, server.host, ours != server.network);
  socket_host host(std::move(on), ours);
  host.find_way_to(server.network);
  if (options.serve) return serve_time(host);
  const auto answer = ask_time(host.sockets(), server, {.attempts = options.attempts, .first_wait = timeout});
  if (const int signal = host.signals().take()) return 128 + signal;
  host.keep();
  if (!answer) {
    const std::string whom = options.from.empty() ? "anybody" : to_string(server);
    std::fputs(fmt::format("seqwire: error: no time from {}: {}{}\n", whom, answer.error().message(),
                           options.carrier.network_hint(server.network))
                   .c_str(),
               stderr);
    return exit_check_failed;
  }
  print_time(*answer, options.json);
  return exit_holds;
}

}  // namespace

void add_time(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<time_options>();
  CLI::App* command = to.add_subcommand("time", "Ask for the time by the Time protocol, or answer those who ask");
  command->add_option("HOST", options->from,
                      "NET.HOST, as in 1.02000000000b; nothing: everybody, the first answer counts");
  options->carrier.add_to(*command);
  options->carrier.add_network_to(*command);
  command->add_flag("--serve", options->serve, "Answer, until a signal comes (socket 8: root)");
  command->add_option("--timeout", options->timeout, "For the first reply; doubles with each attempt")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--attempts", options->attempts, "Requests in all")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print the answer as JSON");
  command->footer(
      "The protocol counts whole seconds from 1901 and ends in 2037. Exit code 3 when nobody answered.\n\n"
      "Examples:\n  seqwire time --serve --interface xns0\n  seqwire time --interface xns0\n"
      "  seqwire time 1.02000000000b --udp 0 --peer 02000000000b=192.0.2.7:3000 --json");
  command->callback([options, &chosen] { chosen = [options] { return time(*options); }; });
}

}  // namespace seqwire
