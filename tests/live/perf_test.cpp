// perf: what both ends say of the same measurement, over UDP inside one namespace.
#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct measured : own_network {
  running_command server{seqwire_with({"perf", "server", "--udp", "127.0.0.1:49152"}), inside(lab_host::a)};

  measured() { BOOST_REQUIRE(server.wait_for("listening on 1.02007f000001:5201")); }
  ended_command client(std::vector<std::string> more) const {
    more.insert(more.begin(), {"perf", "client", "1.02007f000001", "--udp", "127.0.0.1:0", "--interval", "50ms"});
    return running_command(seqwire_with(more), inside(lab_host::a)).finish();
  }
  nlohmann::json measure(std::vector<std::string> more) const {
    more.insert(more.end(), {"--time", "200ms", "--json"});
    const ended_command ended = client(more);
    BOOST_TEST(ended.exit_code == 0, ended.err);
    const auto object = nlohmann::json::parse(ended.out);
    BOOST_TEST(object.at("schema").get<std::string>() == "seqwire.perf/1");
    BOOST_TEST(object.at("whole").get<bool>());
    return object;
  }
};

std::uint64_t number(const nlohmann::json& of, const char* end, const char* key) {
  return of.at(end).at(key).get<std::uint64_t>();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(perf_test, measured)

BOOST_AUTO_TEST_CASE(throughput__both_ends_count_the_same_in_either_direction) {
  for (const auto& how : std::vector<std::vector<std::string>>{
           {}, {"--reverse"}, {"-P", "3", "--record-size", "1000"}, {"-R", "-P", "3", "--record-size", "100001"}}) {
    const auto told = measure(how);
    BOOST_TEST(number(told, "client", "records") > 10u);
    for (const char* key : {"records", "octets"})
      BOOST_TEST(number(told, "client", key) == number(told, "server", key), key);
    BOOST_TEST(number(told, "client", "octets") ==
               number(told, "client", "records") * told.at("record_octets").get<std::uint64_t>());
    for (const char* end : {"client", "server"}) {
      BOOST_TEST(told.at(end).at("seconds").get<double>() > 0.15);  // a server counts from when the request came
      BOOST_TEST(told.at(end).at("processor_seconds").get<double>() > 0);
    }
    BOOST_TEST(told.at("intervals").size() >= 1u);
  }
}

BOOST_AUTO_TEST_CASE(round_trips__are_counted_and_in_order_of_size) {
  const auto told = measure({"--round-trips", "--record-size", "5000", "-P", "2"});
  const auto& times = told.at("round_trips");
  BOOST_TEST(times.at("count").get<std::uint64_t>() == number(told, "server", "records"));
  double last = 0;
  for (const char* key : {"minimum", "median", "percentile_99", "maximum"}) {
    BOOST_TEST(times.at(key).get<double>() >= last, key);
    last = times.at(key).get<double>();
  }
}

BOOST_AUTO_TEST_CASE(client__text_has_intervals_and_both_ends) {
  const ended_command ended = client({"--time", "200ms"});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.out.find("   0.00-0.0") != std::string::npos, ended.out);
  BOOST_TEST(ended.out.find("\nclient sent ") != std::string::npos, ended.out);
  BOOST_TEST(ended.out.find("\nserver received ") != std::string::npos, ended.out);
}

BOOST_AUTO_TEST_CASE(client__a_signal_tells_what_there_is) {
  running_command measuring(
      seqwire_with({"perf", "client", "1.02007f000001", "--udp", "0", "--interval", "20ms", "--time", "1h"}),
      inside(lab_host::a));
  BOOST_REQUIRE(measuring.wait_for("bit/s"));
  measuring.signal(SIGINT);
  const ended_command ended = measuring.finish();
  BOOST_TEST(ended.exit_code == 130, ended.err);
  BOOST_TEST(ended.out.find("client sent ") != std::string::npos, ended.out);
}

BOOST_AUTO_TEST_CASE(client__bad_words_and_nobody_there) {
  expect_complaint(client({"--time", "0s"}), 2, "--time: expected");
  expect_complaint(client({"--record-size", "1048577"}), 2, "--record-size: expected");
  expect_complaint(client({"--interval", "1ms"}), 2, "--interval: expected");
  expect_complaint(
      running_command(seqwire_with({"perf", "client", "1.02007f000001:5202", "--udp", "0"}), inside(lab_host::a))
          .finish(),
      3, "cannot connect to 1.02007f000001:5202");
}

BOOST_AUTO_TEST_CASE(server__tells_intervals_and_the_whole_of_each_connection) {
  BOOST_TEST(client({"--time", "1200ms"}).exit_code == 0);
  BOOST_TEST(server.wait_for(" records, "));
  server.signal(SIGINT);
  const ended_command text = server.finish();
  BOOST_TEST(text.out.find(":    0.00-1.") != std::string::npos, text.out);
  BOOST_TEST(text.out.find(": received ") != std::string::npos, text.out);

  running_command telling(
      seqwire_with({"perf", "server", "--udp", "127.0.0.1:49153", "--json", "--interval", "50ms", "--one-off"}),
      inside(lab_host::a));
  BOOST_REQUIRE(telling.wait_for("listening on 1.02017f000001:5201"));
  const ended_command asked = running_command(seqwire_with({"perf", "client", "1.02017f000001", "--udp", "127.0.0.1:0",
                                                            "--time", "300ms", "--reverse", "--json"}),
                                              inside(lab_host::a))
                                  .finish();
  BOOST_TEST(asked.exit_code == 0, asked.err);
  const ended_command ended = telling.finish();
  BOOST_TEST(ended.exit_code == 0, ended.err);
  const auto told = nlohmann::json::parse(ended.out);
  BOOST_TEST(told.at("schema").get<std::string>() == "seqwire.perf.server/1");
  BOOST_TEST(told.at("error").is_null());
  BOOST_TEST(told.at("reverse").get<bool>());
  BOOST_TEST(told.at("intervals").size() >= 2u);
  BOOST_TEST((told.at("server") == nlohmann::json::parse(asked.out).at("server")));
}

BOOST_AUTO_TEST_CASE(server__goes_on_after_peers_that_talk_nonsense) {
  for (const auto& [type, words] :
       {std::pair{"1", "{}\n"}, std::pair{"1", "end\n"}, std::pair{"0", "data\n"},
        std::pair{"1", "{\"schema\":\"seqwire.perf.request/1\",\"record_octets\":1e9}\n"}}) {
    run_settings settings = inside(lab_host::a);
    settings.input = words;
    running_command(seqwire_with({"connect", "1.02007f000001:5201", "--udp", "0", "--type", type}), settings).finish();
    BOOST_TEST(server.wait_for("Protocol error"));
  }
  measure({});
  server.signal(SIGINT);
  BOOST_TEST(server.finish().exit_code == 130);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
