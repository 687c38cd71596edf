#include "lab/workload/made_records.hpp"

#include <algorithm>
#include <array>

namespace seqwire {
namespace {

constexpr std::size_t step = 8;  // octets

// SplitMix64; the low octets first.
void put_step(std::uint64_t& state, octet* to) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  for (std::size_t i = 0; i < step; ++i) to[i] = static_cast<octet>(mixed >> 8 * i);
}

// One draw a record: the octets only have to differ, and to cost little beside the packets that carry them.
slice made_contents(const random_stream& random, std::uint64_t number, std::uint64_t size) {
  std::uint64_t state = random.bits(number);
  octets contents(size);
  std::size_t at = 0;
  for (; at + step <= contents.size(); at += step) put_step(state, &contents[at]);
  std::array<octet, step> rest;
  put_step(state, rest.data());
  std::copy_n(rest.begin(), contents.size() - at, contents.begin() + static_cast<std::ptrdiff_t>(at));
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
