// FQ-CoDel (RFC 8290): flows hashed to queues of CoDel, served in turn by their octets; queues that were empty first.
// When there is no room, the longest queue loses its oldest frame.
#include <algorithm>
#include <array>
#include <deque>

#include "protocol/base/keyed_hash.hpp"
#include "sim/channel.hpp"
#include "sim/queues/codel.hpp"

namespace seqwire {
namespace {

struct fq_settings {
  codel_settings codel;
  std::size_t queues;
  std::int64_t quantum;  // octets for a queue's turn
  std::size_t limit;     // frames in all of them
  duration longest_wait;
};

class fq_codel_discipline final : public departure_discipline {
 public:
  fq_codel_discipline(const fq_settings& settings, const random_stream& random)
      : settings_(settings), key_(make_hash_key(random)), queues_(settings.queues, flow_queue(settings.codel)) {}

  void enqueue(instant, waiting_frame frame, queue_officer& officer) override {
    std::array<octet, 8> flow{};
    store_u64(flow.data(), frame.of.flow);
    const std::size_t index = keyed_hash(key_, flow) % queues_.size();
    flow_queue& queue = queues_[index];
    queue.frames.push(std::move(frame));
    ++frames_;
    if (!queue.listed) {
      queue.listed = true;
      queue.credit = settings_.quantum;
      new_.push_back(index);
    }
    if (frames_ <= settings_.limit) return;
    const auto longest = std::max_element(queues_.begin(), queues_.end(), [](const auto& a, const auto& b) {
      return a.frames.octets() < b.frames.octets();
    });
    --frames_;
    officer.drop(longest->frames.pop_head(), queue_officer::reason::full);
  }

  std::optional<waiting_frame> dequeue(instant now, queue_officer& officer) override {
    for (;;) {
      std::deque<std::size_t>& list = !new_.empty() ? new_ : old_;
      if (list.empty()) return std::nullopt;
      const std::size_t index = list.front();
      flow_queue& queue = queues_[index];
      if (queue.credit <= 0) {
        queue.credit += settings_.quantum;
        list.pop_front();
        old_.push_back(index);
        continue;
      }
      const std::size_t before = queue.frames.frames();
      auto frame = queue.frames.pop(now, officer);
      frames_ -= before - queue.frames.frames();
      if (!frame) {
        // A new queue gets no second turn before the old ones: it could starve them.
        const bool was_new = &list == &new_;
        list.pop_front();
        if (was_new && !old_.empty()) old_.push_back(index);
        else queue.listed = false;
        continue;
      }
      if (now - frame->entered > settings_.longest_wait) {
        officer.drop(std::move(*frame), queue_officer::reason::expired);
        continue;
      }
      queue.credit -= static_cast<std::int64_t>(frame->octets);
      return frame;
    }
  }
  std::size_t frames() const override { return frames_; }

 private:
  struct flow_queue {
    explicit flow_queue(const codel_settings& settings) : frames(settings) {}
    codel_queue frames;
    std::int64_t credit = 0;
    bool listed = false;
  };

  fq_settings settings_;
  hash_key key_;
  std::vector<flow_queue> queues_;
  std::deque<std::size_t> new_;
  std::deque<std::size_t> old_;
  std::size_t frames_ = 0;
};

}  // namespace

queue_type fq_codel() {
  constexpr auto hour = static_cast<std::uint64_t>((3600_s).nanoseconds);
  return {"fq_codel",
          {{"fq_codel_flows", parameter_kind::whole, std::uint64_t{1024}, "queues to which flows are hashed", 1, 65536},
           {"fq_codel_quantum", parameter_kind::size, std::uint64_t{1514}, "octets of a flow in its turn", 64, 65536},
           {"queue_longest_wait", parameter_kind::span, 1_s,
            "where others may go first (FQ-CoDel, priority): a frame that waited longer is dropped", 1'000'000, hour}},
          [](const channel_settings& settings, const random_stream& random) {
            const parameter_values& said = settings.further;
            const fq_settings chosen{{said.get<duration>("codel_target"), said.get<duration>("codel_interval")},
                                     said.get<std::uint64_t>("fq_codel_flows"),
                                     static_cast<std::int64_t>(said.get<std::uint64_t>("fq_codel_quantum")),
                                     std::max<std::size_t>(settings.queue, 1),
                                     said.get<duration>("queue_longest_wait")};
            queue_discipline made;
            made.on_departure = std::make_unique<fq_codel_discipline>(chosen, random.fork("fq_codel"));
            made.longest_wait = chosen.longest_wait;
            return made;
          }};
}

}  // namespace seqwire
