// Times in which nothing passes; afterwards the link is as before.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class blackhole_in final : public impairment {
 public:
  explicit blackhole_in(time_windows windows) : windows_(std::move(windows)) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const bool inside = is_within(windows_, frame.now);
    if (inside) effects.lost = true;
    return inside;
  }

 private:
  time_windows windows_;
};

}  // namespace

impairment_type blackhole() {
  return {"blackhole",
          {{"blackhole", parameter_kind::windows, time_windows{}, "nothing passes within"}},
          [](const channel_settings& settings, const random_stream&) -> std::unique_ptr<impairment> {
            const auto& windows = settings.further.get<time_windows>("blackhole");
            if (windows.empty()) return nullptr;
            return std::make_unique<blackhole_in>(windows);
          }};
}

}  // namespace seqwire
