// What an end heard and said, read from a capture; and what keeps it from being repeated.
#include "lab/replay/recorded_end.hpp"

#include "tests/dissector/analysis/two_captures.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

struct recording : two_captures {
  template <class Tell>
  recorded_end read(Tell tell, std::optional<std::size_t> side = {}, std::uint32_t snap_length = 262144) const {
    {
      written_capture to(path("run.pcapng"), snap_length);
      tell(to);
    }
    auto end = read_recorded_end(path("run.pcapng"), {.side = side});
    BOOST_REQUIRE_MESSAGE(end.has_value(), (end ? "" : end.error()));
    return *end;
  }
  // Everything said, with the frame of the packet before which it is said.
  static std::vector<std::pair<std::uint64_t, utterance>> said(const recorded_end& end) {
    std::vector<std::pair<std::uint64_t, utterance>> all;
    for (const recorded_packet& each : end.packets)
      for (const utterance& what : each.said) all.emplace_back(each.frame, what);
    return all;
  }
  static std::string text_of(const utterance& what) {
    return {reinterpret_cast<const char*>(what.contents.data()), what.contents.size()};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(recorded_end_test, recording)

BOOST_AUTO_TEST_CASE(read__who_opened_and_what_each_end_heard) {
  const auto tell = [](written_capture& to) {
    to.opens();
    to.delivers(data('a', 0));
  };
  const recorded_end a = read(tell);
  BOOST_TEST(a.unrepeatable == "");
  BOOST_TEST(a.side == 0u);
  BOOST_TEST(a.opens);
  BOOST_TEST(a.own_vantage);
  BOOST_TEST(a.seen_at == "a");
  BOOST_TEST(a.own_id == id_a);
  BOOST_TEST((a.peer.socket == socket_b));
  BOOST_TEST(a.allocation == 8u);
  BOOST_TEST(a.packet_data == 5u);
  BOOST_REQUIRE(a.packets.size() == 4u);
  BOOST_TEST(!a.packets[1].left);
  const auto words = said(a);
  BOOST_REQUIRE(words.size() == 2u);
  BOOST_TEST((words[0].second.what == utterance::kind::open));
  BOOST_TEST(words[0].first == 1u);
  BOOST_TEST(text_of(words[1].second) == "hello");
  BOOST_TEST(words[1].first == 7u);

  const recorded_end b = read(tell, 1);
  BOOST_TEST(!b.opens);
  BOOST_TEST(b.seen_at == "b");
  BOOST_TEST(b.packets.size() == 4u);
  BOOST_TEST(said(b).empty());
}

BOOST_AUTO_TEST_CASE(said__records_of_several_packets_and_what_goes_between) {
  const recorded_end a = read([](written_capture& to) {
    to.opens();
    segment first = data('a', 0, "one ");
    first.end_of_message = false;
    first.type = 9;
    to.delivers(first);
    segment attention = data('a', 1, "!");
    attention.attention = true;
    attention.end_of_message = false;
    to.delivers(attention);
    to.delivers(first);  // again: says nothing new
    segment second = data('a', 2, "record");
    second.type = 9;
    to.delivers(second);
    to.delivers(closing('a', 254, 3, 0));
  });
  const auto words = said(a);
  BOOST_REQUIRE(words.size() == 4u);
  BOOST_TEST(text_of(words[1].second) == "one record");
  BOOST_TEST(words[1].second.datastream_type == 9u);
  BOOST_TEST(words[1].first == 7u);
  BOOST_TEST((words[2].second.what == utterance::kind::attention));
  BOOST_TEST((words[3].second.what == utterance::kind::close));
}

BOOST_AUTO_TEST_CASE(said__a_record_that_the_capture_does_not_see_end) {
  const recorded_end a = read([](written_capture& to) {
    to.opens();
    segment first = data('a', 0, "half");
    first.end_of_message = false;
    to.delivers(first);
  });
  BOOST_REQUIRE(said(a).size() == 2u);
  BOOST_TEST(!said(a)[1].second.end_of_message);
}

// Whoever asks for room has had something to say since it said the last thing.
BOOST_AUTO_TEST_CASE(said__before_a_question_for_room) {
  const recorded_end a = read([](written_capture& to) {
    to.opens();
    to.delivers(data('a', 0, "one"));
    to.delivers(system('b', 0, 1));
    segment probe = system('a', 1, 0);
    probe.send_acknowledgement = true;
    to.delivers(probe);
    to.delivers(data('a', 1, "two"));
  });
  const auto words = said(a);
  BOOST_REQUIRE(words.size() == 3u);
  BOOST_TEST(text_of(words[2].second) == "two");
  BOOST_TEST(words[2].first == words[1].first);
}

BOOST_AUTO_TEST_CASE(unrepeatable__begins_in_the_middle) {
  const recorded_end a = read([](written_capture& to) {
    to.delivers(data('a', 5));
    to.delivers(system('b', 0, 6));
  });
  BOOST_TEST(a.unrepeatable == "the capture begins in the middle of the connection");
}

BOOST_AUTO_TEST_CASE(unrepeatable__frames_are_cut) {
  const recorded_end a = read(
      [](written_capture& to) {
        to.opens();
        to.delivers(data('a', 0, std::string(200, 'x')));
      },
      {}, 80);
  BOOST_TEST(a.unrepeatable == "1 frames were cut by the capture");
}

BOOST_AUTO_TEST_CASE(unrepeatable__a_number_is_not_there) {
  const recorded_end a = read([](written_capture& to) {
    to.opens();
    to.delivers(data('a', 0));
    to.delivers(data('a', 2));
  });
  BOOST_TEST(a.unrepeatable == "packet 1 of the end was not captured");
}

BOOST_AUTO_TEST_CASE(unrepeatable__one_direction_alone) {
  const recorded_end a = read([](written_capture& to) {
    to.leaves(
        {.from = 'a', .system = true, .send_acknowledgement = true, .end_of_message = false, .destination_id = 0});
    to.leaves(system('b', 0, 0));
    to.leaves(data('a', 0));
  });
  BOOST_TEST(a.unrepeatable == "what arrived at the end was not captured");
}

BOOST_AUTO_TEST_CASE(errors__are_one_line) {
  {
    written_capture to(path("run.pcapng"));
    to.opens();
  }
  const auto error_of = [&](const std::string& file, const end_choice& choice) {
    const auto end = read_recorded_end(file, choice);
    return end ? std::string() : end.error();
  };
  BOOST_TEST(error_of(path("run.pcapng"), {.connection = 2, .side = {}}).find("connection 2") != std::string::npos);
  BOOST_TEST(error_of(path("none"), {}).find("none: ") != std::string::npos, error_of(path("none"), {}));
  BOOST_TEST(error_of(folder.string(), {}).find("expected a file") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
