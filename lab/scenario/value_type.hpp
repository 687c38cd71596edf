// Types of values that keys of a scenario take: what a file may give for one, in words and as a shape for other
// programs, and its two conversions. A type more is one function here and its case in the schema. Knows no key.
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/scenario/units.hpp"
#include "lab/workload/settings.hpp"

namespace seqwire {

/// The kinds of values in a file that a key takes; each is handed to it as text.
enum value_kind : unsigned {
  integer_value = 1,
  floating_value = 2,
  boolean_value = 4,
  string_value = 8,
  list_value = 16,
  names_value = 32  // a list of strings, as one text with commas between them
};

/// What values of a key look like in a file, for tools that check files without this program.
struct value_shape {
  /// The form of a value; what lists in a text must obey the reader alone knows.
  enum class form : std::uint8_t { text, whole, number, flag, choice, span, rate, size, probability, ordinals, names };
  form is = form::text;  // which of them
  // Bounds of whole numbers. The largest of all stands for no bound.
  std::int64_t minimum = 0;
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> choices = {};  // of a choice
  bool or_auto = false;                   // the word "auto", too
};

/// The kinds in which values of this shape may be written, of value_kind.
unsigned kinds_of(const value_shape& shape);

/// A type of values.
template <class Value>
struct value_type {
  std::string expected;                                              // completes "expected ..."
  value_shape shape;                                                 // the same for programs
  std::function<result<Value, unit_error>(std::string_view)> parse;  // of one of the kinds, as text
  std::function<std::string(const Value&)> print;                    // in normal form, which parse takes again
};

value_type<std::uint64_t> count(std::uint64_t minimum, std::uint64_t maximum);      // a whole number
value_type<std::int64_t> signed_count(std::int64_t minimum, std::int64_t maximum);  // a whole number
/// Packets of a window: below half of all packet numbers, beyond which old and new ones could not be told apart.
value_type<std::uint64_t> packets_of_window();
value_type<std::size_t> packet_data();                               // octets in a packet; 0: as many as fit
value_type<double> number(double minimum, double maximum);           // decimal
value_type<double> probability();                                    // from 0 to 1, or in per cent
value_type<bool> yes_or_no();                                        // true or false
value_type<duration> time_span(duration minimum, duration maximum);  // with its unit
/// The same or "auto", which is 0: the world that runs the scenario knows.
value_type<duration> time_span_or_automatic(duration minimum, duration maximum);
value_type<std::uint64_t> rate(std::uint64_t minimum, std::uint64_t maximum);  // 0: unlimited
/// The same without "unlimited" and with "auto", which is 0: another key says it.
value_type<std::uint64_t> rate_or_automatic(std::uint64_t minimum, std::uint64_t maximum);
value_type<std::size_t> size(std::size_t minimum, std::size_t maximum);  // octets
value_type<std::string> words(std::size_t most);  // UTF-8 of at most so many octets without control characters
/// A list of names; one text with commas between them counts as that.
value_type<std::string> list_of_names(std::size_t most, std::string_view example);
value_type<std::string> one_of(std::span<const std::string_view> names);  // one of these
/// A host's name, or the beginning of several and a star, or nothing; which hosts there are the topology says.
value_type<std::string> host_name();
/// Ordinals of frames, sorted, each once: the order in which a user thinks of losses does not matter.
value_type<std::vector<std::uint64_t>> ordinals();
value_type<record_trace> trace_of_records();  // the path of a file, which is read

/// One of these by its name.
template <class Choice, std::size_t Count>
value_type<Choice> choice(const std::array<named_choice<Choice>, Count>& of) {
  std::array<std::string_view, Count> names;
  for (std::size_t i = 0; i < Count; ++i) names[i] = of[i].name;
  const value_type<std::string> by_name = one_of(names);
  return {by_name.expected, by_name.shape,
          [=](std::string_view text) -> result<Choice, unit_error> {
            const auto name = by_name.parse(text);
            if (!name) return failure(name.error());
            for (const auto& each : of)
              if (each.name == *name) return each.value;
            return failure(unit_error{by_name.expected});
          },
          [=](Choice value) {
            for (const auto& each : of)
              if (each.value == value) return std::string(each.name);
            return std::string();
          }};
}

}  // namespace seqwire
