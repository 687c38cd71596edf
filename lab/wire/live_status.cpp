#include "lab/wire/live_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "lab/drops_json.hpp"

namespace seqwire {
namespace {

// What is told is bounded whatever a host does: well below longest_status, and no more work than packets can wait for.
constexpr std::size_t most_told = 4096;        // of each list: the first
constexpr std::size_t longest_command = 4096;  // octets

// The words of the command line, separated by spaces.
std::string own_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string words{std::istreambuf_iterator<char>(file), {}};
  if (!words.empty()) words.pop_back();  // each ends with a zero
  std::replace(words.begin(), words.end(), '\0', ' ');
  return words;
}

double in_milliseconds(duration value) { return value.seconds() * 1e3; }

nlohmann::json link_to_json(const host& on, live_link& link, link_index index) {
  const host_interface ours = on.config().on(index);
  return {{"name", link.name()},
          {"network", fmt::format("{:x}", static_cast<std::uint32_t>(ours.network))},
          {"host", to_string(ours.host)},
          {"mtu", ours.mtu},
          {"state", name_of(link.check_state())},
          {"received", link.received()},
          {"receive_drops", link.receive_drops()}};
}

nlohmann::json counters_to_json(const host& of) {
  const host_statistics& counted = of.statistics();
  return {{"received", counted.received},
          {"accepted", counted.accepted},
          {"refused", drops_to_json(counted.drops)},
          {"sent", counted.sent},
          {"forwarded", counted.forwarded},
          {"errors_sent", counted.errors_sent},
          {"errors_suppressed", counted.errors_suppressed},
          {"echoes_answered", counted.echoes_answered},
          {"routing_not_sent", of.routing().not_sent()},
          {"datagrams_too_big", of.datagrams().too_big_for_links()}};
}

nlohmann::json connection_to_json(const spp_connection& of) {
  const connection_information now = of.information();
  const spp_statistics& counted = of.statistics();
  nlohmann::json round_trip;  // nothing before there is a sample
  if (counted.round_trip_samples != 0)
    round_trip = {{"minimum_ms", in_milliseconds(counted.round_trip_minimum)},
                  {"smoothed_ms", in_milliseconds(counted.round_trip_smoothed)},
                  {"maximum_ms", in_milliseconds(counted.round_trip_maximum)}};
  return {{"local", to_string(of.local())},
          {"local_id", of.local_id()},
          {"peer", to_string(of.peer())},
          {"peer_id", of.peer_id()},
          {"state", std::string(name_of(now.state))},
          {"round_trip", std::move(round_trip)},
          {"timeout_ms", in_milliseconds(now.timeout)},
          {"in_flight", now.in_flight},
          {"window", now.window},
          {"allocation", now.permitted},
          {"queued_octets", now.queued_octets},
          {"unread_packets", now.unread_packets},
          {"packets_sent", counted.packets_sent},
          {"packets_received", counted.packets_received},
          {"retransmissions", counted.retransmissions},
          {"fast_retransmissions", counted.fast_retransmissions},
          {"timeouts", counted.timeouts},
          {"probes", counted.probes},
          {"out_of_order", counted.out_of_order},
          {"records_accepted", counted.records_sent},
          {"octets_accepted", counted.octets_sent},
          {"records_delivered", counted.records_delivered},
          {"octets_delivered", counted.octets_delivered}};
}

nlohmann::json accepting_to_json(const spp_protocol::accepting_number& at) {
  const bool any = at.backlog == std::numeric_limits<std::size_t>::max();
  return {{"socket", static_cast<std::uint16_t>(at.socket)},
          {"backlog", any ? nlohmann::json() : nlohmann::json(at.backlog)},
          {"waiting", at.waiting},
          {"half_open", at.half_open}};
}

nlohmann::json datagrams_to_json(const datagram_socket& of) {
  return {{"socket", static_cast<std::uint16_t>(*of.number())},
          {"peer", of.peer() ? nlohmann::json(to_string(*of.peer())) : nlohmann::json()},
          {"waiting", of.waiting()},
          {"missed", of.missed()}};
}

}  // namespace

nlohmann::json describe_host(const host& on, const std::vector<live_link*>& links, const std::string& command) {
  nlohmann::json object{{"schema", "seqwire.status/1"}, {"command", command.substr(0, longest_command)}};
  object["packets"] = counters_to_json(on);
  object["left_out"] = nlohmann::json::object();
  const auto tell = [&](const char* list, const auto& all, const auto& to_json) {
    nlohmann::json& told = object[list] = nlohmann::json::array();
    const std::size_t count = std::min(all.size(), most_told);
    for (std::size_t i = 0; i < count; ++i) told.push_back(to_json(all[i], i));
    if (count < all.size()) object["left_out"][list] = all.size() - count;
  };
  tell("links", links,
       [&](live_link* each, std::size_t i) { return link_to_json(on, *each, static_cast<link_index>(i)); });
  tell("accepting", on.sequenced().accepting(), [](const auto& each, std::size_t) { return accepting_to_json(each); });
  tell("connections", on.sequenced().handles(),
       [&](connection_handle each, std::size_t) { return connection_to_json(*on.sequenced().find(each)); });
  tell("datagrams", on.datagrams().sockets(), [](const auto* each, std::size_t) { return datagrams_to_json(*each); });
  return object;
}

live_status::live_status() : command_(own_command_line()) {}

void live_status::serve(const host& on, const std::vector<live_link*>& links) {
  using strictness = nlohmann::json::error_handler_t;  // a command line may be no text
  socket_.serve([&] { return describe_host(on, links, command_).dump(-1, ' ', false, strictness::replace); });
}

}  // namespace seqwire
