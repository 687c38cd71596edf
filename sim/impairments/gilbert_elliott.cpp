// Losses in bursts: a good and a bad state, each with its own share of losses (Gilbert 1960, Elliott 1963). The four
// parameters are netem's gemodel: p good to bad, r bad to good, 1-h lost in the bad state, 1-k lost in the good one.
// A frame meets the state as it is; then the state may change. In the long run p / (p + r) of the frames meet the bad
// state, and it lasts 1 / r frames on the average.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

enum lane : std::uint32_t { lane_state, lane_in_state };

class gilbert_elliott_loss final : public impairment {
 public:
  gilbert_elliott_loss(const std::vector<double>& given, time_windows windows, const random_stream& random)
      : windows_(std::move(windows)), random_(random) {
    to_bad_ = given[0];
    to_good_ = given.size() > 1 ? given[1] : 1 - to_bad_;
    lost_in_bad_ = given.size() > 2 ? given[2] : 1;
    lost_in_good_ = given.size() > 3 ? given[3] : 0;
  }

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const bool lost = random_.uniform(frame.ordinal, lane_in_state) < (bad_ ? lost_in_bad_ : lost_in_good_);
    if (random_.uniform(frame.ordinal, lane_state) < (bad_ ? to_good_ : to_bad_)) bad_ = !bad_;
    if (!lost || !is_within(windows_, frame.now)) return false;
    return effects.lost = true;
  }

 private:
  double to_bad_ = 0;
  double to_good_ = 0;
  double lost_in_bad_ = 0;
  double lost_in_good_ = 0;
  bool bad_ = false;
  time_windows windows_;
  random_stream random_;
};

}  // namespace

impairment_type gilbert_elliott() {
  return {"gilbert_elliott",
          {{"gilbert_elliott", parameter_kind::probabilities, std::vector<double>{},
            "loss in bursts: good to bad, bad to good (else the rest), lost in bad (100%), lost in good (0%)", 0, 4}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            const auto& given = settings.further.get<std::vector<double>>("gilbert_elliott");
            if (given.empty()) return nullptr;
            const auto& windows = settings.further.get<time_windows>("loss_window");
            return std::make_unique<gilbert_elliott_loss>(given, windows, random.fork("gilbert_elliott"));
          }};
}

}  // namespace seqwire
