#include "lab/workload/made_records.hpp"

namespace seqwire {
namespace {

// One draw a record and a linear congruence from there: the octets only have to differ.
slice made_contents(const random_stream& random, std::uint64_t number, std::uint64_t size) {
  std::uint64_t state = random.bits(number);
  octets contents(size);
  for (octet& each : contents) {
    state = state * 6364136223846793005 + 1442695040888963407;
    each = static_cast<octet>(state >> 56);
  }
  return slice::owning(std::move(contents));
}

}  // namespace

record_source made_records(const flow_settings& of, std::uint64_t seed) {
  const random_stream random(seed);
  return [contents = random.fork("records"), is_bulk = of.workload.kind == workload_kind::bulk,
          sequence = arrivals(of, random), made = std::uint64_t{0}]() mutable -> std::optional<named_record> {
    const auto next = sequence.next();
    if (!next) return std::nullopt;
    return named_record{"", made_contents(contents, made++, next->octets),
                        is_bulk ? std::nullopt : std::optional(next->due)};
  };
}

record_source made_responses(const flow_settings& of, std::uint64_t seed) {
  return [contents = random_stream(seed).fork("responses"), size = of.workload.response_size,
          made = std::uint64_t{0}]() mutable -> std::optional<named_record> {
    return named_record{"", made_contents(contents, made++, size)};
  };
}

}  // namespace seqwire
