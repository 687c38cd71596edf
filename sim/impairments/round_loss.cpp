// The loss that the throughput models assume (Padhye et al. 1998): within a round each frame is lost with the same
// probability, and after the first loss the rest of the round with it; rounds are independent. A round begins with the
// first frame that enters one round-trip time or more after the round before it began: then the window has turned.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class round_loss_of final : public impairment {
 public:
  round_loss_of(double share, duration round, time_windows windows, const random_stream& random)
      : share_(share), round_(round), windows_(std::move(windows)), random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    if (!began_ || frame.now - *began_ >= round_) {
      began_ = frame.now;
      losing_ = false;
    }
    if (random_.uniform(frame.ordinal) < share_ && is_within(windows_, frame.now)) losing_ = true;
    if (losing_) effects.lost = true;
    return losing_;
  }

 private:
  double share_;
  duration round_;
  time_windows windows_;
  random_stream random_;
  std::optional<instant> began_;
  bool losing_ = false;
};

}  // namespace

impairment_type round_loss() {
  constexpr auto hour = static_cast<std::uint64_t>((3600_s).nanoseconds);
  return {"round_loss",
          {{"round_loss", parameter_kind::probability, 0.0, "frames lost, each with the rest of its round"},
           {"round_trip", parameter_kind::span, 100_ms, "how long a round lasts", 1, hour}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            const auto share = settings.further.get<double>("round_loss");
            if (!(share > 0)) return nullptr;
            const auto& windows = settings.further.get<time_windows>("loss_window");
            const auto round = settings.further.get<duration>("round_trip");
            return std::make_unique<round_loss_of>(share, round, windows, random.fork("round_loss"));
          }};
}

}  // namespace seqwire
