// Our engine in the place of an end of a written conversation: it answers as it must, and whoever answered otherwise is
// told of.
#include "lab/replay/replay.hpp"

#include <nlohmann/json.hpp>

#include "tests/dissector/analysis/two_captures.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

segment asks(segment what) {
  what.send_acknowledgement = true;
  return what;
}

// What our engine would say, each answer a millisecond after what it answers.
struct conversation : two_captures {
  template <class Tell>
  replay_outcome replayed(std::size_t side, Tell tell, replay_settings settings = {}) const {
    {
      written_capture to(path("run.pcapng"));
      tell(to);
    }
    auto end = read_recorded_end(path("run.pcapng"), {.side = side});
    BOOST_REQUIRE_MESSAGE(end.has_value(), (end ? "" : end.error()));
    settings.spp.allocation = 8;
    if (settings.tolerance == duration{}) settings.tolerance = 2_ms;  // seen at both ends, a millisecond apart
    return replay(std::move(*end), settings);
  }
  static void opening(written_capture& to) {
    to.delivers(asks({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0}));
    to.delivers(asks(system('b', 0, 0)));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(replay_test, conversation)

BOOST_AUTO_TEST_CASE(listener__answers_with_the_captured_id) {
  const auto outcome = replayed(1, [](written_capture& to) {
    opening(to);
    to.delivers(system('a', 0, 0));
    to.delivers(asks(data('a', 0)));
    to.delivers(system('b', 0, 1));
  });
  BOOST_TEST(outcome.exit_code() == 0, render_text(outcome));
  BOOST_TEST(outcome.answers.same == 2u);
  BOOST_TEST(outcome.heard == 3u);
}

BOOST_AUTO_TEST_CASE(opener__says_what_was_said_when_it_was) {
  const auto tell = [](written_capture& to) {
    opening(to);
    to.delivers(system('a', 0, 0));
    to.wait(30_ms);
    to.delivers(asks(data('a', 0)));
    to.delivers(system('b', 0, 1));
    segment close = asks(closing('a', 254, 1, 0));
    close.end_of_message = true;
    to.delivers(close);
  };
  const auto outcome = replayed(0, tell);
  BOOST_TEST(outcome.exit_code() == 0, render_text(outcome));
  BOOST_TEST(outcome.answers.same == 4u);
}

BOOST_AUTO_TEST_CASE(reaction__what_left_soon_after_an_arrival_answers_it) {
  const auto tell = [](written_capture& to) {
    opening(to);
    to.delivers(asks(data('a', 0)));  // carries what would else be an acknowledgement of the opening
  };
  const auto at_once = replayed(0, tell);
  BOOST_TEST(at_once.exit_code() == 3);
  BOOST_REQUIRE(at_once.answers.differences.size() == 1u);
  BOOST_TEST(name_of(at_once.answers.differences[0].kind) == "extra");
  replay_settings settings;
  settings.reaction = 1_ms;
  BOOST_TEST(replayed(0, tell, settings).exit_code() == 0);
}

BOOST_AUTO_TEST_CASE(different__each_kind_with_its_frame) {
  const auto outcome = replayed(1, [](written_capture& to) {
    opening(to);
    to.delivers(system('a', 0, 0));
    to.delivers(asks(data('a', 0)));
    segment generous = system('b', 0, 1);
    generous.allocation = 99;
    to.delivers(generous);
    to.delivers(asks(data('a', 1)));
    to.delivers(asks(data('a', 2)));
    to.delivers(system('b', 0, 3));
  });
  BOOST_TEST(outcome.exit_code() == 3);
  BOOST_TEST_REQUIRE(outcome.answers.differences.size() == 2u, render_text(outcome));
  BOOST_TEST(name_of(outcome.answers.differences[0].kind) == "other acknowledgement or allocation");
  BOOST_TEST(outcome.answers.differences[0].captured->frame == 9u);
  BOOST_TEST(name_of(outcome.answers.differences[1].kind) == "extra");
  BOOST_TEST(outcome.answers.differences[1].ours->acknowledgement == 2);
  BOOST_TEST(render_text(outcome).find("first difference: other acknowledgement or allocation: frame 9") !=
             std::string::npos);
  BOOST_TEST(to_json(outcome).at("listed")[0].at("captured").at("allocation") == 99);
}

// The peer took nothing for a while: ours asks as the captured one did, because it had something to say.
BOOST_AUTO_TEST_CASE(probe__of_a_closed_window) {
  const auto outcome = replayed(0, [](written_capture& to) {
    to.delivers(asks({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0}));
    segment narrow = asks(system('b', 0, 0));
    narrow.allocation = 0;
    to.delivers(narrow);
    to.delivers(system('a', 0, 0));
    to.delivers(asks(data('a', 0)));
    segment closed = system('b', 0, 1);
    closed.allocation = 0;
    to.delivers(closed);
    to.wait(198_ms);  // the shortest timeout, from the acknowledgement on
    to.delivers(asks(system('a', 1, 0)));
    to.delivers(system('b', 0, 1));
    to.delivers(asks(data('a', 1)));
  });
  BOOST_TEST(outcome.exit_code() == 0, render_text(outcome));
}

BOOST_AUTO_TEST_CASE(unrepeatable__is_inconclusive_and_nothing_is_played) {
  const auto outcome = replayed(0, [](written_capture& to) {
    to.delivers(data('a', 5));
    to.delivers(system('b', 0, 6));
  });
  BOOST_TEST(outcome.exit_code() == 4);
  BOOST_TEST(outcome.answers.ours == 0u);
  BOOST_TEST(render_text(outcome).find("begins in the middle") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
