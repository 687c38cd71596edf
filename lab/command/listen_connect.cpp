// seqwire listen and seqwire connect: standard input and output as one end of a connection, record by record.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/open_host.hpp"
#include "lab/scenario/units.hpp"
#include "lab/wire/conversation.hpp"
#include "rawio/clock.hpp"

namespace seqwire {
namespace {

constexpr std::uint8_t longest_datastream_type = 253;  // 254 and 255 close

// What both commands are told.
struct talk_options {
  carrier_options carrier;
  flow_options flow;
  bool stream = false;
  bool datagram = false;
  bool length_prefixed = false;
  bool wait = false;
  std::optional<unsigned> type;
  std::optional<unsigned> attention;
  std::optional<std::string> record;
  bool json = false;

  void add_to(CLI::App& command) {
    carrier.add_to(command);
    auto* const of_octets = command.add_flag("--stream", stream, "A stream: octets without boundaries");
    auto* const of_packets =
        command.add_flag("--datagram", datagram, "Datagrams, without a connection: each is a record");
    of_octets->excludes(of_packets);
    command
        .add_flag("--length-prefixed", length_prefixed,
                  "Records after their length (32 bits, highest octet first), "
                  "both ways, instead of lines")
        ->excludes(of_octets);
    command.add_flag("--wait", wait, "After the end of input wait for the peer, instead of closing");
    command.add_option("--type", type, "Datastream type of what is sent; with --datagram the packet type")
        ->check(CLI::Range(0u, 255u))
        ->type_name("NUMBER");
    command
        .add_option("--attention", attention,
                    "An octet to send out of band when the input has ended: it passes what still waits. What comes "
                    "out of band is told on standard error")
        ->check(CLI::Range(0u, 255u))
        ->excludes(of_packets)
        ->type_name("NUMBER");
    flow.add_to(command);
    command.add_option("--record", record, "Write a capture of this end (pcapng)")->type_name("FILE");
    command.add_flag("--json", json, "Tell the outcome as JSON, on standard error");
  }

  framing how() const { return stream ? framing::none : length_prefixed ? framing::length_prefixed : framing::lines; }
  socket_type kind() const {
    return datagram ? socket_type::datagram : stream ? socket_type::stream : socket_type::sequenced_packet;
  }
  conversation_settings settings() const {
    if (!datagram && type && *type > longest_datastream_type)
      throw usage_error(fmt::format("--type: expected 0 to {}; got {}", longest_datastream_type, *type));
    conversation_settings made{.how = how(), .datastream_type = {}, .attention = {}, .wait_for_peer = wait};
    if (type && !datagram) made.datastream_type = static_cast<std::uint8_t>(*type);
    if (attention) made.attention = static_cast<octet>(*attention);
    return made;
  }
  std::optional<packet_type> type_of_packets() const {
    if (!datagram || !type) return std::nullopt;
    return static_cast<packet_type>(*type);
  }
};

record_input standard_input(socket_host& host, const talk_options& options) {
  const std::size_t longest =
      options.datagram ? host.on().capabilities().mtu : host.sockets().config().spp.maximum_record;
  return {STDIN_FILENO, options.how(), longest};
}

std::string name_of(conversation_end end) {
  switch (end) {
    case conversation_end::complete: return "complete";
    case conversation_end::unsent: return "unsent";
    case conversation_end::failed: return "failed";
    case conversation_end::interrupted: return "interrupted";
    case conversation_end::nobody_reads: return "nobody reads";
  }
  return "unknown";
}

void tell(const std::string& line) { std::fputs(("seqwire: " + line + "\n").c_str(), stderr); }

void tell_as_json(const char* schema, const socket& with, const conversation_outcome& outcome, duration took) {
  const auto peer = with.peer();
  nlohmann::json object = {{"schema", schema},
                           {"local", to_string(with.local())},
                           {"peer", peer ? nlohmann::json(to_string(*peer)) : nlohmann::json()},
                           {"end", name_of(outcome.end)},
                           {"error", outcome.why ? nlohmann::json(outcome.why.message()) : nlohmann::json()},
                           {"records_sent", outcome.counts.records_sent},
                           {"octets_sent", outcome.counts.octets_sent},
                           {"attentions_sent", outcome.counts.attentions_sent},
                           {"records_received", outcome.counts.records_received},
                           {"octets_received", outcome.counts.octets_received},
                           {"attentions_received", outcome.counts.attentions_received},
                           {"seconds", took.seconds()}};
  std::fputs(json_text(object).c_str(), stderr);
}

// One line of error unless the conversation came to its end; the exit code.
int judge(const conversation_outcome& outcome, const talk_options& options) {
  switch (outcome.end) {
    case conversation_end::complete: return exit_holds;
    case conversation_end::interrupted: return 128 + outcome.signal;
    case conversation_end::nobody_reads: throw std::runtime_error("nobody reads standard output any more");
    case conversation_end::unsent: tell("error: the peer closed before everything was sent"); return exit_check_failed;
    case conversation_end::failed: break;
  }
  if (options.datagram && outcome.why == std::errc::message_size)
    throw usage_error("standard input: expected records that fit a packet; got a longer one");
  tell("error: the connection ended: " + outcome.why.message());
  return exit_check_failed;
}

int converse(socket_host& host, const talk_options& options, const char* schema, socket& with, record_input& in,
             output_queue& out) {
  const instant began = clock_now();
  const conversation_settings settings = options.settings();
  conversation talk(host.at(), with, in, out, host.signals(), settings);
  try {
    const conversation_outcome outcome = talk.run([&] { host.keep(); });
    if (options.json) tell_as_json(schema, with, outcome, clock_now() - began);
    return judge(outcome, options);
  } catch (const std::invalid_argument& error) {
    throw usage_error(error.what());
  }
}

// --- connect ---

constexpr duration patience = 3_s;  // before a peer's silence is told

struct connect_options : talk_options {
  std::string to;
  std::string timeout = "75s";
};

std::string refusal(const xns_address& to, const std::error_code& why, const std::string& timeout) {
  if (why == std::errc::timed_out) return fmt::format("no answer came from {} within {}", to_string(to), timeout);
  if (why == std::errc::connection_refused) return fmt::format("{} refuses the connection", to_string(to));
  if (why == std::errc::network_unreachable) return fmt::format("{} cannot be reached", to_string(to));
  return fmt::format("cannot connect to {}: {}", to_string(to), why.message());
}

xns_address parse_target(const std::string& text) {
  const auto to = parse_address(text);
  if (!to) throw usage_error(fmt::format("ADDRESS: expected {}; got {}", to.error().expected, text));
  if (is_group(to->host)) throw usage_error("ADDRESS: expected a single host; got the group " + text);
  return *to;
}

// After a while its user is told that nobody has answered so far.
socket_result<void> connect_patiently(socket_host& host, socket& with, const xns_address& to, duration timeout) {
  if (timeout <= patience) return with.connect(to);
  (void)with.set(socket_option::send_timeout, patience);  // in range, and so taken
  auto opened = with.connect(to);
  (void)with.set(socket_option::send_timeout, duration{});
  if (opened || opened.error() != std::errc::operation_in_progress) return opened;
  tell(fmt::format("no answer from {} yet; giving up after {}", to_string(to), print_duration(timeout)));
  endpoint::poll_entry entry{&with, {.writable = true}, {}};
  if (const auto done = host.sockets().poll({&entry, 1}, std::nullopt); !done) return failure(done.error());
  const auto error = std::get<std::int64_t>(with.get(socket_option::pending_error).value());
  if (error != 0) return failure(std::error_code(static_cast<int>(error), std::generic_category()));
  return {};
}

int connect(const connect_options& options) {
  const xns_address to = parse_target(options.to);
  const auto timeout = parse_duration(options.timeout);
  if (!timeout) throw usage_error("--timeout: expected " + timeout.error().expected + "; got " + options.timeout);
  options.settings();  // complains before anything is opened
  socket_host host =
      open_host(options.carrier, options.flow, options.carrier.own_network(to.network), to, options.record);
  host.find_way_to(to.network);
  int code = exit_check_failed;
  {
    const auto with = host.sockets().open(options.kind(), options.type_of_packets()).value();
    if (!options.datagram)
      if (const auto set = with->set(socket_option::open_timeout, *timeout); !set)
        throw usage_error("--timeout: expected " + std::string("1ms to 24h; got ") + options.timeout);
    if (const auto opened = options.datagram ? with->connect(to) : connect_patiently(host, *with, to, *timeout);
        opened) {
      tell(fmt::format("connected to {} from {}", to_string(to), to_string(with->local())));
      record_input in = standard_input(host, options);
      output_queue out(STDOUT_FILENO);
      code = converse(host, options, "seqwire.connect/1", *with, in, out);
    } else if (opened.error() == std::errc::interrupted) {
      code = 128 + host.signals().take();
    } else {
      const bool answered = opened.error() == std::errc::connection_refused;
      tell("error: " + refusal(to, opened.error(), options.timeout) +
           (answered ? "" : options.carrier.network_hint(to.network)));
    }
  }
  return host.leave(code);
}

// --- listen ---

struct listen_options : talk_options {
  std::optional<std::string> socket;
  std::string network = "1";
  bool keep_open = false;
};

xns_address parse_local(const listen_options& options) {
  return {parse_own_network(options.network), {}, options.socket ? parse_own_socket(*options.socket) : socket_number{}};
}

// One connection after the other, or datagrams from everybody.
int serve(socket_host& host, const listen_options& options, std::unique_ptr<socket> listening) {
  record_input in = standard_input(host, options);
  output_queue out(STDOUT_FILENO);
  if (options.datagram) return converse(host, options, "seqwire.listen/1", *listening, in, out);
  for (;;) {
    const auto accepted = listening->accept();
    if (!accepted && accepted.error() == std::errc::interrupted) return 128 + host.signals().take();
    if (!accepted) throw std::system_error(accepted.error(), "cannot accept connections");
    if (!options.keep_open) listening.reset();
    tell(fmt::format("connection from {}", to_string((*accepted)->peer().value_or(xns_address{}))));
    const int code = converse(host, options, "seqwire.listen/1", **accepted, in, out);
    if (!options.keep_open || code > 128) return code;
  }
}

int listen(listen_options options) {
  constexpr std::size_t backlog = 16;
  const xns_address local = parse_local(options);
  if (options.keep_open && options.datagram)
    throw usage_error("--keep-open: expected without --datagram, which has no connections; got both");
  options.wait = options.wait || options.datagram || options.keep_open;
  options.settings();  // complains before anything is opened
  socket_host host = open_host(options.carrier, options.flow, local.network, std::nullopt, options.record);
  require_permitted(host.sockets(), local.socket);
  int code = exit_holds;
  {
    auto listening = host.sockets().open(options.kind(), options.type_of_packets()).value();
    auto ready = listening->bind(local);
    if (ready && !options.datagram) ready = listening->listen(options.keep_open ? backlog : 1);
    if (!ready) throw std::system_error(ready.error(), "cannot listen");
    tell(fmt::format("listening on {} ({})", to_string(listening->local()), host.on().name()));
    code = serve(host, options, std::move(listening));
  }
  return host.leave(code);
}

}  // namespace

void add_connect(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<connect_options>();
  CLI::App* command = to.add_subcommand("connect", "Exchange records with a peer: lines in, lines out");
  command->add_option("ADDRESS", options->to, "NET.HOST:SOCKET, e.g. 1.02000000000b:3000")->required();
  command->add_option("--timeout", options->timeout, "For the connection to open")
      ->type_name("DURATION")
      ->capture_default_str();
  options->add_to(*command);
  options->carrier.add_network_to(*command);
  command->footer(
      "The end of input closes the connection once everything is delivered; the peer's close ends it, too.\n\n"
      "Examples:\n  echo hello | seqwire connect 1.02000000000b:3000 --interface eth0\n"
      "  seqwire connect 1.02007f000001:3000 --udp 127.0.0.1:0\n"
      "  seqwire connect 1.02000000000b:3000 --udp 0 --peer 02000000000b=192.0.2.7:4000 --stream <photo.jpg");
  command->callback([options, &chosen] { chosen = [options] { return connect(*options); }; });
}

void add_listen(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<listen_options>();
  CLI::App* command = to.add_subcommand("listen", "Wait for a peer that connects, and exchange records with it");
  command->add_option("--socket", options->socket, "Socket to listen on (default: a free one)")->type_name("NUMBER");
  command->add_option("--network", options->network, "Our network, hexadecimal")
      ->type_name("NET")
      ->capture_default_str();
  command->add_flag("--keep-open", options->keep_open,
                    "Accept further connections, one after the other, until a signal; input's end closes none");
  options->add_to(*command);
  command->footer(
      "The address to connect to is told on standard error. One connection ends it unless --keep-open says more.\n\n"
      "Examples:\n  seqwire listen --interface eth0 --socket 3000\n"
      "  seqwire listen --udp 127.0.0.1:49152 --socket 3000 --wait </dev/null\n"
      "  seqwire listen --udp 49152 --socket 3000 --keep-open --length-prefixed");
  command->callback([options, &chosen] { chosen = [options] { return listen(*options); }; });
}

}  // namespace seqwire
