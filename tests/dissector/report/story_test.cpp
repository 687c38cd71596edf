// From a capture to its story: sightings in order, lines, and what two vantage points tell together.
#include "dissector/report/story.hpp"

#include <fstream>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

// Twenty records of three packets each over 20 ms; the second packet of all is lost once.
struct captured_run {
  captured_run() {
    write_whole(folder.path("s.toml"),
                "[link]\nrate = \"10Mbit/s\"\ndelay = \"20ms\"\ndrop_data = [1]\n[[flow]]\nrecords = 20\nrecord_size = "
                "4000\nwindow = 8\n");
    const ended_command ran = seqwire_command({"run", folder.path("s.toml"), "--out", folder.path("out")});
    BOOST_REQUIRE_MESSAGE(ran.exit_code == 0, ran.err);
    const std::vector<std::string> captures{folder.path("out/capture.pcapng")};
    auto read = story_of(captures);
    BOOST_REQUIRE(read.has_value());
    told = std::move(*read);
    BOOST_REQUIRE(told.connections.size() == 1u);
    BOOST_REQUIRE(told.connections[0].views.size() == 2u);
  }
  const view_story& at_a() const { return told.connections[0].views[0]; }
  const passage_story& forth() const { return told.connections[0].passages[0]; }
  temporary_folder folder;
  story told;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(story_test, captured_run)

BOOST_AUTO_TEST_CASE(sightings__are_in_order_and_say_what_they_are) {
  std::size_t data = 0, resent = 0, lost = 0;
  std::int64_t before = 0;
  const sighting* dropped = nullptr;
  for (const sighting& each : at_a().sightings) {
    BOOST_TEST(each.at >= before);
    before = each.at;
    if (each.side != 0) continue;
    data += each.what == event_kind::data ? 1 : 0;
    if (each.lost) {
      ++lost;
      dropped = &each;
    }
    if (each.what != event_kind::resent) continue;
    ++resent;
    BOOST_REQUIRE(dropped != nullptr);
    BOOST_TEST(each.number == dropped->number);
    BOOST_TEST(each.repeats == dropped->frame.number);
  }
  BOOST_TEST(data == 62u);  // three for each record, and the close
  BOOST_TEST(lost == 1u);
  BOOST_TEST(resent >= 1u);
  BOOST_TEST(told.length == at_a().sightings.back().at);
}

BOOST_AUTO_TEST_CASE(passages__delay_of_every_packet_that_arrived) {
  BOOST_REQUIRE(forth().from.has_value());
  BOOST_TEST(*forth().from == 0u);
  BOOST_TEST(*forth().to == 1u);
  std::size_t arrived = 0;
  for (const sighting& each : told.connections[0].views[1].sightings) arrived += each.side == 0 ? 1 : 0;
  BOOST_TEST(forth().delay.at.size() == arrived);
  for (const std::int64_t delay : forth().delay.value) BOOST_TEST(delay >= 20'000'000);
}

BOOST_AUTO_TEST_CASE(passages__a_record_is_there_when_all_of_it_is_in_order) {
  BOOST_REQUIRE(forth().latency.value.size() == 20u);
  // The first lacks a packet until a round trip later; those behind it cannot be there before it is.
  BOOST_TEST(forth().latency.value[0] > 60'000'000);
  for (const std::int64_t at : forth().latency.at) BOOST_TEST(at >= forth().latency.at[0]);
  BOOST_TEST(forth().latency.value.back() < 60'000'000);
}

BOOST_AUTO_TEST_CASE(lines__acknowledgements_only_rise_and_end_at_the_last_number) {
  const story_line& line = at_a().acknowledged[0];
  BOOST_REQUIRE(!line.value.empty());
  for (std::size_t i = 1; i < line.value.size(); ++i) BOOST_TEST(line.value[i] > line.value[i - 1]);
  BOOST_TEST(line.value.back() == 62);
  for (std::size_t i = 0; i < at_a().allowed[0].value.size(); ++i)
    BOOST_TEST(at_a().allowed[0].value[i] >= line.value.front());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
