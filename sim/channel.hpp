// One direction of a link: what it does to each frame, decided the moment the frame enters. Rate and a drop-tail queue,
// propagation delay, and impairments drawn by frame ordinal from a stream of its own, so that the same frame meets the
// same fate whatever else is added to a run. It carries octets of any protocol; the bridge uses it with the real clock.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/number_ring.hpp"
#include "protocol/base/random.hpp"
#include "protocol/base/slice.hpp"
#include "sim/schedule.hpp"

namespace seqwire {

/// What a link does to frames in one direction; by default nothing.
struct channel_settings {
  // Carriage
  std::uint64_t rate = 0;     // bits per second; 0: infinitely fast
  duration delay{};           // propagation
  std::size_t queue = 1000;   // frames that may wait for a link of finite rate, the one in service apart
  std::int64_t overhead = 0;  // octets added to each frame's size on the link; may be negative
  std::size_t memory = std::size_t{1} << 30;  // octets that all frames under way may take (see channel::memory_of)
  // Impairments; probabilities of each frame
  double loss = 0;                       // the frame is gone
  double reordering = 0;                 // held back by up to reordering_delay
  duration reordering_delay = 5_ms;      // drawn evenly between 0 and this
  double duplication = 0;                // arrives twice, the copy up to duplication_delay later
  duration duplication_delay = 1_ms;     // drawn evenly between 0 and this
  double corruption = 0;                 // exactly one bit flipped
  std::vector<std::uint64_t> drop = {};  // ordinals of frames to lose, sorted, the first frame is 0
  std::size_t corruption_offset = 0;     // octets at the frame's start that are never corrupted (a link header)
};

/// No copy of a frame of at most this size arrives later than this after it entered such a channel.
duration frame_life(const channel_settings& settings, std::size_t largest_frame);

/// What the channel did with a frame.
struct channel_verdict {
  /// Of the frame, without its duplicate.
  enum class fate : std::uint8_t { delivered, lost, dropped_by_list, queue_full, overflow, down };
  // Of the frame itself; delivered: at a later instant.
  fate what = fate::delivered;
  bool reordered = false;
  bool duplicated = false;                     // a copy is under way, too
  std::optional<std::uint64_t> corrupted_bit;  // from the frame's first bit
};
/// "delivered", "lost", "delivered; corrupted: bit 77 flipped; held back": the comment in the capture.
std::string to_string(const channel_verdict& verdict);

/// Conservation: offered + duplicated == delivered + not_delivered() + what is still under way.
struct channel_statistics {
  // Frames, by what became of them.
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t dropped_by_list = 0;
  std::uint64_t queue_full = 0;
  std::uint64_t overflow = 0;   // more was under way than the channel may hold
  std::uint64_t down = 0;       // came while the channel was down
  std::uint64_t reordered = 0;  // held back by the impairment
  std::uint64_t overtaken = 0;  // delivered after a frame that entered later
  std::uint64_t duplicated = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t octets_delivered = 0;

  /// Of the offered frames.
  std::uint64_t not_delivered() const { return lost + dropped_by_list + queue_full + overflow + down; }
};

/// A frame on its way.
struct channel_frame {
  slice contents;               // octets as they travel, link header included where there is one
  std::uint64_t packet_id = 0;  // the same at every vantage point
  std::uint64_t source = 0;     // link-layer source, for carriers whose frames have no link header
};

/// One direction of a link in virtual time, or of the bridge in real time.
class channel final : public actor {
 public:
  /// Called at the arrival, once for each copy.
  using receiver = std::function<void(instant now, const channel_frame& frame)>;

  /// The schedule outlives it; `random` is its own from now on.
  channel(schedule& time, channel_settings settings, const random_stream& random, receiver deliver);

  /// Takes a frame now. Deliveries come later, by the receiver given at construction.
  channel_verdict send(instant now, const channel_frame& frame);

  /// While down, every frame that enters is gone; those on their way arrive.
  void set_down(bool down) { down_ = down; }

  /// From now on nothing is lost, held back, doubled or changed. Rate, delay, queue and the drop list stay.
  void heal() { settings_.loss = settings_.reordering = settings_.duplication = settings_.corruption = 0; }

  const channel_statistics& statistics() const { return statistics_; }  // up to now
  const channel_settings& settings() const { return settings_; }        // after heal(), without impairments
  /// What a frame of this size counts towards settings().memory: its octets, and the block, slot and event that it
  /// holds however small it is.
  static constexpr std::size_t memory_of(std::size_t frame_size) { return frame_size + 2048; }
  void on_event(instant now, std::uint64_t token) override;

 private:
  struct flight {
    channel_frame frame;
    std::uint64_t ordinal = 0;
  };

  std::optional<instant> departure(instant now, std::size_t size);
  channel_verdict::fate early_fate(std::uint64_t ordinal) const;
  bool fits(std::size_t frame_size) const { return under_way_ + memory_of(frame_size) <= settings_.memory; }
  void launch(instant at, channel_frame frame, std::uint64_t ordinal);
  slice with_flipped_bit(const slice& contents, std::uint64_t bit);

  schedule& schedule_;
  channel_settings settings_;
  random_stream random_;
  receiver deliver_;
  channel_statistics statistics_;
  bool down_ = false;
  std::uint64_t ordinal_ = 0;
  std::size_t under_way_ = 0;            // memory of the flights
  std::uint64_t newest_delivered_ = 0;   // ordinal + 1
  instant free_at_{};                    // when the link has sent all it was given
  number_ring<instant> service_starts_;  // of frames that wait
  std::vector<flight> flights_;          // slots; the event's token is the index
  std::vector<std::uint64_t> free_slots_;
};

}  // namespace seqwire
