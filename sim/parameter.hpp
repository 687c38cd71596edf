// What can be said of a link: parameters, each with name, kind, range, default and meaning. An impairment or a queue
// discipline brings its own (sim/registry.cpp lists them all), and everything that lets users set one goes by these
// rows: keys of a scenario, options of the bridge, the echo of a run. Knows no text: values come typed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/base/require.hpp"
#include "protocol/base/time.hpp"

namespace seqwire {

/// From `from` on, up to but not including `until`. Times of a link count from when it began to carry.
struct time_window {
  instant from;   // the first instant inside
  instant until;  // the first one after it
  bool operator==(const time_window&) const = default;
};
using time_windows = std::vector<time_window>;  // apart from each other, by time

/// A value that holds from this instant on.
struct timed_value {
  instant from;             // the first instant at which it holds
  std::uint64_t value = 0;  // in the unit of the parameter's kind
  bool operator==(const timed_value&) const = default;
};
using timed_values = std::vector<timed_value>;  // by time

/// A link that carries when it can: at each instant one delivery opportunity of 1500 octets (mahimahi's traces).
struct delivery_trace {
  std::string path;  // empty: none
  // Never decreasing, the last one above 0: there the trace begins again. Shared, because traces are long.
  std::shared_ptr<const std::vector<std::uint64_t>> milliseconds;
  bool operator==(const delivery_trace& other) const { return path == other.path; }
};

/// What a parameter's values are, and so how they are written.
enum class parameter_kind : std::uint8_t {
  whole,          // std::uint64_t
  size,           // std::uint64_t, octets
  probability,    // double
  span,           // duration
  flag,           // bool
  choice,         // std::string, one of the choices
  ordinals,       // std::vector<std::uint64_t>, sorted, each once
  probabilities,  // std::vector<double>, so many at most as the maximum says
  windows,        // time_windows, apart from each other, by time
  rates,          // timed_values: bits per second, 0 for unlimited
  spans,          // timed_values: nanoseconds
  sizes,          // timed_values: octets
  trace,          // delivery_trace
};

/// What parameter_kind says of each.
using parameter_value = std::variant<std::uint64_t, double, duration, bool, std::string, std::vector<std::uint64_t>,
                                     std::vector<double>, time_windows, timed_values, delivery_trace>;

struct parameter {                             // one row of the table
  std::string_view name;                       // the key of scenarios
  parameter_kind kind;                         // decides the type of `otherwise`
  parameter_value otherwise;                   // the default; its type is the type
  std::string_view meaning;                    // a few words for users
  std::uint64_t minimum = 0;                   // of whole numbers, sizes, spans in nanoseconds
  std::uint64_t maximum = 0;                   // 0: none
  std::vector<std::string_view> choices = {};  // of a choice
};

/// The parameter of this name among all (sim/registry.cpp), or nullptr.
const parameter* find_parameter(std::string_view name);

/// What is said of a link; what is not said is as the parameter's default.
class parameter_values {
 public:
  template <class Value>
  const Value& get(std::string_view name) const {  // the parameter exists and has this type
    return std::get<Value>(value(name));
  }
  const parameter_value& value(std::string_view name) const;  // or the default; the parameter exists
  /// The parameter exists and its values have this type. A default is as if nothing had been said.
  parameter_values& set(std::string_view name, parameter_value value);
  // Something was said of it, be it the default.
  bool is_set(std::string_view name) const { return given_.find(name) != given_.end(); }

  bool operator==(const parameter_values&) const = default;

 private:
  std::map<std::string, parameter_value, std::less<>> given_;
};

/// Whether the instant is in one of them; in none of none at all, which stands for always.
bool is_within(const time_windows& windows, instant at);
/// What holds at this instant: the value of the last step up to it, or `before` any.
std::uint64_t value_at(const timed_values& steps, instant at, std::uint64_t before);

}  // namespace seqwire
