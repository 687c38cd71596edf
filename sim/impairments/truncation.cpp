// Frames that lose their end, or gain octets that nobody sent.
#include <fmt/format.h>

#include "sim/channel.hpp"

namespace seqwire {
namespace {

class cutting final : public impairment {
 public:
  cutting(double share, double growing, const random_stream& random)
      : share_(share), growing_(growing), random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const std::size_t size = effects.contents.size();
    if (size > frame.first_octet && random_.uniform(frame.ordinal, 0) < share_) {
      const std::size_t left = frame.first_octet + random_.below(size - frame.first_octet, frame.ordinal, 1);
      effects.contents = effects.contents.part(0, left);
      effects.damage = fmt::format("cut to {} octets", left);
      return true;
    }
    if (random_.uniform(frame.ordinal, 2) >= growing_) return false;
    octets longer(effects.contents.view().begin(), effects.contents.view().end());
    const std::uint64_t more = 1 + random_.below(most_growth, frame.ordinal, 3);
    for (std::uint32_t i = 0; i < more; ++i)
      longer.push_back(static_cast<octet>(random_.below(256, frame.ordinal, 4 + i)));
    effects.contents = slice::owning(std::move(longer));
    effects.damage = fmt::format("{} octets at its end", more);
    return true;
  }

 private:
  static constexpr std::uint64_t most_growth = 64;

  double share_;
  double growing_;
  random_stream random_;
};

}  // namespace

impairment_type truncation() {
  return {"truncation",
          {{"truncation", parameter_kind::probability, 0.0, "frames cut short, to any length below their own"},
           {"growth", parameter_kind::probability, 0.0, "frames with 1 to 64 octets of garbage at their end"}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            const auto share = settings.further.get<double>("truncation");
            const auto growing = settings.further.get<double>("growth");
            if (!(share > 0) && !(growing > 0)) return nullptr;
            return std::make_unique<cutting>(share, growing, random.fork("truncation"));
          }};
}

}  // namespace seqwire
