// A channel with its own time, and what came out of it.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

#include "sim/channel.hpp"

namespace seqwire::testing {

struct delivery {
  instant at;
  std::uint64_t id;
  octets contents;
};

inline channel_settings with(channel_settings settings,
                             const std::vector<std::pair<std::string_view, parameter_value>>& further) {
  for (const auto& [name, value] : further) settings.further.set(name, value);
  return settings;
}

struct channel_fixture {
  explicit channel_fixture(const channel_settings& settings, std::uint64_t seed = 1, channel_hooks hooks = {})
      : link(
            time, settings, random_stream(seed),
            [this](instant now, const channel_frame& frame) {
              const octets_view view = frame.contents.view();
              const std::size_t kept = keep_contents ? view.size() : 0;
              deliveries.push_back({now, frame.packet_id, octets(view.data(), view.data() + kept)});
            },
            std::move(hooks)) {}

  channel_verdict send(std::uint64_t id, std::size_t size) { return send(id, slice::owning(octets(size, 0x5a))); }
  channel_verdict send(std::uint64_t id, const slice& contents) { return link.send(time.now(), {contents, id, 0}); }
  // One frame after another, a fixed time apart; the verdicts in words.
  void send_many(std::uint64_t count, duration apart = 1_ms, std::size_t size = 20) {
    const slice contents = slice::owning(octets(size, 0x5a));
    for (std::uint64_t id = 0; id < count; ++id) {
      verdicts.push_back(link.send(time.now(), {contents, id, 0}));
      time.run_until(time.now() + apart);
    }
  }
  void finish() {
    while (!time.empty()) time.run_next();
  }
  std::vector<std::uint64_t> ids() const {
    std::vector<std::uint64_t> found;
    for (const delivery& each : deliveries) found.push_back(each.id);
    return found;
  }
  std::vector<std::uint64_t> lost_ids() const {
    std::vector<std::uint64_t> found;
    for (std::size_t id = 0; id < verdicts.size(); ++id)
      if (verdicts[id].what != channel_verdict::fate::delivered) found.push_back(id);
    return found;
  }

  schedule time;
  bool keep_contents = true;
  std::vector<delivery> deliveries;
  std::vector<channel_verdict> verdicts;
  channel link;
};

inline instant at(duration since_begin) { return instant{} + since_begin; }

// Within five standard deviations of what is expected: fails by chance once in two million.
inline void expect_about(double got, double expected, double deviation) {
  BOOST_TEST(std::abs(got - expected) <= 5 * deviation, got << ", expected " << expected << " +- " << 5 * deviation);
}

}  // namespace seqwire::testing
