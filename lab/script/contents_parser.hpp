// Headers and data as a line writes them: "spp send_ack seq=0 end "abc"". Every layout of the catalogue and every field
// of it is known here by name, or by the beginning of its name; fields of one bit are words of their own.
#pragma once

#include <set>

#include "lab/script/script_line.hpp"

namespace seqwire {

/// What earlier lines have made.
struct script_names {
  // Names by kind; a line may use those of lines before it.
  std::set<std::string, std::less<>> variables{"host", "peer", "network", "broadcast"};
  std::set<std::string, std::less<>> packets;
  std::set<std::string, std::less<>> sockets;
};

/// Reads what a line says of a packet or message; errors are the line's.
class contents_parser {
 public:
  /// `expected`: the contents are compared, so that variables may be bound and fields left open.
  contents_parser(script_line& line, script_names& names, bool expected)
      : line_(line), names_(names), expected_(expected) {}

  /// A whole packet: the headers in front of the first that is written are added, IDP first. Without any header it is
  /// the octets of a frame.
  written_packet packet();
  /// Headers as they are written, or none, and data.
  written_contents message();
  /// One header and nothing else.
  written_header header();
  /// A constant or variable.
  script_number number(std::string_view text);

 private:
  void headers(written_contents& to, bool whole_packet);
  void begin_header(written_contents& to, const catalogue_entry& entry, bool whole_packet);
  void one_field(written_contents& to, const std::string& word);
  const field_description* find(written_contents& of, std::string_view name, bool flag, written_header*& owner);
  written_field value_of(const field_description& field, std::string_view text);
  void data(written_data& to);
  void modifiers(written_packet& to);

  script_line& line_;
  script_names& names_;
  bool expected_;
};

/// Writes a field into a header whose octets begin at `header`.
void write_field(const field_description& field, std::uint64_t value, octet* header);

}  // namespace seqwire
