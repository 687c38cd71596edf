// The plain queues: first come, first served, and what finds no room is dropped; or there always is room. The channel
// keeps them itself, so there is nothing here but their names.
#include "sim/channel.hpp"

namespace seqwire {

queue_type drop_tail() {
  return {"drop_tail",
          {{"queue_octets", parameter_kind::size, std::uint64_t{0},
            "octets that may wait, whatever the discipline; 0: only frames are counted", 0, std::uint64_t{1} << 30}},
          [](const channel_settings&, const random_stream&) { return queue_discipline{}; }};
}

queue_type infinite() {
  return {"infinite", {}, [](const channel_settings&, const random_stream&) {
            queue_discipline made;
            made.bounded = false;
            return made;
          }};
}

}  // namespace seqwire
