#include "lab/measure/measures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "lab/scenario/nearest.hpp"
#include "lab/scenario/units.hpp"

namespace seqwire {
namespace {

using scope = measure_scope;
using when = measure_time;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

double count_of(std::uint64_t count) { return static_cast<double>(count); }
double ratio(double part, double whole) { return whole > 0 ? part / whole : none; }

// A transfer with what was asked of it.
struct flow_ends {
  const flow_settings& asked;
  const planned_flow& plan;
  const flow_result& sender;
  const flow_result& receiver;
};

flow_ends ends_of(const experiment_report& report, std::size_t flow) {
  const flow_report& of = report.flows[flow];
  return {report.ran.flows[of.plan.settings], of.plan, of.sender, of.receiver};
}

double flow_duration(const flow_ends& of) {
  return of.receiver.records == 0 ? none : (of.receiver.last_at - of.plan.start).seconds();
}

double flow_goodput(const flow_ends& of) {
  return of.receiver.octets == 0 ? 0 : ratio(count_of(of.receiver.octets), flow_duration(of));
}

double round_trip_mean(const spp_statistics& sent) {
  return ratio(sent.round_trip_total.seconds(), count_of(sent.round_trip_samples));
}

bool is_complete(const flow_ends& of) {
  return of.receiver.records == of.asked.records && of.sender.status == end_status::closed_gracefully &&
         of.receiver.status == end_status::closed_gracefully;
}

// A number of each flow's, added up.
template <class Value>
double over_flows(const experiment_report& report, Value value) {
  double sum = 0;
  for (std::size_t flow = 0; flow < report.flows.size(); ++flow) sum += value(ends_of(report, flow));
  return sum;
}

using counter = std::uint64_t spp_statistics::*;
template <counter Counter>
double sent_in_all(const experiment_report& report, std::size_t) {
  return over_flows(report, [](const flow_ends& each) { return count_of(each.sender.statistics.*Counter); });
}
template <counter Counter>
double sent_by_flow(const experiment_report& report, std::size_t flow) {
  return count_of(ends_of(report, flow).sender.statistics.*Counter);
}

// The packets of both ends, with acknowledgements.
double packets_of(const flow_ends& flow) {
  return count_of(flow.sender.statistics.packets_sent) + count_of(flow.receiver.statistics.packets_sent);
}

// The round trips that senders measured, as one.
spp_statistics round_trips(const experiment_report& report) {
  spp_statistics all;
  for (std::size_t flow = 0; flow < report.flows.size(); ++flow) {
    const spp_statistics& each = ends_of(report, flow).sender.statistics;
    if (each.round_trip_samples == 0) continue;
    const bool first = all.round_trip_samples == 0;
    all.round_trip_minimum =
        first ? each.round_trip_minimum : std::min(all.round_trip_minimum, each.round_trip_minimum);
    all.round_trip_maximum = std::max(all.round_trip_maximum, each.round_trip_maximum);
    all.round_trip_total += each.round_trip_total;
    all.round_trip_samples += each.round_trip_samples;
  }
  return all;
}

// Of requests the sender knows them, of everything else the receiver.
const time_distribution& latencies(const flow_ends& of) {
  return of.sender.latencies.count() > 0 ? of.sender.latencies : of.receiver.latencies;
}

template <class Value>
double latency(const experiment_report& report, std::size_t flow, Value value) {
  const time_distribution& of = latencies(ends_of(report, flow));
  return of.count() == 0 ? none : value(of).seconds();
}

double seconds_if_measured(const spp_statistics& of, duration spp_statistics::*value) {
  return of.round_trip_samples == 0 ? none : (of.*value).seconds();
}

// Jain's index: 1 when all flows got the same, 1/n when one got everything.
double fairness(const experiment_report& report, std::size_t) {
  const double sum = over_flows(report, flow_goodput);
  const double squares = over_flows(report, [](const flow_ends& each) {
    const double goodput = flow_goodput(each);
    return goodput * goodput;
  });
  return ratio(sum * sum, count_of(report.flows.size()) * squares);
}

// Directions count through the links: a to b of the first one, b to a, a to b of the next.
const channel_statistics& direction_of(const experiment_report& report, std::size_t which) {
  const link_report& link = report.links[which / 2];
  return which % 2 == 0 ? link.a_to_b : link.b_to_a;
}

const channel_settings& asked_of(const experiment_report& report, std::size_t which) {
  const link_settings& link = report.ran.links[which / 2];
  return which % 2 == 0 ? link.a_to_b : link.b_to_a;
}

// Bits on the link, its overhead included, of those that it could have carried until the last record was there.
double utilisation(const experiment_report& report, std::size_t which) {
  const channel_settings& link = asked_of(report, which);
  const channel_statistics& got = direction_of(report, which);
  const double octets = count_of(got.octets_delivered) + static_cast<double>(link.overhead) * count_of(got.delivered);
  return ratio(8 * octets, count_of(link.rate) * report.finished_at.seconds());
}

// Of the frames that were sent; those under way are not waits of their own.
double mean_wait(const experiment_report& report, std::size_t which) {
  const channel_statistics& got = direction_of(report, which);
  const std::uint64_t gone = std::min(got.not_delivered(), got.offered);
  return ratio(got.waited.seconds(), count_of(got.offered - gone));
}

double queue_drops(const experiment_report& report, std::size_t) {
  double sum = 0;
  for (const link_report& each : report.links)
    sum += count_of(each.a_to_b.queue_full) + count_of(each.b_to_a.queue_full);
  return sum;
}

double drops(const experiment_report& report, std::size_t) {
  double sum = 0;
  for (const host_report& each : report.hosts) sum += count_of(each.counters.drops.total());
  return sum;
}

double drops_for(const experiment_report& report, std::size_t reason) {
  double sum = 0;
  for (const host_report& each : report.hosts) sum += count_of(each.counters.drops[static_cast<drop_reason>(reason)]);
  return sum;
}

template <std::uint64_t channel_statistics::*Counter>
double on_link(const experiment_report& report, std::size_t which) {
  return count_of(direction_of(report, which).*Counter);
}

using report_ref = const experiment_report&;

constexpr measure table[] = {
    {scope::run, when::interval, "goodput", "octets/s",
     "octets of records delivered, by the time until the last one was",
     [](report_ref report, std::size_t) {
       return ratio(over_flows(report, [](const flow_ends& each) { return count_of(each.receiver.octets); }),
                    report.finished_at.seconds());
     }},
    {scope::run, when::run, "duration", "s", "from the start of the run until the last record was delivered",
     [](report_ref report, std::size_t) { return report.finished_at.seconds(); }},
    {scope::run, when::interval, "octets", "", "octets of records delivered",
     [](report_ref report, std::size_t) {
       return over_flows(report, [](const flow_ends& each) { return count_of(each.receiver.octets); });
     }},
    {scope::run, when::interval, "records", "", "records delivered",
     [](report_ref report, std::size_t) {
       return over_flows(report, [](const flow_ends& each) { return count_of(each.receiver.records); });
     }},
    {scope::run, when::run, "complete", "", "share of the flows that delivered every record and ended gracefully",
     [](report_ref report, std::size_t) {
       return ratio(over_flows(report, [](const flow_ends& each) { return is_complete(each) ? 1.0 : 0.0; }),
                    count_of(report.flows.size()));
     }},
    {scope::run, when::interval, "packets", "", "packets sent by both ends of all flows, acknowledgements included",
     [](report_ref report, std::size_t) { return over_flows(report, packets_of); }},
    {scope::run, when::interval, "data_packets", "", "data packets sent, retransmissions included",
     sent_in_all<&spp_statistics::data_packets_sent>},
    {scope::run, when::interval, "retransmissions", "", "data packets sent again",
     sent_in_all<&spp_statistics::retransmissions>},
    {scope::run, when::interval, "fast_retransmissions", "",
     "of these, those that acknowledgements asked for, not a timeout",
     sent_in_all<&spp_statistics::fast_retransmissions>},
    {scope::run, when::interval, "timeouts", "", "retransmission timeouts", sent_in_all<&spp_statistics::timeouts>},
    {scope::run, when::interval, "probes", "", "probes of a closed window", sent_in_all<&spp_statistics::probes>},
    {scope::run, when::run, "round_trip_minimum", "s", "smallest round trip that a sender measured",
     [](report_ref report, std::size_t) {
       return seconds_if_measured(round_trips(report), &spp_statistics::round_trip_minimum);
     }},
    {scope::run, when::interval, "round_trip_mean", "s", "mean of the round trips that senders measured",
     [](report_ref report, std::size_t) { return round_trip_mean(round_trips(report)); }},
    {scope::run, when::run, "round_trip_maximum", "s", "largest of them",
     [](report_ref report, std::size_t) {
       return seconds_if_measured(round_trips(report), &spp_statistics::round_trip_maximum);
     }},
    {scope::run, when::interval, "fairness", "",
     "Jain's index of the flows' goodputs: 1 all the same, 1/n one has everything", fairness},
    {scope::run, when::interval, "queue_drops", "", "frames that found a queue full, on all links", queue_drops},
    {scope::run, when::interval, "drops", "", "packets that hosts refused, duplicates among them", drops},
    {scope::reason, when::interval, "REASON", "", "packets that hosts refused for this reason", drops_for},
    {scope::direction, when::interval, "utilisation", "",
     "share of the rate in use until the last record was delivered", utilisation},
    {scope::direction, when::interval, "frames", "", "frames offered", on_link<&channel_statistics::offered>},
    {scope::direction, when::interval, "delivered", "", "frames delivered", on_link<&channel_statistics::delivered>},
    {scope::direction, when::interval, "lost", "", "frames lost by chance", on_link<&channel_statistics::lost>},
    {scope::direction, when::interval, "queue_drops", "", "frames that found the queue full",
     on_link<&channel_statistics::queue_full>},
    {scope::direction, when::interval, "mean_wait", "s", "mean time that frames waited for the link", mean_wait},
    {scope::direction, when::run, "longest_wait", "s", "longest time that a frame waited for it",
     [](report_ref report, std::size_t which) { return direction_of(report, which).longest_wait.seconds(); }},
    {scope::direction, when::run, "most_waiting", "", "most frames that waited at a time",
     [](report_ref report, std::size_t which) { return count_of(direction_of(report, which).most_waiting); }},
    {scope::direction, when::instant, "waiting", "", "frames that wait",
     [](report_ref report, std::size_t which) {
       const link_report& link = report.links[which / 2];
       return count_of(which % 2 == 0 ? link.a_to_b_waiting : link.b_to_a_waiting);
     }},
    {scope::flow, when::interval, "goodput", "octets/s", "octets of its records delivered, by its duration",
     [](report_ref report, std::size_t flow) { return flow_goodput(ends_of(report, flow)); }},
    {scope::flow, when::run, "duration", "s", "from its start until its last record was delivered",
     [](report_ref report, std::size_t flow) { return flow_duration(ends_of(report, flow)); }},
    {scope::flow, when::interval, "octets", "", "octets of records delivered",
     [](report_ref report, std::size_t flow) { return count_of(ends_of(report, flow).receiver.octets); }},
    {scope::flow, when::interval, "records", "", "records delivered",
     [](report_ref report, std::size_t flow) { return count_of(ends_of(report, flow).receiver.records); }},
    {scope::flow, when::run, "complete", "", "1 when it delivered every record and ended gracefully, else 0",
     [](report_ref report, std::size_t flow) { return is_complete(ends_of(report, flow)) ? 1.0 : 0.0; }},
    {scope::flow, when::interval, "packets", "", "packets sent by both ends, acknowledgements included",
     [](report_ref report, std::size_t flow) { return packets_of(ends_of(report, flow)); }},
    {scope::flow, when::interval, "retransmissions", "", "data packets sent again",
     sent_by_flow<&spp_statistics::retransmissions>},
    {scope::flow, when::interval, "timeouts", "", "retransmission timeouts", sent_by_flow<&spp_statistics::timeouts>},
    {scope::flow, when::interval, "round_trip_mean", "s", "mean of the round trips that its sender measured",
     [](report_ref report, std::size_t flow) { return round_trip_mean(ends_of(report, flow).sender.statistics); }},
    {scope::flow, when::run, "lost", "", "records submitted that were not delivered, such as datagrams that were lost",
     [](report_ref report, std::size_t flow) {
       const flow_ends ends = ends_of(report, flow);
       return count_of(ends.sender.records) - count_of(ends.receiver.records);
     }},
    {scope::flow, when::run, "latency_mean", "s",
     "mean of its records' latencies, from due (or submitted) to delivered",
     [](report_ref report, std::size_t flow) {
       return latency(report, flow, [](const time_distribution& of) { return of.mean(); });
     }},
    {scope::flow, when::run, "latency_median", "s", "the latency that half of its records did not exceed",
     [](report_ref report, std::size_t flow) {
       return latency(report, flow, [](const time_distribution& of) { return of.quantile(0.5); });
     }},
    {scope::flow, when::run, "latency_percentile_90", "s", "that 90 % of its records did not exceed",
     [](report_ref report, std::size_t flow) {
       return latency(report, flow, [](const time_distribution& of) { return of.quantile(0.9); });
     }},
    {scope::flow, when::run, "latency_percentile_99", "s", "that 99 % of its records did not exceed",
     [](report_ref report, std::size_t flow) {
       return latency(report, flow, [](const time_distribution& of) { return of.quantile(0.99); });
     }},
    {scope::flow, when::run, "latency_maximum", "s", "its longest latency",
     [](report_ref report, std::size_t flow) {
       return latency(report, flow, [](const time_distribution& of) { return of.maximum(); });
     }},
    {scope::flow, when::instant, "round_trip", "s", "smoothed round trip of its sender",
     [](report_ref report, std::size_t flow) {
       return seconds_if_measured(ends_of(report, flow).sender.statistics, &spp_statistics::round_trip_smoothed);
     }},
    {scope::flow, when::instant, "window", "", "packets that its sender's congestion control permits",
     [](report_ref report, std::size_t flow) { return count_of(ends_of(report, flow).sender.stands.window); }},
    {scope::flow, when::instant, "in_flight", "", "packets that its sender has sent and that are not acknowledged",
     [](report_ref report, std::size_t flow) { return count_of(ends_of(report, flow).sender.stands.in_flight); }},
};

// "not for this host" as a name: not_for_this_host.
std::string reason_name(std::size_t which) {
  std::string name(name_of(static_cast<drop_reason>(which)));
  for (char& each : name) {
    if (each == ' ') each = '_';
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  }
  return name;
}

// "r1_to_r2": the direction as scenarios name it.
std::string direction_name(const scenario& of, std::size_t which) {
  const auto& [a, b] = of.links[which / 2].ends;
  return which % 2 == 0 ? a + "_to_" + b : b + "_to_" + a;
}

std::string full_name(const measure& row, const scenario& of, std::size_t which) {
  switch (row.scope) {
    case scope::run: break;
    case scope::direction: return fmt::format("link.{}.{}", direction_name(of, which), row.name);
    case scope::flow: return fmt::format("flow.{}.{}", which, row.name);
    case scope::reason: return "drops." + reason_name(which);
  }
  return std::string(row.name);
}

// Transfers count, not the flows that they are copies of.
std::size_t transfers_of(const scenario& of) {
  const auto plan = plan_flows(of, map_of(of));
  return plan ? plan->size() : 0;
}

std::size_t how_many(measure_scope what, const scenario& of, std::size_t transfers) {
  switch (what) {
    case scope::run: break;
    case scope::direction: return 2 * of.links.size();
    case scope::flow: return transfers;
    case scope::reason: return drop_reason_count;
  }
  return 1;
}

// What the name of a measure speaks of, if it is this row's: the links of a network have names, and which is which
// depends on its size.
std::optional<std::size_t> which_of(const measure& row, std::string_view name, const scenario& of) {
  if (row.scope == scope::run) return name == row.name ? std::optional<std::size_t>(0) : std::nullopt;
  const std::size_t last = name.rfind('.');
  if (row.scope != scope::reason && (last == std::string_view::npos || name.substr(last + 1) != row.name))
    return std::nullopt;
  if (row.scope == scope::flow) {
    if (!name.starts_with("flow.") || last < 6) return std::nullopt;
    const auto number = parse_count(name.substr(5, last - 5), 0, maximum_transfers);
    if (!number || *number >= transfers_of(of)) return std::nullopt;
    return static_cast<std::size_t>(*number);
  }
  for (std::size_t which = 0; which < how_many(row.scope, of, 0); ++which)
    if (full_name(row, of, which) == name) return which;
  return std::nullopt;
}

}  // namespace

std::span<const measure> measures() { return table; }

std::vector<chosen_measure> all_measures(const scenario& of) {
  std::vector<chosen_measure> all;
  const std::size_t transfers = transfers_of(of);
  for (const measure& row : table)
    for (std::size_t which = 0; which < how_many(row.scope, of, transfers); ++which)
      all.push_back({full_name(row, of, which), &row, which});
  return all;
}

result<chosen_measure, std::string> find_measure(std::string_view name, const scenario& of) {
  for (const measure& row : table)
    if (const auto which = which_of(row, name, of)) return chosen_measure{std::string(name), &row, *which};
  std::vector<std::string> known;
  for (chosen_measure& each : all_measures(of)) known.push_back(std::move(each.name));
  const auto guess = nearest(name, known);
  return failure(guess ? *guess + ", the nearest known one"
                       : std::string("a measure that seqwire sweep --measures lists"));
}

double chosen_measure::of(const experiment_report& report) const {
  const auto there = which_of(*row, name, report.ran);
  return there ? row->of(report, *there) : none;
}

std::vector<std::string> default_measures() {
  return {"goodput",         "duration", "complete",        "packets",
          "retransmissions", "timeouts", "round_trip_mean", "queue_drops"};
}

std::string describe_measures() {
  std::string list;
  for (const measure& row : table) {
    std::string name(row.name);
    if (row.scope == scope::direction) name = fmt::format("link.A_to_B.{}", row.name);
    if (row.scope == scope::flow) name = fmt::format("flow.N.{}", row.name);
    if (row.scope == scope::reason) name = "drops.REASON";
    const std::string unit = row.unit.empty() ? "" : fmt::format(" ({})", row.unit);
    list += fmt::format("  {:<48}  {}{}\n", name, row.meaning, unit);
  }
  list += "\nReasons:\n";
  for (std::size_t i = 0; i < drop_reason_count; ++i) list += fmt::format("  {}\n", reason_name(i));
  return list;
}

}  // namespace seqwire
