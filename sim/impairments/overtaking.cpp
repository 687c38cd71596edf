// Frames that do not wait for the link's delay and so overtake those on their way: what netem calls reordering.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class overtaking_frames final : public impairment {
 public:
  overtaking_frames(double share, std::uint64_t gap, const random_stream& random)
      : share_(share), gap_(gap), random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    if (frame.ordinal + 1 < last_ + gap_ || random_.uniform(frame.ordinal) >= share_) return false;
    last_ = frame.ordinal + 1;
    return effects.at_once = true;
  }

 private:
  double share_;
  std::uint64_t gap_;
  random_stream random_;
  std::uint64_t last_ = 0;  // ordinal + 1 of the one that overtook last
};

}  // namespace

impairment_type overtaking() {
  return {"overtaking",
          {{"overtaking", parameter_kind::probability, 0.0, "frames that arrive without the delay, ahead of others"},
           {"overtaking_gap", parameter_kind::whole, std::uint64_t{1}, "from one to the next at least so many frames",
            1, 1'000'000}},
          [](const channel_settings& settings, const random_stream& random) -> std::unique_ptr<impairment> {
            const auto share = settings.further.get<double>("overtaking");
            if (!(share > 0)) return nullptr;
            const auto gap = settings.further.get<std::uint64_t>("overtaking_gap");
            return std::make_unique<overtaking_frames>(share, gap, random.fork("overtaking"));
          }};
}

}  // namespace seqwire
