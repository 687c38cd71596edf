#include "lab/workload/record_trace.hpp"

#include <fmt/format.h>

#include <fstream>

#include "lab/scenario/scenario_text.hpp"
#include "lab/scenario/units.hpp"

namespace seqwire {
namespace {

constexpr duration longest_trace = 3600_s * 8760;

struct line_refusal {
  std::string_view what;
  std::string expected;
  std::string_view got;
};

result<arrival, line_refusal> parse_line(std::string_view line, duration not_before) {
  const std::size_t blank = line.find_first_of(" \t");
  if (blank == std::string_view::npos)
    return failure(line_refusal{"a record's size is missing", "seconds and octets such as 0.0125 1400", line});
  const std::string_view seconds = line.substr(0, blank);
  const std::string_view digits = trimmed(line.substr(blank));
  const bool is_number = seconds.find_first_not_of("0123456789.") == std::string_view::npos;
  const auto due = parse_duration(is_number ? std::string(seconds) + "s" : std::string());
  if (!due || *due > longest_trace)
    return failure(line_refusal{
        "a record has a bad time",
        fmt::format("seconds from 0 to {} with at most nine decimals", longest_trace.nanoseconds / 1'000'000'000),
        seconds});
  if (*due < not_before)
    return failure(line_refusal{"a record is due before the one ahead of it",
                                fmt::format("at least {}", print_duration(not_before)), seconds});
  const auto size = parse_count(digits, 0, longest_record);
  if (!size)
    return failure(line_refusal{"a record has a bad size",
                                fmt::format("a whole number of octets from 0 to {}", longest_record), digits});
  return arrival{*due, *size};
}

}  // namespace

result<std::vector<arrival>, text_error> parse_record_trace(std::string_view text, const std::string& name) {
  const auto refuse = [&](const std::string& at, const line_refusal& why) {
    return failure(text_error{error_line(at, why.what, why.expected, printable(why.got))});
  };
  if (text.size() > maximum_record_trace)
    return refuse(printable(name), {"the trace is too large", "at most 32 MiB", "more"});
  std::vector<arrival> records;
  std::size_t number = 1;
  for (; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto record = parse_line(line, records.empty() ? duration{} : records.back().due);
    if (!record) return refuse(fmt::format("{}:{}", printable(name), number), record.error());
    records.push_back(*record);
  }
  if (records.empty()) return refuse(printable(name), {"the trace is empty", "at least one record", "none"});
  return records;
}

result<record_trace, text_error> read_record_trace(const std::string& path) {
  if (path.empty()) return record_trace{};
  std::ifstream file(path, std::ios::binary);
  // One octet more than is allowed, whatever the file is: /dev/zero ends here too.
  std::string text(maximum_record_trace + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof()))
    return failure(text_error{
        error_line(printable(path), "the trace cannot be read", "a readable file", "none, or one that fails")});
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto records = parse_record_trace(text, path);
  if (!records) return failure(records.error());
  return record_trace{path, std::make_shared<const std::vector<arrival>>(std::move(*records))};
}

}  // namespace seqwire
