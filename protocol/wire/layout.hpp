// A header described once: a plain struct, and a layout type that lists its fields in wire order. From the layout come
// encode, decode, print, the catalogue (which feeds the dissector, the documentation and the analysis) and the tests.
// A field's name is the member's own name. Roles say what a field means, so that tools work on any user's header.
// The layout is passed as a type and names come from __PRETTY_FUNCTION__: both g++ 12 and clang 16 accept that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "protocol/base/bytes.hpp"

namespace seqwire {

/// What a field means to a tool that has never seen this header.
enum class role : std::uint8_t {
  none,
  checksum,
  length,  // octets of header and data
  hop_count,
  next_header,  // its value selects what follows (a packet type, a client type)
  destination_network,
  destination_host,
  destination_socket,
  source_network,
  source_host,
  source_socket,
  system_packet,  // consumes no sequence number
  acknowledgement_request,
  attention,
  end_of_record,
  datastream_type,
  source_connection,
  destination_connection,
  sequence,         // counts packets
  acknowledgement,  // the first number not yet received
  allocation,       // the highest number the peer may send
  reserved,
  error_number,
  error_parameter,
};

std::string_view name_of(role value);  // the enumerator's own word

/// A value of a field that has a name in the specification.
struct named_value {
  std::uint64_t value;    // as decoded from the field
  std::string_view name;  // as the documents print it: "Close Request"
};

/// For fields whose values have no names.
struct no_values {
  static constexpr std::array<named_value, 0> rows{};
};

/// One row of a layout with its place, for tools that work on any header.
struct field_description {
  std::string_view name;                // the member's
  std::string_view documentation;       // the row's sentence
  unsigned bit_offset;                  // from the first bit of the header
  unsigned bits;                        // 1 to 64
  role meaning;                         // none: for people only
  std::span<const named_value> values;  // empty: it has none

  /// The field's value in a header that starts at `header`; the caller has checked the length.
  std::uint64_t read(const octet* header) const;
};

/// A layout as data, the same for every header.
struct layout_description {
  std::string_view name;                      // display and filter prefix, e.g. "spp"
  std::string_view documentation;             // one sentence and the section of the specification
  std::size_t octets;                         // of the header
  std::span<const field_description> fields;  // in wire order

  /// The first field with this meaning, or nullptr.
  const field_description* find(role meaning) const;
  /// The field of this name, or nullptr.
  const field_description* find(std::string_view field_name) const;
};

/// A string that may be a template argument.
template <std::size_t Size>
struct text {
  // With its terminating zero, which view() leaves out.
  char characters[Size]{};
  constexpr text(const char (&literal)[Size]) {  // implicit: written as a plain literal in a layout
    for (std::size_t i = 0; i < Size; ++i) characters[i] = literal[i];
  }
  // Without the terminating zero.
  constexpr std::string_view view() const { return {characters, Size - 1}; }
};

namespace detail {

template <auto Member>
constexpr std::string_view member_name() {
  std::string_view function = __PRETTY_FUNCTION__;
  // "... Member = &seqwire::spp_header::sequence; ..." (g++) or "... Member = &seqwire::spp_header::sequence]" (clang)
  function.remove_prefix(function.find("Member = "));
  const std::size_t end = function.find_first_of(";]");
  function = function.substr(0, end);
  return function.substr(function.rfind("::") + 2);
}

template <class>
struct member_of;
template <class Header, class Value>
struct member_of<Value Header::*> {
  using header = Header;
  using value = Value;
};

// Reads or writes `Bits` bits at `BitOffset`; whole octets, or bits that lie within one octet.
template <unsigned BitOffset, unsigned Bits>
std::uint64_t load_bits(const octet* header) {
  const octet* at = header + BitOffset / 8;
  if constexpr (BitOffset % 8 == 0 && Bits == 8) return *at;
  else if constexpr (BitOffset % 8 == 0 && Bits == 16) return load_u16(at);
  else if constexpr (BitOffset % 8 == 0 && Bits == 32) return load_u32(at);
  else if constexpr (BitOffset % 8 == 0 && Bits == 48) return load_u48(at);
  else if constexpr (BitOffset % 8 == 0 && Bits == 64) return load_u64(at);
  else {
    static_assert(BitOffset % 8 + Bits <= 8, "a field is whole octets, or bits within one octet");
    return (*at >> (8 - BitOffset % 8 - Bits)) & ((1u << Bits) - 1);
  }
}

template <unsigned BitOffset, unsigned Bits>
void store_bits(octet* header, std::uint64_t value) {
  octet* at = header + BitOffset / 8;
  if constexpr (BitOffset % 8 == 0 && Bits == 8) *at = static_cast<octet>(value);
  else if constexpr (BitOffset % 8 == 0 && Bits == 16) store_u16(at, static_cast<std::uint16_t>(value));
  else if constexpr (BitOffset % 8 == 0 && Bits == 32) store_u32(at, static_cast<std::uint32_t>(value));
  else if constexpr (BitOffset % 8 == 0 && Bits == 48) store_u48(at, value);
  else if constexpr (BitOffset % 8 == 0 && Bits == 64) store_u64(at, value);
  else {
    static_assert(BitOffset % 8 + Bits <= 8, "a field is whole octets, or bits within one octet");
    constexpr unsigned shift = 8 - BitOffset % 8 - Bits;
    constexpr unsigned mask = ((1u << Bits) - 1) << shift;
    *at = static_cast<octet>((*at & ~mask) | ((value << shift) & mask));
  }
}

// Converts to anything: counts the members of an aggregate by how many of these initialise it.
struct any_value {
  template <class T>
  constexpr operator T() const;
};

template <class Aggregate, std::size_t... Index>
constexpr bool initialises(std::index_sequence<Index...>) {
  return requires { Aggregate{(static_cast<void>(Index), any_value{})...}; };
}

template <class Aggregate, std::size_t Count = 0>
constexpr std::size_t member_count() {
  if constexpr (initialises<Aggregate>(std::make_index_sequence<Count + 1>{}))
    return member_count<Aggregate, Count + 1>();
  else return Count;
}

}  // namespace detail

/// One row: `field<&spp_header::sequence, 16, "counts packets", role::sequence>`.
template <auto Member, unsigned Bits, text Documentation, role Meaning = role::none, class Values = no_values>
struct field {
  // The row's arguments, and what follows from the member.
  using header = typename detail::member_of<decltype(Member)>::header;
  using value = typename detail::member_of<decltype(Member)>::value;
  static constexpr unsigned bits = Bits;
  static constexpr auto member = Member;
  static constexpr std::string_view name = detail::member_name<Member>();
  static constexpr std::string_view documentation = Documentation.view();
  static constexpr role meaning = Meaning;
  using values = Values;

  static_assert(!name.empty() && name.find_first_of(" :&<>()") == std::string_view::npos,
                "the compiler spells member pointers in a way that member_name() does not know");
  static_assert(std::is_enum_v<value> || std::is_integral_v<value>, "a field holds a number or an enumeration");
  static_assert(Bits <= 8 * sizeof(value), "the member is too narrow for the field");
};

/// A header's rows in wire order; checks at compile time that they fit it. `Name` is the prefix in tools.
template <class Header, text Name, text Documentation, class... Fields>
struct layout {
  using header = Header;                                  // the struct described
  static constexpr unsigned bits = (Fields::bits + ...);  // of the whole header, a multiple of 8
  static constexpr std::size_t octets = bits / 8;         // on the wire, not sizeof
  static_assert(bits % 8 == 0, "the widths do not sum to whole octets");
  static_assert((std::is_same_v<typename Fields::header, Header> && ...), "a row names a member of another header");
  static_assert(sizeof...(Fields) == detail::member_count<Header>(), "every member has exactly one row");

  /// The header at `from`, which holds at least `octets` octets.
  static Header decode(const octet* from) {
    Header result{};
    decode_fields(from, result, std::make_index_sequence<sizeof...(Fields)>{});
    return result;
  }

  /// Writes `octets` octets.
  static void encode(const Header& value, octet* to) {
    encode_fields(value, to, std::make_index_sequence<sizeof...(Fields)>{});
  }

  /// Of each row, from the header's first bit.
  static constexpr std::array<unsigned, sizeof...(Fields)> bit_offsets = [] {
    std::array<unsigned, sizeof...(Fields)> offsets{};
    const unsigned widths[] = {Fields::bits...};
    for (std::size_t i = 1; i < sizeof...(Fields); ++i) offsets[i] = offsets[i - 1] + widths[i - 1];
    return offsets;
  }();

  /// What description.fields views.
  static constexpr std::array<field_description, sizeof...(Fields)> field_descriptions = [] {
    std::array<field_description, sizeof...(Fields)> rows{field_description{
        Fields::name, Fields::documentation, 0, Fields::bits, Fields::meaning, Fields::values::rows}...};
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].bit_offset = bit_offsets[i];
    return rows;
  }();

  /// For tools that work on any header.
  static constexpr layout_description description{Name.view(), Documentation.view(), octets, field_descriptions};

 private:
  template <std::size_t... Index>
  static void decode_fields(const octet* from, Header& to, std::index_sequence<Index...>) {
    ((to.*Fields::member =
          static_cast<typename Fields::value>(detail::load_bits<bit_offsets[Index], Fields::bits>(from))),
     ...);
  }
  template <std::size_t... Index>
  static void encode_fields(const Header& value, octet* to, std::index_sequence<Index...>) {
    (detail::store_bits<bit_offsets[Index], Fields::bits>(to, static_cast<std::uint64_t>(value.*Fields::member)), ...);
  }
};

}  // namespace seqwire
