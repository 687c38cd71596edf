// The whole judge: holes in the capture, the conclusion, files.
#include "dissector/analysis/verify.hpp"

#include <filesystem>

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

BOOST_AUTO_TEST_SUITE(verify_test)

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
  run.judge.on_statistics({.name = "a", .description = {}}, {.received = 10, .dropped = 1});
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

BOOST_AUTO_TEST_CASE(verify_files__reads_what_the_writers_wrote) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "seqwire_verify_test";
  std::filesystem::create_directories(folder);
  const std::string capture = folder / "run.pcapng";
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
  }
  const std::vector<std::string> captures{capture};
  const auto judged = verify_files(captures, std::vector<std::string>{end_b});
  BOOST_REQUIRE(judged.has_value());
  expect_holds(*judged);
  expect_held(*judged, "I01");
  BOOST_TEST(to_string(*judged, {0, 3}) == capture + " frame 3");

  std::filesystem::resize_file(capture, std::filesystem::file_size(capture) - 5);
  BOOST_TEST(verify_files(captures, {})->exit_code() == 4);
  BOOST_TEST(!verify_files(std::vector<std::string>{folder / "missing"}, {}).has_value());
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
