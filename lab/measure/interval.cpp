#include "lab/measure/interval.hpp"

#include <algorithm>
#include <array>

namespace seqwire {
namespace {

using count_of_connection = std::uint64_t spp_statistics::*;
constexpr std::array connection_counters{&spp_statistics::packets_sent,
                                         &spp_statistics::data_packets_sent,
                                         &spp_statistics::retransmissions,
                                         &spp_statistics::fast_retransmissions,
                                         &spp_statistics::timeouts,
                                         &spp_statistics::probes,
                                         &spp_statistics::keepalives,
                                         &spp_statistics::packets_received,
                                         &spp_statistics::records_sent,
                                         &spp_statistics::records_delivered,
                                         &spp_statistics::octets_sent,
                                         &spp_statistics::octets_delivered,
                                         &spp_statistics::out_of_order,
                                         &spp_statistics::duplicate_acknowledgements,
                                         &spp_statistics::excess_acknowledgements,
                                         &spp_statistics::reserved_bits,
                                         &spp_statistics::round_trip_samples};
// A counter more must be here: else it would be that of the whole run in every interval.
static_assert(sizeof(spp_statistics) == (connection_counters.size() + 4) * sizeof(std::uint64_t));

constexpr std::array link_counters{&channel_statistics::offered,
                                   &channel_statistics::delivered,
                                   &channel_statistics::lost,
                                   &channel_statistics::dropped_by_list,
                                   &channel_statistics::queue_full,
                                   &channel_statistics::overflow,
                                   &channel_statistics::down,
                                   &channel_statistics::dropped_early,
                                   &channel_statistics::dropped_late,
                                   &channel_statistics::marked,
                                   &channel_statistics::reordered,
                                   &channel_statistics::overtaken,
                                   &channel_statistics::duplicated,
                                   &channel_statistics::corrupted,
                                   &channel_statistics::octets_delivered};
static_assert(sizeof(channel_statistics) ==
              (link_counters.size() + 4) * sizeof(std::uint64_t) + sizeof(std::vector<impairment_count>));

constexpr std::array host_counters{
    &host_statistics::received,    &host_statistics::accepted,          &host_statistics::sent,
    &host_statistics::errors_sent, &host_statistics::errors_suppressed, &host_statistics::echoes_answered,
    &host_statistics::forwarded};
static_assert(sizeof(host_statistics) == host_counters.size() * sizeof(std::uint64_t) + sizeof(drop_counters));

void subtract(spp_statistics& from, const spp_statistics& what) {
  for (const count_of_connection each : connection_counters) from.*each -= what.*each;
  from.round_trip_total = from.round_trip_total - what.round_trip_total;
}

void subtract(channel_statistics& from, const channel_statistics& what) {
  for (const auto each : link_counters) from.*each -= what.*each;
  from.waited = from.waited - what.waited;
  from.busy = from.busy - what.busy;
  for (std::size_t i = 0; i < std::min(from.impairments.size(), what.impairments.size()); ++i)
    from.impairments[i].frames -= what.impairments[i].frames;
}

void subtract(host_statistics& from, const host_statistics& what) {
  for (const auto each : host_counters) from.*each -= what.*each;
  from.drops -= what.drops;
}

void subtract(flow_result& from, const flow_result& what) {
  from.records -= what.records;
  from.octets -= what.octets;
  subtract(from.statistics, what.statistics);
}

}  // namespace

void difference(const experiment_report& later, duration until, const experiment_report& earlier, duration from,
                experiment_report& into) {
  into.hosts = later.hosts;
  into.links = later.links;
  into.flows = later.flows;
  into.finished_at = until - from;
  for (std::size_t i = 0; i < earlier.hosts.size(); ++i) subtract(into.hosts[i].counters, earlier.hosts[i].counters);
  for (std::size_t i = 0; i < earlier.links.size(); ++i) {
    subtract(into.links[i].a_to_b, earlier.links[i].a_to_b);
    subtract(into.links[i].b_to_a, earlier.links[i].b_to_a);
  }
  for (std::size_t i = 0; i < earlier.flows.size(); ++i) {
    flow_report& flow = into.flows[i];
    subtract(flow.sender, earlier.flows[i].sender);
    subtract(flow.receiver, earlier.flows[i].receiver);
  }
  for (flow_report& flow : into.flows) {
    flow.plan.start = std::clamp(flow.plan.start - from, duration{}, until - from);
    flow.receiver.last_at = until - from;
  }
}

}  // namespace seqwire
