// A drop-tail queue that marks what arrives while so many frames wait (the switch of DCTCP, RFC 8257 section 3.1).
#include "sim/channel.hpp"

namespace seqwire {
namespace {

class marking_above final : public arrival_discipline {
 public:
  explicit marking_above(std::uint64_t threshold) : threshold_(threshold) {}

  decision on_arrival(const queue_arrival& frame) override {
    return frame.frames_waiting >= threshold_ ? decision::mark_or_take : decision::take;
  }

 private:
  std::uint64_t threshold_;
};

}  // namespace

queue_type mark_threshold() {
  return {"mark_threshold",
          {{"mark_threshold", parameter_kind::whole, std::uint64_t{20}, "frames waiting from which on it marks", 0,
            100'000}},
          [](const channel_settings& settings, const random_stream&) {
            queue_discipline made;
            made.on_arrival = std::make_unique<marking_above>(settings.further.get<std::uint64_t>("mark_threshold"));
            return made;
          }};
}

}  // namespace seqwire
