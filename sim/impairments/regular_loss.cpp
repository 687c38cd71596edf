// Every n-th frame, or every n-th data packet of each flow: the loss of the response functions.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class regular_loss final : public impairment {
 public:
  regular_loss(std::uint64_t every, std::uint64_t every_data, time_windows windows)
      : every_(every), every_data_(every_data), windows_(std::move(windows)) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const bool hit =
        is_last(frame.ordinal, every_) || (frame.data_ordinal && is_last(*frame.data_ordinal, every_data_));
    if (!hit || !is_within(windows_, frame.now)) return false;
    return effects.lost = true;
  }
  bool counts_data() const override { return every_data_ != 0; }

 private:
  static bool is_last(std::uint64_t ordinal, std::uint64_t every) { return every != 0 && (ordinal + 1) % every == 0; }

  std::uint64_t every_;
  std::uint64_t every_data_;
  time_windows windows_;
};

}  // namespace

impairment_type loss_every() {
  constexpr std::uint64_t most = 1'000'000'000'000;
  return {
      "loss_every",
      {{"loss_every", parameter_kind::whole, std::uint64_t{0}, "every so many frames one is lost; 0: none", 0, most},
       {"loss_every_data", parameter_kind::whole, std::uint64_t{0},
        "every so many data packets of a flow one is lost; 0: none", 0, most}},
      [](const channel_settings& settings, const random_stream&) -> std::unique_ptr<impairment> {
        const auto every = settings.further.get<std::uint64_t>("loss_every");
        const auto every_data = settings.further.get<std::uint64_t>("loss_every_data");
        if (every == 0 && every_data == 0) return nullptr;
        const auto& windows = settings.further.get<time_windows>("loss_window");
        return std::make_unique<regular_loss>(every, every_data, windows);
      }};
}

}  // namespace seqwire
