// What a flow offers to the network: when its records are due and how long they are. Values only; arrivals.hpp makes
// the sequence of them, the keys are in lab/scenario/scenario_keys.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/time.hpp"

namespace seqwire {

struct flow_settings;

/// The socket that a flow's two ends have.
enum class flow_type : std::uint8_t {
  sequenced_packet,  // whole records
  stream,            // the receiver takes octets as packets bring them
  datagram,          // no connection: each record is one datagram, sent once
};

/// When records are due.
enum class workload_kind : std::uint8_t {
  bulk,              // as soon as the connection has room
  constant,          // one in each interval
  poisson,           // independent of each other, one in each interval on the average
  on_off,            // constant while on, none while off
  trace,             // as a file says
  request_response,  // a request, its response, a time to think
};
/// How long records are.
enum class size_distribution : std::uint8_t { fixed, uniform, exponential, pareto };
/// How long the times of on and off, or to think, are.
enum class span_distribution : std::uint8_t { fixed, exponential };

/// A value with its name in scenarios.
template <class Choice>
struct named_choice {
  std::string_view name;  // as it is written
  Choice value;           // what it stands for
};
// What scenarios may say.
inline constexpr std::array<named_choice<workload_kind>, 6> workload_choices{
    {{"bulk", workload_kind::bulk},
     {"constant", workload_kind::constant},
     {"poisson", workload_kind::poisson},
     {"on-off", workload_kind::on_off},
     {"trace", workload_kind::trace},
     {"request-response", workload_kind::request_response}}};
inline constexpr std::array<named_choice<size_distribution>, 4> size_choices{
    {{"fixed", size_distribution::fixed},
     {"uniform", size_distribution::uniform},
     {"exponential", size_distribution::exponential},
     {"pareto", size_distribution::pareto}}};
inline constexpr std::array<named_choice<span_distribution>, 2> span_choices{
    {{"fixed", span_distribution::fixed}, {"exponential", span_distribution::exponential}}};
inline constexpr std::array<named_choice<flow_type>, 3> socket_choices{
    {{"sequenced packet", flow_type::sequenced_packet},
     {"stream", flow_type::stream},
     {"datagram", flow_type::datagram}}};

/// One record.
struct arrival {
  duration due;              // from the flow's start; of a request: from the response to the one before
  std::uint64_t octets = 0;  // of the record
  bool operator==(const arrival&) const = default;
};

/// A file of records (record_trace.hpp).
struct record_trace {
  std::string path;  // empty: none
  // At least one; by time. Shared, because traces are long.
  std::shared_ptr<const std::vector<arrival>> records;
  bool operator==(const record_trace& other) const { return path == other.path; }
};

inline constexpr std::uint64_t longest_record = std::uint64_t{1} << 30;  // that a flow makes up, octets

struct workload_settings {                   // of a flow whose records are made up
  workload_kind kind = workload_kind::bulk;  // when its records are due
  duration interval = 10_ms;                 // between two records, or its mean
  std::uint64_t offered_rate = 0;  // bits of records per second, from which the interval follows; 0: it is given
  duration on_time = 1_s;          // on-off: how long records come, or its mean
  duration off_time = 1_s;         // and how long none
  span_distribution on_off = span_distribution::fixed;    // of these two
  size_distribution sizes = size_distribution::fixed;     // of records
  std::uint64_t minimum_size = 0;                         // of sizes that are not fixed
  std::uint64_t maximum_size = longest_record;            // as minimum_size
  double pareto_shape = 1.5;                              // above 1
  record_trace trace;                                     // of the workload that takes it
  std::uint64_t response_size = 1024;                     // request-response
  duration think_time{};                                  // from a response to the next request, or its mean
  span_distribution thinking = span_distribution::fixed;  // of think_time
};

/// The interval that the settings mean, in nanoseconds rounded down; of sizes that are bounded, as if they were not.
duration interval_of(const flow_settings& flow);

/// Octets of a record, on the average, as interval_of() counts them; of a trace its own.
double mean_record_size(const flow_settings& flow);
/// Records that are due in a second, in the long run and on the average; infinity where nothing but the connection
/// limits them.
double records_per_second(const flow_settings& flow);

/// Octets of data that fit a datagram, whose number and due instant are part of them (datagram_flow.hpp).
std::size_t largest_datagram(std::size_t mtu);

/// Fills in what follows from the settings: how many records a trace has, and the bounds of datagrams' sizes.
void complete_workload(flow_settings& of, std::size_t mtu);

/// What the keys of a workload must obey together.
struct workload_fault {
  std::string_view key;  // of the flow
  // As the parts of an error line, the first one behind the key.
  std::string what;
  std::string expected;
  std::string got;
};
/// The first fault, or nothing.
std::optional<workload_fault> find_fault(const flow_settings& flow, std::size_t mtu);

}  // namespace seqwire
