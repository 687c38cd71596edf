#include "lab/script/script_packets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lab/script/contents_parser.hpp"
#include "protocol/wire/checksum.hpp"
#include "protocol/wire/error.hpp"

namespace seqwire {
namespace {

constexpr std::uint64_t first_peer_id = 0x1111;
constexpr std::uint64_t peer_window = 8;  // packets that the peer allocates when a line does not say
constexpr std::size_t most_data_shown = 64;

std::uint64_t mask_of(const field_description& field) {
  return field.bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << field.bits) - 1;
}

std::string value_in_words(const field_description& field, std::uint64_t value) {
  for (const named_value& each : field.values)
    if (each.value == value) return as_word(each.name);
  switch (field.meaning) {
    case role::checksum:
    case role::destination_network:
    case role::destination_host:
    case role::source_network:
    case role::source_host:
    case role::source_connection:
    case role::destination_connection: return fmt::format("{:#x}", value);
    default: return fmt::format("{}", value);
  }
}

// "spp send_acknowledgement sequence=3": the flags that are set, and every other field.
std::string header_in_words(const layout_description& layout, const octet* header) {
  std::string words(layout.name);
  for (const field_description& field : layout.fields) {
    const std::uint64_t value = field.read(header);
    if (field.bits == 1 && value != 0) words += fmt::format(" {}", field.name);
    if (field.bits > 1 && !(field.meaning == role::reserved && value == 0))
      words += fmt::format(" {}={}", field.name, value_in_words(field, value));
  }
  return words;
}

// Later than, by 16-bit sequence comparison.
bool later(std::uint64_t a, std::uint64_t b) { return static_cast<std::int16_t>(a - b) > 0; }

}  // namespace

script_packets::script_packets(network_number network, host_number host, host_number peer)
    : ours_{network, host, socket_number{3000}}, peer_{network, peer, socket_number{3000}} {
  variables_["host"] = static_cast<std::uint64_t>(host);
  variables_["peer"] = static_cast<std::uint64_t>(peer);
  variables_["network"] = static_cast<std::uint64_t>(network);
  variables_["broadcast"] = static_cast<std::uint64_t>(broadcast_host);
  forget();
}

void script_packets::forget() {
  peer_id_ = first_peer_id;
  our_id_ = next_ = acknowledged_ = 0;
  peer_.socket = socket_number{3000};
}

void script_packets::set_default(const written_header& header) {
  for (const written_field& field : header.fields) {
    std::erase_if(defaults_, [&](const written_field& each) { return each.field == field.field; });
    defaults_.push_back(field);
  }
}

std::uint64_t script_packets::value_of(const script_number& number) const {
  if (number.variable.empty()) return number.constant;
  const auto found = variables_.find(number.variable);
  return (found == variables_.end() ? 0 : found->second) + number.constant;
}

// --- what the peer sends ---

std::uint64_t script_packets::default_of(const field_description& field) const {
  for (const written_field& each : defaults_)
    if (each.field == &field) return value_of(each.number);
  switch (field.meaning) {
    case role::destination_network: return static_cast<std::uint64_t>(ours_.network);
    case role::destination_host: return static_cast<std::uint64_t>(ours_.host);
    case role::destination_socket: return static_cast<std::uint64_t>(ours_.socket);
    case role::source_network: return static_cast<std::uint64_t>(peer_.network);
    case role::source_host: return static_cast<std::uint64_t>(peer_.host);
    case role::source_socket: return static_cast<std::uint64_t>(peer_.socket);
    case role::source_connection: return peer_id_;
    case role::destination_connection: return our_id_;
    case role::sequence: return next_;
    case role::acknowledgement: return acknowledged_;
    default: return 0;
  }
}

octets script_packets::encode(const written_header& header, bool as_peer) const {
  octets encoded(header.layout->octets);
  // The allocation follows the acknowledgement that this packet carries: a window of the same size.
  std::uint64_t acknowledgement = acknowledged_;
  for (const field_description& field : header.layout->fields) {
    const auto written = std::find_if(header.fields.begin(), header.fields.end(),
                                      [&](const written_field& each) { return each.field == &field; });
    std::uint64_t value = 0;
    if (written != header.fields.end()) value = value_of(written->number);
    else if (as_peer) value = default_of(field);
    if (field.meaning == role::acknowledgement) acknowledgement = value;
    const bool unsaid = written == header.fields.end() && as_peer &&
                        std::none_of(defaults_.begin(), defaults_.end(),
                                     [&](const written_field& each) { return each.field == &field; });
    if (field.meaning == role::allocation && unsaid) value = acknowledgement + peer_window - 1;
    write_field(field, value & mask_of(field), encoded.data());
  }
  return encoded;
}

octets script_packets::data_of(const written_data& data) const {
  switch (data.what) {
    case written_data::kind::unsaid: return {};
    case written_data::kind::contents: return data.contents;
    case written_data::kind::size: {
      octets made(data.size);
      for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<octet>(i);
      return made;
    }
    case written_data::kind::quote: {
      const auto found = named_.find(data.packet);
      octets quoted = found == named_.end() ? octets() : found->second;
      quoted.resize(quoted_octets);
      return quoted;
    }
  }
  return {};
}

octets script_packets::join(const written_contents& written, std::size_t first, bool as_peer) const {
  octets joined;
  for (std::size_t i = first; i < written.headers.size(); ++i) {
    const octets header = encode(written.headers[i], as_peer);
    joined.insert(joined.end(), header.begin(), header.end());
  }
  const octets data = data_of(written.data);
  joined.insert(joined.end(), data.begin(), data.end());
  return joined;
}

octets script_packets::message(const written_contents& written) const { return join(written, 0, false); }

octets script_packets::build(const written_packet& written) {
  octets frame = join(written.contents, 0, true);
  if (!written.contents.headers.empty()) {
    finish(frame, written.contents.headers.front());
    note_sent(written.contents);
  }
  if (!written.name.empty()) named_[written.name] = frame;
  for (const std::size_t place : written.flipped)
    if (place < frame.size()) frame[place] ^= 1;
  if (written.cut) frame.resize(std::min(*written.cut, frame.size()));
  frame.insert(frame.end(), written.padding, octet{});
  return frame;
}

// Length, garbage octet and checksum of a whole packet, unless the line says otherwise.
void script_packets::finish(octets& frame, const written_header& idp) const {
  const field_description& length = *idp.layout->find(role::length);
  const field_description& sum = *idp.layout->find(role::checksum);
  if (idp.find(role::length) == nullptr) write_field(length, frame.size() & mask_of(length), frame.data());
  if (frame.size() % 2 != 0) frame.push_back(0);
  const written_field* const said = idp.find(role::checksum);
  if (said != nullptr && said->what == written_field::kind::value) return;
  std::uint16_t value = checksum(octets_view(frame).subspan(2));
  if (said != nullptr && said->what == written_field::kind::absent) value = no_checksum;
  else if (said != nullptr) value ^= value == (no_checksum ^ 0x0101) ? 0x0202 : 0x0101;
  write_field(sum, value, frame.data());
}

// The next data packet has the next number; one that claims another connection changes nothing.
void script_packets::note_sent(const written_contents& written) {
  for (const written_header& header : written.headers) {
    const field_description* const sequence = header.layout->find(role::sequence);
    if (sequence == nullptr) continue;
    const written_field* const system = header.find(role::system_packet);
    const bool is_system = system != nullptr && value_of(system->number) != 0;
    const bool other =
        header.find(role::source_connection) != nullptr || header.find(role::destination_connection) != nullptr;
    if (is_system || other) continue;
    const written_field* const said = header.find(role::sequence);
    const std::uint64_t number = said != nullptr ? value_of(said->number) : default_of(*sequence);
    if (later(number + 1, next_)) next_ = (number + 1) & mask_of(*sequence);
  }
}

// --- what the host sends ---

std::vector<std::string> script_packets::compare(const written_packet& written, octets_view frame) {
  std::vector<std::string> wrong;
  const auto idp = parse_idp(frame);
  if (!idp && !written.contents.headers.empty()) return {fmt::format("well formed: {}", name_of(idp.error()))};
  bindings bound;
  if (written.contents.headers.empty()) {
    compare_data(written.contents.data, frame, wrong);
  } else {
    const octets_view data = compare_headers(written.contents, idp->whole, wrong, bound);
    if (wrong.empty()) compare_data(written.contents.data, data, wrong);
  }
  if (!wrong.empty()) return wrong;
  for (const auto& [name, value] : bound) variables_[name] = value;
  if (!written.name.empty()) named_[written.name].assign(frame.begin(), frame.end());
  if (idp) note_received(frame);
  return wrong;
}

std::vector<std::string> script_packets::compare_message(const written_contents& written, octets_view actual) {
  std::vector<std::string> wrong;
  bindings bound;
  const octets_view data = compare_headers(written, actual, wrong, bound);
  if (wrong.empty()) compare_data(written.data, data, wrong);
  for (const auto& [name, value] : bound) variables_[name] = value;
  return wrong;
}

// What follows the headers.
octets_view script_packets::compare_headers(const written_contents& written, octets_view rest,
                                            std::vector<std::string>& wrong, bindings& bound) const {
  for (const written_header& header : written.headers) {
    if (rest.size() < header.layout->octets) {
      wrong.push_back(fmt::format("{}: expected {} octets of header, got {}", header.layout->name,
                                  header.layout->octets, rest.size()));
      return {};
    }
    compare_header(header, rest.data(), wrong, bound);
    // Behind a header that selects something else there is nothing to compare.
    const written_field* const next = header.find(role::next_header);
    if (next != nullptr && !wrong.empty()) return {};
    const field_description* const attention = header.layout->find(role::attention);
    const field_description* const system = header.layout->find(role::system_packet);
    const octet* const actual = rest.data();
    rest = rest.subspan(header.layout->octets);
    if (attention != nullptr && attention->read(actual) != 0 && rest.size() != 1)
      wrong.push_back(fmt::format("an attention has one octet of data, got {}", rest.size()));
    if (system != nullptr && system->read(actual) != 0 && !rest.empty())
      wrong.push_back(fmt::format("a system packet has no data, got {} octets", rest.size()));
  }
  return rest;
}

// A flag that is not written is not set; other fields that are not written may be anything.
void script_packets::compare_header(const written_header& header, const octet* actual, std::vector<std::string>& wrong,
                                    bindings& bound) const {
  for (const field_description& field : header.layout->fields) {
    const auto written = std::find_if(header.fields.begin(), header.fields.end(),
                                      [&](const written_field& each) { return each.field == &field; });
    const std::uint64_t value = field.read(actual);
    std::uint64_t expected = 0;
    if (written != header.fields.end()) {
      if (written->what == written_field::kind::any) continue;
      if (written->what == written_field::kind::binding) {
        bound[written->number.variable] = value;
        continue;
      }
      expected = value_of(written->number) & mask_of(field);
    } else if (field.bits != 1 && field.meaning != role::reserved) {
      continue;
    }
    if (value != expected)
      wrong.push_back(fmt::format("{}: expected {}, got {}", field.name, value_in_words(field, expected),
                                  value_in_words(field, value)));
  }
}

void script_packets::compare_data(const written_data& data, octets_view actual, std::vector<std::string>& wrong) const {
  if (data.what == written_data::kind::unsaid) return;
  if (data.what == written_data::kind::size) {
    if (actual.size() != data.size)
      wrong.push_back(fmt::format("data: expected {} octets, got {}", data.size, actual.size()));
    return;
  }
  const octets expected = data_of(data);
  if (data.what == written_data::kind::quote && actual.size() > expected.size()) actual = actual.first(expected.size());
  if (!std::equal(expected.begin(), expected.end(), actual.begin(), actual.end()))
    wrong.push_back(fmt::format("data: expected {}, got {}", data_in_words(expected), data_in_words(actual)));
}

// Where its packets come from, its id and the numbers that it has used. Errors are no part of a conversation.
void script_packets::note_received(octets_view frame) {
  const catalogue_entry* const entry = entry_behind(idp_layout::description, frame.data());
  if (entry == nullptr || frame.size() < idp_layout::octets + entry->layout->octets) return;
  const layout_description& layout = *entry->layout;
  if (layout.find(role::error_number) != nullptr) return;
  const idp_header idp = idp_layout::decode(frame.data());
  ours_.socket = idp.source_socket;
  if (idp.destination_host == peer_.host) peer_.socket = idp.destination_socket;
  const octet* const header = frame.data() + idp_layout::octets;
  if (const field_description* const id = layout.find(role::source_connection)) our_id_ = id->read(header);
  const field_description* const sequence = layout.find(role::sequence);
  const field_description* const system = layout.find(role::system_packet);
  if (sequence == nullptr || (system != nullptr && system->read(header) != 0)) return;
  const std::uint64_t after = sequence->read(header) + 1;
  if (later(after, acknowledged_)) acknowledged_ = after & mask_of(*sequence);
}

// --- words ---

std::string data_in_words(octets_view data) {
  const bool printable = std::all_of(data.begin(), data.end(), [](octet each) { return each >= 0x20 && each < 0x7f; });
  std::string words = printable ? "\"" : "hex ";
  for (std::size_t i = 0; i < std::min(data.size(), most_data_shown); ++i) {
    if (!printable) words += fmt::format("{:02x}", data[i]);
    else if (data[i] == '"' || data[i] == '\\') words += fmt::format("\\{}", static_cast<char>(data[i]));
    else words += static_cast<char>(data[i]);
  }
  if (printable) words += '"';
  if (data.size() > most_data_shown) words += fmt::format("... ({} octets)", data.size());
  return words;
}

std::string in_script_words(octets_view frame) {
  const auto idp = parse_idp(frame, checksum_policy::ignore);
  if (!idp) return fmt::format("{}  # {}", data_in_words(frame), name_of(idp.error()));
  octets_view data = idp->data;
  std::string words;
  const catalogue_entry* next = entry_behind(idp_layout::description, frame.data());
  if (next == nullptr) words = header_in_words(idp_layout::description, frame.data());
  while (next != nullptr && data.size() >= next->layout->octets && !(next->repeated && data.empty())) {
    words += (words.empty() ? "" : " ") + header_in_words(*next->layout, data.data());
    const octet* const header = data.data();
    data = data.subspan(next->layout->octets);
    if (!next->repeated) next = entry_behind(*next->layout, header);
  }
  if (!data.empty()) words += " " + data_in_words(data);
  if (!checksum_matches(idp->header, frame)) words += "  # bad checksum";
  return words;
}

}  // namespace seqwire
