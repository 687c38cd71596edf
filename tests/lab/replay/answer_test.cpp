#include "lab/replay/answer.hpp"

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

sent_answer read(answer_reader& reader, const segment& what) {
  static const story frames;
  const octets frame = frames.frame_of(what);
  const auto decoded = decode_frame(link_type::ethernet, frame);
  BOOST_REQUIRE(decoded.has_value());
  const auto view = decode_sequenced(*decoded);
  BOOST_REQUIRE(view.has_value());
  return reader.read(instant{5}, 7, *view);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answer_test)

BOOST_AUTO_TEST_CASE(read__numbers_never_wrap) {
  answer_reader reader;
  for (std::int64_t number = 0; number < 70'000; number += 10'000) {
    segment packet = data('a', static_cast<std::uint16_t>(number));
    packet.acknowledge = static_cast<std::uint16_t>(number + 1);
    packet.allocation = static_cast<std::uint16_t>(number + 8);
    const sent_answer said = read(reader, packet);
    BOOST_TEST(said.number == number);
    BOOST_TEST(said.acknowledgement == number + 1);
    BOOST_TEST(said.allocation == number + 8);
  }
  BOOST_TEST(read(reader, system('a', 4'465, 4'465)).number == 70'001);
}

BOOST_AUTO_TEST_CASE(to_string__says_what_the_packet_says) {
  answer_reader reader;
  const sent_answer said = read(reader, data('a', 0));
  BOOST_TEST(said.frame == 7u);
  BOOST_TEST(to_string(said) == "data 0, 5 octets, type 0, end of message, acknowledges below 0, allows 7");
  BOOST_TEST(to_string(read(reader, closing('a', 254, 1, 3))) == "close request 1, acknowledges below 3, allows 10");
  segment opening = system('a', 2, 3);
  opening.destination_id = 0;
  BOOST_TEST(to_string(read(reader, opening)) == "opening, next 2, acknowledges below 3, allows 10");
  segment asking = system('a', 2, 3);
  asking.send_acknowledgement = true;
  BOOST_TEST(to_string(read(reader, asking)) == "system, next 2, asks, acknowledges below 3, allows 10");
}

BOOST_AUTO_TEST_SUITE_END()
