// The whole judge: holes in the capture, the conclusion, files.
#include "dissector/analysis/verify.hpp"

#include <filesystem>

#include <set>

#include "tests/dissector/analysis/story.hpp"
#include "tests/tidy/source_tree.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

// What the verifier asks of the other libraries of the house: layouts and names of addresses, a hash, files.
const std::set<std::string> borrowed{"capture_reader",          "capture_writer", "field_description", "keyed_hash",
                                     "layout_description",      "layout_of",      "read_journal",      "sha256_stream",
                                     "sha256_from_hexadecimal", "to_string[abi",  "to_string"};

// The names of namespace seqwire in what nm printed, with their arguments.
std::set<std::string> names_in(const std::string& listing, const std::string& kinds) {
  const std::regex row("(?:[0-9a-f]+)? *[" + kinds + "] (seqwire::.*)");
  std::set<std::string> names;
  for (const std::string& line : tidy::lines_of(listing))
    if (std::smatch match; std::regex_match(line, match, row)) names.insert(match[1]);
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verify_test)

BOOST_AUTO_TEST_CASE(verifier__shares_with_the_engine_nothing_but_layouts) {
  const std::set<std::string> headers{"protocol/wire/catalogue.hpp", "protocol/wire/idp.hpp", "protocol/wire/spp.hpp",
                                      "protocol/base/keyed_hash.hpp"};
  for (const std::string& path : tidy::cpp_files("dissector"))
    for (const tidy::include_line& include : tidy::includes_of(tidy::text_of(path)))
      if (include.name.starts_with("protocol/"))
        BOOST_TEST(headers.contains(include.name), path << " includes " << include.name);

  const auto listed =
      tidy::run("nm -C " + tidy::quoted(std::string(SEQWIRE_BINARY_DIR) + "/dissector/libseqwire_analysis.a"));
  BOOST_REQUIRE(listed.status == 0);
  const auto own = names_in(listed.output, "TWVRDBu");
  std::size_t asked = 0;
  for (const std::string& name : names_in(listed.output, "U")) {
    if (own.contains(name)) continue;
    ++asked;
    const std::string first = name.substr(9, name.find_first_of(":(", 9) - 9);
    BOOST_TEST(borrowed.contains(first), "the verifier calls " << name);
  }
  BOOST_TEST(asked > 5u, "the verifier's own names were not found");
}

BOOST_AUTO_TEST_CASE(finish__nothing_is_inconclusive) {
  verifier judge;
  const verdict result = judge.finish();
  BOOST_TEST(result.exit_code() == 4);
  for (const rule_verdict& row : result.rules) BOOST_TEST(name_of(row.outcome) == "not decidable");
}

BOOST_AUTO_TEST_CASE(on_packet__a_hole_turns_violations_into_doubts) {
  story run;
  run.opens();
  run.sends(data('a', 0));
  run.capture_loses(3);
  run.delivers(system('b', 0, 1));
  const verdict result = run.finish();
  BOOST_TEST(result.exit_code() == 4, render_text(result));
  BOOST_TEST(result.row("I09")->doubts.size() == 1u);
  BOOST_TEST(result.holes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(on_packet__a_hole_does_not_excuse_what_was_seen) {
  story run;
  run.opens();
  run.capture_loses(3);
  run.sends(data('a', 0, "hello"));
  run.sends(data('a', 0, "hallo"));
  expect_violated(run.finish(), "I06");
}

BOOST_AUTO_TEST_CASE(on_statistics__dropped_packets_are_a_hole) {
  story run;
  run.opens();
  run.judge.on_statistics(0, {.name = "a", .description = {}}, {.received = 10, .dropped = 1});
  const verdict result = run.finish();
  BOOST_TEST(result.exit_code() == 4);
  BOOST_TEST(result.holes.at(0) == "a: 1 packets were lost by the capture");
}

BOOST_AUTO_TEST_CASE(on_packet__frame_cut_by_the_capture_is_a_hole) {
  story run;
  run.opens();
  captured_packet cut{.interface = 0,
                      .at = instant{2'000'000'000},
                      .direction = capture_direction::out,
                      .packet_id = {},
                      .dropped_before = 0,
                      .original_length = 1000,
                      .frame = run.frame_of(data('a', 0)),
                      .comments = {}};
  run.judge.on_packet(cut, {.name = "a", .description = {}});
  BOOST_TEST(run.finish().exit_code() == 4);
}

BOOST_AUTO_TEST_CASE(on_packet__stamps_that_go_back) {
  story run;
  run.opens();
  run.at(instant{5});
  run.sends(data('a', 0));
  expect_violated(run.finish(), "capture truth");
}

BOOST_AUTO_TEST_CASE(on_packet__wrong_checksum_at_the_source) {
  story run;
  run.opens();
  captured_packet broken{.interface = 0,
                         .at = instant{2'000'000'000},
                         .direction = capture_direction::out,
                         .packet_id = {},
                         .dropped_before = 0,
                         .original_length = 0,
                         .frame = run.frame_of(data('a', 0)),
                         .comments = {}};
  broken.frame.back() ^= 1;
  broken.original_length = broken.frame.size();
  run.judge.on_packet(broken, {.name = "a", .description = {}});
  expect_violated(run.finish(), "codec round trip");
}

BOOST_AUTO_TEST_CASE(on_packet__attention_of_two_octets) {
  story run;
  run.opens();
  run.sends({.from = 'a', .attention = true, .end_of_message = false, .sequence = 0, .data = "!!"});
  expect_violated(run.finish(), "attention");
}

BOOST_AUTO_TEST_CASE(on_packet__frames_without_link_header) {
  story run(link_type::user0);
  run.opens();
  run.delivers(data('a', 0));
  run.delivers(system('b', 0, 1));
  expect_holds(run.finish());
}

BOOST_AUTO_TEST_CASE(finish__excuses_beyond_counting_do_not_hold_a_rule) {
  // A system packet's number is a convention. Where an end of ours is among the speakers, so many deviations of others
  // may hide one of its own.
  const auto judged = [](bool ours) {
    story run;
    if (ours)
      run.judge.add_journal({.end = "b",
                             .connections = {{.connection = 0,
                                              .local = {network_number{1}, host_b, socket_b},
                                              .peer = {network_number{1}, host_a, socket_a},
                                              .local_id = id_b,
                                              .peer_id = id_a,
                                              .submitted = {},
                                              .delivered = {},
                                              .status = {}}}});
    run.opens();
    for (std::uint16_t turn = 0; turn < 600; ++turn) {
      run.wait(1_s);
      run.sends(system('a', static_cast<std::uint16_t>(100 + turn), 0));
    }
    return run.finish();
  };
  expect_held(judged(false), "I13");
  expect_holds(judged(false));
  BOOST_TEST(judged(false).deviations.size() == 256u);
  const verdict unknown = judged(true);
  BOOST_TEST(name_of(unknown.row("I13")->outcome) == "not decidable", render_text(unknown));
  BOOST_TEST(unknown.exit_code() == 4);
}

BOOST_AUTO_TEST_CASE(on_packet__stamps_from_one_end_of_time_to_the_other) {
  story run;
  run.opens();
  run.delivers(data('a', 0));
  for (const std::int64_t at : {INT64_MAX, INT64_MIN, std::int64_t{0}, INT64_MAX - 1, INT64_MIN + 1, INT64_MAX}) {
    run.at(instant{at});
    run.sends(data('a', 0));
    run.sends(system('b', 0, 1));
  }
  BOOST_TEST(run.finish().exit_code() == 3);
}

BOOST_AUTO_TEST_CASE(render_text__names_from_files_cannot_speak_to_the_terminal) {
  verifier judge;
  judge.add_journal({.end = "\x1b[2J\nholds: everything", .connections = {}}, "a");
  captured_packet lost;
  lost.dropped_before = 1;
  judge.on_packet(lost, {.name = "eth0\x1b]0;gone\x07\nholds: 41 rules", .description = {}});
  const std::string text = render_text(judge.finish());
  BOOST_TEST(text.find_first_of("\x1b\x07") == std::string::npos);
  BOOST_TEST(text.find("\nholds:") == std::string::npos, text);
  BOOST_TEST(text.find("eth0\\x1b]0;gone\\x07\\x0aholds: 41 rules: 1 packets were lost") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(finish__a_pcap_says_what_it_cannot_tell) {
  story run;
  run.judge.begin_capture("run.pcap");
  run.passes({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
  run.passes(system('b', 0, 0));
  run.passes(data('a', 0));
  const verdict result = run.finish();
  BOOST_REQUIRE(result.limits.size() == 2u);
  BOOST_TEST(result.limits[0] ==
             "not decidable: I07-I14, I16, I18, I19, I26, I27, I34, I37, I41: nothing says whether a packet left or "
             "arrived (a pcap never does), so the order of what each host did is lost");
  BOOST_TEST(result.limits[1] ==
             "not decidable: I01, I02, I04, I17, I22, I23: no journals, and what applications sent and were given is "
             "not in a capture");
  BOOST_TEST(render_text(result).find("\n" + result.limits[0] + "\n") < 200u);
}

BOOST_AUTO_TEST_CASE(finish__one_vantage_point_says_what_is_not_seen_of_the_other_end) {
  story run;
  run.sends({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
  run.arrives(system('b', 0, 0), std::nullopt);
  run.sends(data('a', 0));
  run.arrives(system('b', 0, 1), std::nullopt);
  const verdict result = run.finish();
  BOOST_REQUIRE(!result.limits.empty());
  BOOST_TEST(result.limits[0] ==
             "not decidable of what 02000000000b emits: I08-I14, I16, I18, I19, I26, I27, I37; and I34, I41 at all: "
             "only the other end's vantage point was captured, so what the network did to its packets is lost");
}

BOOST_AUTO_TEST_CASE(finish__capture_that_begins_late_says_so) {
  story run;
  run.delivers(data('a', 60'000));
  run.delivers(system('b', 0, 60'001));
  const verdict result = run.finish();
  BOOST_REQUIRE(!result.limits.empty());
  BOOST_TEST(result.limits[0] ==
             "not decidable of 1 of 1 connections: I07, I09, I10, I13, I19, I20, I26: they opened before the capture "
             "began, so their first numbers are lost");
}

BOOST_AUTO_TEST_CASE(finish__two_vantage_points_and_journals_have_no_limits) {
  story run;
  run.judge.add_journal({}, "a.ndjson");
  run.opens();
  run.delivers(data('a', 0));
  BOOST_TEST(run.finish().limits.empty());
}

BOOST_AUTO_TEST_CASE(verify_files__reads_what_the_writers_wrote) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "seqwire_verify_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string capture = folder / "run.pcapng";
  const std::string end_a = folder / "a.ndjson";
  const std::string end_b = folder / "b.ndjson";
  {
    const story frames;
    capture_writer writer(capture, {});
    const std::size_t at_a = writer.add_interface({.name = "a", .description = {}});
    const std::size_t at_b = writer.add_interface({.name = "b", .description = {}});
    std::uint64_t id = 0;
    const auto crosses = [&](const segment& what) {
      const octets frame = frames.frame_of(what);
      const instant at{1000 * static_cast<std::int64_t>(++id)};
      const bool a = what.from == 'a';
      writer.write({.interface = a ? at_a : at_b, .at = at, .direction = capture_direction::out, .packet_id = id},
                   frame);
      writer.write({.interface = a ? at_b : at_a, .at = at, .direction = capture_direction::in, .packet_id = id},
                   frame);
    };
    crosses({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
    crosses(system('b', 0, 0));
    crosses(data('a', 0));
    crosses(system('b', 0, 1));
    writer.close();
    journal_writer told(end_b, "b");
    told.opened(0, {network_number{1}, host_b, socket_b}, {network_number{1}, host_a, socket_a}, id_b, id_a);
    told.delivered(0, {0, 5, sha256_hexadecimal(view_of("hello")), 0, false});
    told.ended(0, "timed out");
    told.close();
    journal_writer other(end_a, "a");
    other.opened(0, {network_number{1}, host_a, socket_a}, {network_number{1}, host_b, socket_b}, id_a, id_b);
    other.submitted(0, {0, 5, sha256_hexadecimal(view_of("hello")), 0, false});
    other.ended(0, "timed out");
    other.close();
  }
  const std::vector<std::string> captures{capture};
  const auto judged = verify_files(captures, std::vector<std::string>{end_a, end_b});
  BOOST_REQUIRE(judged.has_value());
  expect_holds(*judged);
  expect_held(*judged, "I01");
  BOOST_TEST(to_string(*judged, {0, 3}) == capture + " frame 3");

  const std::string twice = end_b + " is given twice: expected each file once";
  BOOST_TEST(verify_files(captures, std::vector<std::string>{end_b, end_b}).error() == twice);
  const std::string copy = folder / "copy.ndjson";
  std::filesystem::copy_file(end_b, copy);
  BOOST_TEST(verify_files(captures, std::vector<std::string>{end_b, copy}).error().starts_with(copy + " tells of"));
  const std::string link = folder / "link.pcapng";
  std::filesystem::create_symlink(capture, link);
  BOOST_TEST(verify_files(std::vector<std::string>{capture, link}, {}).error().starts_with(link + " is given twice"));

  std::filesystem::resize_file(capture, std::filesystem::file_size(capture) - 5);
  BOOST_TEST(verify_files(captures, {})->exit_code() == 4);
  BOOST_TEST(!verify_files(std::vector<std::string>{folder / "missing"}, {}).has_value());
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
