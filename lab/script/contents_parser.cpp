#include "lab/script/contents_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace seqwire {
namespace {

constexpr std::size_t most_octets = 65'535;  // IDP's length field
constexpr std::size_t shortest_beginning = 3;

const catalogue_entry* find_layout(std::string_view name) {
  for (const catalogue_entry& entry : catalogue())
    if (entry.layout->name == name) return &entry;
  return nullptr;
}

const catalogue_entry* entry_of(const layout_description* layout) {
  for (const catalogue_entry& entry : catalogue())
    if (entry.layout == layout) return &entry;
  return nullptr;
}

std::vector<std::string> layout_names() {
  std::vector<std::string> names;
  for (const catalogue_entry& entry : catalogue()) names.emplace_back(entry.layout->name);
  return names;
}

bool is_data_word(std::string_view word) { return word == "hex" || word == "size" || word == "quote"; }

// The value that the header in front of `entry` has in the field that selects what follows.
void select(written_header& front, const catalogue_entry& entry) {
  const field_description* const next = front.layout->find(role::next_header);
  if (next == nullptr || !entry.selector || front.find(role::next_header) != nullptr) return;
  front.fields.push_back({next, written_field::kind::value, {{}, *entry.selector}});
}

// The field of this name or, if only one begins like it, of this beginning; `several`: more than one does.
const field_description* find_field(const layout_description& layout, std::string_view name, bool flag, bool& several) {
  const field_description* beginning = nullptr;
  for (const field_description& field : layout.fields) {
    if (flag && field.bits != 1) continue;
    if (field.name == name) return &field;
    if (name.size() < shortest_beginning || !field.name.starts_with(name)) continue;
    several = several || beginning != nullptr;
    beginning = &field;
  }
  return several ? nullptr : beginning;
}

std::optional<octets> parse_hex(std::string_view text) {
  octets result;
  if (text.size() % 2 != 0 || text.size() > 2 * most_octets) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto value = parse_script_number(fmt::format("0x{}", text.substr(at, 2)));
    if (!value) return std::nullopt;
    result.push_back(static_cast<octet>(*value));
  }
  return result;
}

}  // namespace

void write_field(const field_description& field, std::uint64_t value, octet* header) {
  octet* const at = header + field.bit_offset / 8;
  if (field.bits % 8 == 0 && field.bit_offset % 8 == 0) {
    for (unsigned i = 0; i < field.bits / 8; ++i) at[i] = static_cast<octet>(value >> (field.bits - 8 - 8 * i));
    return;
  }
  const unsigned shift = 8 - field.bit_offset % 8 - field.bits;
  const unsigned mask = ((1u << field.bits) - 1) << shift;
  *at = static_cast<octet>((*at & ~mask) | ((value << shift) & mask));
}

written_packet contents_parser::packet() {
  written_packet result;
  headers(result.contents, true);
  data(result.contents.data);
  const bool anything = !result.contents.headers.empty() || result.contents.data.what == written_data::kind::contents;
  if (!anything && !line_.failed())
    line_.fail("the packet", "a header (" + joined(layout_names()) + ") or hex and the octets of a frame",
               line_.ends() ? "the end of the line" : line_.peek());
  if (result.contents.data.size > most_octets)
    line_.fail("size", fmt::format("at most {} octets in a packet", most_octets),
               fmt::format("{}", result.contents.data.size));
  modifiers(result);
  line_.expect_end();
  return result;
}

written_contents contents_parser::message() {
  written_contents result;
  headers(result, false);
  data(result.data);
  return result;
}

written_header contents_parser::header() {
  written_contents result;
  headers(result, false);
  if (result.headers.size() == 1) return std::move(result.headers.front());
  if (!line_.failed()) line_.fail("this line", "one header", result.headers.empty() ? "none" : "several");
  return {};
}

void contents_parser::headers(written_contents& to, bool whole_packet) {
  while (!line_.ends() && !line_.quoted_next() && !is_data_word(line_.peek())) {
    const std::string word(line_.peek());
    if (const catalogue_entry* const entry = find_layout(word)) {
      line_.take("a header");
      begin_header(to, *entry, whole_packet);
      continue;
    }
    const bool assigns = word.find('=') != std::string::npos && word.size() > 1;
    written_header* owner = nullptr;
    if (to.headers.empty() || (!assigns && find(to, word, true, owner) == nullptr)) return;
    line_.take("a field");
    one_field(to, word);
  }
}

void contents_parser::begin_header(written_contents& to, const catalogue_entry& entry, bool whole_packet) {
  if (to.headers.empty()) {
    std::vector<const catalogue_entry*> chain{&entry};
    while (whole_packet && chain.back()->behind != nullptr) chain.push_back(entry_of(chain.back()->behind));
    for (; !chain.empty(); chain.pop_back()) {
      if (!to.headers.empty()) select(to.headers.back(), *chain.back());
      to.headers.push_back({chain.back()->layout, {}});
    }
    return;
  }
  const layout_description* const last = to.headers.back().layout;
  if (entry.behind != last && !(entry.repeated && entry.layout == last))
    return line_.fail("a header", fmt::format("one that may stand behind {}", last->name), entry.layout->name);
  if (entry.behind == last) select(to.headers.back(), entry);
  to.headers.push_back({entry.layout, {}});
}

// "spp.sequence" names its header; other names are looked for from the last header outwards.
const field_description* contents_parser::find(written_contents& of, std::string_view name, bool flag,
                                               written_header*& owner) {
  const std::size_t dot = name.find('.');
  const std::string_view prefix = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
  if (dot != std::string_view::npos) name.remove_prefix(dot + 1);
  bool several = false;
  for (auto at = of.headers.rbegin(); at != of.headers.rend(); ++at) {
    if (!prefix.empty() && at->layout->name != prefix) continue;
    const field_description* const found = find_field(*at->layout, name, flag, several);
    if (several) {
      line_.fail("the field", fmt::format("more of its name: several of {} begin so", at->layout->name), name);
      return nullptr;
    }
    owner = &*at;
    if (found != nullptr) return found;
  }
  return nullptr;
}

void contents_parser::one_field(written_contents& to, const std::string& word) {
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  written_header* owner = nullptr;
  const field_description* const field = find(to, name, equals == std::string::npos, owner);
  if (line_.failed()) return;
  if (field == nullptr) {
    std::vector<std::string> known;
    for (const written_header& header : to.headers)
      for (const field_description& each : header.layout->fields) known.emplace_back(each.name);
    return line_.fail("no such field",
                      with_suggestion("a field of " + std::string(to.headers.back().layout->name), name, known), name);
  }
  const bool again = std::any_of(owner->fields.begin(), owner->fields.end(),
                                 [&](const written_field& each) { return each.field == field; });
  if (again && field->meaning != role::next_header) return line_.fail("a field", "each field once", word);
  std::erase_if(owner->fields, [&](const written_field& each) { return each.field == field; });
  owner->fields.push_back(equals == std::string::npos ? written_field{field, written_field::kind::value, {{}, 1}}
                                                      : value_of(*field, word.substr(equals + 1)));
}

written_field contents_parser::value_of(const field_description& field, std::string_view text) {
  written_field result{&field, written_field::kind::value, {}};
  if (expected_ && text == "*") {
    result.what = written_field::kind::any;
    return result;
  }
  if (!expected_ && field.meaning == role::checksum && (text == "bad" || text == "none")) {
    result.what = text == "bad" ? written_field::kind::wrong : written_field::kind::absent;
    return result;
  }
  for (const named_value& each : field.values)
    if (as_word(each.name) == text) {
      result.number.constant = each.value;
      return result;
    }
  if (expected_ && text.starts_with('$') && !names_.variables.contains(text.substr(1)) &&
      text.find_first_of("+-") == std::string_view::npos) {
    names_.variables.emplace(text.substr(1));
    result.what = written_field::kind::binding;
    result.number.variable = text.substr(1);
    return result;
  }
  result.number = number(text);
  if (result.number.variable.empty() && field.bits < 64 && (result.number.constant >> field.bits) != 0)
    line_.fail(field.name, fmt::format("a number of at most {} bits", field.bits), text);
  return result;
}

script_number contents_parser::number(std::string_view text) {
  if (!text.starts_with('$')) {
    const auto value = parse_script_number(text);
    if (!value) line_.fail("a value", "a number, a $variable or a name that the field knows", text);
    return {{}, value.value_or(0)};
  }
  const std::size_t sign = std::min(text.find_first_of("+-"), text.size());
  script_number result{std::string(text.substr(1, sign - 1)), 0};
  if (!names_.variables.contains(result.variable))
    line_.fail("a variable", "one that an earlier line binds", text.substr(0, sign));
  if (sign == text.size()) return result;
  const auto offset = parse_script_number(text.substr(sign + 1));
  if (!offset) line_.fail("a value", "a number behind the sign", text);
  result.constant = text[sign] == '-' ? 0 - offset.value_or(0) : offset.value_or(0);
  return result;
}

void contents_parser::data(written_data& to) {
  if (line_.quoted_next()) {
    to.what = written_data::kind::contents;
    to.contents = line_.take_quoted();
  } else if (line_.take_if("hex")) {
    const std::string text = line_.take("hexadecimal digits");
    if (line_.failed()) return;
    const auto contents = parse_hex(text);
    if (!contents) return line_.fail("hex", "an even number of hexadecimal digits", text);
    to.what = written_data::kind::contents;
    to.contents = *contents;
  } else if (line_.take_if("size")) {
    to.what = written_data::kind::size;
    to.size = line_.take_number("octets", 0, 16u << 20);
  } else if (line_.take_if("quote")) {
    to.what = written_data::kind::quote;
    to.packet = line_.take_name("the name of a packet");
    if (!line_.failed() && !names_.packets.contains(to.packet))
      line_.fail("quote", "a packet that an earlier line names by \"as\"", to.packet);
  }
}

void contents_parser::modifiers(written_packet& to) {
  while (!line_.ends()) {
    if (line_.take_if("as")) {
      to.name = line_.take_name("a name for the packet");
      if (!line_.failed()) names_.packets.insert(to.name);
    } else if (!expected_ && line_.take_if("cut")) {
      to.cut = line_.take_number("octets", 0, most_octets);
    } else if (!expected_ && line_.take_if("pad")) {
      to.padding = line_.take_number("octets", 1, most_octets);
    } else if (!expected_ && line_.take_if("flip")) {
      to.flipped.push_back(line_.take_number("the place of an octet", 0, most_octets));
    } else if (!to.contents.headers.empty() && !line_.quoted_next()) {
      const std::string word(line_.peek());
      one_field(to.contents, word);  // tells why it is none
      if (!line_.failed()) line_.fail("this line", "data or the line's end", word);
    } else {
      line_.expect_end();
    }
  }
}

}  // namespace seqwire
