#include "lab/script/script_capture.hpp"

#include <boost/test/unit_test.hpp>

#include "lab/script/script_parser.hpp"
#include "rawio/capture/capture.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;

namespace {

const std::string excess =
    "socket s sequenced_packet\nbind s 3500\nlisten s 5\n"
    "< spp system send_ack\n> spp system send_ack source=$c\n< spp system ack=5\n";

script parsed(const std::string& text) {
  auto made = parse_script(text, "s");
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return std::move(*made);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(script_capture_test)

BOOST_AUTO_TEST_CASE(write_script_capture__has_every_packet_with_time_and_direction) {
  const command_runner::temporary_folder folder;
  const script made = parsed("+1s < idp destination_socket=9 \"x\"\nlose 1\n> xns_error number=2\n");
  const script_outcome outcome = play_script(made, 1);
  write_script_capture(folder.path("x.pcapng"), made, outcome);
  auto reader = capture_reader::open(folder.path("x.pcapng"));
  BOOST_REQUIRE(reader.has_value());
  const captured_packet in = *reader->next().value();
  BOOST_TEST((in.at == instant{} + 1_s));
  BOOST_TEST((in.direction == capture_direction::in));
  BOOST_TEST(in.frame.size() == 14u + 32u);
  const captured_packet out = *reader->next().value();
  BOOST_TEST((out.direction == capture_direction::out));
  BOOST_TEST(reader->next().value() == nullptr);
  BOOST_TEST(reader->interfaces().at(0).name == "host");
}

BOOST_AUTO_TEST_CASE(broken_rules__are_named_unless_the_script_breaks_them_on_purpose) {
  const script_outcome outcome = play_script(parsed(excess), 1);
  BOOST_REQUIRE(outcome.failure.has_value());
  BOOST_TEST(outcome.failure->details.at(0).starts_with("I07 no acknowledgement of the unsent: "));
  BOOST_TEST(!play_script(parsed("peer_breaks I07\n" + excess), 1).failure);
}

BOOST_AUTO_TEST_SUITE_END()
