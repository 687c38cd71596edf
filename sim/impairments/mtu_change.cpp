// A path that carries only smaller packets from some time on, and says nothing.
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class mtu_of_path final : public impairment {
 public:
  explicit mtu_of_path(timed_values steps) : steps_(std::move(steps)) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const std::uint64_t packet = effects.contents.size() - std::min(effects.contents.size(), frame.first_octet);
    const bool too_large = packet > value_at(steps_, frame.now, ~std::uint64_t{0});
    if (too_large) effects.lost = true;
    return too_large;
  }

 private:
  timed_values steps_;
};

}  // namespace

impairment_type mtu_changes() {
  return {"mtu_changes",
          {{"mtu_changes", parameter_kind::sizes, timed_values{},
            "from when on larger packets than so many octets vanish", 0, 65535}},
          [](const channel_settings& settings, const random_stream&) -> std::unique_ptr<impairment> {
            const auto& steps = settings.further.get<timed_values>("mtu_changes");
            if (steps.empty()) return nullptr;
            return std::make_unique<mtu_of_path>(steps);
          }};
}

}  // namespace seqwire
