// Frames that a list names: by their ordinal among all that enter, or among the data packets of their flow.
#include <algorithm>

#include "sim/channel.hpp"

namespace seqwire {
namespace {

using ordinals = std::vector<std::uint64_t>;

class ordinal_loss final : public impairment {
 public:
  ordinal_loss(ordinals all, ordinals data) : all_(std::move(all)), data_(std::move(data)) {
    require(std::is_sorted(all_.begin(), all_.end()) && std::is_sorted(data_.begin(), data_.end()));
  }

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const bool named = std::binary_search(all_.begin(), all_.end(), frame.ordinal) ||
                       (frame.data_ordinal && std::binary_search(data_.begin(), data_.end(), *frame.data_ordinal));
    if (named) effects.lost = effects.listed = true;
    return named;
  }
  bool counts_data() const override { return !data_.empty(); }
  bool heals() const override { return false; }

 private:
  ordinals all_;
  ordinals data_;
};

}  // namespace

impairment_type drop() {
  return {"drop",
          {{"drop_data", parameter_kind::ordinals, ordinals{},
            "data packets to lose by ordinal, counted in each flow; the first one is 0"}},
          [](const channel_settings& settings, const random_stream&) -> std::unique_ptr<impairment> {
            const auto& data = settings.further.get<ordinals>("drop_data");
            if (settings.drop.empty() && data.empty()) return nullptr;
            return std::make_unique<ordinal_loss>(settings.drop, data);
          }};
}

}  // namespace seqwire
