// One line of a script as words, read from the left. The first thing that does not fit is kept as the line's error and
// what is read afterwards is empty, so that a parser asks once, at the line's end. Knows no words of the language.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/script/script.hpp"

namespace seqwire {

/// One line, word by word; its first error stays.
class script_line {
 public:
  /// Words are separated by blanks; "..." is one, with the escapes \n \t \\ \" and \xNN; # begins a comment.
  script_line(script_place at, std::string_view text);

  const script_place& at() const { return at_; }  // for messages
  /// The line without its comment.
  const std::string& text() const { return text_; }
  bool empty() const { return words_.empty(); }  // nothing but blanks and a comment

  bool ends() const { return failed() || next_ == words_.size(); }  // nothing is left, or it has failed
  /// The next word, or nothing: the line ends, or what comes is quoted.
  std::string_view peek() const;
  bool quoted_next() const { return !ends() && words_[next_].quoted; }  // take_quoted() would give a text
  /// The next word; `expected` completes the error where there is none.
  std::string take(std::string_view expected);
  /// The quoted text that comes next; require()s quoted_next().
  octets take_quoted();
  bool take_if(std::string_view wanted);  // true: it was there, and is taken
  /// A whole number, decimal or 0x.
  std::uint64_t take_number(std::string_view expected, std::uint64_t least, std::uint64_t most);
  /// "20ms", as units.hpp has it; 0 after an error.
  duration take_duration();
  /// A word that begins with a letter and goes on with letters, digits and _.
  std::string take_name(std::string_view expected);
  void expect_end();  // else an error

  void fail(std::string_view what, std::string_view expected, std::string_view got);  // only the first is kept
  bool failed() const { return error_.has_value(); }                                  // error() has it
  /// "file:line: what; expected ...; got ...".
  const std::optional<std::string>& error() const { return error_; }

 private:
  struct word {
    std::string text;
    bool quoted = false;
  };
  void split(std::string_view text);
  std::size_t split_quoted(std::string_view text, std::size_t from);
  std::string got() const;

  script_place at_;
  std::string text_;
  std::vector<word> words_;
  std::size_t next_ = 0;
  std::optional<std::string> error_;
};

/// Decimal or 0x; nothing: it is none, or beyond 64 bits.
std::optional<std::uint64_t> parse_script_number(std::string_view text);

/// "one, two, three".
std::string joined(const std::vector<std::string>& names);
/// "an option" -> "an option; did you mean close?", when a name is near.
std::string with_suggestion(std::string_view expected, std::string_view unknown, const std::vector<std::string>& known);

}  // namespace seqwire
