#include "lab/workload/made_records.hpp"

#include <algorithm>
#include <array>

namespace seqwire {
namespace {

constexpr std::size_t step = 8;  // octets

// SplitMix64; the low octets first. Each step from its place alone, so that several are made at a time.
void put_step(std::uint64_t first, std::size_t place, octet* to) {
  const std::uint64_t state = first + (place + 1) * 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  if constexpr (std::endian::native == std::endian::big) mixed = detail::byteswap(mixed);
  std::memcpy(to, &mixed, step);
}

// One draw a record: the octets only have to differ, and to cost little beside the packets that carry them.
slice made_contents(const random_stream& random, std::uint64_t number, std::uint64_t size) {
  const std::uint64_t first = random.bits(number);
  octets contents(size);
  const std::size_t steps = contents.size() / step;
  for (std::size_t i = 0; i < steps; ++i) put_step(first, i, &contents[i * step]);
  std::array<octet, step> rest;
  put_step(first, steps, rest.data());
  std::copy_n(rest.begin(), contents.size() % step,
              contents.end() - static_cast<std::ptrdiff_t>(contents.size() % step));
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
