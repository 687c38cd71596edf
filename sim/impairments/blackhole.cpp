// Times in which nothing passes, once or again and again; afterwards the link is as before.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class blackhole_in final : public impairment {
 public:
  blackhole_in(time_windows windows, duration period) : windows_(std::move(windows)), period_(period) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const instant now = period_ > duration{} ? instant{frame.now.nanoseconds % period_.nanoseconds} : frame.now;
    const bool inside = is_within(windows_, now);
    if (inside) effects.lost = true;
    return inside;
  }

 private:
  time_windows windows_;
  duration period_;
};

}  // namespace

impairment_type blackhole() {
  constexpr auto hour = static_cast<std::uint64_t>((3600_s).nanoseconds);
  return {
      "blackhole",
      {{"blackhole", parameter_kind::windows, time_windows{}, "nothing passes within"},
       {"blackhole_period", parameter_kind::span, duration{}, "after which it begins again; 0: it does not", 0, hour}},
      [](const channel_settings& settings, const random_stream&) -> std::unique_ptr<impairment> {
        const auto& windows = settings.further.get<time_windows>("blackhole");
        if (windows.empty()) return nullptr;
        return std::make_unique<blackhole_in>(windows, settings.further.get<duration>("blackhole_period"));
      }};
}

}  // namespace seqwire
