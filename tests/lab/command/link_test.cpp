// seqwire link as its users meet it: a link that captures show does what the link did.
#include <nlohmann/json.hpp>

#include "dissector/analysis/capture_walk.hpp"
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct two_vantage_points {
  // Runs a scenario with this link; the capture is at out/capture.pcapng.
  nlohmann::json run(const std::string& link, const std::string& out = "out") const {
    write_whole(folder.path("run.toml"), link + "[[flow]]\nrecords = 6000\nrecord_size = 534\nwindow = 64\n");
    const ended_command ran = seqwire_command({"run", folder.path("run.toml"), "--out", folder.path(out), "--json"});
    BOOST_REQUIRE(ran.exit_code == 0);
    return nlohmann::json::parse(ran.out);
  }
  std::string capture(const std::string& out = "out") const { return folder.path(out + "/capture.pcapng"); }
  nlohmann::json crossing(const std::vector<std::string>& captures) const {
    std::vector<std::string> words{"analyze", "--json"};
    words.insert(words.end(), captures.begin(), captures.end());
    const ended_command ended = seqwire_command(words);
    BOOST_REQUIRE(ended.exit_code == 0);
    const auto all = nlohmann::json::parse(ended.out).at("connections").at(0).at("crossings");
    BOOST_REQUIRE(all.size() == 1u);
    return all[0];
  }
  temporary_folder folder;
};

// As if each interface had been captured on a machine of its own by a program that tells no directions; the second
// machine's clock is ahead.
void split_by_interface(const std::string& capture, const std::string& first, const std::string& second,
                        std::int64_t ahead) {
  capture_writer files[2]{{first, {}}, {second, {}}};
  for (capture_writer& each : files) each.add_interface({.name = "eth0", .description = ""});
  BOOST_REQUIRE(walk_capture(capture, [&](const captured_packet& packet, const capture_interface&) {
    const instant at{packet.at.nanoseconds + (packet.interface == 1 ? ahead : 0)};
    files[packet.interface].write({.at = at}, packet.frame);
  }));
}

double share(const nlohmann::json& direction) {
  return direction.at("lost").get<double>() / direction.at("sent").get<double>();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(link_test, two_vantage_points)

// Exactly what the link itself counted, and the delay to the nanosecond.
BOOST_AUTO_TEST_CASE(analyze__tells_what_the_link_did) {
  const auto summary = run("[link]\ndelay = \"20ms\"\nloss = \"3%\"\nduplication = \"2%\"\nreordering = \"4%\"\n");
  const auto found = crossing({capture()});
  BOOST_TEST(found.at("one_clock").get<bool>());
  for (const char* way : {"a_to_b", "b_to_a"}) {
    const auto& counted = summary.at("link").at(way);
    const auto& seen = found.at(way == std::string("a_to_b") ? "first_to_second" : "second_to_first");
    BOOST_TEST(seen.at("sent") == counted.at("frames"));
    BOOST_TEST(seen.at("lost") == counted.at("achieved").at("lost"));
    BOOST_TEST(seen.at("copied").get<std::uint64_t>() > 0u);
    BOOST_TEST(seen.at("copied").get<std::uint64_t>() + seen.at("arrived").get<std::uint64_t>() ==
               counted.at("delivered").get<std::uint64_t>());
    BOOST_TEST(seen.at("least_delay_ns") == 20'000'000);
    BOOST_TEST(seen.at("losses").at("model") == "independent");
  }
  BOOST_TEST(found.at("first_to_second").at("late_by").at("count").get<int>() > 0);
}

BOOST_AUTO_TEST_CASE(from_capture__a_link_that_does_the_like) {
  run("[link]\nrate = \"20Mbit/s\"\ndelay = \"20ms\"\n[link.a_to_b]\ngilbert_elliott = \"1% 25%\"\n");
  const ended_command made = seqwire_command({"link", "from-capture", capture()});
  BOOST_TEST(made.exit_code == 0, made.err);
  BOOST_TEST(made.out.find("rate = \"20Mbit/s\"") != std::string::npos, made.out);
  BOOST_TEST(made.out.find("delay = \"20ms\"") != std::string::npos, made.out);
  BOOST_TEST(made.out.find("gilbert losses") != std::string::npos, made.out);
  const auto before = crossing({capture()});
  run(made.out, "again");
  const auto after = crossing({capture("again")});
  const double lost = share(before.at("first_to_second")), lost_again = share(after.at("first_to_second"));
  BOOST_TEST(lost_again > lost * 0.7);
  BOOST_TEST(lost_again < lost * 1.4);
  BOOST_TEST(after.at("first_to_second").at("losses").at("model") == "gilbert");
}

// A capture of each end: no packet ids in common, and each with a clock of its own.
BOOST_AUTO_TEST_CASE(from_capture__of_two_files_halves_the_round_trip) {
  run("[link]\ndelay = \"20ms\"\nloss = \"2%\"\n");
  const std::string at_a = folder.path("a.pcapng"), at_b = folder.path("b.pcapng");
  split_by_interface(capture(), at_a, at_b, 5'000'000'000);
  const auto whole = crossing({capture()}), apart = crossing({at_a, at_b});
  BOOST_TEST(!apart.at("one_clock").get<bool>());
  BOOST_TEST(apart.at("first_to_second").at("least_delay_ns") == 5'020'000'000);
  BOOST_TEST(apart.at("second_to_first").at("least_delay_ns") == -4'980'000'000);
  BOOST_TEST(apart.at("first_to_second").at("arrived") == whole.at("first_to_second").at("arrived"));
  const ended_command made = seqwire_command({"link", "from-capture", at_a, at_b});
  BOOST_TEST(made.exit_code == 0, made.err);
  BOOST_TEST(made.out.find("delay = \"20ms\"") != std::string::npos, made.out);
  BOOST_TEST(made.out.find("# Two clocks") != std::string::npos, made.out);
}

BOOST_AUTO_TEST_CASE(from_capture__one_vantage_point_is_not_enough) {
  run("[link]\ndelay = \"1ms\"\n");
  const std::string at_a = folder.path("a.pcapng"), at_b = folder.path("b.pcapng");
  split_by_interface(capture(), at_a, at_b, 0);
  const ended_command refused = seqwire_command({"link", "from-capture", at_a});
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(refused.err ==
             "seqwire: error: " + at_a + ": expected a connection that is seen at two vantage points; got none\n");
  const ended_command beyond = seqwire_command({"link", "from-capture", capture(), "--connection", "7"});
  BOOST_TEST(beyond.exit_code == 2);
  BOOST_TEST(beyond.err.find("expected one of 1, counted from 0; got 7") != std::string::npos, beyond.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
