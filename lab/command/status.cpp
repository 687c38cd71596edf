// seqwire status: what the commands of this user that are at work now are doing, connection by connection.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "lab/command/command.hpp"
#include "rawio/status_socket.hpp"

namespace seqwire {
namespace {

constexpr duration patience = 2_s;

struct status_options {
  std::optional<std::uint32_t> process;
  bool json = false;
};

using nlohmann::json;

// What another process told is looked at with care: what lacks, or is of another kind, throws.
class not_a_status : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string text_of(const json& from, const char* name) { return printable(from.at(name).get<std::string>()); }

std::uint64_t number_of(const json& from, const char* name) {
  const json& value = from.at(name);
  if (!value.is_number_unsigned()) throw not_a_status(name);
  return value.get<std::uint64_t>();
}

json parsed(const std::string& text) {
  constexpr int deepest = 4;  // of a status; what is deeper is left out, so that nothing of it can exhaust a stack
  return json::parse(text, [](int depth, json::parse_event_t, const json&) { return depth <= deepest; });
}

// Nothing of what has not happened.
std::string mention(std::uint64_t number, const char* what) {
  return number == 0 ? std::string() : fmt::format(", {} {}", what, number);
}

std::string render_connection(const json& of) {
  std::string round_trip = "not measured";
  if (const json& known = of.at("round_trip"); !known.is_null())
    round_trip = fmt::format("{:.1f} / {:.1f} / {:.1f} ms", known.at("minimum_ms").get<double>(),
                             known.at("smoothed_ms").get<double>(), known.at("maximum_ms").get<double>());
  return fmt::format(
             "  {} (id {:04x})  {} (id {:04x})  {}\n"
             "    round trip {}, timeout {:.0f} ms, in flight {} of window {} and allocation {}\n",
             text_of(of, "local"), number_of(of, "local_id"), text_of(of, "peer"), number_of(of, "peer_id"),
             text_of(of, "state"), round_trip, of.at("timeout_ms").get<double>(), number_of(of, "in_flight"),
             number_of(of, "window"), number_of(of, "allocation")) +
         fmt::format(
             "    to send {} records, {} octets, of these {} not yet sent; received {} records, {} octets, {} packets "
             "unread\n",
             number_of(of, "records_accepted"), number_of(of, "octets_accepted"), number_of(of, "queued_octets"),
             number_of(of, "records_delivered"), number_of(of, "octets_delivered"), number_of(of, "unread_packets")) +
         fmt::format("    packets {} out, {} in{}{}{}{}\n", number_of(of, "packets_sent"),
                     number_of(of, "packets_received"), mention(number_of(of, "retransmissions"), "retransmissions"),
                     mention(number_of(of, "timeouts"), "timeouts"), mention(number_of(of, "probes"), "window probes"),
                     mention(number_of(of, "out_of_order"), "out of order"));
}

std::string render_process(const json& of) {
  const std::uint64_t process = number_of(of, "process");
  const std::string number = process == 0 ? "(of a process namespace not seen from here)" : std::to_string(process);
  std::string text = fmt::format("{}  {}\n", number, text_of(of, "command"));
  for (const json& link : of.at("links"))
    text += fmt::format("  {}, {}: network {}, host {}, MTU {}{}\n", text_of(link, "name"), text_of(link, "state"),
                        text_of(link, "network"), text_of(link, "host"), number_of(link, "mtu"),
                        mention(number_of(link, "receive_drops"), "the kernel lost"));
  const json& packets = of.at("packets");
  text += fmt::format("  packets {} in, {} out{}{}{}{}\n", number_of(packets, "received"), number_of(packets, "sent"),
                      mention(number_of(packets, "forwarded"), "forwarded"),
                      mention(number_of(packets, "errors_sent"), "Errors"),
                      mention(number_of(packets, "routing_not_sent"), "routing packets not sent"),
                      mention(number_of(packets, "datagrams_too_big"), "copies of datagrams too big for a link"));
  const json& refused = packets.at("refused");
  for (const auto& [reason, count] : refused.items())
    text += fmt::format("    refused: {} {}\n", printable(reason), number_of(refused, reason.c_str()));
  for (const json& each : of.at("accepting"))
    text += fmt::format("  listening at {}: {} waiting{}, {} half open\n", number_of(each, "socket"),
                        number_of(each, "waiting"),
                        each.at("backlog").is_null() ? "" : fmt::format(" of {}", number_of(each, "backlog")),
                        number_of(each, "half_open"));
  for (const json& each : of.at("datagrams"))
    text += fmt::format("  datagrams at {}: {} waiting, {} missed\n", number_of(each, "socket"),
                        number_of(each, "waiting"), number_of(each, "missed"));
  for (const json& each : of.at("connections")) text += render_connection(each);
  const json& left_out = of.at("left_out");
  for (const auto& [list, count] : left_out.items())
    text += fmt::format("  and {} more {}\n", number_of(left_out, list.c_str()), printable(list));
  return text;
}

// Nothing: it has ended meanwhile, or there is nothing to be had from it, which is told.
std::optional<json> ask(const std::string& path, std::optional<pid_t> only) {
  const auto complain = [&](const std::string& why) {
    std::fputs(fmt::format("seqwire: warning: {}: {}\n", printable(path), why).c_str(), stderr);
  };
  const auto answer = ask_status(path, patience, only);
  if (!answer) {
    if (!answer.error().empty()) complain(answer.error());
    return std::nullopt;
  }
  try {
    json object = parsed(answer->text);
    object["process"] = static_cast<std::uint64_t>(answer->process);
    static_cast<void>(render_process(object));  // it has all that it should
    return object;
  } catch (const json::exception&) {
  } catch (const not_a_status&) {
  }
  complain("what it tells is no seqwire.status/1");
  return std::nullopt;
}

int status(const status_options& options) {
  std::optional<pid_t> only;
  if (options.process) only = static_cast<pid_t>(*options.process);
  json all = json::array();
  for (const std::string& path : status_sockets())
    if (auto object = ask(path, only)) all.push_back(std::move(*object));
  if (options.json) {
    print_data(json_text({{"schema", "seqwire.status.list/1"}, {"processes", all}}));
  } else {
    std::string text;
    for (const json& each : all) text += (text.empty() ? "" : "\n") + render_process(each);
    print_data(text);
  }
  if (all.empty())
    std::fputs(options.process ? "seqwire: no such process of yours tells its state\n"
                               : "seqwire: no process of yours is at work on a link\n",
               stderr);
  return options.process && all.empty() ? exit_check_failed : exit_holds;
}

}  // namespace

void add_status(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<status_options>();
  CLI::App* command = to.add_subcommand(
      "status", "Show what your seqwire processes are doing on their links, connection by connection");
  command->add_option("PROCESS", options->process, "One process, by its number")->type_name("NUMBER");
  command->add_flag("--json", options->json, "Print everything as JSON");
  command->footer(
      "Processes of the same user are shown, in whatever network namespace they are. Round trips are minimum, smoothed "
      "and maximum.\n\n"
      "Examples:\n  seqwire status\n  watch -n 1 seqwire status\n  seqwire status 4711 --json");
  command->callback([options, &chosen] { chosen = [options] { return status(*options); }; });
}

}  // namespace seqwire
