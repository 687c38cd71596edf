// What the ends of a measurement tell each other, believed only within bounds; and times without keeping each.
#include "lab/wire/perf.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

#include "tests/sim/socket_world.hpp"

namespace seqwire {

using namespace test;

BOOST_AUTO_TEST_SUITE(perf_test)

BOOST_AUTO_TEST_CASE(parse_perf_request__reads_what_was_written) {
  const auto read = parse_perf_request(to_text(perf_request{false, true, 1000, 5_s}));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->reverse);
  BOOST_TEST(!read->round_trips);
  BOOST_TEST(read->record_octets == 1000u);
  BOOST_TEST((read->length == 5_s));
}

BOOST_AUTO_TEST_CASE(parse_perf_request__refuses_what_no_client_says) {
  const auto request = [](const std::string& octets_text, const std::string& time) {
    return R"({"schema":"seqwire.perf.request/1","record_octets":)" + octets_text + R"(,"nanoseconds":)" + time + "}";
  };
  BOOST_TEST(parse_perf_request(request("1", "1")).has_value());
  for (const std::string& wrong :
       {std::string(), std::string("{"), std::string("[]"), std::string("1"), std::string("{}"), request("0", "1"),
        request("1048577", "1"), request("-1", "1"), request("1.5", "1"), request("\"1\"", "1"), request("1", "-1"),
        request("1", "3600000000001"), request("18446744073709551615", "1"), request("1", "18446744073709551615"),
        std::string(R"({"schema":"seqwire.perf.request/2","record_octets":1,"nanoseconds":1})"),
        std::string(R"({"schema":7,"record_octets":1,"nanoseconds":1})")})
    BOOST_TEST(!parse_perf_request(wrong).has_value(), wrong);
}

RC_BOOST_PROP(parse_perf_request__never_throws, (const std::string& text)) {
  static_cast<void>(parse_perf_request(text));
  static_cast<void>(parse_perf_figures(text));
}

BOOST_AUTO_TEST_CASE(parse_perf_figures__there_and_back) {
  const auto read = parse_perf_figures(to_text(perf_figures{3, 3000, 2_s, 1_s, 7}));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->records == 3u);
  BOOST_TEST(read->retransmissions == 7u);
  BOOST_TEST(read->bits_per_second() == 12'000);
  BOOST_TEST(perf_figures{}.bits_per_second() == 0);
  BOOST_TEST(!parse_perf_figures("{}").has_value());
  BOOST_TEST(!parse_perf_figures(R"({"records":-1,"octets":0,"nanoseconds":0,"processor_nanoseconds":0})").has_value());
}

// --- perf_flow ---

// A server whose client does this: when it was over with it, and why.
struct served {
  explicit served(simulated_programs::program client) {
    world.on_b.add([this](endpoint& at) {
      const auto listening = listener(at, 5201);
      perf_flow flow(must(listening->accept()), std::nullopt);
      const instant began = at.waiting().now();
      while (!flow.finished()) {
        while (flow.step(at.waiting().now(), {})) continue;
        if (!flow.finished()) at.waiting().wait(flow.next_wake().value_or(instant::never()));
      }
      took = at.waiting().now() - began;
      why = flow.why();
    });
    world.on_a.add(std::move(client));
    world.run();
  }
  socket_world world{10_ms};
  duration took{};
  std::error_code why;
};

BOOST_AUTO_TEST_CASE(step__a_client_that_never_asks_loses_its_place) {
  const served silent([](endpoint& at) {
    const auto talk = connected(at, socket_type::sequenced_packet, 5201);
    rest(at, 100_s);
  });
  BOOST_TEST((silent.took == perf_flow::patience_for_request));
  BOOST_TEST((silent.why == std::errc::timed_out));
}

BOOST_AUTO_TEST_CASE(step__a_client_that_rests_loses_its_place_and_a_slow_one_does_not) {
  for (const bool slow : {false, true}) {
    const served client([&](endpoint& at) {
      const auto talk = connected(at, socket_type::sequenced_packet, 5201);
      must(talk->set(socket_option::explicit_records, true));
      send_text(*talk, to_text(perf_request{}), {.end_of_record = true, .datastream_type = std::uint8_t{1}});
      for (int piece = 0; slow && piece < 20; ++piece) {  // of one record, which is not whole before its end
        send_text(*talk, "crumb", {.end_of_record = piece == 19});
        rest(at, 20_s);
      }
      if (slow) send_text(*talk, "end", {.end_of_record = true, .datastream_type = std::uint8_t{1}});
      if (slow) BOOST_TEST(text_from(*talk).starts_with("{"));
      else rest(at, 300_s);
    });
    if (slow) BOOST_TEST(!client.why, client.why.message());
    else BOOST_TEST((client.why == std::errc::timed_out));
    if (!slow) BOOST_TEST((client.took >= perf_flow::longest_rest && client.took <= perf_flow::longest_rest * 2));
  }
}

BOOST_AUTO_TEST_CASE(step__a_client_that_never_ends_loses_its_place_however_busy) {
  const served client([&](endpoint& at) {
    const auto talk = connected(at, socket_type::sequenced_packet, 5201);
    send_text(*talk, to_text(perf_request{.length = 10_s}), {.datastream_type = std::uint8_t{1}});
    while (talk->send(view_of("more"))) rest(at, 20_s);
  });
  BOOST_TEST((client.why == std::errc::timed_out));
  BOOST_TEST((client.took >= 10_s + perf_flow::longest_overrun && client.took < 40_s + perf_flow::longest_overrun));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
