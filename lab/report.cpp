// The report of an experiment as a table and as JSON (schema "seqwire.summary/1"). See experiment.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lab/drops_json.hpp"
#include "lab/experiment.hpp"
#include "lab/measure/expectation.hpp"
#include "lab/scenario/units.hpp"
#include "sim/registry.hpp"

namespace seqwire {
namespace {

nlohmann::json latencies_to_json(const time_distribution& of) {
  if (of.count() == 0) return {};
  const auto milliseconds = [](duration time) { return time.seconds() * 1e3; };
  return {{"samples", of.count()},
          {"minimum_ms", milliseconds(of.minimum())},
          {"mean_ms", milliseconds(of.mean())},
          {"median_ms", milliseconds(of.quantile(0.5))},
          {"percentile_90_ms", milliseconds(of.quantile(0.9))},
          {"percentile_99_ms", milliseconds(of.quantile(0.99))},
          {"maximum_ms", milliseconds(of.maximum())}};
}

nlohmann::json flow_to_json(const flow_result& flow) {
  const spp_statistics& counted = flow.statistics;
  return {{"flow", flow.label},
          {"status", std::string(name_of(flow.status))},
          {"records", flow.records},
          {"octets", flow.octets},
          {"responses", flow.responses},
          {"duplicates", flow.duplicates},
          {"datagrams_out_of_order", flow.out_of_order},
          {"latency", latencies_to_json(flow.latencies)},
          {"packets_sent", counted.packets_sent},
          {"data_packets_sent", counted.data_packets_sent},
          {"retransmissions", counted.retransmissions},
          {"timeouts", counted.timeouts},
          {"window_probes", counted.probes},
          {"out_of_order", counted.out_of_order},
          {"excess_acknowledgements", counted.excess_acknowledgements},
          {"round_trip",
           {{"samples", counted.round_trip_samples},
            {"minimum_ms", counted.round_trip_minimum.seconds() * 1e3},
            {"smoothed_ms", counted.round_trip_smoothed.seconds() * 1e3},
            {"maximum_ms", counted.round_trip_maximum.seconds() * 1e3}}}};
}

nlohmann::json host_to_json(const experiment_report& report, std::size_t number) {
  const host_report& host = report.hosts[number];
  nlohmann::json flows = nlohmann::json::array();
  for (const auto& [plan, sender, receiver] : report.flows) {
    if (plan.from == number) flows.push_back(flow_to_json(sender));
    if (plan.to == number) flows.push_back(flow_to_json(receiver));
  }
  return {{"received", host.counters.received},
          {"accepted", host.counters.accepted},
          {"sent", host.counters.sent},
          {"errors_sent", host.counters.errors_sent},
          {"drops", drops_to_json(host.counters.drops)},
          {"flows", std::move(flows)}};
}

nlohmann::json hosts_to_json(const experiment_report& report) {
  nlohmann::json hosts = nlohmann::json::object();
  for (std::size_t i = 0; i < report.hosts.size(); ++i) hosts[report.hosts[i].name] = host_to_json(report, i);
  return hosts;
}

// Nothing: of no frames there is no share.
std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

nlohmann::json share_to_json(std::uint64_t part, std::uint64_t whole) {
  const auto known = share(part, whole);
  return known ? nlohmann::json(*known) : nlohmann::json();
}

nlohmann::json impairments_to_json(const channel_statistics& got) {
  nlohmann::json object = nlohmann::json::object();
  for (const impairment_count& each : got.impairments) object[std::string(each.name)] = each.frames;
  return object;
}

// In seconds, of what was sent; copies and frames that are still under way are not waits of their own.
std::optional<double> mean_wait(const channel_statistics& got) {
  const std::uint64_t sent = got.offered - std::min(got.not_delivered(), got.offered);
  if (sent == 0) return std::nullopt;
  return got.waited.seconds() / static_cast<double>(sent);
}

nlohmann::json mean_wait_to_json(const channel_statistics& got) {
  const auto wait = mean_wait(got);
  return wait ? nlohmann::json(*wait * 1e3) : nlohmann::json();
}

// On the wire also what came of rate and delay, which the simulator's links keep to.
void add_arrivals(nlohmann::json& achieved, const std::optional<wire_arrivals>& of) {
  if (!of) return;
  achieved["rate_bits_per_second"] = of->busiest_rate;
  if (of->frames == 0) return;
  achieved["delay_minimum_ms"] = of->least_delay.seconds() * 1e3;
  achieved["delay_mean_ms"] = of->mean_delay * 1e3;
  achieved["delay_maximum_ms"] = of->longest_delay.seconds() * 1e3;
}

nlohmann::json direction_to_json(const channel_settings& asked, const channel_statistics& got,
                                 const std::optional<wire_arrivals>& arrived) {
  nlohmann::json made = {{"frames", got.offered},
                         {"delivered", got.delivered},
                         {"asked",
                          {{"delay_ms", asked.delay.seconds() * 1e3},
                           {"rate_bits_per_second", asked.rate},
                           {"loss", asked.loss},
                           {"reordering", asked.reordering},
                           {"duplication", asked.duplication},
                           {"corruption", asked.corruption}}},
                         {"achieved",
                          {{"lost", got.lost},
                           {"dropped_by_list", got.dropped_by_list},
                           {"queue_full", got.queue_full},
                           {"overflow", got.overflow},
                           {"dropped_early", got.dropped_early},
                           {"dropped_late", got.dropped_late},
                           {"marked", got.marked},
                           {"impairments", impairments_to_json(got)},
                           {"most_waiting", got.most_waiting},
                           {"mean_wait_ms", mean_wait_to_json(got)},
                           {"longest_wait_ms", got.longest_wait.seconds() * 1e3},
                           {"busy_s", got.busy.seconds()},
                           {"held_back", got.reordered},
                           {"overtaken", got.overtaken},
                           {"duplicated", got.duplicated},
                           {"corrupted", got.corrupted},
                           {"loss", share_to_json(got.lost, got.offered)},
                           {"reordering", share_to_json(got.reordered, got.offered)},
                           {"duplication", share_to_json(got.duplicated, got.offered)},
                           {"corruption", share_to_json(got.corrupted, got.offered)}}}};
  add_arrivals(made["achieved"], arrived);
  return made;
}

// Directions under the names that scenarios have for them.
nlohmann::json links_to_json(const experiment_report& report) {
  nlohmann::json links = nlohmann::json::object();
  for (std::size_t i = 0; i < report.links.size(); ++i) {
    const link_report& link = report.links[i];
    const link_settings& asked = report.ran.links[i];
    links[link.ends.a + "_to_" + link.ends.b] = direction_to_json(asked.a_to_b, link.a_to_b, link.a_to_b_arrivals);
    links[link.ends.b + "_to_" + link.ends.a] = direction_to_json(asked.b_to_a, link.b_to_a, link.b_to_a_arrivals);
  }
  return links;
}

nlohmann::json measures_to_json(const experiment_report& report) {
  nlohmann::json measures = nlohmann::json::object();
  for (const measured_value& each : report.measured) {
    nlohmann::json value = {{"value", each.value}, {"unit", each.unit}};  // NaN becomes null
    if (each.batches != 0) {
      value["batches"] = each.batches;
      value["mean"] = each.mean ? nlohmann::json(*each.mean) : nlohmann::json();
      value["half_width"] = each.half_width ? nlohmann::json(*each.half_width) : nlohmann::json();
    }
    measures[each.name] = std::move(value);
  }
  return measures;
}

nlohmann::json expectations_to_json(const experiment_report& report) {
  nlohmann::json expectations = nlohmann::json::array();
  for (const auto& [asked, value, holds] : report.expectations)
    expectations.push_back({{"measure", asked.measure}, {"expected", asked.value}, {"value", value}, {"holds", holds}});
  return expectations;
}

// The files that the run's hosts wrote.
std::vector<std::string> journals_of(const experiment_report& report) {
  std::vector<std::string> names;
  for (const std::size_t host : hosts_with_flows(report)) names.push_back(report.hosts[host].name + journal_extension);
  return names;
}

// Goodput in octets per second of one flow, as the receiver saw it.
double goodput(const flow_result& receiver) {
  const double seconds = receiver.last_at.seconds();
  return seconds > 0 ? static_cast<double>(receiver.octets) / seconds : 0;
}

std::uint64_t records_asked(const experiment_report& report) {
  std::uint64_t asked = 0;
  for (const flow_report& each : report.flows) {
    const flow_settings& flow = report.ran.flows[each.plan.settings];
    if (flow.socket != flow_type::datagram) asked += flow.records;  // those have no SHA-256
  }
  return asked;
}

std::string percent(std::optional<double> value) { return value ? fmt::format("{:.2f} %", 100 * *value) : "-"; }

std::string mean_delay(const std::optional<wire_arrivals>& of) {
  return of && of->frames != 0 ? fmt::format("{:.2f}ms", of->mean_delay * 1e3) : "";
}
std::string busiest_rate(const wire_arrivals& of) { return fmt::format("{:.3g}Mbit/s", of.busiest_rate / 1e6); }

// What became of the frames on one link, both directions beside each other.
class weather_table {
 public:
  weather_table(const link_settings& asked, const link_report& got) : asked_(asked), got_(got) {}

  std::string text() const {
    const auto& [a, b] = got_.ends;
    std::string table = line("weather", a + " to " + b + " asked", "achieved", b + " to " + a + " asked", "achieved");
    table += chance("loss", &channel_settings::loss, &channel_statistics::lost);
    table += chance("reordering", &channel_settings::reordering, &channel_statistics::reordered);
    table += chance("duplication", &channel_settings::duplication, &channel_statistics::duplicated);
    table += chance("corruption (one bit)", &channel_settings::corruption, &channel_statistics::corrupted);
    table += count("frames", got_.a_to_b.offered, got_.b_to_a.offered);
    table += counter("dropped: queue full", &channel_statistics::queue_full);
    table += counter("dropped: overflow", &channel_statistics::overflow);
    table += counter("dropped by list", &channel_statistics::dropped_by_list);
    table += counter("dropped early by queue", &channel_statistics::dropped_early);
    table += counter("dropped: waited too long", &channel_statistics::dropped_late);
    table += counter("marked by queue", &channel_statistics::marked);
    table += impairments();
    table += line("delay", print_duration(asked_.a_to_b.delay), mean_delay(got_.a_to_b_arrivals),
                  print_duration(asked_.b_to_a.delay), mean_delay(got_.b_to_a_arrivals));
    if (got_.a_to_b_arrivals && got_.b_to_a_arrivals)
      table += line("rate, busiest 0.1 s", print_rate(asked_.a_to_b.rate), busiest_rate(*got_.a_to_b_arrivals),
                    print_rate(asked_.b_to_a.rate), busiest_rate(*got_.b_to_a_arrivals));
    return table;
  }

 private:
  static std::string line(std::string_view name, std::string_view asked, std::string_view got,
                          std::string_view asked_back, std::string_view got_back) {
    return fmt::format("  {:<24}{:>14}{:>14}{:>14}{:>14}\n", name, asked, got, asked_back, got_back);
  }
  static std::string count(std::string_view name, std::uint64_t one_way, std::uint64_t other_way) {
    return line(name, "", fmt::format("{}", one_way), "", fmt::format("{}", other_way));
  }
  std::string chance(std::string_view name, double channel_settings::*asked,
                     std::uint64_t channel_statistics::*got) const {
    const auto achieved = [&](const channel_statistics& of) { return percent(share(of.*got, of.offered)); };
    return line(name, percent(asked_.a_to_b.*asked), achieved(got_.a_to_b), percent(asked_.b_to_a.*asked),
                achieved(got_.b_to_a));
  }
  // What nobody asked for by its share is shown where it happened.
  std::string counter(std::string_view name, std::uint64_t channel_statistics::*got) const {
    return got_.a_to_b.*got + got_.b_to_a.*got == 0 ? "" : count(name, got_.a_to_b.*got, got_.b_to_a.*got);
  }
  // What an impairment did to frames; those whose share is asked for have rows of their own.
  std::string impairments() const {
    const auto frames = [](const channel_statistics& of, std::string_view name) {
      for (const impairment_count& each : of.impairments)
        if (each.name == name) return each.frames;
      return std::uint64_t{0};
    };
    static const std::set<std::string_view> shown{"drop", "loss", "reordering", "duplication", "corruption"};
    std::string rows;
    for (const impairment_type& type : impairment_types()) {
      const std::uint64_t one_way = frames(got_.a_to_b, type.name);
      const std::uint64_t other_way = frames(got_.b_to_a, type.name);
      if (one_way + other_way != 0 && !shown.contains(type.name))
        rows += count("by " + std::string(type.name), one_way, other_way);
    }
    return rows;
  }

  const link_settings& asked_;
  const link_report& got_;
};

// On the wire: what was asked of each direction, and beside it what came of it.
std::string achieved_table(const experiment_report& report, std::size_t most) {
  if (!report.links.front().a_to_b_arrivals) return "";
  std::string table = fmt::format("  {:<16}{:>12}{:>12}{:>14}{:>14}{:>12}{:>12}\n", "link", "delay asked", "mean",
                                  "rate asked", "busiest 0.1 s", "loss asked", "achieved");
  const auto row = [&](const std::string& from, const std::string& to, const channel_settings& asked,
                       const channel_statistics& got, const wire_arrivals& arrived) {
    table += fmt::format("  {:<16}{:>12}{:>12}{:>14}{:>14}{:>12}{:>12}\n", from + " to " + to,
                         print_duration(asked.delay), mean_delay(arrived), print_rate(asked.rate),
                         busiest_rate(arrived), percent(asked.loss), percent(share(got.lost, got.offered)));
  };
  for (std::size_t i = 0; i < std::min(report.links.size(), most); ++i) {
    const link_report& link = report.links[i];
    const link_settings& asked = report.ran.links[i];
    row(link.ends.a, link.ends.b, asked.a_to_b, link.a_to_b, *link.a_to_b_arrivals);
    row(link.ends.b, link.ends.a, asked.b_to_a, link.b_to_a, *link.b_to_a_arrivals);
  }
  return table;
}

// A line for each direction of each link, of so many at most; what the whole of them did is in the summary.
std::string links_table(const experiment_report& report) {
  constexpr std::size_t most = 16;
  std::string table = fmt::format("  {:<16}{:>12}{:>12}{:>10}{:>10}{:>10}{:>14}{:>14}\n", "link", "frames", "delivered",
                                  "lost", "dropped", "marked", "mean wait ms", "most waiting");
  const auto row = [&](const std::string& from, const std::string& to, const channel_statistics& got) {
    const std::uint64_t dropped = got.queue_full + got.overflow + got.dropped_early + got.dropped_late;
    const auto wait = mean_wait(got);
    table += fmt::format("  {:<16}{:>12}{:>12}{:>10}{:>10}{:>10}{:>14}{:>14}\n", from + " to " + to, got.offered,
                         got.delivered, got.lost + got.dropped_by_list, dropped, got.marked,
                         wait ? fmt::format("{:.3f}", *wait * 1e3) : "-", got.most_waiting);
  };
  for (std::size_t i = 0; i < std::min(report.links.size(), most); ++i) {
    const link_report& link = report.links[i];
    row(link.ends.a, link.ends.b, link.a_to_b);
    row(link.ends.b, link.ends.a, link.b_to_a);
  }
  if (report.links.size() > most) table += fmt::format("  and {} more links\n", report.links.size() - most);
  return table + achieved_table(report, most);
}

std::string weather_of(const experiment_report& report) {
  if (report.links.size() > 1) return links_table(report);
  return weather_table(report.ran.links.front(), report.links.front()).text();
}

// A column for each host while they fit beside each other, else one for all of them.
std::string drops_table(const experiment_report& report) {
  const bool each = report.hosts.size() <= 4;
  std::string rows;
  for (std::size_t i = 0; i < drop_reason_count; ++i) {
    std::uint64_t all = 0;
    std::string columns;
    for (const host_report& host : report.hosts) {
      const std::uint64_t count = host.counters.drops[static_cast<drop_reason>(i)];
      all += count;
      columns += fmt::format("{:>14}", count);
    }
    if (all != 0)
      rows += fmt::format("  {:<24}{}\n", name_of(static_cast<drop_reason>(i)),
                          each ? columns : fmt::format("{:>14}", all));
  }
  if (rows.empty()) return fmt::format("  {:<24}{:>14}\n", "refused packets", "none");
  std::string heading = fmt::format("  {:<24}", "refused packets");
  if (each)
    for (const host_report& host : report.hosts) heading += fmt::format("{:>14}", "at " + host.name);
  else heading += fmt::format("{:>14}", "at all hosts");
  return heading + '\n' + rows;
}

std::string measures_table(const experiment_report& report) {
  if (report.measured.empty()) return {};
  std::string table = fmt::format("  {:<40}{:>18}   {}\n", "measured", "value", "batches");
  for (const measured_value& each : report.measured) {
    std::string batches;
    if (each.mean && each.half_width)
      batches = fmt::format("{} +- {} of {}", print_measured(*each.mean, each.unit),
                            print_measured(*each.half_width, each.unit), each.batches);
    table += fmt::format("  {:<40}{:>18}   {}\n", each.name, print_measured(each.value, each.unit), batches);
  }
  for (const auto& [asked, value, holds] : report.expectations)
    table += fmt::format("  expected {} {}: {}\n", asked.measure, asked.value, holds ? "holds" : "FAILS");
  return table + '\n';
}

// A connection that has no end was cut off by the time limit, or was never made.
std::string_view ending_of(const flow_result& flow) {
  if (flow.status != end_status::none) return name_of(flow.status);
  return flow.opened ? "still open" : "never opened";
}

std::string round_trip_of(const spp_statistics& sent) {
  if (sent.round_trip_samples == 0) return "round trip not measured";
  return fmt::format("round trip {:.1f} / {:.1f} / {:.1f} ms (min, smoothed, max)",
                     sent.round_trip_minimum.seconds() * 1e3, sent.round_trip_smoothed.seconds() * 1e3,
                     sent.round_trip_maximum.seconds() * 1e3);
}

// How long it took, where it came to its end.
std::string progress_of(const flow_settings& settings, const flow_result& receiver) {
  const bool done = receiver.records == settings.records && receiver.status == end_status::closed_gracefully;
  const double seconds = receiver.last_at.seconds();
  const std::string when = done ? fmt::format("done at {:.3f} s", seconds) : "not done";
  return receiver.octets == 0 ? when : fmt::format("{}, goodput {:.0f} kB/s", when, goodput(receiver) / 1e3);
}

std::string latency_line(const flow_result& sender, const flow_result& receiver) {
  const time_distribution& of = sender.latencies.count() > 0 ? sender.latencies : receiver.latencies;
  if (of.count() == 0) return {};
  const auto milliseconds = [](duration time) { return time.seconds() * 1e3; };
  return fmt::format(
      "    latency {:.3f} / {:.3f} / {:.3f} / {:.3f} / {:.3f} ms (min, median, 90 %, 99 %, max), mean {:.3f}\n",
      milliseconds(of.minimum()), milliseconds(of.quantile(0.5)), milliseconds(of.quantile(0.9)),
      milliseconds(of.quantile(0.99)), milliseconds(of.maximum()), milliseconds(of.mean()));
}

// A loss cannot be told from a datagram that is still on its way when the run ends.
std::string datagram_lines(const flow_settings& settings, const flow_result& sender, const flow_result& receiver) {
  const std::uint64_t lost = sender.records - std::min(receiver.records, sender.records);
  return fmt::format(
             "  flow {}: {} of {} datagrams sent: {}; {} delivered, {} lost ({}), {} duplicates, {} out of order\n",
             sender.label, sender.records, settings.records, ending_of(sender), receiver.records, lost,
             percent(share(lost, sender.records)), receiver.duplicates, receiver.out_of_order) +
         fmt::format("    goodput {:.0f} kB/s\n", goodput(receiver) / 1e3) + latency_line(sender, receiver);
}

std::string flow_lines(const flow_settings& settings, const flow_result& sender, const flow_result& receiver) {
  if (settings.socket == flow_type::datagram) return datagram_lines(settings, sender, receiver);
  const spp_statistics& sent = sender.statistics;
  // What was never submitted has not been read either: nobody knows its octets.
  const std::string octets_asked = sender.records == settings.records ? fmt::format(" of {}", sender.octets) : "";
  std::string lines = fmt::format("  flow {}: {} of {} records, {}{} octets; sender {} (window {}): {}, receiver {}\n",
                                  sender.label, receiver.records, settings.records, receiver.octets, octets_asked,
                                  settings.spp.sender, settings.spp.window, ending_of(sender), ending_of(receiver));
  if (sender.status == end_status::none) return lines + "    the time limit ended the run before this flow was done\n";
  return lines +
         fmt::format(
             "    packets {} (data {}, retransmissions {}, timeouts {}), acknowledgements {}\n"
             "    {}, {}\n",
             sent.packets_sent, sent.data_packets_sent, sent.retransmissions, sent.timeouts,
             receiver.statistics.packets_sent, round_trip_of(sent), progress_of(settings, receiver)) +
         latency_line(sender, receiver);
}

// A verdict that holds in a few words; any other in full.
std::string verdict_lines(const verdict& judged, bool holds) {
  if (!holds) return render_text(judged);
  std::uint64_t rules = 0;
  std::uint64_t checks = 0;
  for (const rule_verdict& row : judged.rules) {
    if (row.outcome != rule_outcome::held) continue;
    ++rules;
    checks += row.checks;
  }
  std::string text =
      fmt::format("  verdict: holds: {} rules, applied {} times to {} frames, none broken; {} not decidable\n", rules,
                  checks, judged.counts.frames, judged.rules.size() - rules);
  for (const finding& named : judged.findings) text += fmt::format("  {}: {}\n", named.name, named.sentence);
  return text;
}

}  // namespace

nlohmann::json to_json(const experiment_report& report) {
  return {{"schema", "seqwire.summary/1"},
          {"world", report.world},
          {"scenario", to_toml(report.ran)},
          {"seed", report.ran.seed},
          {"finished_at_s", report.finished_at.seconds()},
          {"hosts", hosts_to_json(report)},
          {"link", links_to_json(report)},
          {"files", {{"asked", records_asked(report)}, {"sent", report.files_sent}, {"equal", report.files_equal}}},
          {"measures", measures_to_json(report)},
          {"expectations", expectations_to_json(report)},
          {"capture", capture_name},
          {"journals", journals_of(report)},
          {"verdict", report.judged ? to_json(*report.judged) : nlohmann::json()},
          {"not_written", report.not_written},
          {"fingerprint", report.fingerprint ? nlohmann::json(fmt::format("{:016x}", *report.fingerprint)) : nullptr},
          {"holds", report.holds()}};
}

std::string render_text(const experiment_report& report) {
  std::string text = fmt::format("{} on the {}, seed {}\n", report.ran.name, report.world, report.ran.seed);
  constexpr std::size_t most = 16;
  for (std::size_t i = 0; i < std::min(report.flows.size(), most); ++i) {
    const auto& [plan, sender, receiver] = report.flows[i];
    text += flow_lines(report.ran.flows[plan.settings], sender, receiver);
  }
  if (report.flows.size() > most) text += fmt::format("  and {} more transfers\n", report.flows.size() - most);
  text += '\n' + weather_of(report) + '\n' + drops_table(report) + '\n' + measures_table(report);
  const bool verdict_holds =
      report.judged && (report.judged->overall == conclusion::holds || report.holds_without_connections());
  if (report.judged) text += verdict_lines(*report.judged, verdict_holds);
  if (verdict_holds && !report.arrived())
    text += "  but a transfer failed: the capture breaks no rule, and not everything was delivered\n";
  text +=
      fmt::format("  SHA-256: {} of {} records arrived as they were sent\n", report.files_equal, records_asked(report));
  return text;
}

}  // namespace seqwire
