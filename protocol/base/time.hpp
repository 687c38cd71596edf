// Instants and durations: signed 64-bit nanoseconds, and nothing that can tell what time it is.
// The engine is told the time by its caller; reading a clock is rawio's business (rawio/clock.hpp) and
// inventing one the simulator's (sim/schedule.hpp). <chrono> stays out of protocol/ because it declares clocks.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace seqwire {

/// A span of time in nanoseconds; may be negative.
struct duration {
  std::int64_t nanoseconds = 0;  // may be negative; overflow is the caller's affair: 292 years

  constexpr auto operator<=>(const duration&) const = default;
  // Exact, in nanoseconds.
  constexpr duration& operator+=(duration other) {
    nanoseconds += other.nanoseconds;
    return *this;
  }
  // Exact, in nanoseconds.
  constexpr duration& operator-=(duration other) {
    nanoseconds -= other.nanoseconds;
    return *this;
  }

  // Exact, but for division, which rounds towards zero; by 0 it is an error of the caller's.
  friend constexpr duration operator+(duration a, duration b) { return {a.nanoseconds + b.nanoseconds}; }
  friend constexpr duration operator-(duration a, duration b) { return {a.nanoseconds - b.nanoseconds}; }
  friend constexpr duration operator-(duration a) { return {-a.nanoseconds}; }
  friend constexpr duration operator*(duration a, std::int64_t factor) { return {a.nanoseconds * factor}; }
  friend constexpr duration operator/(duration a, std::int64_t divisor) { return {a.nanoseconds / divisor}; }
  friend constexpr std::int64_t operator/(duration a, duration b) { return a.nanoseconds / b.nanoseconds; }

  // For print and statistics: rounded to 53 bits.
  constexpr double seconds() const { return static_cast<double>(nanoseconds) / 1e9; }

  /// Longer than any that occurs.
  static constexpr duration maximum() { return {std::numeric_limits<std::int64_t>::max()}; }
};

/// A point in time: nanoseconds since an origin that the caller chose (simulation start, or the Unix epoch).
struct instant {
  std::int64_t nanoseconds = 0;  // since the origin

  constexpr auto operator<=>(const instant&) const = default;
  // Exact, in nanoseconds; never() plus something overflows.
  constexpr instant& operator+=(duration span) {
    nanoseconds += span.nanoseconds;
    return *this;
  }

  // Exact, in nanoseconds; never() plus something overflows.
  friend constexpr instant operator+(instant t, duration span) { return {t.nanoseconds + span.nanoseconds}; }
  friend constexpr instant operator-(instant t, duration span) { return {t.nanoseconds - span.nanoseconds}; }
  // How long from the one to the other; negative when they are the other way round.
  friend constexpr duration operator-(instant later, instant earlier) {
    return {later.nanoseconds - earlier.nanoseconds};
  }

  /// Since the origin, rounded to 53 bits: for print.
  constexpr double seconds() const { return static_cast<double>(nanoseconds) / 1e9; }

  /// Later than every instant that occurs: the deadline of a timer that does not run.
  static constexpr instant never() { return {std::numeric_limits<std::int64_t>::max()}; }
};

inline namespace literals {
// Whole numbers of the unit in an expression: 200_ms.
constexpr duration operator""_ns(unsigned long long n) { return {static_cast<std::int64_t>(n)}; }
constexpr duration operator""_us(unsigned long long n) { return {static_cast<std::int64_t>(n) * 1'000}; }
constexpr duration operator""_ms(unsigned long long n) { return {static_cast<std::int64_t>(n) * 1'000'000}; }
constexpr duration operator""_s(unsigned long long n) { return {static_cast<std::int64_t>(n) * 1'000'000'000}; }
}  // namespace literals

}  // namespace seqwire
