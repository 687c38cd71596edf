// seqwire perf server and seqwire perf client: how fast a path and the two ends are.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "lab/command/open_host.hpp"
#include "lab/scenario/units.hpp"
#include "lab/wire/perf.hpp"
#include "rawio/clock.hpp"

namespace seqwire {
namespace {

constexpr std::size_t most_flows = 128;
constexpr std::size_t send_buffer = 1 << 20;  // what is in it has not been transferred
constexpr duration housekeeping = 200_ms;
constexpr const char* default_socket = "5201";

struct perf_options {
  carrier_options carrier;
  flow_options flow;
  bool json = false;
  // server
  std::string socket = default_socket;
  std::string network = "1";
  bool one_off = false;
  // client
  std::string to;
  std::string length = "10s";
  std::string interval = "1s";
  std::string record_size = "65536";
  std::size_t parallel = 1;
  bool reverse = false;
  bool round_trips = false;
};

using flows = std::vector<std::unique_ptr<perf_flow>>;

void suit_perf(spp_config& connections) {
  connections.send_buffer = send_buffer;
  connections.maximum_record = longest_perf_record;
}

// Lets the flows do what they can, and waits once they cannot, both for this long at most; returns the signal that
// came, or 0.
int drive(socket_host& host, const std::vector<perf_flow*>& of, duration at_most) {
  const std::uint64_t before = host.sockets().generation();
  instant wake = clock_now() + at_most;
  for (bool did = true; did;) {
    did = false;
    const instant now = clock_now();
    const duration processor = processor_time();
    for (perf_flow* const each : of) did = each->step(now, processor) || did;
    if (now >= wake) break;  // whoever calls has its turn, however busy the flows are
  }
  host.at().process();
  for (const perf_flow* const each : of) wake = std::min(wake, each->next_wake().value_or(wake));
  if (host.sockets().generation() == before) {
    pollfd watched{host.at().readiness_descriptor(), POLLIN, 0};
    const duration left = wake - clock_now() + 1_ms - 1_ns;  // a millisecond too late rather than several looks
    ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left / 1_ms, 0)));
    host.at().process();
  }
  return host.signals().take();
}

std::string rate_text(double bits_per_second) {
  if (bits_per_second >= 1e9) return fmt::format("{:.2f} Gbit/s", bits_per_second / 1e9);
  if (bits_per_second >= 1e6) return fmt::format("{:.1f} Mbit/s", bits_per_second / 1e6);
  return fmt::format("{:.1f} kbit/s", bits_per_second / 1e3);
}
std::string size_text(std::uint64_t octets_moved) {
  const auto size = static_cast<double>(octets_moved);
  if (size >= 1e9) return fmt::format("{:.2f} GB", size / 1e9);
  return size >= 1e6 ? fmt::format("{:.1f} MB", size / 1e6) : fmt::format("{:.1f} kB", size / 1e3);
}

// --- intervals ---

duration interval_of(const perf_options& options) {
  const auto interval = parse_duration(options.interval);
  if (!interval || *interval < 10_ms || *interval > longest_perf)
    throw usage_error("--interval: expected 10ms to 1h; got " + printable(options.interval));
  return *interval;
}

// What moved between two instants of a measurement, from its beginning.
struct interval_report {
  duration from, to;
  std::uint64_t octets_moved = 0;
  std::uint64_t records = 0;
};

constexpr std::size_t most_intervals = 36'000;  // of one client, that a server keeps for --json: an hour by the tenth

// A measurement cut into intervals.
class interval_meter {
 public:
  interval_meter(duration interval, instant began) : interval_(interval), began_(began), last_at_(began) {}

  /// What moved since the last answer, once an interval has passed.
  std::optional<interval_report> next(instant now, const perf_figures& until_now) {
    if (now - last_at_ < interval_) return std::nullopt;
    const interval_report made{last_at_ - began_, now - began_, until_now.octets - octets_,
                               until_now.records - records_};
    octets_ = until_now.octets;
    records_ = until_now.records;
    last_at_ = now;
    return made;
  }

 private:
  duration interval_;
  instant began_, last_at_;
  std::uint64_t octets_ = 0, records_ = 0;
};

std::string text_of(const interval_report& told, bool round_trips) {
  const double seconds = (told.to - told.from).seconds();
  const std::string when = fmt::format("{:7.2f}-{:.2f} s", told.from.seconds(), told.to.seconds());
  if (round_trips)
    return fmt::format("{}  {} round trips, {:.0f} each second\n", when, told.records,
                       static_cast<double>(told.records) / seconds);
  return fmt::format("{}  {}, {}\n", when, size_text(told.octets_moved),
                     rate_text(8 * static_cast<double>(told.octets_moved) / seconds));
}

nlohmann::json to_json(const perf_figures& figures) {
  return {{"records", figures.records},
          {"octets", figures.octets},
          {"seconds", figures.took.seconds()},
          {"bits_per_second", figures.bits_per_second()},
          {"processor_seconds", figures.processor.seconds()},
          {"retransmissions", figures.retransmissions}};
}

nlohmann::json to_json(const std::vector<interval_report>& intervals) {
  nlohmann::json list = nlohmann::json::array();
  for (const interval_report& each : intervals)
    list.push_back({{"from", each.from.seconds()},
                    {"to", each.to.seconds()},
                    {"octets", each.octets_moved},
                    {"records", each.records}});
  return list;
}

const char* measure_of(const perf_request& asked) { return asked.round_trips ? "round trips" : "throughput"; }

// --- server ---

// One client, and what was told of it.
struct served_client {
  std::unique_ptr<perf_flow> flow;
  std::optional<interval_meter> meter;  // once it has asked
  std::vector<interval_report> intervals;
};

std::string name_of_peer(const perf_flow& of) {
  const auto peer = of.with().peer();
  return peer ? to_string(*peer) : "somebody";
}

std::string describe(const perf_flow& of) {
  const std::string who = name_of_peer(of);
  if (of.why()) return fmt::format("{}: {}\n", who, of.why().message());
  const perf_figures& saw = of.ours();
  const char* did = of.request().round_trips ? "answered" : of.request().reverse ? "sent" : "received";
  return fmt::format("{}: {} {} records, {} in {:.2f} s, {}\n", who, did, saw.records, size_text(saw.octets),
                     saw.took.seconds(), rate_text(saw.bits_per_second()));
}

// One line for each client, so that a reader has them as they end.
std::string describe_as_json(const served_client& of) {
  const perf_flow& flow = *of.flow;
  nlohmann::json object = {{"schema", "seqwire.perf.server/1"},
                           {"peer", name_of_peer(flow)},
                           {"error", flow.why() ? nlohmann::json(flow.why().message()) : nlohmann::json()},
                           {"measures", nlohmann::json()},
                           {"server", to_json(flow.ours())},
                           {"intervals", to_json(of.intervals)}};
  if (of.meter) {
    object["measures"] = measure_of(flow.request());
    object["reverse"] = flow.request().reverse;
    object["record_octets"] = flow.request().record_octets;
  }
  return object.dump() + '\n';
}

class perf_service {
 public:
  perf_service(socket_host& host, socket& listening, const perf_options& options)
      : host_(host), listening_(listening), options_(options), interval_(interval_of(options)) {}

  /// The exit code.
  int run() {
    instant next_look{};
    for (;;) {
      accept();
      std::vector<perf_flow*> driven;
      for (const served_client& each : served_) driven.push_back(each.flow.get());
      const int signal = drive(host_, driven, std::min(housekeeping, interval_));
      if (signal != 0) return 128 + signal;
      const instant now = clock_now();
      for (served_client& each : served_) tell(each, now);
      std::erase_if(served_, [](const served_client& each) { return each.flow->finished(); });
      if (options_.one_off && done_ > 0 && served_.empty()) return exit_holds;
      if (now < next_look) continue;
      next_look = now + housekeeping;
      host_.keep();
    }
  }

 private:
  void accept() {
    while (served_.size() < most_flows) {
      auto accepted = listening_.accept();
      if (!accepted) return;
      served_.push_back({std::make_unique<perf_flow>(std::move(*accepted), std::nullopt), {}, {}});
    }
  }

  void tell(served_client& of, instant now) {
    const perf_flow& flow = *of.flow;
    if (flow.running() && !of.meter) of.meter.emplace(interval_, now);
    if (flow.running())
      if (const auto told = of.meter->next(now, flow.ours())) {
        if (!options_.json) print_data(name_of_peer(flow) + ": " + text_of(*told, flow.request().round_trips));
        else if (of.intervals.size() < most_intervals) of.intervals.push_back(*told);
      }
    if (!flow.finished()) return;
    print_data(options_.json ? describe_as_json(of) : describe(flow));
    ++done_;
  }

  socket_host& host_;
  socket& listening_;
  const perf_options& options_;
  duration interval_;
  std::vector<served_client> served_;
  std::size_t done_ = 0;
};

int server(const perf_options& options) {
  const xns_address local{parse_own_network(options.network), {}, parse_own_socket(options.socket)};
  interval_of(options);  // complains before anything is opened
  socket_host host = open_host(options.carrier, options.flow, local.network, std::nullopt, std::nullopt, suit_perf);
  require_permitted(host.sockets(), local.socket);
  int code = exit_holds;
  {
    const auto listening = host.sockets().open(socket_type::sequenced_packet).value();
    auto ready = listening->bind(local);
    if (ready) ready = listening->listen(most_flows);
    if (ready) ready = listening->set(socket_option::non_blocking, true);
    if (!ready) throw std::system_error(ready.error(), "cannot listen");
    std::fputs(fmt::format("seqwire: listening on {} ({})\n", to_string(listening->local()), host.on().name()).c_str(),
               stderr);
    host.at().hold_output(true);
    code = perf_service(host, *listening, options).run();
  }
  host.at().hold_output(false);
  return host.leave(code);
}

// --- client ---

perf_request request_of(const perf_options& options) {
  const auto length = parse_duration(options.length);
  if (!length || *length <= duration{} || *length > longest_perf)
    throw usage_error("--time: expected more than 0 and at most 1h, with its unit; got " + options.length);
  const auto size = parse_count(options.record_size, 1, longest_perf_record);
  if (!size) throw usage_error("--record-size: expected " + size.error().expected + "; got " + options.record_size);
  return {options.round_trips, options.reverse, *size, *length};
}

// All flows as one.
struct perf_totals {
  explicit perf_totals(const flows& of) {
    for (const auto& each : of) {
      join(ours, each->ours());
      if (each->theirs()) join(theirs, *each->theirs());
      whole = whole && each->theirs() && !each->why();
      if (each->why()) why = each->why();
      round_trips.add(each->round_trips());
    }
  }
  // They run at the same time in the same process.
  static void join(perf_figures& to, const perf_figures& from) {
    to.records += from.records;
    to.octets += from.octets;
    to.took = std::max(to.took, from.took);
    to.processor = std::max(to.processor, from.processor);
    to.retransmissions += from.retransmissions;
  }
  perf_figures ours, theirs;
  time_distribution round_trips;
  bool whole = true;  // every flow came to its end
  std::error_code why;
};

class measurement {
 public:
  measurement(socket_host& host, const perf_options& options)
      : host_(host), options_(options), interval_(interval_of(options)) {}

  /// 0, or the signal that ended it.
  int run(const flows& of) {
    std::vector<perf_flow*> driven;
    for (const auto& each : of) driven.push_back(each.get());
    interval_meter meter(interval_, clock_now());
    instant next_look{};
    for (;;) {
      const int signal = drive(host_, driven, std::min(housekeeping, interval_));
      const instant now = clock_now();
      const bool over = std::all_of(of.begin(), of.end(), [](const auto& each) { return each->finished(); });
      if (!over)
        if (const auto told = meter.next(now, perf_totals(of).ours)) tell(*told);
      if (signal != 0 || over) return signal;
      if (now >= next_look) {
        next_look = now + housekeeping;
        host_.keep();
      }
    }
  }
  const std::vector<interval_report>& intervals() const { return intervals_; }

 private:
  void tell(const interval_report& told) {
    intervals_.push_back(told);
    if (!options_.json) print_data(text_of(told, options_.round_trips));
  }

  socket_host& host_;
  const perf_options& options_;
  duration interval_;
  std::vector<interval_report> intervals_;
};

std::string report_as_json(const perf_options& options, const perf_request& asked, const perf_totals& totals,
                           const std::vector<interval_report>& intervals) {
  nlohmann::json object = {{"schema", "seqwire.perf/1"},
                           {"to", options.to},
                           {"measures", measure_of(asked)},
                           {"reverse", asked.reverse},
                           {"parallel", options.parallel},
                           {"record_octets", asked.record_octets},
                           {"whole", totals.whole},
                           {"client", to_json(totals.ours)},
                           {"server", to_json(totals.theirs)},
                           {"intervals", to_json(intervals)}};
  if (asked.round_trips) {
    const time_distribution& times = totals.round_trips;
    object["round_trips"] = {{"count", times.count()},
                             {"minimum", times.minimum().seconds()},
                             {"mean", times.mean().seconds()},
                             {"median", times.quantile(0.5).seconds()},
                             {"percentile_99", times.quantile(0.99).seconds()},
                             {"maximum", times.maximum().seconds()}};
  }
  return json_text(object);
}

std::string report_as_text(const perf_request& asked, const perf_totals& totals) {
  const auto line = [](const char* end, const char* did, const perf_figures& figures) {
    const double seconds = std::max(figures.took.seconds(), 1e-9);
    return fmt::format("{} {} {} in {:.2f} s, {}, {} records, {} retransmissions, {:.0f} % of a processor\n", end, did,
                       size_text(figures.octets), figures.took.seconds(), rate_text(figures.bits_per_second()),
                       figures.records, figures.retransmissions, 100 * figures.processor.seconds() / seconds);
  };
  std::string text;
  if (asked.round_trips) {
    const time_distribution& times = totals.round_trips;
    const auto microseconds = [](duration of) { return of.seconds() * 1e6; };
    text = fmt::format("{} round trips; {:.1f} / {:.1f} / {:.1f} / {:.1f} us (min, median, 99 %, max)\n", times.count(),
                       microseconds(times.minimum()), microseconds(times.quantile(0.5)),
                       microseconds(times.quantile(0.99)), microseconds(times.maximum()));
  }
  const bool we_send = !asked.reverse;
  text += line("client", asked.round_trips ? "exchanged" : we_send ? "sent" : "received", totals.ours);
  if (totals.whole)
    text += line("server", asked.round_trips ? "exchanged" : we_send ? "received" : "sent", totals.theirs);
  return text;
}

// Opens all connections; false, and a line of error, when one cannot be.
bool open_flows(socket_host& host, const xns_address& to, const perf_request& asked, std::size_t parallel,
                flows& made) {
  while (made.size() < parallel) {
    auto with = host.sockets().open(socket_type::sequenced_packet).value();
    if (const auto opened = with->connect(to); !opened) {
      if (opened.error() != std::errc::interrupted)
        std::fputs(
            fmt::format("seqwire: error: cannot connect to {}: {}\n", to_string(to), opened.error().message()).c_str(),
            stderr);
      return false;
    }
    made.push_back(std::make_unique<perf_flow>(std::move(with), asked));
  }
  return true;
}

int client(const perf_options& options) {
  const std::string text = options.to.find(':') == std::string::npos ? options.to + ':' + default_socket : options.to;
  const auto to = parse_address(text);
  if (!to) throw usage_error(fmt::format("ADDRESS: expected {}; got {}", to.error().expected, options.to));
  if (is_group(to->host)) throw usage_error("ADDRESS: expected a single host; got the group " + options.to);
  const perf_request asked = request_of(options);
  interval_of(options);
  socket_host host =
      open_host(options.carrier, options.flow, options.carrier.own_network(to->network), *to, std::nullopt, suit_perf);
  host.find_way_to(to->network);
  int code = exit_check_failed;
  {
    flows all;
    if (open_flows(host, *to, asked, options.parallel, all)) {
      host.at().hold_output(true);
      measurement measuring(host, options);
      const int signal = measuring.run(all);
      const perf_totals totals(all);
      print_data(options.json ? report_as_json(options, asked, totals, measuring.intervals())
                              : report_as_text(asked, totals));
      if (totals.why)
        std::fputs(fmt::format("seqwire: error: the connection ended: {}\n", totals.why.message()).c_str(), stderr);
      code = signal != 0 ? 128 + signal : totals.whole ? exit_holds : exit_check_failed;
      host.at().hold_output(false);
    } else if (const int signal = host.signals().take(); signal != 0) {
      code = 128 + signal;
    }
  }
  return host.leave(code);
}

void add_interval(CLI::App& to, perf_options& options) {
  to.add_option("--interval", options.interval, "Between two lines")->type_name("DURATION")->capture_default_str();
}

void add_server(CLI::App& perf, const std::shared_ptr<perf_options>& options, command_body& chosen) {
  CLI::App* command = perf.add_subcommand("server", "Answer clients until a signal comes; lines of each connection");
  command->add_option("--socket", options->socket, "Socket to listen on")->type_name("NUMBER")->capture_default_str();
  command->add_option("--network", options->network, "Our network, hexadecimal")
      ->type_name("NET")
      ->capture_default_str();
  command->add_flag("--one-off", options->one_off, "End after one client");
  add_interval(*command, *options);
  command->add_flag("--json", options->json, "Print the outcome of each connection as one line of JSON");
  options->carrier.add_to(*command);
  options->flow.add_to(*command);
  command->footer(
      "A client that asks nothing for 10 s, or lets a measurement rest for 60 s, loses its place.\n\n"
      "Examples:\n  seqwire perf server --interface eth0\n  seqwire perf server --udp 127.0.0.1:49152 --one-off");
  command->callback([options, &chosen] { chosen = [options] { return server(*options); }; });
}

void add_client(CLI::App& perf, const std::shared_ptr<perf_options>& options, command_body& chosen) {
  CLI::App* command = perf.add_subcommand("client", "Measure throughput to a server, or round trips");
  command->add_option("ADDRESS", options->to, fmt::format("NET.HOST, and :SOCKET if not {}", default_socket))
      ->required();
  command->add_option("--time", options->length, "How long")->type_name("DURATION")->capture_default_str();
  add_interval(*command, *options);
  command->add_option("--record-size", options->record_size, "Octets of each record")
      ->type_name("OCTETS")
      ->capture_default_str();
  command->add_option("-P,--parallel", options->parallel, "Connections at the same time")
      ->check(CLI::Range(std::size_t{1}, most_flows))
      ->capture_default_str();
  auto* const reverse = command->add_flag("-R,--reverse", options->reverse, "The server sends");
  command->add_flag("--round-trips", options->round_trips, "A record there and back, one at a time")->excludes(reverse);
  command->add_flag("--json", options->json, "Print the outcome, both ends', as JSON");
  options->carrier.add_to(*command);
  options->carrier.add_network_to(*command);
  options->flow.add_to(*command);
  command->footer(
      "Examples:\n  seqwire perf client 1.02000000000b --interface eth0 -P 4\n"
      "  seqwire perf client 1.02007f000001 --udp 127.0.0.1:0 --round-trips --record-size 64 --json");
  command->callback([options, &chosen] { chosen = [options] { return client(*options); }; });
}

}  // namespace

void add_perf(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<perf_options>();
  CLI::App* perf = to.add_subcommand("perf", "Throughput and round trips between two ends");
  perf->require_subcommand(1);
  perf->footer(
      "Examples:\n  seqwire perf server --interface eth0\n  seqwire perf client 1.02000000000b --interface eth0");
  add_server(*perf, options, chosen);
  add_client(*perf, options, chosen);
}

}  // namespace seqwire
