// What differs between two captures is told with frames of both, each kind by itself; what is the same is the same
// whatever the network made of it.
#include "dissector/analysis/capture_diff.hpp"

#include <nlohmann/json.hpp>

#include "tests/dissector/analysis/two_captures.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

struct diff_fixture : two_captures {
  capture_diff compared(const diff_options& options = {}) const {
    auto found = diff_files(path("a.pcapng"), path("b.pcapng"), options);
    BOOST_REQUIRE_MESSAGE(found.has_value(), (found ? "" : found.error()));
    return *found;
  }
  // Two captures of this; the second is told to differ.
  template <class Tell>
  void write(Tell tell) const {
    written_capture a(path("a.pcapng"));
    tell(a, false);
    written_capture b(path("b.pcapng"));
    tell(b, true);
  }
};

std::uint64_t count(const capture_diff& of, difference_kind kind, std::size_t direction = 0, bool system = false) {
  return of.connections.at(0).counts[direction][system ? 1 : 0].different[static_cast<std::size_t>(kind)];
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(capture_diff_test, diff_fixture)

BOOST_AUTO_TEST_CASE(same__whatever_the_network_did_and_whenever) {
  write([](written_capture& to, bool second) {
    to.opens();
    if (second) to.wait(3_s);
    to.leaves(data('a', 0));
    to.arrives(data('a', 0));
    if (second) to.arrives(data('a', 0));  // the network's copy, seen at the other end
    if (second) to.leaves(data('a', 1));
    else to.delivers(data('a', 1));
    to.delivers(system('b', 0, 2));
  });
  const capture_diff found = compared();
  BOOST_TEST(found.exit_code() == 0, render_text(found));
  BOOST_TEST(found.connections[0].counts[0][0].same == 2u);
  BOOST_TEST(found.connections[0].counts[1][1].same == 2u);
  BOOST_TEST(render_text(found).ends_with("the same\n"), render_text(found));
}

BOOST_AUTO_TEST_CASE(contents__of_a_number_differ) {
  write([](written_capture& to, bool second) {
    to.opens();
    to.delivers(data('a', 0));
    to.delivers(data('a', 1, second ? "other" : "hello"));
    segment third = data('a', 2);
    third.type = second ? 7 : 0;
    to.delivers(third);
    segment fourth = data('a', 3);
    fourth.end_of_message = !second;
    to.delivers(fourth);
  });
  const capture_diff found = compared();
  BOOST_TEST(found.exit_code() == 3);
  BOOST_TEST(count(found, difference_kind::contents) == 3u, render_text(found));
  BOOST_TEST(found.connections[0].counts[0][0].same == 1u);
  BOOST_REQUIRE(found.listed.size() == 3u);
  BOOST_TEST(found.listed[0].number == 1);
  BOOST_TEST(found.listed[0].sights[0].frame == 9u);
  BOOST_TEST(found.listed[0].sights[1].frame == 9u);
  BOOST_TEST(render_text(found).find("first difference: connection 0 first to second") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(contents__that_change_on_the_second_sending_differ) {
  write([](written_capture& to, bool second) {
    to.opens();
    to.delivers(data('a', 0));
    to.delivers(data('a', 0, second ? "jello" : "hello"));
  });
  BOOST_TEST(count(compared(), difference_kind::contents) == 1u);
}

BOOST_AUTO_TEST_CASE(only__in_one_of_them_with_the_frame_before_in_the_other) {
  write([](written_capture& to, bool second) {
    to.opens();
    to.delivers(data('a', 0));
    if (!second) to.delivers(data('a', 1));
    if (second) to.delivers(system('b', 0, 1));
  });
  const capture_diff found = compared();
  BOOST_TEST(count(found, difference_kind::only_in_first) == 1u);
  BOOST_TEST(count(found, difference_kind::only_in_second, 1, true) == 1u);
  BOOST_REQUIRE(found.listed.size() == 2u);
  BOOST_TEST(found.listed[0].sights[0].frame == 9u);
  BOOST_TEST(found.listed[0].sights[1].times == 0u);
  BOOST_TEST(found.listed[0].frame_before[1] == 7u);
  BOOST_TEST(compared({.system_packets = false}).differences == 1u);
}

BOOST_AUTO_TEST_CASE(times_sent__by_the_sender_and_not_by_the_network) {
  write([](written_capture& to, bool second) {
    to.opens();
    to.delivers(data('a', 0));
    if (second) to.delivers(data('a', 0));
    to.delivers(system('b', 0, 1));
    if (!second) to.delivers(system('b', 0, 1));
  });
  const capture_diff found = compared();
  BOOST_TEST(count(found, difference_kind::times_sent) == 1u);
  BOOST_TEST(found.connections[0].counts[0][0].sent_more[1] == 1u);
  BOOST_TEST(count(found, difference_kind::times_sent, 1, true) == 1u);
  BOOST_TEST(found.connections[0].counts[1][1].sent_more[0] == 1u);
}

BOOST_AUTO_TEST_CASE(time__from_the_connections_beginning_when_asked_for) {
  write([](written_capture& to, bool second) {
    if (second) to.wait(5_s);  // the connection begins later, which is no matter
    to.opens();
    if (second) to.wait(3_ms);
    to.delivers(data('a', 0));
  });
  BOOST_TEST(compared().exit_code() == 0);
  BOOST_TEST(compared({.tolerance = 3_ms}).exit_code() == 0);
  const capture_diff found = compared({.tolerance = 2_ms});
  BOOST_TEST(found.exit_code() == 3);
  BOOST_TEST(count(found, difference_kind::time) == 1u);
  BOOST_TEST(render_text(found).find("3.000000 ms later in B") != std::string::npos, render_text(found));
}

BOOST_AUTO_TEST_CASE(partners__are_missed_and_openings_counted) {
  write([](written_capture& to, bool second) {
    to.opens();
    if (second) return;
    to.delivers(of_connection({.from = 'a', .system = true, .destination_id = 0}, 4001, 0x40));
    to.delivers(of_connection(system('b', 0, 0), 4001, 0x40));
    to.delivers(of_connection({.from = 'a', .system = true, .destination_id = 0}, 4002, 0x50));
  });
  const capture_diff found = compared();
  BOOST_TEST(found.exit_code() == 3);
  BOOST_REQUIRE(found.lonely.size() == 1u);
  BOOST_TEST(found.lonely[0].capture == 0u);
  BOOST_TEST(found.unanswered_openings[0] == 1u);
  BOOST_TEST(found.unanswered_openings[1] == 0u);
}

BOOST_AUTO_TEST_CASE(listed__the_earliest_and_with_everything_all) {
  write([](written_capture& to, bool second) {
    to.opens();
    for (std::uint16_t i = 0; i < 50; ++i) to.delivers(data('a', i, second ? "b" : "a"));
  });
  const capture_diff few = compared();
  BOOST_TEST(few.differences == 50u);
  BOOST_REQUIRE(few.listed.size() == 20u);
  BOOST_TEST(few.listed.front().number == 0);
  BOOST_TEST(few.listed.back().number == 19);
  BOOST_TEST(compared({.everything = true}).listed.size() == 50u);
  BOOST_TEST(to_json(few).at("listed").size() == 20u);
}

// Numbers wrap, and rows are compared and forgotten on the way.
BOOST_AUTO_TEST_CASE(numbers__beyond_65536_are_told_apart) {
  write([](written_capture& to, bool second) {
    to.opens();
    for (std::uint32_t i = 0; i < 140'000; ++i)
      to.leaves(data('a', static_cast<std::uint16_t>(i), second && i == 70'001 ? "other" : "x"));
  });
  const capture_diff found = compared();
  BOOST_TEST(found.differences == 1u);
  BOOST_REQUIRE(found.listed.size() == 1u);
  BOOST_TEST(found.listed[0].number == 70'001);
  BOOST_TEST(found.connections[0].counts[0][0].same == 139'999u);
}

BOOST_AUTO_TEST_CASE(rows__beyond_the_limit_are_not_compared_and_that_is_said) {
  write([](written_capture& to, bool second) {
    const auto connection = [&](std::uint16_t socket) {
      for (std::uint16_t i = 0; i < 400; ++i) to.leaves(of_connection(data('a', i), socket, socket));
    };
    connection(second ? 4002 : 4001);
    connection(second ? 4001 : 4002);
  });
  BOOST_TEST(compared().exit_code() == 0);
  const capture_diff found = compared({.most_rows = 300});
  BOOST_TEST(found.differences == 0u);
  BOOST_TEST(found.exit_code() == 4);
  BOOST_REQUIRE(found.holes.size() == 1u);
  BOOST_TEST(found.holes[0].starts_with("more than 300 packets at once"), found.holes[0]);
}

BOOST_AUTO_TEST_CASE(holes__a_snapped_capture_is_inconclusive) {
  {
    written_capture a(path("a.pcapng"));
    a.opens();
    written_capture b(path("b.pcapng"), 60);
    b.opens();
    b.delivers(data('a', 0, std::string(200, 'x')));
  }
  const capture_diff found = compared();
  BOOST_TEST(found.exit_code() == 4, render_text(found));
  BOOST_TEST(render_text(found).find("as far as could be compared") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(text__has_no_escapes_of_the_capture) {
  const auto write_named = [&](const char* file, std::string_view contents) {
    capture_writer writer(path(file), {});
    writer.add_interface({.name = "\x1b]0;owned\x07", .description = {}});
    const story frames;
    writer.write({.interface = 0, .at = instant{1}}, frames.frame_of(data('a', 0, std::string(contents))));
  };
  write_named("a.pcapng", "\x1b[2J");
  write_named("b.pcapng", "\x1b[3J");
  const capture_diff found = compared();
  BOOST_TEST(found.exit_code() == 3);
  BOOST_TEST(render_text(found).find('\x1b') == std::string::npos);
  BOOST_TEST(to_json(found).dump().find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
