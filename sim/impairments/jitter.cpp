// A delay that differs from frame to frame, around or above the link's own.
#include <algorithm>

#include "sim/channel.hpp"
#include "sim/random_variates.hpp"

namespace seqwire {
namespace {

constexpr double widest = 4;  // deviations of a normal delay, means of an exponential one: the rest is cut off

class jittering final : public impairment {
 public:
  jittering(const channel_settings& settings, const random_stream& random)
      : deviation_(settings.further.get<duration>("jitter")),
        distribution_(settings.further.get<std::string>("jitter_distribution")),
        in_order_(settings.further.get<bool>("jitter_keeps_order")),
        random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const double factor = drawn(frame.ordinal);
    effects.later += duration{static_cast<std::int64_t>(factor * static_cast<double>(deviation_.nanoseconds))};
    effects.in_order = effects.in_order || in_order_;
    return true;
  }
  duration longest_hold() const override { return deviation_ * (distribution_ == "uniform" ? 1 : 4); }

 private:
  double drawn(std::uint64_t ordinal) const {
    if (distribution_ == "normal") return std::clamp(normal_variate(random_, ordinal), -widest, widest);
    if (distribution_ == "exponential") return std::min(exponential_variate(random_, ordinal), widest);
    return 2 * random_.uniform(ordinal) - 1;
  }

  duration deviation_;
  std::string distribution_;
  bool in_order_;
  random_stream random_;
};

}  // namespace

impairment_type jitter() {
  constexpr auto hour = static_cast<std::uint64_t>((3600_s).nanoseconds);
  return {"jitter",
          {{"jitter", parameter_kind::span, duration{}, "how far a frame's delay is from the link's", 0, hour},
           {"jitter_distribution",
            parameter_kind::choice,
            std::string("uniform"),
            "uniform: up to jitter more or less; normal: its deviation; exponential: more, its mean",
            0,
            0,
            {"uniform", "normal", "exponential"}},
           {"jitter_keeps_order", parameter_kind::flag, false, "no frame overtakes because of jitter"}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            if (settings.further.get<duration>("jitter") == duration{}) return nullptr;
            return std::make_unique<jittering>(settings, random.fork("jitter"));
          }};
}

}  // namespace seqwire
