#include "lab/scenario/value_origins.hpp"

#include <fmt/format.h>

namespace seqwire {
namespace {

constexpr std::string_view of_links = "link.";

// "link.r1-r2.loss" as its table and its key; of "link.loss" the table is empty.
struct link_key {
  std::string_view table;
  std::string_view name;
};

link_key parts_of(std::string_view key) {
  key.remove_prefix(of_links.size());
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {{}, key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

}  // namespace

void value_origins::note(const std::string& key, const std::string& at) {
  places_[key] = at;
  if (!key.starts_with(of_links)) return;
  const auto [table, name] = parts_of(key);
  if (table.empty()) {
    const auto is_part = [wanted = name](const auto& each) {
      if (!each.first.starts_with(of_links)) return false;
      const link_key part = parts_of(each.first);
      return !part.table.empty() && part.name == wanted;
    };
    std::erase_if(places_, is_part);
  }
  const std::size_t dash = table.find('-');
  if (dash == std::string_view::npos) return;
  const std::string_view a = table.substr(0, dash);
  const std::string_view b = table.substr(dash + 1);
  for (const char* form : {"link.{0}_to_{1}.{2}", "link.{1}_to_{0}.{2}", "link.{1}-{0}.{2}"})
    places_.erase(fmt::format(fmt::runtime(form), a, b, name));
}

const std::string* value_origins::find(const std::string& key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? nullptr : &found->second;
}

const std::string* value_origins::find(const joined_hosts& from_to, std::string_view key) const {
  const auto& [a, b] = from_to;
  for (const std::string& place : {fmt::format("link.{}_to_{}.{}", a, b, key), fmt::format("link.{}-{}.{}", a, b, key),
                                   fmt::format("link.{}-{}.{}", b, a, key), fmt::format("link.{}", key)})
    if (const std::string* at = find(place)) return at;
  return nullptr;
}

const std::string* value_origins::find_first(std::initializer_list<std::string> keys) const {
  for (const std::string& key : keys)
    if (const std::string* at = find(key)) return at;
  return nullptr;
}

const std::string& value_origins::of(std::initializer_list<std::string> keys) const {
  const std::string* const at = find_first(keys);
  return at != nullptr ? *at : otherwise_;
}

const std::string& value_origins::of_way(const joined_hosts& from_to,
                                         std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys)
    if (const std::string* at = find(from_to, key)) return *at;
  return otherwise_;
}

}  // namespace seqwire
