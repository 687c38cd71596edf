#include "sim/parameter.hpp"

#include <algorithm>

namespace seqwire {

const parameter_value& parameter_values::value(std::string_view name) const {
  if (const auto found = given_.find(name); found != given_.end()) return found->second;
  const parameter* const known = find_parameter(name);
  require(known != nullptr);
  return known->otherwise;
}

parameter_values& parameter_values::set(std::string_view name, parameter_value value) {
  const parameter* const known = find_parameter(name);
  require(known != nullptr && known->otherwise.index() == value.index());
  if (value == known->otherwise) given_.erase(std::string(name));
  else given_.insert_or_assign(std::string(name), std::move(value));
  return *this;
}

bool is_within(const time_windows& windows, instant at) {
  if (windows.empty()) return true;
  return std::any_of(windows.begin(), windows.end(),
                     [&](const time_window& each) { return each.from <= at && at < each.until; });
}

std::uint64_t value_at(const timed_values& steps, instant at, std::uint64_t before) {
  for (const timed_value& each : steps) {
    if (each.from > at) break;
    before = each.value;
  }
  return before;
}

}  // namespace seqwire
