#include "lab/workload/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "lab/scenario/scenario.hpp"
#include "lab/scenario/units.hpp"
#include "lab/workload/datagram_flow.hpp"
#include "protocol/wire/idp.hpp"

namespace seqwire {
namespace {

// More than this would only cost time: phases without any record.
constexpr std::int64_t most_phases_for_a_record = 1000;

std::uint64_t mean_size(const flow_settings& flow) {
  const workload_settings& of = flow.workload;
  return of.sizes == size_distribution::uniform ? (of.minimum_size + of.maximum_size) / 2 : flow.record_size;
}

bool has_interval(workload_kind kind) {
  return kind == workload_kind::constant || kind == workload_kind::poisson || kind == workload_kind::on_off;
}

std::optional<workload_fault> find_fault_of_times(const flow_settings& flow) {
  const workload_settings& of = flow.workload;
  const bool is_trace = of.kind == workload_kind::trace;
  if (is_trace && !of.trace.records) return workload_fault{"workload", "has no trace", "trace = \"FILE\"", "none"};
  if (!is_trace && of.trace.records)
    return workload_fault{"trace", "is given to another workload", "workload = \"trace\"", "another"};
  if (!has_interval(of.kind)) return std::nullopt;
  const duration interval = interval_of(flow);
  if (interval < 1_ns || interval > 3600_s)
    return workload_fault{"offered_rate", "asks for an interval that cannot be", "an interval from 1ns to 1h",
                          print_duration(interval)};
  if (of.kind == workload_kind::on_off && interval / most_phases_for_a_record > of.on_time)
    return workload_fault{"on_time", "is too short for a record in most times of on",
                          fmt::format("at least a thousandth of the interval, {}", print_duration(interval)),
                          print_duration(of.on_time)};
  return std::nullopt;
}

std::optional<workload_fault> find_fault_of_sizes(const workload_settings& of) {
  if (of.sizes != size_distribution::fixed && of.minimum_size > of.maximum_size)
    return workload_fault{"record_size_minimum", "is above record_size_maximum",
                          fmt::format("at most {}", print_size(of.maximum_size)), print_size(of.minimum_size)};
  if (of.sizes == size_distribution::uniform && of.maximum_size == longest_record)
    return workload_fault{"record_size_distribution", "has no end for uniform sizes",
                          "record_size_maximum below " + print_size(longest_record), "none"};
  return std::nullopt;
}

std::optional<workload_fault> find_fault_of_datagrams(const flow_settings& flow, std::size_t mtu) {
  const workload_settings& of = flow.workload;
  if (!flow.files.empty())
    return workload_fault{"files", "do not go by datagrams", "another socket", "socket = \"datagram\""};
  if (of.kind == workload_kind::request_response)
    return workload_fault{"workload", "needs a connection", "another workload, or another socket",
                          "socket = \"datagram\""};
  const std::size_t most = largest_datagram(mtu);
  const auto refuse = [&](std::string_view key, std::uint64_t got) {
    return workload_fault{key, "does not fit a datagram",
                          fmt::format("{} to {} octets for link.mtu = {}", datagram_stamp_layout::octets, most, mtu),
                          fmt::format("{}", got)};
  };
  const auto fits = [&](std::uint64_t size) { return size >= datagram_stamp_layout::octets && size <= most; };
  if (of.kind == workload_kind::trace) {
    for (const arrival& each : *of.trace.records)
      if (!fits(each.octets)) return refuse("trace", each.octets);
  } else if (of.sizes == size_distribution::fixed) {
    if (!fits(flow.record_size)) return refuse("record_size", flow.record_size);
  } else if (of.minimum_size > most) {
    return refuse("record_size_minimum", of.minimum_size);
  }
  return std::nullopt;
}

}  // namespace

duration interval_of(const flow_settings& flow) {
  const workload_settings& of = flow.workload;
  if (of.offered_rate == 0) return of.interval;
  // At most 2^30 octets: within 64 bits.
  return {static_cast<std::int64_t>(8'000'000'000 * mean_size(flow) / of.offered_rate)};
}

double mean_record_size(const flow_settings& flow) {
  const auto& trace = flow.workload.trace.records;
  if (flow.workload.kind != workload_kind::trace || !trace) return static_cast<double>(mean_size(flow));
  double sum = 0;
  for (const arrival& each : *trace) sum += static_cast<double>(each.octets);
  return sum / static_cast<double>(trace->size());
}

double records_per_second(const flow_settings& flow) {
  constexpr double any_number = std::numeric_limits<double>::infinity();
  const workload_settings& of = flow.workload;
  if (!flow.files.empty()) return any_number;
  if (of.kind == workload_kind::trace && of.trace.records) {
    const duration last = of.trace.records->back().due;
    return last == duration{} ? any_number : static_cast<double>(of.trace.records->size()) / last.seconds();
  }
  if (!has_interval(of.kind)) return any_number;
  const double while_on = 1 / interval_of(flow).seconds();
  if (of.kind != workload_kind::on_off) return while_on;
  return while_on * of.on_time.seconds() / (of.on_time + of.off_time).seconds();
}

std::size_t largest_datagram(std::size_t mtu) { return mtu / 2 * 2 - idp_layout::octets; }

void complete_workload(flow_settings& of, std::size_t mtu) {
  workload_settings& to = of.workload;
  if (to.kind == workload_kind::trace) of.records = to.trace.records->size();
  if (of.socket != flow_type::datagram || to.sizes == size_distribution::fixed) return;
  to.minimum_size = std::max<std::uint64_t>(to.minimum_size, datagram_stamp_layout::octets);
  to.maximum_size = std::min<std::uint64_t>(to.maximum_size, largest_datagram(mtu));
}

std::optional<workload_fault> find_fault(const flow_settings& flow, std::size_t mtu) {
  if (auto fault = find_fault_of_times(flow)) return fault;
  if (auto fault = find_fault_of_sizes(flow.workload)) return fault;
  if (flow.socket == flow_type::datagram) return find_fault_of_datagrams(flow, mtu);
  return std::nullopt;
}

}  // namespace seqwire
