#include "protocol/wire/layout.hpp"

namespace seqwire {

std::string_view name_of(role value) {
  switch (value) {
    case role::none: return "none";
    case role::checksum: return "checksum";
    case role::length: return "length";
    case role::hop_count: return "hop count";
    case role::next_header: return "next header";
    case role::destination_network: return "destination network";
    case role::destination_host: return "destination host";
    case role::destination_socket: return "destination socket";
    case role::source_network: return "source network";
    case role::source_host: return "source host";
    case role::source_socket: return "source socket";
    case role::system_packet: return "system packet";
    case role::acknowledgement_request: return "acknowledgement request";
    case role::attention: return "attention";
    case role::end_of_record: return "end of record";
    case role::datastream_type: return "datastream type";
    case role::source_connection: return "source connection";
    case role::destination_connection: return "destination connection";
    case role::sequence: return "sequence";
    case role::acknowledgement: return "acknowledgement";
    case role::allocation: return "allocation";
    case role::reserved: return "reserved";
    case role::error_number: return "error number";
    case role::error_parameter: return "error parameter";
  }
  return "unknown";
}

std::uint64_t field_description::read(const octet* header) const {
  const octet* at = header + bit_offset / 8;
  if (bit_offset % 8 + bits <= 8) return (*at >> (8 - bit_offset % 8 - bits)) & ((1u << bits) - 1);
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bits / 8; ++i) value = (value << 8) | at[i];
  return value;
}

const field_description* layout_description::find(role meaning) const {
  for (const field_description& field : fields)
    if (field.meaning == meaning) return &field;
  return nullptr;
}

const field_description* layout_description::find(std::string_view field_name) const {
  for (const field_description& field : fields)
    if (field.name == field_name) return &field;
  return nullptr;
}

}  // namespace seqwire
