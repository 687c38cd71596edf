#include "lab/scenario/scenario_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <tuple>

#include "lab/scenario/scenario_keys.hpp"

// The parser is compiled in here: its limit on nesting is set at compile time, and errors come without exceptions.
// Its assertions are off: one of them (toml++ 3.3, parse_key) fails on a header such as "[.a]", which the lines behind
// it refuse properly; and with NDEBUG it would become an assumption, by which clang removes just those lines.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace seqwire {
namespace {

// Keys of more parts than this are refused before parsing: the parser builds a table inside a table for each, and
// 500,000 of them would exhaust the stack.
constexpr int most_key_parts = 32;

std::string position(const std::string& name, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", name, at.line, at.column);
}

std::string position_of_offset(const std::string& name, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return fmt::format("{}:{}:{}", name, std::count(before.begin(), before.end(), '\n') + 1, offset - line_start + 1);
}

// Something in the text that must not reach the parser.
struct flaw {
  std::size_t offset;
  std::string_view what;
  std::string_view expected;
  std::string_view got;
};

// Walks over the text as far as strings and comments reach, and finds what is outside of them. Beside keys of too many
// parts that is what toml++ 3.3 has no defined behaviour for: characters that are not ASCII where it looks for white
// space. It looks for it in strings of several lines too; no key takes those.
class text_scanner {
 public:
  explicit text_scanner(std::string_view text) : text_(text) {}

  std::optional<flaw> find_flaw() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    for (; at_ < text_.size(); ++at_) {
      const char letter = text_[at_];
      if (letter == '"' || letter == '\'') {
        if (text_.substr(at_, 3) == std::string(3, letter))
          return flaw{at_, "a string of several lines", "a string in single quotes or double quotes", "three quotes"};
        skip_string(letter);
      } else if (letter == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (static_cast<unsigned char>(letter) >= 0x80) {
        return flaw{at_, "a character outside of strings and comments", "ASCII", "another character"};
      }
      if (count_dots()) return flaw{at_, "a key of too many parts", "TABLE.KEY", "more than 32 parts"};
    }
    return std::nullopt;
  }

 private:
  // Leaves at_ on the closing quote, or on the end of the line: the parser refuses a string without end by itself.
  void skip_string(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_)
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
  }

  // Dots between the marks that can stand around a key.
  bool count_dots() {
    if (at_ >= text_.size()) return false;
    if (std::string_view("\n=,[]{}").find(text_[at_]) != std::string_view::npos) dots_ = 0;
    return text_[at_] == '.' && ++dots_ >= most_key_parts;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int dots_ = 0;
};

// What the parser would take amiss, or not name as plainly.
result<void, text_error> check_text(std::string_view text, const std::string& name) {
  const auto refuse = [&](std::size_t offset, std::string_view what, std::string_view expected, std::string_view got) {
    return failure(text_error{error_line(position_of_offset(name, text, offset), what, expected, got)});
  };
  if (text.size() > maximum_scenario_size)
    return failure(text_error{error_line(name, "the file is too large", "at most 1 MiB", "more")});
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return refuse(0, "the file is not UTF-8", "UTF-8", "UTF-16");
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos)
    return refuse(zero, "a NUL octet in the file", "text in UTF-8", "an octet of 0");
  if (const auto found = text_scanner(text).find_flaw())
    return refuse(found->offset, found->what, found->expected, found->got);
  return {};
}

bool all_strings(const toml::array& list) {
  return !list.empty() &&
         std::all_of(list.begin(), list.end(), [](const toml::node& each) { return each.is_string(); });
}

// A list of whole numbers or of names as text, or what else it is.
void describe_list(scenario_entry& entry, const toml::array& list) {
  if (all_strings(list)) {
    for (const toml::node& item : list)
      entry.text += fmt::format("{}{}", entry.text.empty() ? "" : ", ", item.as_string()->get());
    entry.kind = names_value;
    return;
  }
  entry.text = "[";
  for (const toml::node& item : list) {
    const auto number = item.as_integer();
    if (number == nullptr) {
      entry.text = "a list of other things than whole numbers";
      return;
    }
    entry.text += fmt::format("{}{}", entry.text.size() > 1 ? ", " : "", number->get());
  }
  entry.text += "]";
  entry.kind = list_value;
}

void describe(scenario_entry& entry, const toml::node& value) {
  if (const auto* text = value.as_string()) {
    entry.kind = string_value;
    entry.text = text->get();
  } else if (const auto* number = value.as_integer()) {
    entry.kind = integer_value;
    entry.text = fmt::format("{}", number->get());
  } else if (const auto* real = value.as_floating_point()) {
    entry.kind = floating_value;
    entry.text = fmt::format("{}", real->get());
  } else if (const auto* flag = value.as_boolean()) {
    entry.kind = boolean_value;
    entry.text = fmt::format("{}", flag->get());
  } else if (const auto* list = value.as_array()) {
    describe_list(entry, *list);
  } else {
    entry.text = value.is_table() ? "a table" : "a date or time";
  }
}

// The values of a table in the order of the file.
std::vector<std::pair<const toml::key*, const toml::node*>> in_order(const toml::table& table) {
  std::vector<std::pair<const toml::key*, const toml::node*>> members;
  for (const auto& [key, value] : table) members.emplace_back(&key, &value);
  std::stable_sort(members.begin(), members.end(), [](const auto& one, const auto& other) {
    const toml::source_position& a = one.first->source().begin;
    const toml::source_position& b = other.first->source().begin;
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return members;
}

// As deep as the parser lets values be.
value_tree tree_of(const toml::node& value, const std::string& name) {
  scenario_entry described;
  describe(described, value);
  value_tree tree;
  tree.kind = described.kind;
  tree.text = std::move(described.text);
  tree.at = position(name, value.source().begin);
  if (const auto* list = value.as_array()) {
    tree.is_list = true;
    for (const toml::node& item : *list) tree.items.push_back(tree_of(item, name));
  } else if (const auto* table = value.as_table()) {
    tree.is_table = true;
    tree.is_inline = table->is_inline();
    for (const auto& [key, inner] : in_order(*table))
      tree.members.push_back({std::string(key->str()), position(name, key->source().begin), tree_of(*inner, name)});
  }
  return tree;
}

// Walks over the tables that a scenario has; any other table is a value, for which no key will be found.
class flattener {
 public:
  explicit flattener(const std::string& name) : name_(name) {}

  result<scenario_entries, text_error> flatten(const toml::table& file) {
    scenario_entries result;
    for (const auto& [key, value] : file) {
      if (key.str() == "extends" || key.str() == "sweep") {
        (key.str() == "sweep" ? result.sweep : result.extends) = tree_of(value, name_);
        continue;
      }
      if (key.str() != "flow") {
        add({}, key, value);
        continue;
      }
      if (auto done = add_flows(key, value); !done) return failure(done.error());
    }
    std::stable_sort(found_.begin(), found_.end(), [](const placed_entry& a, const placed_entry& b) {
      return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
    });
    result.flows = flows_;
    for (placed_entry& each : found_) result.entries.push_back(std::move(each.entry));
    return result;
  }

 private:
  struct placed_entry {
    toml::source_position at;
    scenario_entry entry;
  };

  static bool is_table_of_scenario(const std::vector<std::string>& path) {
    if (path.size() == 1)
      return path[0] == "scenario" || path[0] == "topology" || path[0] == "link" || path[0] == "measure" ||
             path[0] == "expect";
    if (path[0] == "expect") return true;  // measures have dots in their names
    return path.size() == 2 && path[0] == "link" && scenario_entries::is_table_of_link(path[1]);
  }

  void add(std::vector<std::string> path, const toml::key& key, const toml::node& value) {
    path.emplace_back(key.str());
    if (const auto* table = value.as_table(); table != nullptr && is_table_of_scenario(path)) {
      for (const auto& [inner_key, inner] : *table) add(path, inner_key, inner);
      return;
    }
    scenario_entry entry;
    entry.path = std::move(path);
    entry.key_at = position(name_, key.source().begin);
    entry.value_at = position(name_, value.source().begin);
    describe(entry, value);
    found_.push_back({key.source().begin, std::move(entry)});
  }

  result<void, text_error> add_flows(const toml::key& key, const toml::node& value) {
    const auto refuse = [&](std::string_view what, std::string_view expected, std::string_view got) {
      return failure(text_error{error_line(position(name_, key.source().begin), what, expected, got)});
    };
    const auto* list = value.as_array();
    if (list == nullptr) return refuse("flow is not a list of flows", "[[flow]] for each", "one flow");
    if (list->size() > maximum_flows)
      return refuse("too many flows", fmt::format("at most {}", maximum_flows), fmt::format("{}", list->size()));
    for (const toml::node& item : *list) {
      const auto* flow = item.as_table();
      if (flow == nullptr) return refuse("flow is not a list of flows", "[[flow]] for each", "a list of values");
      const std::vector<std::string> path{"flow", fmt::format("{}", flows_++)};
      for (const auto& [inner_key, inner] : *flow) add(path, inner_key, inner);
    }
    return {};
  }

  const std::string& name_;
  std::vector<placed_entry> found_;
  std::size_t flows_ = 0;
};

// "Error while parsing table header: expected ']', saw '\n'", as the parser puts it, in the words of all other lines.
std::string refusal_of(const toml::parse_error& error, const std::string& name) {
  std::string_view detail = error.description();
  const std::string_view preamble = "Error while parsing ";
  if (const std::size_t colon = detail.find(": "); detail.starts_with(preamble) && colon != std::string_view::npos)
    detail.remove_prefix(colon + 2);
  const std::string at = position(name, error.source().begin);
  if (detail.find("redefine") != std::string_view::npos)
    return fmt::format("{}: a key or table is given twice; expected each once; {}", at, printable(detail, 240));
  const std::string_view saw = ", saw ";
  const std::size_t comma = detail.rfind(saw);
  if (!detail.starts_with("expected ") || comma == std::string_view::npos)
    return fmt::format("{}: not valid TOML: {}", at, printable(detail, 240));
  const std::string_view expected = detail.substr(9, comma - 9);
  return error_line(at, "not valid TOML", printable(expected), printable(detail.substr(comma + saw.size())));
}

}  // namespace

result<scenario_entries, text_error> read_entries(std::string_view text, const std::string& name) {
  const std::string shown = printable(name);
  if (auto fine = check_text(text, shown); !fine) return failure(fine.error());
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) return failure(text_error{refusal_of(parsed.error(), shown)});
  return flattener(shown).flatten(parsed.table());
}

bool scenario_entries::is_table_of_link(std::string_view name) {
  return name.find('-') != std::string_view::npos || name.find("_to_") != std::string_view::npos;
}

const value_tree* value_tree::find(std::string_view name) const {
  for (const member& each : members)
    if (each.name == name) return &each.value;
  return nullptr;
}

result<std::string, text_error> read_text(const std::string& path) {
  const auto refuse = [&](int error) {
    return failure(text_error{error_line(printable(path), "the scenario cannot be read", "a readable file",
                                         std::generic_category().message(error))});
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse(errno);
  // One octet more than is allowed, whatever the file is: /dev/zero ends here too.
  std::string text(maximum_scenario_size + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refuse(errno != 0 ? errno : EIO);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string error_line(std::string_view at, std::string_view what, std::string_view expected, std::string_view got) {
  return fmt::format("{}: {}; expected {}; got {}", at, what, expected, got);
}

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", printable(text)); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string printable(std::string_view text, std::size_t most) {
  std::string shown;
  for (const char letter : text.substr(0, most)) {
    if (letter >= 0x20 && letter < 0x7f) shown += letter;
    else shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
  }
  return text.size() > most ? shown + "..." : shown;
}

}  // namespace seqwire
