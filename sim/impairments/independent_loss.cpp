// Each frame lost on its own.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class independent_loss final : public impairment {
 public:
  independent_loss(double share, time_windows windows, const random_stream& random)
      : share_(share), windows_(std::move(windows)), random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    if (random_.uniform(frame.ordinal, lane_loss) >= share_ || !is_within(windows_, frame.now)) return false;
    return effects.lost = true;
  }

 private:
  double share_;
  time_windows windows_;
  random_stream random_;
};

}  // namespace

impairment_type loss() {
  return {"loss",
          {{"loss_window", parameter_kind::windows, time_windows{},
            "loss by chance or every so many only within; empty: always"}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            if (!(settings.loss > 0)) return nullptr;
            const auto& windows = settings.further.get<time_windows>("loss_window");
            return std::make_unique<independent_loss>(settings.loss, windows, random);
          }};
}

}  // namespace seqwire
