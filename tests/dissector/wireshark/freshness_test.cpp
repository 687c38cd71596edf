// The dissector that is committed is what the catalogue and the hand-written parts make.
#include <fstream>
#include <iterator>

#include "dissector/wireshark/lua_dissector.hpp"
#include "protocol/wire/layout.hpp"
#include "tests/dissector/wireshark/tshark.hpp"

using namespace seqwire;

namespace {

struct own_header {
  std::uint16_t mark;
};
struct own_values {
  static constexpr std::array<named_value, 1> rows{{{7, "a \"quoted\" \\ \x01 name"}}};
};
using own_layout =
    layout<own_header, "own", "Own header", field<&own_header::mark, 16, "A mark", role::next_header, own_values>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(freshness_test)

BOOST_AUTO_TEST_CASE(committed__is_what_the_catalogue_makes) {
  std::ifstream file(tshark::committed, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  BOOST_TEST((text == lua_dissector(catalogue())),
             "regenerate with: seqwire wireshark generate > dissector/wireshark/seqwire.lua");
}

BOOST_AUTO_TEST_CASE(lua_dissector__writes_a_users_header) {
  const catalogue_entry entry{&own_layout::description, &idp_layout::description, 25};
  const std::string text = lua_dissector(std::span(&entry, 1));
  BOOST_TEST(text.find("{name = \"own\", octets = 2, behind = \"idp\", selector = 25,") != std::string::npos);
  BOOST_TEST(text.find("role = \"next_header\"") != std::string::npos);
  BOOST_TEST(text.find(R"([7] = "a \"quoted\" \\ \001 name")") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
