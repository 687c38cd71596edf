// seqwire ping: Echo requests to a host, what came back, and how long it took.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/carrier_options.hpp"
#include "lab/scenario/units.hpp"
#include "lab/wire/socket_host.hpp"
#include "protocol/wire/echo.hpp"

namespace seqwire {
namespace {

constexpr std::size_t most_under_way = 65'536;
constexpr std::size_t most_told = 65'536;  // replies and errors, each, that --json lists
constexpr std::size_t number_octets = 4;   // of the request's number, at the beginning of its data

struct ping_options {
  carrier_options carrier;
  std::string to;
  std::uint64_t count = 5;
  std::string interval = "1s";
  std::string timeout = "1s";
  std::size_t size = 56;
  bool json = false;
};

struct echo_reply {
  std::uint32_t number = 0;
  std::size_t size = 0;
  duration round_trip{};
};

xns_address parse_echo_target(const std::string& text) {
  const auto address = parse_address(text.find(':') == std::string::npos ? text + ":2" : text);
  if (!address)
    throw usage_error("HOST: expected " + address.error().expected + " without socket, as in 1.02000000000b; got " +
                      text);
  if (is_group(address->host)) throw usage_error("HOST: expected a single host; got the group " + text);
  return {address->network, address->host, echo_socket};
}

octets request_of(std::uint32_t number, std::size_t size) {
  octets request(echo_layout::octets + size);
  echo_layout::encode({echo_operation::request}, request.data());
  for (std::size_t i = 0; i < size; ++i) request[echo_layout::octets + i] = static_cast<octet>(i);
  if (size >= number_octets) store_u32(&request[echo_layout::octets], number);
  return request;
}

// In milliseconds.
struct round_trips {
  void add(duration round_trip) {
    const double milliseconds = round_trip.seconds() * 1e3;
    minimum = std::min(minimum, milliseconds);
    maximum = std::max(maximum, milliseconds);
    average += (milliseconds - average) / static_cast<double>(++count);
  }
  std::uint64_t count = 0;
  double minimum = 1e300;
  double average = 0;
  double maximum = 0;
};

class pinging {
 public:
  pinging(endpoint& at, const ping_options& options)
      : at_(at),
        options_(options),
        interval_(parse_span("--interval", options.interval)),
        timeout_(parse_span("--timeout", options.timeout)),
        to_(parse_echo_target(options.to)),
        socket_(at_.open(socket_type::datagram, packet_type::echo).value()) {
    if (const auto joined = socket_->connect(to_); !joined) throw std::system_error(joined.error(), "ping");
  }

  /// 0, or the signal that ended it; what has been measured until then can still be told.
  int run(ending_signals& signals) {
    instant next = now();
    instant until = next;
    for (int signal = 0;;) {
      if ((signal = signals.take()) != 0) return signal;
      if (sent_ < options_.count && now() >= next) {
        send();
        next += interval_;
        until = now() + timeout_;
      }
      const bool all_sent = sent_ == options_.count;
      if (all_sent && (times_.count == sent_ || now() >= until)) return 0;
      if (nobody_reads_) return signals.take();
      endpoint::poll_entry entry{.of = socket_.get(), .wanted = {.readable = true}};
      const instant wake = all_sent ? until : next;
      const auto ready = at_.poll({&entry, 1}, std::max(wake - now(), duration{}));
      if (ready && *ready > 0) receive();
    }
  }

  std::uint64_t sent() const { return sent_; }
  const round_trips& times() const { return times_; }
  // The first of them.
  const std::vector<echo_reply>& replies() const { return replies_; }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  instant now() const { return at_.waiting().now(); }

  void send() {
    const auto number = static_cast<std::uint32_t>(++sent_);
    under_way_[number] = now();
    if (under_way_.size() > most_under_way) under_way_.erase(under_way_.begin());  // given up
    if (const auto done = socket_->send(request_of(number, options_.size)); !done) tell(done.error().message());
  }

  void receive() {
    octets buffer(65536);
    const auto got = socket_->receive(std::span<octet>(buffer), {.do_not_wait = true});
    if (!got) return tell(got.error().message());
    const auto echo = parse_echo(octets_view(buffer.data(), got->size));
    if (!echo || echo->header.operation != echo_operation::reply) return;
    // A request too small for its number is taken for the last one.
    std::uint32_t number = under_way_.empty() ? 0 : under_way_.rbegin()->first;
    if (options_.size >= number_octets && echo->data.size() >= number_octets) number = load_u32(echo->data.data());
    const octets expected = request_of(number, options_.size);
    const octets_view data = octets_view(expected).subspan(echo_layout::octets);
    const auto request = under_way_.find(number);
    if (request == under_way_.end()) return;  // a duplicate, or nothing of ours
    if (!std::equal(echo->data.begin(), echo->data.end(), data.begin(), data.end()))
      return tell(fmt::format("the reply to request {} has other octets", number));
    const echo_reply reply{number, echo->data.size(), now() - request->second};
    under_way_.erase(request);
    times_.add(reply.round_trip);
    if (options_.json) {
      if (replies_.size() < most_told) replies_.push_back(reply);
    } else if (!print_data(fmt::format("{} octets from {:x}.{}: number {}, {:.3f} ms\n", reply.size,
                                       static_cast<std::uint32_t>(to_.network), to_string(to_.host), number,
                                       reply.round_trip.seconds() * 1e3))) {
      nobody_reads_ = true;
    }
  }

  void tell(const std::string& error) {
    if (options_.json && errors_.size() < most_told) errors_.push_back(error);
    std::fputs(("seqwire: " + error + "\n").c_str(), stderr);
  }

  endpoint& at_;
  const ping_options& options_;
  duration interval_;
  duration timeout_;
  xns_address to_;
  std::unique_ptr<socket> socket_;
  std::uint64_t sent_ = 0;
  std::map<std::uint32_t, instant> under_way_;
  round_trips times_;
  std::vector<echo_reply> replies_;
  std::vector<std::string> errors_;
  bool nobody_reads_ = false;
};

std::string report(const pinging& run, const ping_options& options) {
  const round_trips& times = run.times();
  const std::uint64_t received = times.count;
  const double lost =
      run.sent() == 0 ? 0 : 100.0 * static_cast<double>(run.sent() - received) / static_cast<double>(run.sent());
  if (options.json) {
    nlohmann::json object = {{"schema", "seqwire.ping/1"},
                             {"to", options.to},
                             {"sent", run.sent()},
                             {"received", received},
                             {"lost", lost},
                             {"errors", run.errors()},
                             {"replies", nlohmann::json::array()}};
    for (const echo_reply& each : run.replies())
      object["replies"].push_back(
          {{"number", each.number}, {"octets", each.size}, {"seconds", each.round_trip.seconds()}});
    return json_text(object);
  }
  std::string text = fmt::format("{} sent, {} received, {:.4g} % lost", run.sent(), received, lost);
  if (received > 0)
    text += fmt::format("; round trip {:.3f} / {:.3f} / {:.3f} ms (min, average, max)", times.minimum, times.average,
                        times.maximum);
  return text + "\n";
}

int ping(const ping_options& options) {
  const xns_address target = parse_echo_target(options.to);  // before anything is opened
  auto on = open_carrier(options.carrier.choice());
  const network_number ours = options.carrier.own_network(target.network);
  require_reachable(*on, target.host, ours != target.network);
  const std::size_t most = on->capabilities().mtu - idp_layout::octets - echo_layout::octets;
  if (octets_on_wire(idp_layout::octets + echo_layout::octets + options.size) > on->capabilities().mtu)
    throw usage_error(fmt::format("--size: expected at most {}, what fills a packet; got {}", most, options.size));
  socket_host host(std::move(on), ours);
  host.find_way_to(target.network);
  pinging run(host.sockets(), options);
  const int signal = run.run(host.signals());
  host.keep();
  print_data(report(run, options));
  if (signal != 0) return 128 + signal;
  if (run.times().count > 0) return exit_holds;
  std::fputs(fmt::format("seqwire: no echo came back{}\n", options.carrier.network_hint(target.network)).c_str(),
             stderr);
  return exit_check_failed;
}

}  // namespace

void add_ping(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<ping_options>();
  CLI::App* command = to.add_subcommand("ping", "Ask a host for echoes and measure loss and round trips");
  command->add_option("HOST", options->to, "NET.HOST, as in 1.02000000000b")->required();
  options->carrier.add_to(*command);
  options->carrier.add_network_to(*command);
  command->add_option("--count", options->count, "Requests")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 32))
      ->capture_default_str();
  command->add_option("--interval", options->interval, "Between requests")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--timeout", options->timeout, "For the last reply")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--size", options->size, "Octets of data in each request")
      ->check(CLI::Range(std::size_t{0}, std::size_t{65'000}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print the outcome as JSON");
  command->footer(
      "Every host of this engine answers, a running receive for example. Exit code 3 when nothing came back.\n\n"
      "Examples:\n  seqwire ping 1.02000000000b --interface xns0\n"
      "  seqwire ping 1.02000000000b --interface xns0 --count 100 --interval 10ms --size 1001 --json\n"
      "  seqwire ping 1.02000a000007 --udp 0");
  command->callback([options, &chosen] { chosen = [options] { return ping(*options); }; });
}

}  // namespace seqwire
