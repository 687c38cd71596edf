// Two hosts in every kind of weather: each record delivered once, in order, with its boundaries and its type, both ends
// closed gracefully, in bounded virtual time; and the same seed gives the same octets.
#include "sim/simulation.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/registry.hpp"
#include "tests/sim/talkers.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(simulation_test)

// Draws for one seed, by purpose, so that a new purpose shifts no other.
struct draws {
  random_stream random;
  std::uint64_t below(std::string_view purpose, std::uint64_t bound) const {
    return random.fork(purpose).below(bound, 0);
  }
  bool coin(std::string_view purpose) const { return below(purpose, 2) == 0; }
  double up_to(std::string_view purpose, double most) const { return most * random.fork(purpose).uniform(0); }
};

// Impairments and disciplines of which each has parameters of its own.
void add_further(const draws& of, channel_settings& settings) {
  // Together no more is lost than otherwise: a close whose last words are all lost ends by its linger.
  settings.loss /= 3;
  parameter_values& said = settings.further;
  const auto milliseconds = [&](std::string_view purpose, std::uint64_t most) {
    return duration{static_cast<std::int64_t>(of.below(purpose, most)) * 1'000'000};
  };
  if (of.coin("bursts"))
    said.set("gilbert_elliott", std::vector<double>{of.up_to("to bad", 0.03), 0.3 + of.up_to("to good", 0.5)});
  if (of.coin("blackhole")) {
    const instant from = instant{} + milliseconds("from", 5'000);
    said.set("blackhole", time_windows{{from, from + 1_ms + milliseconds("long", 3'000)}});  // well below the linger
  }
  if (of.coin("rounds")) said.set("round_loss", of.up_to("rounds lost", 0.01));
  if (of.coin("jitter")) said.set("jitter", milliseconds("jitter span", 20));
  if (of.coin("in order")) said.set("jitter_keeps_order", true);
  if (of.coin("distance")) said.set("reordering_distance", 1 + of.below("places", 5));
  if (of.coin("copies")) said.set("duplication_copies", 1 + of.below("so many", 3));
  if (of.coin("cut")) said.set("truncation", of.up_to("cut share", 0.05));
  if (of.coin("grown")) said.set("growth", of.up_to("grown share", 0.05));
  if (of.coin("ahead")) said.set("overtaking", of.up_to("ahead share", 0.3));
  const auto disciplines = queue_types();
  said.set("queue_discipline", std::string(disciplines[of.below("discipline", disciplines.size())].name));
}

channel_settings random_channel(const draws& of) {
  channel_settings settings;
  settings.delay = duration{static_cast<std::int64_t>(of.below("delay", 50'000'000))};
  if (of.coin("rate")) settings.rate = 200'000 + of.below("bits", 100'000'000);
  settings.queue = 1 + of.below("queue", 100);
  if (of.coin("loss")) settings.loss = of.up_to("loss share", 0.3);
  if (of.coin("reordering")) settings.reordering = of.up_to("reordering share", 0.5);
  settings.reordering_delay = duration{static_cast<std::int64_t>(of.below("held", 30'000'000))};
  if (of.coin("duplication")) settings.duplication = of.up_to("duplication share", 0.5);
  settings.duplication_delay = duration{static_cast<std::int64_t>(of.below("copy", 30'000'000))};
  if (of.coin("corruption")) settings.corruption = of.up_to("corruption share", 0.05);
  if (of.coin("further")) add_further(of, settings);
  return settings;
}

spp_config random_config(const draws& of, const simulation_settings& settings) {
  spp_config config;
  config.sender = std::string(sender_names()[of.below("sender", sender_names().size())]);
  config.acknowledgement = of.coin("acknowledgement") ? "immediate" : "delayed";
  config.window = 1 + of.below("window", 64);
  config.allocation = 1 + of.below("allocation", 64);
  config.packet_data = of.coin("tiny packets") ? 1 + of.below("tiny", 20) : 534;
  config.send_buffer = of.coin("small buffer") ? 1 + of.below("buffer", 2000) : 4 << 20;
  config.packet_life = packet_life(settings);
  config.give_up = 100'000_s;  // nobody gives up here: everything must arrive
  config.open_timeout = 100'000_s;
  return config;
}

std::vector<plain_record> random_records(const random_stream& random, std::size_t packet_data, std::uint64_t most) {
  std::vector<plain_record> records;
  const std::uint64_t count = random.below(most + 1, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    plain_record record{static_cast<std::uint8_t>(random.below(254, i, 1)), {}};
    record.contents.resize(random.below(random.below(3, i, 2) == 0 ? 8 * packet_data : packet_data + 2, i, 3));
    for (std::size_t at = 0; at < record.contents.size(); ++at)
      record.contents[at] = static_cast<octet>(random.bits(i * 100'000 + at, 4));
    records.push_back(std::move(record));
  }
  return records;
}

struct outcome {
  std::vector<plain_record> sent_by_a, sent_by_b, given_to_a, given_to_b;
  end_status status_a{}, status_b{};
  instant ended_at{};
  bool counters_add_up = false;
  bool frames_add_up = false;
  std::uint64_t late_notices = 0;
};

bool adds_up(const channel_statistics& of) { return of.offered + of.duplicated == of.delivered + of.not_delivered(); }

outcome run(std::uint64_t seed, capture_writer* capture = nullptr) {
  const random_stream random = random_stream(seed).fork("test");
  simulation_settings settings;
  settings.seed = seed;
  settings.a_to_b = random_channel({random.fork("a to b")});
  settings.b_to_a = random_channel({random.fork("b to a")});
  settings.time_limit = 50'000_s;
  const draws shared{random};
  const spp_config for_a = random_config({random.fork("a")}, settings);
  const spp_config for_b = random_config({random.fork("b")}, settings);
  talker a(true, for_a, random_records(random.fork("records a"), for_a.packet_data, 40));
  talker b(false, for_b, random_records(random.fork("records b"), for_b.packet_data, shared.coin("b") ? 40 : 0));
  if (a.to_send.empty()) a.to_send.push_back({});  // the third packet of the opening may be lost: data comes again
  a.expected = b.to_send.size();
  simulation both(settings, a, b, capture);
  both.run();
  outcome result{a.to_send, b.to_send, a.given, b.given, a.status, b.status};
  result.ended_at = both.time().now();
  const auto counted = [](const host_statistics& of) { return of.received == of.accepted + of.drops.total(); };
  result.counters_add_up = counted(both.a().statistics()) && counted(both.b().statistics());
  result.frames_add_up = adds_up(both.a_to_b().statistics()) && adds_up(both.b_to_a().statistics());
  result.late_notices = a.notices_after_end + b.notices_after_end;
  return result;
}

BOOST_AUTO_TEST_CASE(run__every_record_arrives_once_in_order_and_whole_in_any_weather) {
  duration longest{};
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    const outcome result = run(seed);
    BOOST_TEST_CONTEXT("seed " << seed) {
      BOOST_TEST((result.status_a == end_status::closed_gracefully), name_of(result.status_a));
      BOOST_TEST((result.status_b == end_status::closed_gracefully), name_of(result.status_b));
      BOOST_TEST((result.given_to_b == result.sent_by_a), result.given_to_b.size()
                                                              << " of " << result.sent_by_a.size() << " records");
      BOOST_TEST((result.given_to_a == result.sent_by_b), result.given_to_a.size()
                                                              << " of " << result.sent_by_b.size() << " records");
      BOOST_TEST(result.counters_add_up);
      BOOST_TEST(result.frames_add_up);
      BOOST_TEST(result.late_notices == 0u);
    }
    longest = std::max(longest, result.ended_at - instant{});
  }
  BOOST_TEST((longest < 5'000_s), "longest run: " << longest.seconds() << " s");
  BOOST_TEST_MESSAGE("longest run: " << longest.seconds() << " s");
}

std::string capture_of(std::uint64_t seed, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(SEQWIRE_BINARY_DIR) / name;
  {
    capture_writer writer(path.string(), {.comment = "seed"});
    run(seed, &writer);
    writer.close();
  }
  std::ifstream file(path, std::ios::binary);
  std::string contents{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  return contents;
}

BOOST_AUTO_TEST_CASE(run__the_same_seed_gives_the_same_capture) {
  for (const std::uint64_t seed : {3u, 4u, 5u}) {
    const std::string first = capture_of(seed, "simulation_test_1.pcapng");
    BOOST_TEST((first == capture_of(seed, "simulation_test_2.pcapng")));
    BOOST_TEST(first.size() > 1000u);
  }
  BOOST_TEST((capture_of(3, "simulation_test_1.pcapng") != capture_of(4, "simulation_test_2.pcapng")));
}

BOOST_AUTO_TEST_CASE(run__a_cut_link_gives_up_once_at_each_end_that_waits) {
  simulation_settings settings;
  settings.a_to_b.delay = settings.b_to_a.delay = 10_ms;
  settings.a_to_b.loss = 1;
  talker a(true, {}, {{0, octets(10)}});
  talker b(false, {}, {});
  simulation both(settings, a, b, nullptr);
  both.run();
  BOOST_TEST((a.status == end_status::timed_out));
  BOOST_TEST(a.notices_after_end == 0u);
  BOOST_TEST((both.time().now() == instant{} + 75_s));
}

BOOST_AUTO_TEST_SUITE_END()
