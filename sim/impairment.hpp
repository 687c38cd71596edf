// What a link does to a frame besides carrying it: loss, delay, copies, damage. An impairment is told of every frame in
// the order in which they enter and says what becomes of it; it never sees the link. A new one is one file in
// sim/impairments and one line in sim/registry.cpp; its draws are keyed by the frame's ordinal in a stream of its own,
// so that it shifts the fate of no frame under the others.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/random.hpp"
#include "protocol/base/slice.hpp"
#include "sim/parameter.hpp"

namespace seqwire {

struct channel_settings;

/// A frame that enters.
struct frame_event {
  instant now;                                // since the link began to carry
  std::uint64_t ordinal;                      // among all frames that entered, from 0
  std::optional<std::uint64_t> data_ordinal;  // among the data packets of its flow; nothing: it carries no data
  std::size_t first_octet;                    // where the packet begins in the frame: a link header is left alone
};

/// What becomes of it; each impairment adds to it.
struct frame_effects {
  slice contents;  // as they are by now

  bool lost = false;                  // does not arrive
  bool listed = false;                // lost because a list of ordinals named it
  bool held_back = false;             // on purpose, so that others overtake
  bool at_once = false;               // arrives without the link's delay
  bool in_order = false;              // arrives no earlier than those before it
  duration later{};                   // its arrival, by so much
  std::uint64_t behind = 0;           // arrives behind so many that enter after it, at the latest after `later`
  std::vector<duration> copies = {};  // each so much later than the frame itself
  std::optional<std::uint64_t> corrupted_bit = {};  // the one bit that was flipped
  std::string damage = {};                          // what else was done to the contents: "words 4 and 7 exchanged"
};

class impairment {  // of one link's direction
 public:
  virtual ~impairment() = default;

  /// Every frame, also one that an earlier impairment lost: so no impairment's state depends on the others. Whether it
  /// did anything to it.
  virtual bool on_frame(const frame_event& frame, frame_effects& effects) = 0;
  /// It lets no frame arrive later than otherwise by more than this.
  virtual duration longest_hold() const { return {}; }
  /// Whether it needs frame_event::data_ordinal.
  virtual bool counts_data() const { return false; }
  /// Whether it ends when the link heals (channel::heal).
  virtual bool heals() const { return true; }
};

struct impairment_type {              // a line of the registry
  std::string_view name;              // in captures, reports and lists
  std::vector<parameter> parameters;  // that users may set
  /// The impairment that these settings ask for, with the link direction's random stream; nothing: they ask for none.
  std::unique_ptr<impairment> (*make)(const channel_settings& settings, const random_stream& random);
};

}  // namespace seqwire
