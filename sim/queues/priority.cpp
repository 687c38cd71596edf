// Strict priority: urgent packets, then packets without data, then all else; each in the order in which it came. A full
// queue drops what arrives.
#include <algorithm>
#include <array>
#include <deque>

#include "sim/channel.hpp"

namespace seqwire {
namespace {

class priority_discipline final : public departure_discipline {
 public:
  priority_discipline(std::size_t limit, duration longest_wait) : limit_(limit), longest_wait_(longest_wait) {}

  void enqueue(instant, waiting_frame frame, queue_officer& officer) override {
    if (frames_ >= limit_) {
      officer.drop(std::move(frame), queue_officer::reason::full);
      return;
    }
    ++frames_;
    bands_[std::min(frame.of.band, band_count - 1)].push_back(std::move(frame));
  }

  std::optional<waiting_frame> dequeue(instant now, queue_officer& officer) override {
    for (std::deque<waiting_frame>& band : bands_) {
      while (!band.empty()) {
        waiting_frame head = std::move(band.front());
        band.pop_front();
        --frames_;
        if (now - head.entered <= longest_wait_) return head;
        officer.drop(std::move(head), queue_officer::reason::expired);
      }
    }
    return std::nullopt;
  }
  std::size_t frames() const override { return frames_; }

 private:
  std::array<std::deque<waiting_frame>, band_count> bands_;
  std::size_t limit_;
  duration longest_wait_;
  std::size_t frames_ = 0;
};

}  // namespace

queue_type priority() {
  return {"priority", {}, [](const channel_settings& settings, const random_stream&) {
            const auto longest_wait = settings.further.get<duration>("queue_longest_wait");
            queue_discipline made;
            made.on_departure =
                std::make_unique<priority_discipline>(std::max<std::size_t>(settings.queue, 1), longest_wait);
            made.longest_wait = longest_wait;
            return made;
          }};
}

}  // namespace seqwire
