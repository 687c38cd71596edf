// Frames held back by chance: for some time, or until so many later ones have passed.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class holding_back final : public impairment {
 public:
  holding_back(double share, duration most, std::uint64_t distance, const random_stream& random)
      : share_(share), most_(most), distance_(distance), random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    if (random_.uniform(frame.ordinal, lane_reordering) >= share_) return false;
    effects.held_back = true;
    effects.behind = distance_;
    const std::uint64_t spans = static_cast<std::uint64_t>(most_.nanoseconds) + 1;
    const auto drawn = duration{static_cast<std::int64_t>(random_.below(spans, frame.ordinal, lane_held))};
    effects.later += distance_ != 0 ? most_ : drawn;
    return true;
  }
  duration longest_hold() const override { return most_; }

 private:
  double share_;
  duration most_;
  std::uint64_t distance_;
  random_stream random_;
};

}  // namespace

impairment_type reordering() {
  return {"reordering",
          {{"reordering_distance", parameter_kind::whole, std::uint64_t{0},
            "they wait for so many later frames, at most reordering_delay; 0: for a time", 0, 1000}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            if (!(settings.reordering > 0)) return nullptr;
            const auto distance = settings.further.get<std::uint64_t>("reordering_distance");
            return std::make_unique<holding_back>(settings.reordering, settings.reordering_delay, distance, random);
          }};
}

}  // namespace seqwire
