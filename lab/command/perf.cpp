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

// Lets the flows do what they can, and waits once they cannot; returns the signal that came, or 0.
int drive(socket_host& host, const flows& of, const std::function<bool()>& also, duration at_most) {
  const std::uint64_t before = host.sockets().generation();
  instant wake = clock_now() + at_most;
  for (bool did = true; did;) {
    did = also();
    const instant now = clock_now();
    const duration processor = processor_time();
    for (const auto& each : of) did = each->step(now, processor) || did;
  }
  host.at().process();
  for (const auto& each : of) wake = std::min(wake, each->next_wake().value_or(wake));
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

// --- server ---

std::string describe(const perf_flow& of) {
  const auto peer = of.with().peer();
  const std::string who = peer ? to_string(*peer) : "somebody";
  if (of.why()) return fmt::format("{}: {}\n", who, of.why().message());
  const perf_figures& saw = of.ours();
  const char* did = of.request().round_trips ? "answered" : of.request().reverse ? "sent" : "received";
  return fmt::format("{}: {} {} records, {} in {:.2f} s, {}\n", who, did, saw.records, size_text(saw.octets),
                     saw.took.seconds(), rate_text(saw.bits_per_second()));
}

int serve(socket_host& host, socket& listening, bool one_off) {
  flows served;
  std::size_t done = 0;
  instant next_look{};
  const auto accept = [&] {
    if (served.size() >= most_flows) return false;
    auto accepted = listening.accept();
    if (!accepted) return false;
    served.push_back(std::make_unique<perf_flow>(std::move(*accepted), std::nullopt));
    return true;
  };
  for (;;) {
    if (const int signal = drive(host, served, accept, housekeeping); signal != 0) return 128 + signal;
    for (const auto& each : served) {
      if (!each->finished()) continue;
      print_data(describe(*each));
      ++done;
    }
    std::erase_if(served, [](const auto& each) { return each->finished(); });
    if (one_off && done > 0 && served.empty()) return exit_holds;
    if (const instant now = clock_now(); now >= next_look) {
      next_look = now + housekeeping;
      host.keep();
    }
  }
}

int server(const perf_options& options) {
  const xns_address local{parse_own_network(options.network), {}, parse_own_socket(options.socket)};
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
    code = serve(host, *listening, options.one_off);
  }
  host.at().hold_output(false);
  return host.leave(code);
}

// --- client ---

struct interval_report {
  duration from, to;
  std::uint64_t octets_moved = 0;
  std::uint64_t records = 0;
};

perf_request request_of(const perf_options& options) {
  const auto length = parse_duration(options.length);
  if (!length || *length <= duration{} || *length > longest_perf)
    throw usage_error("--time: expected more than 0 and at most 1h, with its unit; got " + options.length);
  const auto size = parse_count(options.record_size, 1, longest_perf_record);
  if (!size) throw usage_error("--record-size: expected " + size.error().expected + "; got " + options.record_size);
  return {options.round_trips, options.reverse, *size, *length};
}

duration interval_of(const perf_options& options) {
  const auto interval = parse_duration(options.interval);
  if (!interval || *interval < 10_ms) throw usage_error("--interval: expected 10ms or more; got " + options.interval);
  return *interval;
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
    began_ = last_at_ = clock_now();
    instant next_look{};
    for (;;) {
      const int signal = drive(
          host_, of, [] { return false; }, std::min(housekeeping, interval_));
      const instant now = clock_now();
      const bool over = std::all_of(of.begin(), of.end(), [](const auto& each) { return each->finished(); });
      if (now - last_at_ >= interval_ && !over) tell_interval(of, now);
      if (signal != 0 || over) return signal;
      if (now >= next_look) {
        next_look = now + housekeeping;
        host_.keep();
      }
    }
  }
  const std::vector<interval_report>& intervals() const { return intervals_; }

 private:
  void tell_interval(const flows& of, instant now) {
    const perf_totals totals(of);
    const interval_report told{last_at_ - began_, now - began_, totals.ours.octets - octets_,
                               totals.ours.records - records_};
    octets_ = totals.ours.octets;
    records_ = totals.ours.records;
    last_at_ = now;
    intervals_.push_back(told);
    if (options_.json) return;
    const double seconds = (told.to - told.from).seconds();
    const std::string when = fmt::format("{:7.2f}-{:.2f} s", told.from.seconds(), told.to.seconds());
    if (options_.round_trips)
      print_data(fmt::format("{}  {} round trips, {:.0f} each second\n", when, told.records,
                             static_cast<double>(told.records) / seconds));
    else
      print_data(fmt::format("{}  {}, {}\n", when, size_text(told.octets_moved),
                             rate_text(8 * static_cast<double>(told.octets_moved) / seconds)));
  }

  socket_host& host_;
  const perf_options& options_;
  duration interval_;
  instant began_{}, last_at_{};
  std::uint64_t octets_ = 0, records_ = 0;
  std::vector<interval_report> intervals_;
};

nlohmann::json to_json(const perf_figures& figures) {
  return {{"records", figures.records},
          {"octets", figures.octets},
          {"seconds", figures.took.seconds()},
          {"bits_per_second", figures.bits_per_second()},
          {"processor_seconds", figures.processor.seconds()},
          {"retransmissions", figures.retransmissions}};
}

std::string report_as_json(const perf_options& options, const perf_request& asked, const perf_totals& totals,
                           const std::vector<interval_report>& intervals) {
  nlohmann::json object = {{"schema", "seqwire.perf/1"},
                           {"to", options.to},
                           {"measures", asked.round_trips ? "round trips" : "throughput"},
                           {"reverse", asked.reverse},
                           {"parallel", options.parallel},
                           {"record_octets", asked.record_octets},
                           {"whole", totals.whole},
                           {"client", to_json(totals.ours)},
                           {"server", to_json(totals.theirs)},
                           {"intervals", nlohmann::json::array()}};
  for (const interval_report& each : intervals)
    object["intervals"].push_back({{"from", each.from.seconds()},
                                   {"to", each.to.seconds()},
                                   {"octets", each.octets_moved},
                                   {"records", each.records}});
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

void add_server(CLI::App& perf, const std::shared_ptr<perf_options>& options, command_body& chosen) {
  CLI::App* command =
      perf.add_subcommand("server", "Answer clients until a signal comes; one line for each connection");
  command->add_option("--socket", options->socket, "Socket to listen on")->type_name("NUMBER")->capture_default_str();
  command->add_option("--network", options->network, "Our network, hexadecimal")
      ->type_name("NET")
      ->capture_default_str();
  command->add_flag("--one-off", options->one_off, "End after one client");
  options->carrier.add_to(*command);
  options->flow.add_to(*command);
  command->footer(
      "Examples:\n  seqwire perf server --interface eth0\n  seqwire perf server --udp 127.0.0.1:49152 --one-off");
  command->callback([options, &chosen] { chosen = [options] { return server(*options); }; });
}

void add_client(CLI::App& perf, const std::shared_ptr<perf_options>& options, command_body& chosen) {
  CLI::App* command = perf.add_subcommand("client", "Measure throughput to a server, or round trips");
  command->add_option("ADDRESS", options->to, fmt::format("NET.HOST, and :SOCKET if not {}", default_socket))
      ->required();
  command->add_option("--time", options->length, "How long")->type_name("DURATION")->capture_default_str();
  command->add_option("--interval", options->interval, "Between two lines")
      ->type_name("DURATION")
      ->capture_default_str();
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
