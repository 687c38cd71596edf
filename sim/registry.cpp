#include "sim/registry.hpp"

#include <algorithm>

// A new impairment or queue discipline is its file and one line here: the name of its function.
#define SEQWIRE_IMPAIRMENTS(type)                                                                                 \
  type(drop) type(blackhole) type(mtu_changes) type(loss) type(loss_every) type(gilbert_elliott) type(round_loss) \
      type(corruption) type(truncation) type(reordering) type(overtaking) type(jitter) type(duplication)

#define SEQWIRE_QUEUES(type) \
  type(drop_tail) type(infinite) type(mark_threshold) type(red) type(pie) type(codel) type(fq_codel) type(priority)

namespace seqwire {

#define SEQWIRE_DECLARE_IMPAIRMENT(name) impairment_type name();
#define SEQWIRE_DECLARE_QUEUE(name) queue_type name();
#define SEQWIRE_CALL(name) name(),
SEQWIRE_IMPAIRMENTS(SEQWIRE_DECLARE_IMPAIRMENT)
SEQWIRE_QUEUES(SEQWIRE_DECLARE_QUEUE)

std::span<const impairment_type> impairment_types() {
  static const std::vector<impairment_type> types{SEQWIRE_IMPAIRMENTS(SEQWIRE_CALL)};
  return types;
}

std::span<const queue_type> queue_types() {
  static const std::vector<queue_type> types{SEQWIRE_QUEUES(SEQWIRE_CALL)};
  return types;
}

namespace {

std::vector<parameter> parameters_of_carriage() {
  constexpr std::uint64_t fastest = 1'000'000'000'000;
  constexpr auto hour = static_cast<std::uint64_t>((3600_s).nanoseconds);
  return {{"rate_changes", parameter_kind::rates, timed_values{}, "from when on which rate", 100, fastest},
          {"delay_changes", parameter_kind::spans, timed_values{}, "from when on which delay", 0, hour},
          {"trace", parameter_kind::trace, delivery_trace{},
           "instead of a rate: a file of mahimahi's, each line the millisecond of a chance to carry 1500 octets"}};
}

parameter queue_choice() {
  parameter chosen{"queue_discipline", parameter_kind::choice, std::string("drop_tail"),
                   "who waits for a limited rate, and who is dropped"};
  for (const queue_type& type : queue_types()) chosen.choices.push_back(type.name);
  return chosen;
}

}  // namespace

std::span<const parameter> link_parameters() {
  static const std::vector<parameter> all = [] {
    std::vector<parameter> found = parameters_of_carriage();
    found.push_back(queue_choice());
    for (const queue_type& type : queue_types())
      found.insert(found.end(), type.parameters.begin(), type.parameters.end());
    for (const impairment_type& type : impairment_types())
      found.insert(found.end(), type.parameters.begin(), type.parameters.end());
    return found;
  }();
  return all;
}

const parameter* find_parameter(std::string_view name) {
  const auto all = link_parameters();
  const auto found = std::find_if(all.begin(), all.end(), [&](const parameter& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace seqwire
