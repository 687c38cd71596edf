#include "lab/script/script_parser.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "lab/script/script_line.hpp"
#include "tests/command_runner.hpp"

using namespace seqwire;

namespace {

script parsed(std::string_view text) {
  auto made = parse_script(text, "s");
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return std::move(*made);
}

std::string error_of(std::string_view text) {
  const auto made = parse_script(text, "s");
  return made ? "none" : made.error().message;
}

const inject_event& injected(const script& from, std::size_t index = 0) {
  return std::get<inject_event>(from.events.at(index).what);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(script_parser_test)

BOOST_AUTO_TEST_CASE(event__has_place_text_and_time) {
  const script made = parsed("# what it is about\n\n+200ms ! 1s  # quiet\n+0..1s > spp\n* > spp\n");
  BOOST_TEST(made.about == "what it is about");
  BOOST_REQUIRE(made.events.size() == 3u);
  BOOST_TEST(to_string(made.events[0].at) == "s:3");
  BOOST_TEST(made.events[0].text == "+200ms ! 1s");
  BOOST_TEST((made.events[0].earliest == 200_ms && made.events[0].latest == 200_ms));
  BOOST_TEST((made.events[1].earliest == duration{} && made.events[1].latest == 1_s));
  BOOST_TEST((made.events[2].latest > 3600_s));
}

BOOST_AUTO_TEST_CASE(packet__headers_in_front_are_added_with_what_selects_the_next) {
  const script made = parsed("< spp seq=3\n");
  const auto& headers = injected(made).packet.contents.headers;
  BOOST_REQUIRE(headers.size() == 2u);
  BOOST_TEST(headers[0].layout->name == "idp");
  BOOST_REQUIRE(headers[0].fields.size() == 1u);
  BOOST_TEST(headers[0].fields[0].field->name == "packet_type");
  BOOST_TEST(headers[0].fields[0].number.constant == 5u);
  BOOST_TEST(headers[1].fields[0].field->name == "sequence");
  BOOST_TEST(headers[1].fields[0].number.constant == 3u);
}

BOOST_AUTO_TEST_CASE(packet__every_layout_and_every_field_of_the_catalogue_has_its_name) {
  for (const catalogue_entry& entry : catalogue())
    for (const field_description& field : entry.layout->fields) {
      const std::string line =
          "< " + std::string(entry.layout->name) + " " + std::string(field.name) + (field.bits == 1 ? "" : "=1") + "\n";
      const auto made = parse_script(line, "s");
      BOOST_REQUIRE_MESSAGE(made, line << (made ? "" : made.error().message));
      const written_header& last = injected(*made).packet.contents.headers.back();
      BOOST_TEST(last.layout->name == entry.layout->name);
      const bool there = std::any_of(last.fields.begin(), last.fields.end(),
                                     [&](const written_field& each) { return each.field == &field; });
      BOOST_TEST(there, line);
    }
}

BOOST_AUTO_TEST_CASE(packet__fields_by_beginning_by_header_and_by_named_value) {
  const script made = parsed("< spp send_ack idp.length=5 destination_socket=7 datastream_type=close_request\n");
  const auto& headers = injected(made).packet.contents.headers;
  BOOST_TEST(headers[0].fields.size() == 3u);  // length, socket and the packet type
  BOOST_TEST(headers[1].fields[0].field->name == "send_acknowledgement");
  BOOST_TEST(headers[1].fields[1].number.constant == 254u);
}

BOOST_AUTO_TEST_CASE(packet__a_repeated_header_stands_as_often_as_it_is_written) {
  const script made = parsed("< xns_rip operation=2 xns_rip_entry xns_rip_entry\n");
  BOOST_TEST(injected(made).packet.contents.headers.size() == 4u);
}

BOOST_AUTO_TEST_CASE(variables__are_bound_by_expected_packets_before_they_are_used) {
  parsed("> spp source=$c\n< spp dest=$c-1 seq=$c+0x10\nstate $c == open\n");
  BOOST_TEST(error_of("< spp dest=$c\n") == "s:1: a variable; expected one that an earlier line binds; got $c");
  BOOST_TEST(error_of("> spp source=$c+1\n").find("an earlier line binds") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(settings__stand_before_the_first_event) {
  const script made = parsed("host mtu=576 privileged half_open=3\nspp window=4 give_up=1s\nseeds 2..5\n! 0\n");
  BOOST_TEST(made.mtu == 576u);
  BOOST_TEST(made.endpoint.privileged);
  BOOST_TEST(made.half_open == 3u);
  BOOST_TEST(made.endpoint.spp.window == 4u);
  BOOST_TEST((made.endpoint.spp.give_up == 1_s));
  BOOST_TEST(made.first_seed == 2u);
  BOOST_TEST(made.last_seed == 5u);
  BOOST_TEST(error_of("! 1s\nhost mtu=576\n") ==
             "s:2: a setting; expected all settings before the first event; got host mtu=576");
}

BOOST_AUTO_TEST_CASE(include__reads_beside_the_file_that_includes) {
  const command_runner::temporary_folder folder;
  command_runner::write_whole(folder.path("inner/open.inc"), "> spp source=$c\n");
  command_runner::write_whole(folder.path("outer.sqs"), "include \"inner/open.inc\"\nstate $c == open\n");
  const auto made = read_script(folder.path("outer.sqs"));
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST(made->events.size() == 2u);
  BOOST_TEST(made->events[0].at.file == folder.path("inner/open.inc"));
  command_runner::write_whole(folder.path("loop.sqs"), "include \"loop.sqs\"\n");
  BOOST_TEST(read_script(folder.path("loop.sqs")).error().message.find("no file within itself") != std::string::npos);
  BOOST_TEST(error_of("include \"nowhere.inc\"\n").starts_with("s:1: include; expected a file that can be read"));
  BOOST_TEST(error_of("include \"/etc/passwd\"\n").find("relative to this file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(include__many_files_that_include_many_files_end) {
  const command_runner::temporary_folder folder;
  std::string many;
  for (int i = 0; i < 500; ++i) many += "include \"empty.inc\"\n";
  command_runner::write_whole(folder.path("empty.inc"), "\n");
  command_runner::write_whole(folder.path("many.inc"), many);
  command_runner::write_whole(folder.path("all.sqs"), "include \"many.inc\"\ninclude \"many.inc\"\n! 1s\n");
  BOOST_TEST(read_script(folder.path("all.sqs")).error().message.find("at most 1000 files") != std::string::npos);
}

// Each with what its one line of error must say.
const std::pair<std::string, std::string> bad_lines[] = {
    {"", "s: the script is empty; expected at least one event; got none"},
    {"frob\n", "no such event"},
    {"recieve t = end\n", "perhaps receive"},
    {"< spq\n", "a header (idp, "},
    {"< spp spp\n", "one that may stand behind spp"},
    {"< spp bogus=1\n", "no such field; expected a field of spp; got bogus"},
    {"< spp sequense=1\n", "perhaps sequence"},
    {"< spp seq=70000\n", "a number of at most 16 bits"},
    {"< spp seq=1 sequence=2\n", "each field once"},
    {"< spp seq=\n", "a number, a $variable"},
    {"< spp seq=$\n", "an earlier line binds"},
    {"< idp sou=1\n", "more of its name"},
    {"< idp des=1\n", "several of idp begin so"},
    {"< spp \"a\" \"b\"\n", "nothing more"},
    {"< spp \"a\" seq\n", "no such field"},
    {"< spp size 70000\n", "at most 65535 octets in a packet"},
    {"< hex 012\n", "an even number of hexadecimal digits"},
    {"< hex 0g\n", "an even number of hexadecimal digits"},
    {"< spp quote p\n", "a packet that an earlier line names"},
    {"> spp checksum=bad\n", "a number, a $variable"},
    {"< spp seq=*\n", "a number, a $variable"},
    {"> spp flip 3\n", "no such field"},
    {"+1..2 > spp\n", "the time"},
    {"+2s..1s > spp\n", "the time"},
    {"+0..1s < spp\n", "a range or * before > only"},
    {"+ > spp\n", "the time"},
    {"+25h > spp\n", "the time"},
    {"! 5\n", "a duration"},
    {"lose 0\n", "the ordinal of a packet from 1"},
    {"link slow\n", "full or free"},
    {"bind s 3000\n", "one that an earlier line opens"},
    {"socket s tcp\n", "stream, datagram, raw or sequenced_packet"},
    {"socket 1 raw\n", "of letters, digits and _"},
    {"socket s raw 256\n", "a packet type from 0 to 255"},
    {"socket s raw\nbind s 70000\n", "an address"},
    {"socket s raw\nset s allocatoin 3\n", "perhaps allocation"},
    {"socket s raw\nset s allocation much\n", "a value"},
    {"socket s raw\nsend s\n", "what to send"},
    {"socket s raw\nsend s \"x\" urgent\n", "out_of_band, end_of_record"},
    {"socket s raw\nsend s \"x\" = brokenpipe\n", "perhaps broken_pipe"},
    {"socket s raw\nreceive s\n", "= and its result"},
    {"socket s raw\nreceive s = \"x\" end\n", "end_of_record, truncated"},
    {"socket s raw\nshutdown s left\n", "both, sending or receiving"},
    {"socket s raw\npoll s = happy\n", "nothing more"},
    {"counter drop.bad_sum == 1\n", "no such counter"},
    {"counter retransmissions == 1\n", "the name of a connection"},
    {"socket s raw\ncounter s.received == 1\n", "one of connections"},
    {"counter received ~ 1\n", "==, !=, <"},
    {"counter received == x\n", "a number, a $variable"},
    {"> spp source=$c\nstate $c == opened\n", "closed, opening, answering"},
    {"> spp source=$c\nstatus $c == fine\n", "closed_gracefully"},
    {"host mtu=10\n! 0\n", "a number from 44 to 65535"},
    {"host speed=1\n! 0\n", "privileged, or mtu"},
    {"spp windw=1\n! 0\n", "perhaps window"},
    {"spp window=0\n! 0\n", "from 1 to 32767"},
    {"spp records=1\n! 0\n", "a key of connections"},
    {"seeds 5..1\n! 0\n", "as in 1..100"},
    {"seeds 1..1000000000\n! 0\n", "at most 100000 between them"},
    {"peer_breaks I99\n! 0\n", "the numbers of rules"},
    {"default spp\ndefault \"x\"\n", "one header"},
    {std::string("! 1s\n\0", 6), "an octet of 0x00"},
};

BOOST_AUTO_TEST_CASE(bad_input__is_one_line_that_says_where_what_and_what_was_expected) {
  for (const auto& [text, expected] : bad_lines) {
    const std::string error = error_of(text);
    BOOST_TEST(error.find(expected) != std::string::npos, "of \"" << text << "\": " << error);
    BOOST_TEST(error.starts_with("s:"), error);
    BOOST_TEST(error.find("; expected ") != std::string::npos, error);
    BOOST_TEST(error.find("; got ") != std::string::npos, error);
    BOOST_TEST(error.find('\n') == std::string::npos, error);
  }
}

BOOST_AUTO_TEST_CASE(bad_input__a_line_may_be_long_and_a_file_may_not) {
  const std::string error = error_of("< spp " + std::string(10'000, 'x') + "=1\n");
  BOOST_TEST(error.size() < 1000u);
  BOOST_TEST(error_of(std::string((1 << 20) + 1, '\n')).find("more than 1 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(text__with_carriage_returns_a_mark_and_no_last_line_break) {
  BOOST_TEST(parsed("\xef\xbb\xbf# about\r\n! 1s\r\n! 2s").events.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
