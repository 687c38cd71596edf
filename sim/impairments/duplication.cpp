// Frames that arrive more than once.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class copying final : public impairment {
 public:
  copying(double share, duration most, std::uint64_t copies, const random_stream& random)
      : share_(share), most_(most), copies_(copies), random_(random), further_(random.fork("copies")) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    if (random_.uniform(frame.ordinal, lane_duplication) >= share_) return false;
    const std::uint64_t spans = static_cast<std::uint64_t>(most_.nanoseconds) + 1;
    for (std::uint32_t copy = 0; copy < copies_; ++copy) {
      const std::uint64_t drawn =
          copy == 0 ? random_.below(spans, frame.ordinal, lane_copy) : further_.below(spans, frame.ordinal, copy);
      effects.copies.push_back(duration{static_cast<std::int64_t>(drawn)});
    }
    return true;
  }
  duration longest_hold() const override { return most_; }

 private:
  double share_;
  duration most_;
  std::uint64_t copies_;
  random_stream random_;
  random_stream further_;
};

}  // namespace

impairment_type duplication() {
  return {"duplication",
          {{"duplication_copies", parameter_kind::whole, std::uint64_t{1}, "how many copies each", 1, 100}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            if (!(settings.duplication > 0)) return nullptr;
            const auto copies = settings.further.get<std::uint64_t>("duplication_copies");
            return std::make_unique<copying>(settings.duplication, settings.duplication_delay, copies, random);
          }};
}

}  // namespace seqwire
