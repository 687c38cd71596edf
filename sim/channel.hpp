// One direction of a link: what it does to each frame. A short pipeline: impairments decide what happens to a frame
// when it enters (sim/impairment.hpp), a queue and a transmitter of finite rate when it leaves (sim/queue.hpp,
// sim/transmitter.hpp), then it propagates. Draws are keyed by frame ordinal, so that the same frame meets the same
// fate whatever else is added to a run. It carries octets of any protocol; the bridge uses it with the real clock.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/number_ring.hpp"
#include "protocol/base/random.hpp"
#include "protocol/base/slice.hpp"
#include "sim/queue.hpp"
#include "sim/schedule.hpp"
#include "sim/transmitter.hpp"

namespace seqwire {

struct channel_settings {  // what a link does to frames in one direction; by default nothing
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
  parameter_values further = {};         // whatever else sim/registry.hpp lists
};

/// Lanes of a channel's own random stream: one for each decision about a frame, so that adding one shifts no other.
/// Impairments that came later fork streams by their names.
enum channel_lane : std::uint32_t {
  lane_loss,
  lane_reordering,
  lane_held,
  lane_duplication,
  lane_copy,
  lane_corruption,
  lane_bit
};

/// No copy of a frame of at most this size arrives later than this after it entered such a channel.
duration frame_life(const channel_settings& settings, std::size_t largest_frame);

/// What the channel did with a frame, as far as that is known when it entered.
struct channel_verdict {
  enum class fate : std::uint8_t {  // of the frame, without its copies
    delivered,
    lost,
    dropped_by_list,
    queue_full,
    overflow,
    down,
    dropped_early,  // by the queue's discipline, though there was room
    queued,         // by a discipline that decides when frames leave
  };
  fate what = fate::delivered;                      // delivered: at a later instant
  bool reordered = false;                           // held back, or sent ahead
  bool duplicated = false;                          // copies are under way, too
  std::optional<std::uint64_t> corrupted_bit = {};  // from the frame's first bit
  std::string damage = {};                          // what else was done to the contents
  bool marked = false;                              // by the queue's discipline
  std::string_view by = {};  // the impairment that lost it, or the queue discipline; empty: plain loss
};
/// "delivered", "lost", "lost: blackhole", "delivered; corrupted: bit 77 flipped; held back": the comment in the
/// capture.
std::string to_string(const channel_verdict& verdict);

/// How many frames an impairment lost or changed in any way.
struct impairment_count {
  std::string_view name;     // as sim/registry.hpp has it
  std::uint64_t frames = 0;  // of those that entered
};

/// Conservation: offered + duplicated == delivered + not_delivered() + what is still under way.
struct channel_statistics {
  std::uint64_t offered = 0;                       // frames that entered
  std::uint64_t delivered = 0;                     // frames that arrived, copies included
  std::uint64_t lost = 0;                          // by impairments, those named by a list apart
  std::uint64_t dropped_by_list = 0;               // lost because a list of ordinals named them
  std::uint64_t queue_full = 0;                    // dropped because as many waited as may
  std::uint64_t overflow = 0;                      // more was under way than the channel may hold
  std::uint64_t down = 0;                          // came while the channel was down
  std::uint64_t dropped_early = 0;                 // by the queue's discipline, though there was room
  std::uint64_t dropped_late = 0;                  // waited longer than the queue's discipline allows
  std::uint64_t marked = 0;                        // by the queue's discipline
  std::uint64_t reordered = 0;                     // held back by the impairment, or sent ahead
  std::uint64_t overtaken = 0;                     // delivered after a frame that entered later
  std::uint64_t duplicated = 0;                    // copies
  std::uint64_t corrupted = 0;                     // changed in any way
  std::uint64_t octets_delivered = 0;              // of whole frames
  std::size_t most_waiting = 0;                    // frames, the one in service apart
  duration waited{};                               // of all frames that were sent at a limited rate, together
  duration longest_wait{};                         // of one of them
  duration busy{};                                 // sending at a limited rate
  std::vector<impairment_count> impairments = {};  // those that the settings ask for

  std::uint64_t not_delivered() const {  // of the offered ones and their copies
    return lost + dropped_by_list + queue_full + overflow + down + dropped_early + dropped_late;
  }
};

/// What a channel can know and do beyond octets; each may be missing.
struct channel_hooks {
  /// Of a packet, the frame without its link header.
  std::function<frame_class(octets_view packet)> classify = {};
  /// A frame with a congestion mark, or nothing: this one cannot carry one.
  std::function<std::optional<slice>(const slice& frame)> mark = {};
};

class channel final : public actor, private queue_officer {  // in virtual time, or the bridge's real one
 public:
  using receiver = std::function<void(instant now, const channel_frame& frame)>;  // called at each arrival

  /// The schedule outlives it; `random` is its own from now on.
  channel(schedule& time, channel_settings settings, const random_stream& random, receiver deliver,
          channel_hooks hooks = {});

  /// Takes a frame now. Deliveries come later, by the receiver given at construction.
  channel_verdict send(instant now, const channel_frame& frame);

  /// While down, every frame that enters is gone; those on their way arrive.
  void set_down(bool down) { down_ = down; }

  /// From now on nothing is lost, held back, doubled or changed. Rate, delay, queue and lists of ordinals stay.
  void heal();

  /// Other settings for frames that enter from now on; those that wait go under them, too. What is under way arrives;
  /// ordinals, counts and the times of keys go on.
  void change(channel_settings settings);

  const channel_statistics& statistics() const { return statistics_; }  // up to now
  const channel_settings& settings() const { return settings_; }        // after heal(), without impairments
  /// Frames that wait for the link now, the one in service apart.
  std::size_t waiting(instant now);
  /// What a frame of this size counts towards settings().memory: its octets, and the block, slot and event that it
  /// holds however small it is.
  static constexpr std::size_t memory_of(std::size_t frame_size) { return frame_size + 2048; }
  void on_event(instant now, std::uint64_t token) override;

 private:
  struct flight {
    channel_frame frame;
    std::uint64_t ordinal = 0;
  };
  // A frame held back until others have passed, or its time is over.
  struct held_frame {
    flight what;
    std::uint64_t still_to_pass = 0;
    instant not_before{};  // when it would have arrived
    instant latest{};
  };
  // A frame that waits in order of arrival.
  struct waiting_place {
    instant starts;
    std::size_t octets = 0;
  };
  struct active_impairment {
    std::unique_ptr<impairment> what;
    std::size_t count;  // where in statistics_.impairments
  };
  enum token_kind : std::uint64_t { token_flight = 0, token_service = 1, token_held = 2, token_kinds = 4 };

  void configure(instant free_from);
  bool impair(instant now, std::uint64_t ordinal, const frame_class& of, frame_effects& effects,
              channel_verdict& verdict);
  std::optional<std::uint64_t> data_ordinal(const frame_class& of);
  bool fits(std::size_t frame_size) const { return under_way_ + memory_of(frame_size) <= settings_.memory; }
  std::size_t octets_on_link(std::size_t frame_size) const;

  channel_verdict send_plainly(instant now, const channel_frame& frame, std::uint64_t ordinal);
  bool has_room(instant now, std::size_t size);
  bool admit(instant now, std::uint64_t ordinal, std::size_t size, frame_effects& effects, channel_verdict& verdict);
  instant depart(instant now, std::size_t size);
  void wait_in_turn(instant now, waiting_frame frame, channel_verdict& verdict);
  void serve(instant now);
  void drop(waiting_frame frame, reason why) override;
  bool mark(waiting_frame& frame) override;
  void count_wait(duration wait);

  void carry(instant left, const channel_frame& frame, std::uint64_t ordinal, frame_effects& effects);
  void launch(instant at, channel_frame frame, std::uint64_t ordinal);
  void hold(instant usual, instant latest, flight what, std::uint64_t behind);
  void pass_held(instant arrival);
  void deliver(instant now, const flight& arrived);
  duration delay_at(instant left) const;

  schedule& schedule_;
  channel_settings settings_;
  random_stream random_;
  instant began_;
  receiver deliver_;
  channel_hooks hooks_;
  std::vector<active_impairment> impairments_;
  queue_discipline queue_;
  std::string_view queue_name_;
  std::unique_ptr<transmitter> transmitter_;
  timed_values delays_;
  std::size_t queue_octets_ = 0;
  bool counts_data_ = false;
  bool marks_ = false;

  channel_statistics statistics_;
  bool down_ = false;
  std::uint64_t ordinal_ = 0;
  std::map<std::uint64_t, std::uint64_t> data_packets_;  // by flow
  std::size_t under_way_ = 0;                            // memory of the frames
  std::uint64_t newest_delivered_ = 0;                   // ordinal + 1
  instant newest_arrival_{};
  number_ring<waiting_place> waiting_;
  std::size_t octets_waiting_ = 0;
  bool service_scheduled_ = false;
  std::optional<reason> refused_;  // why the frame that is being queued was dropped
  std::uint64_t being_queued_ = 0;
  std::vector<flight> flights_;  // slots; the event's token is the index
  std::vector<std::uint64_t> free_slots_;
  std::map<std::uint64_t, held_frame> held_;  // by ordinal
};

}  // namespace seqwire
