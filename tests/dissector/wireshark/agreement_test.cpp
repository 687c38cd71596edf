// What tshark reads from the headers that stock Wireshark does not know is what our own decoder reads, for 100,000
// generated packets.
#include <algorithm>

#include "protocol/base/random.hpp"
#include "protocol/wire/catalogue.hpp"
#include "tests/dissector/wireshark/tshark.hpp"

using namespace seqwire;

namespace {

// The headers behind IDP, in order, that the last one needs to be reached.
std::vector<const catalogue_entry*> way_to(const catalogue_entry& last) {
  std::vector<const catalogue_entry*> way{&last};
  for (const catalogue_entry& each : catalogue())
    if (each.layout == way.front()->behind && each.behind != nullptr) {
      const auto before = way_to(each);
      way.insert(way.begin(), before.begin(), before.end());
      break;
    }
  return way;
}

std::vector<const catalogue_entry*> headers_of_ours() {
  std::vector<const catalogue_entry*> all;
  for (const catalogue_entry& each : catalogue())
    if (each.behind != nullptr && each.layout->name != "spp") all.push_back(&each);
  return all;
}

// A packet whose last header is `last`, all its fields drawn but for those that select what follows.
template <class Draw>
octets packet_with(const catalogue_entry& last, Draw& draw) {
  octets data;
  const auto way = way_to(last);
  for (std::size_t at = 0; at < way.size(); ++at) {
    const std::size_t begin = data.size();
    for (std::size_t count = 0; count < way[at]->layout->octets; ++count) data.push_back(static_cast<octet>(draw(256)));
    const field_description* const selecting = way[at]->layout->find(role::next_header);
    if (at + 1 < way.size() && way[at + 1]->selector && selecting != nullptr)
      store_u16(data.data() + begin + selecting->bit_offset / 8, static_cast<std::uint16_t>(*way[at + 1]->selector));
  }
  idp_header header{};
  header.packet_type = packet_type{static_cast<std::uint8_t>(*way.front()->selector)};
  header.source_host = host_number{0x02000000000a};
  octets packet;
  append_idp(packet, header, data);
  return packet;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(agreement_test)

BOOST_AUTO_TEST_CASE(fields__are_those_of_our_decoder) {
  const random_stream stream(1);
  auto draw = [&stream, index = std::uint64_t{0}](std::uint64_t bound) mutable { return stream.below(bound, index++); };
  const auto headers = headers_of_ours();
  std::vector<std::string> asked;
  for (const catalogue_entry* header : headers)
    for (const field_description& field : header->layout->fields)
      asked.push_back(std::string(header->layout->name) + '.' + std::string(field.name));
  const tshark::capture_file file("agreement");
  capture_writer writer(file.path(), {});
  writer.add_interface({.name = "a", .description = {}, .type = link_type::user0});
  std::vector<octets> written;
  for (std::size_t count = 0; count < 100'000; ++count) {
    written.push_back(packet_with(*headers[count % headers.size()], draw));
    writer.write({}, written.back());
  }
  writer.close();
  const auto rows = tshark::fields_of(file.path(), asked);
  BOOST_REQUIRE(rows.size() == written.size());
  std::size_t wrong = 0, compared = 0;
  for (std::size_t frame = 0; frame < rows.size(); ++frame) {
    std::size_t offset = idp_layout::octets;
    for (const catalogue_entry* header : way_to(*headers[frame % headers.size()])) {
      for (const field_description& field : header->layout->fields) {
        const std::string name = std::string(header->layout->name) + '.' + std::string(field.name);
        const auto column = static_cast<std::size_t>(std::find(asked.begin(), asked.end(), name) - asked.begin());
        const std::string& shown = rows[frame][column];
        ++compared;
        wrong += shown.empty() || std::stoull(shown, nullptr, 0) != field.read(written[frame].data() + offset);
      }
      offset += header->layout->octets;
    }
  }
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(compared > 300'000u);
}

BOOST_AUTO_TEST_SUITE_END()
