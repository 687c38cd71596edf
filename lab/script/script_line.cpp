#include "lab/script/script_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "lab/scenario/nearest.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "lab/scenario/units.hpp"
#include "protocol/base/require.hpp"

namespace seqwire {
namespace {

bool is_blank(char each) { return each == ' ' || each == '\t'; }
bool is_letter(char each) { return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || each == '_'; }
// The octet of an escape, of which `at` is the letter behind the backslash; `at` moves to its last letter.
std::optional<char> escaped(std::string_view text, std::size_t& at) {
  if (at >= text.size()) return std::nullopt;
  switch (text[at]) {
    case 'n': return '\n';
    case 't': return '\t';
    case '\\': return '\\';
    case '"': return '"';
    case 'x': {
      unsigned value = 0;
      const std::string_view digits = text.substr(at + 1, 2);
      const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (digits.size() != 2 || status != std::errc{} || end != digits.data() + 2) return std::nullopt;
      at += 2;
      return static_cast<char>(value);
    }
    default: return std::nullopt;
  }
}

}  // namespace

script_line::script_line(script_place at, std::string_view text) : at_(std::move(at)) {
  split(text);
  while (!text_.empty() && is_blank(text_.back())) text_.pop_back();
}

void script_line::split(std::string_view text) {
  std::size_t here = 0;
  while (here < text.size() && !failed()) {
    if (is_blank(text[here])) ++here;
    else if (text[here] == '#') break;
    else if (text[here] == '"') here = split_quoted(text, here);
    else {
      const std::size_t end = std::min(text.find_first_of(" \t\"#", here), text.size());
      words_.push_back({std::string(text.substr(here, end - here))});
      here = end;
    }
  }
  text_ = text.substr(0, here);
}

std::size_t script_line::split_quoted(std::string_view text, std::size_t from) {
  word quoted{{}, true};
  for (std::size_t at = from + 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      words_.push_back(std::move(quoted));
      return at + 1;
    }
    if (text[at] != '\\') {
      quoted.text += text[at];
      continue;
    }
    const std::size_t escape = at++;
    const auto octet_meant = escaped(text, at);
    if (!octet_meant) {
      fail("a quoted text", "\\n, \\t, \\\\, \\\" or \\xNN", text.substr(escape, 4));
      return text.size();
    }
    quoted.text += *octet_meant;
  }
  fail("a quoted text", "its end", text.substr(from));
  return text.size();
}

std::string_view script_line::peek() const {
  return ends() || words_[next_].quoted ? std::string_view() : words_[next_].text;
}

std::string script_line::got() const {
  if (next_ >= words_.size()) return "the end of the line";
  return words_[next_].quoted ? "a quoted text" : words_[next_].text;
}

std::string script_line::take(std::string_view expected) {
  if (ends() || words_[next_].quoted) {
    fail("this line", expected, got());
    return {};
  }
  return words_[next_++].text;
}

octets script_line::take_quoted() {
  require(quoted_next());
  const std::string& text = words_[next_++].text;
  return {text.begin(), text.end()};
}

bool script_line::take_if(std::string_view wanted) {
  if (peek() != wanted || wanted.empty()) return false;
  ++next_;
  return true;
}

std::uint64_t script_line::take_number(std::string_view expected, std::uint64_t least, std::uint64_t most) {
  const std::string text = take(expected);
  if (failed()) return least;
  const auto value = parse_script_number(text);
  if (value && *value >= least && *value <= most) return *value;
  fail("a number", fmt::format("{} from {} to {}", expected, least, most), text);
  return least;
}

duration script_line::take_duration() {
  const std::string text = take("a duration");
  if (failed()) return {};
  const auto span = parse_duration(text);
  if (span && *span <= 3600_s * 24) return *span;
  fail("a duration", span ? "at most 24h" : span.error().expected, text);
  return {};
}

std::string script_line::take_name(std::string_view expected) {
  std::string name = take(expected);
  if (failed()) return {};
  bool fits = is_letter(name.front());
  for (const char each : name) fits = fits && (is_letter(each) || is_digit(each));
  if (!fits) fail("a name", std::string(expected) + ", of letters, digits and _", name);
  return name;
}

void script_line::expect_end() {
  if (!ends()) fail("this line", "nothing more", got());
}

void script_line::fail(std::string_view what, std::string_view expected, std::string_view got_instead) {
  if (error_) return;
  error_ = error_line(printable(to_string(at_)), what, expected, printable(got_instead));
}

std::optional<std::uint64_t> parse_script_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string with_suggestion(std::string_view expected, std::string_view unknown,
                            const std::vector<std::string>& known) {
  const auto close = nearest(unknown, known);
  return close ? fmt::format("{}, perhaps {}", expected, *close) : std::string(expected);
}

}  // namespace seqwire
