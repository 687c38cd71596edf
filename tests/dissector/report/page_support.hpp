// What tests need to look into a report's page.
#pragma once

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace seqwire::report_pages {

/// The story that a page carries, as its script reads it.
inline nlohmann::json story_in(const std::string& page) {
  constexpr std::string_view opening = "<script type=\"application/json\" id=\"story\">";
  const std::size_t begin = page.find(opening);
  BOOST_REQUIRE(begin != std::string::npos);
  const std::size_t end = page.find("</script>", begin);
  BOOST_REQUIRE(end != std::string::npos);
  return nlohmann::json::parse(page.substr(begin + opening.size(), end - begin - opening.size()));
}

/// A column that is kept as differences.
inline std::vector<std::int64_t> summed(const nlohmann::json& differences) {
  std::vector<std::int64_t> values;
  for (const auto& each : differences)
    values.push_back(each.get<std::int64_t>() + (values.empty() ? 0 : values.back()));
  return values;
}

}  // namespace seqwire::report_pages
