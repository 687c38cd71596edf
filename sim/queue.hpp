// Queue disciplines: who waits for a link of finite rate, who goes first, who is dropped or marked. Two kinds. One that
// decides when a frame arrives is asked then, and the frames leave in the order in which they came: their departure is
// known at once and costs no event. One that decides when a frame leaves keeps the frames itself. A new one is one file
// in sim/queues and one line in sim/registry.cpp.
#pragma once

#include <memory>
#include <optional>

#include "protocol/base/random.hpp"
#include "protocol/base/slice.hpp"
#include "sim/impairment.hpp"

namespace seqwire {

/// A frame on its way.
struct channel_frame {
  slice contents;               // octets as they travel, link header included where there is one
  std::uint64_t packet_id = 0;  // the same at every vantage point
  std::uint64_t source = 0;     // link-layer source, for carriers whose frames have no link header
};

/// What a link can know of a frame's use. Without a classifier every frame is of flow 0 and carries no data.
struct frame_class {
  std::uint64_t flow = 0;  // the same for the packets of one connection in one direction
  bool data = false;       // carries octets of the flow
  unsigned band = 2;       // for priority: 0 urgent, 1 without data (acknowledgements), 2 all else
};
inline constexpr unsigned band_count = 3;  // bands are 0 to 2

/// A frame that asks to wait in a queue that is served in order of arrival.
struct queue_arrival {
  instant now;                 // of its arrival
  std::uint64_t ordinal;       // among all frames that entered the channel
  std::size_t octets;          // of this frame on the link
  std::size_t frames_waiting;  // the one in service apart
  std::size_t octets_waiting;  // of those frames on the link
  instant idle_from;           // when the link will have sent all that it was given; in the past: idle since
};

class arrival_discipline {  // of one link's direction
 public:
  virtual ~arrival_discipline() = default;
  /// A mark instead of a drop, or only where the packet can carry one.
  enum class decision : std::uint8_t { take, mark_or_take, mark_or_drop, drop };
  virtual decision on_arrival(const queue_arrival& frame) = 0;  // in the order of arrival
};

/// A frame in a queue that decides when frames leave.
struct waiting_frame {
  channel_frame frame;        // as it entered
  frame_class of;             // what the classifier said
  std::uint64_t ordinal = 0;  // among all frames that entered the channel
  instant entered;            // when it began to wait
  std::size_t octets = 0;     // on the link
  frame_effects effects;      // what is still to be done to it
};

/// What a discipline does to frames other than letting them wait and go.
class queue_officer {
 public:
  enum class reason : std::uint8_t { full, early, expired };  // no room; on purpose; it waited too long
  virtual void drop(waiting_frame frame, reason why) = 0;     // it is counted, and gone
  /// False: it cannot carry a mark, or marks are not asked for; it is as it was.
  virtual bool mark(waiting_frame& frame) = 0;

 protected:
  ~queue_officer() = default;
};

class departure_discipline {  // of one link's direction
 public:
  virtual ~departure_discipline() = default;
  virtual void enqueue(instant now, waiting_frame frame, queue_officer& officer) = 0;  // may drop this one or another
  /// The frame that goes now; nothing: none waits any more.
  virtual std::optional<waiting_frame> dequeue(instant now, queue_officer& officer) = 0;
  virtual std::size_t frames() const = 0;  // that wait
};

/// What stands between the impairments and the wire.
struct queue_discipline {
  std::unique_ptr<arrival_discipline> on_arrival = {};      // asked for each frame that enters
  std::unique_ptr<departure_discipline> on_departure = {};  // with it the other one is not asked
  bool bounded = true;                                      // by channel_settings::queue
  duration longest_wait = duration::maximum();              // it drops what has waited longer
};

struct queue_type {                   // a line of the registry
  std::string_view name;              // the value of queue_discipline in scenarios
  std::vector<parameter> parameters;  // that users may set
  /// Of one direction, with its random stream.
  queue_discipline (*make)(const channel_settings& settings, const random_stream& random);
};

}  // namespace seqwire
