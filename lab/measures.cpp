#include "lab/measures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "lab/scenario/nearest.hpp"

namespace seqwire {
namespace {

using scope = measure_scope;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

double number(std::uint64_t count) { return static_cast<double>(count); }
double ratio(double part, double whole) { return whole > 0 ? part / whole : none; }

// Both ends of a flow.
struct flow_ends {
  const flow_settings& asked;
  const flow_result& sender;
  const flow_result& receiver;
};

flow_ends ends_of(const experiment_report& report, std::size_t flow) {
  const bool a_sends = report.ran.flows[flow].from == 'a';
  return {report.ran.flows[flow], (a_sends ? report.a : report.b).flows[flow],
          (a_sends ? report.b : report.a).flows[flow]};
}

double flow_duration(const flow_ends& of) {
  return of.receiver.records == 0 ? none : (of.receiver.last_at - of.asked.start).seconds();
}

double flow_goodput(const flow_ends& of) {
  return of.receiver.octets == 0 ? 0 : ratio(number(of.receiver.octets), flow_duration(of));
}

double round_trip_mean(const spp_statistics& sent) {
  return ratio(sent.round_trip_total.seconds(), number(sent.round_trip_samples));
}

bool is_complete(const flow_ends& of) {
  return of.receiver.records == of.asked.records && of.sender.status == end_status::closed_gracefully &&
         of.receiver.status == end_status::closed_gracefully;
}

// A number of each flow's, added up.
template <class Value>
double over_flows(const experiment_report& report, Value value) {
  double sum = 0;
  for (std::size_t flow = 0; flow < report.ran.flows.size(); ++flow) sum += value(ends_of(report, flow));
  return sum;
}

using counter = std::uint64_t spp_statistics::*;
template <counter Counter>
double sent_in_all(const experiment_report& report, std::size_t) {
  return over_flows(report, [](const flow_ends& each) { return number(each.sender.statistics.*Counter); });
}
template <counter Counter>
double sent_by_flow(const experiment_report& report, std::size_t flow) {
  return number(ends_of(report, flow).sender.statistics.*Counter);
}

// The packets of both ends, with acknowledgements.
double packets_of(const flow_ends& flow) {
  return number(flow.sender.statistics.packets_sent) + number(flow.receiver.statistics.packets_sent);
}

// The round trips that senders measured, as one.
spp_statistics round_trips(const experiment_report& report) {
  spp_statistics all;
  for (std::size_t flow = 0; flow < report.ran.flows.size(); ++flow) {
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
  return ratio(sum * sum, number(report.ran.flows.size()) * squares);
}

const channel_statistics& direction_of(const experiment_report& report, std::size_t which) {
  return which == 0 ? report.a_to_b : report.b_to_a;
}

// Bits on the link, its overhead included, of those that it could have carried until the last record was there.
double utilisation(const experiment_report& report, std::size_t which) {
  const channel_settings& link = which == 0 ? report.ran.a_to_b : report.ran.b_to_a;
  const channel_statistics& got = direction_of(report, which);
  const double octets = number(got.octets_delivered) + static_cast<double>(link.overhead) * number(got.delivered);
  return ratio(8 * octets, number(link.rate) * report.finished_at.seconds());
}

template <std::uint64_t channel_statistics::*Counter>
double on_link(const experiment_report& report, std::size_t which) {
  return number(direction_of(report, which).*Counter);
}

using report_ref = const experiment_report&;

constexpr measure table[] = {
    {scope::run, "goodput", "octets/s", "octets of records delivered, by the time until the last one was",
     [](report_ref report, std::size_t) {
       return ratio(over_flows(report, [](const flow_ends& each) { return number(each.receiver.octets); }),
                    report.finished_at.seconds());
     }},
    {scope::run, "duration", "s", "from the start of the run until the last record was delivered",
     [](report_ref report, std::size_t) { return report.finished_at.seconds(); }},
    {scope::run, "octets", "", "octets of records delivered",
     [](report_ref report, std::size_t) {
       return over_flows(report, [](const flow_ends& each) { return number(each.receiver.octets); });
     }},
    {scope::run, "records", "", "records delivered",
     [](report_ref report, std::size_t) {
       return over_flows(report, [](const flow_ends& each) { return number(each.receiver.records); });
     }},
    {scope::run, "complete", "", "share of the flows that delivered every record and ended gracefully",
     [](report_ref report, std::size_t) {
       return ratio(over_flows(report, [](const flow_ends& each) { return is_complete(each) ? 1.0 : 0.0; }),
                    number(report.ran.flows.size()));
     }},
    {scope::run, "packets", "", "packets sent by both ends of all flows, acknowledgements included",
     [](report_ref report, std::size_t) { return over_flows(report, packets_of); }},
    {scope::run, "data_packets", "", "data packets sent, retransmissions included",
     sent_in_all<&spp_statistics::data_packets_sent>},
    {scope::run, "retransmissions", "", "data packets sent again", sent_in_all<&spp_statistics::retransmissions>},
    {scope::run, "fast_retransmissions", "", "of these, those that acknowledgements asked for, not a timeout",
     sent_in_all<&spp_statistics::fast_retransmissions>},
    {scope::run, "timeouts", "", "retransmission timeouts", sent_in_all<&spp_statistics::timeouts>},
    {scope::run, "probes", "", "probes of a closed window", sent_in_all<&spp_statistics::probes>},
    {scope::run, "round_trip_minimum", "s", "smallest round trip that a sender measured",
     [](report_ref report, std::size_t) {
       return seconds_if_measured(round_trips(report), &spp_statistics::round_trip_minimum);
     }},
    {scope::run, "round_trip_mean", "s", "mean of the round trips that senders measured",
     [](report_ref report, std::size_t) { return round_trip_mean(round_trips(report)); }},
    {scope::run, "round_trip_maximum", "s", "largest of them",
     [](report_ref report, std::size_t) {
       return seconds_if_measured(round_trips(report), &spp_statistics::round_trip_maximum);
     }},
    {scope::run, "fairness", "", "Jain's index of the flows' goodputs: 1 all the same, 1/n one has everything",
     fairness},
    {scope::run, "queue_drops", "", "frames that found the queue full, both directions",
     [](report_ref report, std::size_t) {
       return number(report.a_to_b.queue_full) + number(report.b_to_a.queue_full);
     }},
    {scope::run, "drops", "", "packets that hosts refused, duplicates among them",
     [](report_ref report, std::size_t) {
       return number(report.a.counters.drops.total()) + number(report.b.counters.drops.total());
     }},
    {scope::reason, "REASON", "", "packets that hosts refused for this reason",
     [](report_ref report, std::size_t which) {
       const auto reason = static_cast<drop_reason>(which);
       return number(report.a.counters.drops[reason]) + number(report.b.counters.drops[reason]);
     }},
    {scope::direction, "utilisation", "", "share of the rate in use until the last record was delivered", utilisation},
    {scope::direction, "frames", "", "frames offered", on_link<&channel_statistics::offered>},
    {scope::direction, "delivered", "", "frames delivered", on_link<&channel_statistics::delivered>},
    {scope::direction, "lost", "", "frames lost by chance", on_link<&channel_statistics::lost>},
    {scope::direction, "queue_drops", "", "frames that found the queue full", on_link<&channel_statistics::queue_full>},
    {scope::flow, "goodput", "octets/s", "octets of its records delivered, by its duration",
     [](report_ref report, std::size_t flow) { return flow_goodput(ends_of(report, flow)); }},
    {scope::flow, "duration", "s", "from its start until its last record was delivered",
     [](report_ref report, std::size_t flow) { return flow_duration(ends_of(report, flow)); }},
    {scope::flow, "octets", "", "octets of records delivered",
     [](report_ref report, std::size_t flow) { return number(ends_of(report, flow).receiver.octets); }},
    {scope::flow, "records", "", "records delivered",
     [](report_ref report, std::size_t flow) { return number(ends_of(report, flow).receiver.records); }},
    {scope::flow, "complete", "", "1 when it delivered every record and ended gracefully, else 0",
     [](report_ref report, std::size_t flow) { return is_complete(ends_of(report, flow)) ? 1.0 : 0.0; }},
    {scope::flow, "packets", "", "packets sent by both ends, acknowledgements included",
     [](report_ref report, std::size_t flow) { return packets_of(ends_of(report, flow)); }},
    {scope::flow, "retransmissions", "", "data packets sent again", sent_by_flow<&spp_statistics::retransmissions>},
    {scope::flow, "timeouts", "", "retransmission timeouts", sent_by_flow<&spp_statistics::timeouts>},
    {scope::flow, "round_trip_mean", "s", "mean of the round trips that its sender measured",
     [](report_ref report, std::size_t flow) { return round_trip_mean(ends_of(report, flow).sender.statistics); }},
};

constexpr std::string_view direction_names[] = {"a_to_b", "b_to_a"};

// "not for this host" as a name: not_for_this_host.
std::string reason_name(std::size_t which) {
  std::string name(name_of(static_cast<drop_reason>(which)));
  for (char& each : name) {
    if (each == ' ') each = '_';
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  }
  return name;
}

std::string full_name(const measure& row, std::size_t which) {
  switch (row.scope) {
    case scope::run: break;
    case scope::direction: return fmt::format("link.{}.{}", direction_names[which], row.name);
    case scope::flow: return fmt::format("flow.{}.{}", which, row.name);
    case scope::reason: return "drops." + reason_name(which);
  }
  return std::string(row.name);
}

std::size_t how_many(measure_scope of, std::size_t flows) {
  switch (of) {
    case scope::run: break;
    case scope::direction: return std::size(direction_names);
    case scope::flow: return flows;
    case scope::reason: return drop_reason_count;
  }
  return 1;
}

}  // namespace

std::span<const measure> measures() { return table; }

std::vector<chosen_measure> all_measures(std::size_t flows) {
  std::vector<chosen_measure> all;
  for (const measure& row : table)
    for (std::size_t which = 0; which < how_many(row.scope, flows); ++which)
      all.push_back({full_name(row, which), &row, which});
  return all;
}

result<chosen_measure, std::string> find_measure(std::string_view name, std::size_t flows) {
  std::vector<std::string> known;
  for (chosen_measure& each : all_measures(flows)) {
    if (each.name == name) return std::move(each);
    known.push_back(std::move(each.name));
  }
  const auto guess = nearest(name, known);
  return failure(guess ? *guess + ", the nearest known one"
                       : std::string("a measure that seqwire sweep --measures lists"));
}

std::vector<std::string> default_measures() {
  return {"goodput",         "duration", "complete",        "packets",
          "retransmissions", "timeouts", "round_trip_mean", "queue_drops"};
}

std::string describe_measures() {
  std::string list;
  for (const measure& row : table) {
    std::string name(row.name);
    if (row.scope == scope::direction) name = fmt::format("link.a_to_b.{0}, link.b_to_a.{0}", row.name);
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
