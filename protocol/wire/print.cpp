#include "protocol/wire/print.hpp"

#include <cstdio>

namespace seqwire {
namespace {

std::string hexadecimal(std::uint64_t value, unsigned digits) {
  char buffer[24];
  std::snprintf(buffer, sizeof buffer, "0x%0*llx", static_cast<int>(digits), static_cast<unsigned long long>(value));
  return buffer;
}

// Networks, hosts and checksums are read in hexadecimal, everything else is a number.
std::string print_value(const field_description& field, std::uint64_t value) {
  switch (field.meaning) {
    case role::checksum:
    case role::destination_network:
    case role::destination_host:
    case role::source_network:
    case role::source_host: return hexadecimal(value, field.bits / 4);
    default: return std::to_string(value);
  }
}

// One row of at most 32 bits; a field that does not fit goes on in the next row.
class bit_diagram {
 public:
  void add(std::string_view name, unsigned bits) {
    while (bits > 0) {
      const unsigned here = std::min(bits, 32 - column_);
      cell(name, here);
      bits -= here;
    }
  }
  std::string finish() {
    if (column_ > 0) end_row();
    return std::move(drawing_);
  }

 private:
  void cell(std::string_view name, unsigned bits) {
    if (column_ == 0) {
      if (drawing_.empty()) drawing_ += '+' + repeat("-+", 32) + '\n';
      drawing_ += '|';
    }
    const std::size_t width = 2 * bits - 1;
    const std::string_view shown = name.substr(0, width);
    const std::size_t left = (width - shown.size()) / 2;
    drawing_ += std::string(left, ' ') + std::string(shown) + std::string(width - shown.size() - left, ' ') + '|';
    column_ += bits;
    if (column_ == 32) end_row();
  }
  void end_row() {
    drawing_ += "\n+" + repeat("-+", column_) + '\n';
    column_ = 0;
  }
  static std::string repeat(std::string_view piece, unsigned times) {
    std::string result;
    for (unsigned i = 0; i < times; ++i) result += piece;
    return result;
  }

  std::string drawing_;
  unsigned column_ = 0;
};

std::string chapter_of(const catalogue_entry& entry) {
  const layout_description& layout = *entry.layout;
  std::string chapter = "## " + std::string(layout.name) + "\n\n" + std::string(layout.documentation) + ". " +
                        std::to_string(layout.octets) + " octets";
  if (entry.behind != nullptr) chapter += ", behind " + std::string(entry.behind->name);
  if (entry.selector)
    chapter +=
        " where " + std::string(entry.behind->find(role::next_header)->name) + " is " + std::to_string(*entry.selector);
  if (entry.repeated) chapter += ", repeated";
  chapter += ".\n\n```\n";
  bit_diagram diagram;
  for (const field_description& field : layout.fields) diagram.add(field.name, field.bits);
  chapter += diagram.finish() + "```\n\n| offset | bits | field | role | meaning |\n|---|---|---|---|---|\n";
  for (const field_description& field : layout.fields) {
    std::string offset = std::to_string(field.bit_offset / 8);
    if (field.bit_offset % 8 != 0 || field.bits < 8) offset += " bit " + std::to_string(field.bit_offset % 8);
    chapter += "| " + offset + " | " + std::to_string(field.bits) + " | " + std::string(field.name) + " | " +
               std::string(name_of(field.meaning)) + " | " + std::string(field.documentation) + " |\n";
  }
  for (const field_description& field : layout.fields) {
    if (field.values.empty()) continue;
    chapter += "\nValues of " + std::string(field.name) + ":";
    for (const named_value& value : field.values)
      chapter += " " + std::to_string(value.value) + " " + std::string(value.name) +
                 (&value == &field.values.back() ? "." : ",");
    chapter += '\n';
  }
  return chapter + '\n';
}

}  // namespace

std::string print_header(const layout_description& layout, const octet* header) {
  std::string line(layout.name);
  for (const field_description& field : layout.fields)
    line += ' ' + std::string(field.name) + '=' + print_value(field, field.read(header));
  return line;
}

std::string print_packet(octets_view frame) {
  const auto idp = parse_idp(frame, checksum_policy::ignore);
  if (!idp) return "not IDP: " + std::string(name_of(idp.error()));
  std::string line = print_header(idp_layout::description, frame.data());
  if (!checksum_matches(idp->header, frame)) line += " (bad checksum)";
  octets_view data = idp->data;
  const catalogue_entry* next = entry_behind(idp_layout::description, frame.data());
  while (next != nullptr && !(next->repeated && data.empty())) {
    const layout_description& header = *next->layout;
    if (data.size() < header.octets) return line + " | " + std::string(header.name) + " cut short";
    line += " | " + print_header(header, data.data());
    if (!next->repeated) next = entry_behind(header, data.data());
    data = data.subspan(header.octets);
  }
  return line + " | " + std::to_string(data.size()) + " octets";
}

std::string header_chapter(std::span<const catalogue_entry> entries) {
  std::string chapter =
      "# Headers\n\nGenerated from the layouts by `seqwire headers`; do not edit. All fields are big-endian.\n\n";
  for (const catalogue_entry& entry : entries) chapter += chapter_of(entry);
  return chapter;
}

}  // namespace seqwire
