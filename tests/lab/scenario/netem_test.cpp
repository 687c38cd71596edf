// Links in netem's words: every option that both know, both ways, and by name what only one of them knows.
#include "lab/scenario/netem.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(netem_test)

channel_settings read(std::string_view words) {
  const auto made = from_netem(words);
  if (!made) BOOST_FAIL(std::string(words) + ": " + made.error().message);
  return *made;
}

std::string refusal(std::string_view words) {
  const auto made = from_netem(words);
  return made ? "" : made.error().message;
}

// What netem's words become when they are read and written again.
std::string again(std::string_view words) {
  const auto printed = to_netem(read(words));
  return printed ? *printed : "refused: " + printed.error().message;
}

BOOST_AUTO_TEST_CASE(from_netem__delay) {
  BOOST_TEST((read("delay 20ms").delay == 20_ms));
  BOOST_TEST((read("latency 1.5ms").delay == 1'500_us));
  BOOST_TEST((read("delay 250").delay == 250_us));  // tc's times are microseconds
  const channel_settings jittered = read("delay 20ms 5ms distribution normal");
  BOOST_TEST((jittered.further.get<duration>("jitter") == 5_ms));
  BOOST_TEST(jittered.further.get<std::string>("jitter_distribution") == "normal");
}

BOOST_AUTO_TEST_CASE(from_netem__loss_and_damage) {
  BOOST_TEST(read("loss 1%").loss == 0.01);
  BOOST_TEST(read("loss random 0.5").loss == 0.005);  // the per cent sign goes without saying
  BOOST_TEST(read("corrupt 2%").corruption == 0.02);
  const channel_settings doubled = read("duplicate 3%");
  BOOST_TEST(doubled.duplication == 0.03);
  BOOST_TEST((doubled.duplication_delay == duration{}));
  const auto bursts = read("loss gemodel 1% 20% 70% 0.1%").further.get<std::vector<double>>("gilbert_elliott");
  BOOST_TEST((bursts == std::vector<double>{0.01, 0.2, 0.7, 0.001}));
}

BOOST_AUTO_TEST_CASE(from_netem__rate_reordering_and_limit) {
  BOOST_TEST(read("rate 10mbit").rate == 10'000'000u);
  BOOST_TEST(read("rate 1mbps").rate == 8'000'000u);
  BOOST_TEST(read("rate 5kbit -14").overhead == -14);
  BOOST_TEST(read("limit 50").queue == 50u);
  const channel_settings reordered = read("delay 10ms reorder 25% gap 5");
  BOOST_TEST(reordered.further.get<double>("overtaking") == 0.25);
  BOOST_TEST(reordered.further.get<std::uint64_t>("overtaking_gap") == 5u);
}

BOOST_AUTO_TEST_CASE(from_netem__with_the_command_in_front) {
  BOOST_TEST((read("tc qdisc add dev eth0 root netem delay 20ms loss 1%").delay == 20_ms));
  BOOST_TEST((read("").delay == duration{}));
}

BOOST_AUTO_TEST_CASE(from_netem__names_what_has_no_counterpart) {
  BOOST_TEST(refusal("loss 1% 25%") == "loss: correlation has no counterpart here");
  BOOST_TEST(refusal("loss 1% 0%") == "");
  BOOST_TEST(refusal("delay 1ms 1ms 10%") == "delay: correlation has no counterpart here");
  BOOST_TEST(refusal("loss state 1%") == "loss state has no counterpart here; gemodel has");
  BOOST_TEST(refusal("delay 1ms 1ms distribution pareto") == "distribution: expected uniform or normal; got pareto");
  BOOST_TEST(refusal("ecn") == "ecn has no counterpart here");
  BOOST_TEST(refusal("rate 1mbit 0 53") == "rate: cells have no counterpart here");
  BOOST_TEST(refusal("reorder 25%") == "reorder needs a delay that the others wait for");
}

BOOST_AUTO_TEST_CASE(from_netem__refuses_nonsense) {
  BOOST_TEST(refusal("delay") == "expected another word at the end");
  BOOST_TEST(refusal("delay -1ms") == "delay: expected a time of tc up to an hour, such as 20ms; got -1ms");
  BOOST_TEST(refusal("delay 2h") == "delay: expected a time of tc up to an hour, such as 20ms; got 2h");
  BOOST_TEST(refusal("loss 101%") == "loss: expected a share from 0% to 100%; got 101%");
  BOOST_TEST(refusal("rate 1") == "rate: expected a rate of tc from 100bit to 1tbit; got 1");
  BOOST_TEST(refusal("limit 1000000").starts_with("limit: expected a whole number"));
  BOOST_TEST(refusal("dalay 1ms") == "expected an option of netem; got dalay");
}

BOOST_AUTO_TEST_CASE(to_netem__normal_form_reads_back) {
  for (const std::string_view words :
       {"", "delay 20ms", "delay 20ms 5ms", "delay 1500us 5ms distribution normal", "limit 50", "loss 1%",
        "loss gemodel 1% 20%", "corrupt 0.1%", "duplicate 3%", "delay 10ms reorder 25% gap 5", "rate 10mbit -14",
        "delay 20ms limit 50 loss 1% corrupt 2% duplicate 3% rate 1gbit"})
    BOOST_TEST(again(words) == words);
}

BOOST_AUTO_TEST_CASE(to_netem__names_what_netem_cannot_say) {
  const auto refused = [](const channel_settings& of) {
    const auto words = to_netem(of);
    return words ? *words : words.error().message;
  };
  channel_settings of;
  of.further.set("blackhole", time_windows{{instant{}, instant{1}}});
  of.reordering = 0.1;
  BOOST_TEST(refused(of) == "netem has no word for reordering, blackhole");
  BOOST_TEST(refused({.duplication = 0.1}) == "netem has no word for duplication_delay");
  channel_settings twice{.loss = 0.1};
  twice.further.set("gilbert_elliott", std::vector<double>{0.1});
  BOOST_TEST(refused(twice) == "netem has no word for loss beside gilbert_elliott");
}

RC_BOOST_PROP(from_netem__never_crashes, (std::string text)) {
  static_cast<void>(from_netem(text));
  static_cast<void>(from_netem("delay 1ms " + text));
  static_cast<void>(from_netem("loss gemodel " + text));
  static_cast<void>(from_netem("rate " + text));
}

BOOST_AUTO_TEST_SUITE_END()
