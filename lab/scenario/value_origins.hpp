// Where each value of a scenario was given, for messages and explanations: by the key's path as it was written. Knows
// which paths speak of the same direction of a link, and no values.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "lab/scenario/topology.hpp"

namespace seqwire {

/// Places by key, "link.r1_to_r2.loss": "file:line:column", or the override as it was given.
class value_origins {
 public:
  /// `otherwise`: the place of whatever was not given, which is a default.
  explicit value_origins(std::string otherwise = {}) : otherwise_(std::move(otherwise)) {}

  /// A value was given. What was said of parts of it before counts no longer: of a link's directions behind the link's
  /// own name, of each link behind [link].
  void note(const std::string& key, const std::string& at);

  /// nullptr: it was not given.
  const std::string* find(const std::string& key) const;
  /// The first of these that was given.
  const std::string* find_first(std::initializer_list<std::string> keys) const;
  /// Where a key of a direction was given: of it alone, of its link, or of all.
  const std::string* find(const joined_hosts& from_to, std::string_view key) const;

  /// The place of the first of these keys that was given.
  const std::string& of(std::initializer_list<std::string> keys) const;
  /// The same of keys of a direction.
  const std::string& of_way(const joined_hosts& from_to, std::initializer_list<std::string_view> keys) const;

 private:
  std::string otherwise_;
  std::map<std::string, std::string> places_;
};

}  // namespace seqwire
