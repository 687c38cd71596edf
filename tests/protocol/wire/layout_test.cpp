// A header described once: what the layout derives (names, offsets, codec) for every header of the catalogue, and for a
// small one of our own with fields inside an octet.
#include "protocol/wire/layout.hpp"

#include <rapidcheck/boost_test.h>
#include <array>
#include <boost/test/unit_test.hpp>
#include <set>
#include <tuple>

#include "protocol/wire/catalogue.hpp"
#include "protocol/wire/echo.hpp"
#include "protocol/wire/error.hpp"
#include "protocol/wire/routing.hpp"
#include "protocol/wire/spp.hpp"
#include "protocol/wire/time_of_day.hpp"

using namespace seqwire;

namespace {

enum class colour : std::uint8_t { red, green };

struct small_header {
  bool flag;
  colour tint;
  std::uint8_t rest;
  std::uint32_t number;
  std::uint64_t wide;

  bool operator==(const small_header&) const = default;
};

using small_layout =
    layout<small_header, "small", "A header of this test", field<&small_header::flag, 1, "One bit">,
           field<&small_header::tint, 2, "Two bits of an enumeration">, field<&small_header::rest, 5, "Five bits">,
           field<&small_header::number, 32, "At an odd offset", role::sequence>,
           field<&small_header::wide, 64, "Wide">>;

// Every layout that the catalogue knows; layout_list__is_the_catalogue holds us to it.
using layouts = std::tuple<idp_layout, routing_layout, routing_entry_layout, echo_layout, error_layout, exchange_layout,
                           time_layout, time_of_day_layout, spp_layout>;
using layouts_and_ours = decltype(std::tuple_cat(layouts{}, std::tuple<small_layout>{}));

}  // namespace

BOOST_AUTO_TEST_SUITE(layout_test)

BOOST_AUTO_TEST_CASE(layout_list__is_the_catalogue) {
  std::set<const layout_description*> known;
  std::apply([&](auto... each) { (known.insert(&decltype(each)::description), ...); }, layouts{});
  std::set<const layout_description*> listed;
  for (const catalogue_entry& entry : catalogue())
    if (entry.layout->name != "own") listed.insert(entry.layout);  // catalogue_test adds that one
  BOOST_TEST((known == listed), "a header of the catalogue is not tested here");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(layout__encode_undoes_decode_and_decode_undoes_encode, Layout, layouts_and_ours) {
  using image = std::array<octet, Layout::octets>;
  const bool held = rc::check([](const image& from_outside) {
    const typename Layout::header value = Layout::decode(from_outside.data());
    image again;
    again.fill(0xa5);
    Layout::encode(value, again.data());
    RC_ASSERT(again == from_outside);
    RC_ASSERT(Layout::decode(again.data()) == value);
  });
  BOOST_TEST(held);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(layout__descriptions_tile_the_header, Layout, layouts_and_ours) {
  unsigned next = 0;
  std::set<std::string_view> names;
  for (const field_description& field : Layout::description.fields) {
    BOOST_TEST(field.bit_offset == next);
    BOOST_TEST(field.bits > 0u);
    BOOST_TEST(!field.documentation.empty());
    BOOST_TEST(names.insert(field.name).second);
    next += field.bits;
  }
  BOOST_TEST(next == 8 * Layout::octets);
  BOOST_TEST(Layout::description.octets == Layout::octets);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(layout__encode_stays_inside_the_header, Layout, layouts_and_ours) {
  std::array<octet, Layout::octets + 2> buffer;
  buffer.fill(0xee);
  Layout::encode(typename Layout::header{}, &buffer[1]);
  BOOST_TEST(buffer.front() == 0xee);
  BOOST_TEST(buffer.back() == 0xee);
}

template <class... Fields, class Header>
void check_read(const octet* image, const Header& value, std::span<const field_description> rows) {
  std::size_t row = 0;
  (([&] {
     RC_ASSERT(rows[row].name == Fields::name);
     RC_ASSERT(rows[row].read(image) == static_cast<std::uint64_t>(value.*Fields::member));
     ++row;
   }()),
   ...);
}

template <class Header, text Name, text Documentation, class... Fields>
bool read_equals_decode(layout<Header, Name, Documentation, Fields...>) {
  using tested = layout<Header, Name, Documentation, Fields...>;
  return rc::check([](const std::array<octet, tested::octets>& image) {
    check_read<Fields...>(image.data(), tested::decode(image.data()), tested::description.fields);
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(field_description__read_equals_decode, Layout, layouts_and_ours) {
  BOOST_TEST(read_equals_decode(Layout{}));
}

BOOST_AUTO_TEST_CASE(layout__names_are_the_members_own) {
  const std::array<std::string_view, 5> expected{"flag", "tint", "rest", "number", "wide"};
  for (std::size_t i = 0; i < expected.size(); ++i) BOOST_TEST(small_layout::description.fields[i].name == expected[i]);
  BOOST_TEST(idp_layout::description.fields[2].name == "transport_control");
  BOOST_TEST(spp_layout::description.fields[10].name == "allocation");
}

BOOST_AUTO_TEST_CASE(layout__offsets_of_the_specification) {
  // Octet offsets of IDP (section 1.1 of the sheet) and of SPP (section 4.1).
  const std::array<unsigned, 10> idp{0, 2, 4, 5, 6, 10, 16, 18, 22, 28};
  for (std::size_t i = 0; i < idp.size(); ++i) BOOST_TEST(idp_layout::bit_offsets[i] == 8 * idp[i]);
  const std::array<unsigned, 11> spp{0, 1, 2, 3, 4, 8, 16, 32, 48, 64, 80};
  for (std::size_t i = 0; i < spp.size(); ++i) BOOST_TEST(spp_layout::bit_offsets[i] == spp[i]);
}

BOOST_AUTO_TEST_CASE(layout__bits_within_an_octet) {
  const small_header value{true, colour::green, 0x15, 0x01020304, 0x1112131415161718};
  std::array<octet, small_layout::octets> image{};
  small_layout::encode(value, image.data());
  const std::array<octet, 13> expected{0b1'01'10101, 1, 2, 3, 4, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18};
  BOOST_TEST(image == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(layout__a_value_too_wide_for_its_bits_does_not_spill) {
  std::array<octet, small_layout::octets> image{};
  small_layout::encode(small_header{false, colour::red, 0xff, 0, 0}, image.data());
  BOOST_TEST(image[0] == 0x1f);
}

BOOST_AUTO_TEST_CASE(find__by_role_and_by_name) {
  BOOST_TEST(small_layout::description.find(role::sequence)->name == "number");
  BOOST_TEST(small_layout::description.find("wide")->bits == 64u);
  BOOST_TEST(small_layout::description.find(role::checksum) == nullptr);
  BOOST_TEST(small_layout::description.find("breadth") == nullptr);
}

BOOST_AUTO_TEST_CASE(name_of__every_role_has_its_own) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i <= static_cast<unsigned>(role::error_parameter); ++i) {
    const std::string_view name = name_of(static_cast<role>(i));
    BOOST_TEST(name != "unknown");
    BOOST_TEST(names.insert(name).second);
  }
}

BOOST_AUTO_TEST_SUITE_END()
