#include "lab/workload/datagram_flow.hpp"

#include <algorithm>

namespace seqwire {
namespace {

constexpr duration patience_for_router = 5_s;  // as a connection's that opens
constexpr std::uint64_t numbers_told_apart = 65536;

class datagram_sender final : public datagram_end {
 public:
  datagram_sender(outgoing_flow flow, instant origin) : flow_(std::move(flow)), origin_(origin) {
    result_.label = flow_.label;
  }

  void begin(host& on) override {
    socket_ = on.datagrams().open();
    require(socket_ != nullptr);
    result_.opened = true;
  }

  bool step(instant now, host& on) override {
    now_ = now;
    bool sent = false;
    while (!finished() && now >= next_at()) {
      if (!next_) {
        take_next(now);
        continue;
      }
      if (!send(now, on)) break;
      sent = true;
    }
    return sent;
  }

  // A datagram that waits for room goes with the next step.
  std::optional<instant> next_wake() const override {
    if (finished() || next_at() <= now_) return std::nullopt;
    return next_at();
  }

 private:
  struct due_datagram {
    instant at;
    slice contents;
  };

  instant begins_at() const { return origin_ + flow_.start; }
  instant next_at() const { return std::max(ask_at_, next_ ? next_->at : begins_at()); }

  // Of a bulk flow the datagram is due as soon as there is room.
  void take_next(instant now) {
    auto record = flow_.source();
    if (!record) return end(now, end_status::closed_gracefully);
    const instant at = record->due ? begins_at() + *record->due : now;
    octets stamped(std::max(record->contents.size(), datagram_stamp_layout::octets));
    std::copy(record->contents.view().begin(), record->contents.view().end(), stamped.begin());
    datagram_stamp_layout::encode({result_.records, static_cast<std::uint64_t>((at - origin_).nanoseconds)},
                                  stamped.data());
    next_ = due_datagram{at, slice::owning(std::move(stamped))};
  }

  bool send(instant now, host& on) {
    switch (on.datagrams().send(*socket_, next_->contents, flow_.to)) {
      case datagram_status::sent: break;
      case datagram_status::would_block: return false;
      case datagram_status::too_big: return end(now, end_status::record_too_long), false;
      case datagram_status::no_destination:
      case datagram_status::unreachable: return ask_for_a_way(now, on);
    }
    if (result_.records++ == 0) result_.first_at = now - origin_;
    result_.octets += next_->contents.size();
    result_.last_at = now - origin_;
    next_.reset();
    give_up_at_ = instant::never();
    return true;
  }

  bool ask_for_a_way(instant now, host& on) {
    if (give_up_at_ == instant::never()) give_up_at_ = now + patience_for_router;
    if (now >= give_up_at_) return end(now, end_status::unreachable), false;
    on.routing().ask();
    ask_at_ = now + 1_s;
    return true;
  }

  void end(instant now, end_status how) {
    result_.status = how;
    result_.last_at = now - origin_;
  }

  outgoing_flow flow_;
  instant origin_;
  instant now_{};
  datagram_socket* socket_ = nullptr;
  std::optional<due_datagram> next_;
  // While no way to the receiver is known.
  instant ask_at_{};
  instant give_up_at_ = instant::never();
};

class datagram_receiver final : public datagram_end {
 public:
  datagram_receiver(incoming_flow flow, instant origin) : flow_(std::move(flow)), origin_(origin) {
    result_.label = flow_.label;
    end_when_complete();
  }

  void begin(host& on) override {
    socket_ = on.datagrams().open(flow_.socket);
    require(socket_ != nullptr);
    result_.opened = true;
  }

  bool step(instant now, host&) override {
    bool took = false;
    for (; const auto arrived = socket_->take(); took = true) count(now, arrived->data);
    return took;
  }

 private:
  void count(instant now, const slice& data) {
    if (data.size() < datagram_stamp_layout::octets) return;  // a stranger's
    const datagram_stamp stamp = datagram_stamp_layout::decode(data.data());
    if (stamp.number >= flow_.records || stamp.due > static_cast<std::uint64_t>((now - origin_).nanoseconds)) return;
    const bool late = stamp.number + 1 < end_;
    if (!first_of(stamp.number)) {
      ++result_.duplicates;
      return;
    }
    if (late) ++result_.out_of_order;
    if (result_.records++ == 0) result_.first_at = now - origin_;
    result_.octets += data.size();
    result_.last_at = now - origin_;
    result_.latencies.add(now - origin_ - duration{static_cast<std::int64_t>(stamp.due)});
    end_when_complete();
  }

  bool first_of(std::uint64_t number) {
    if (number + numbers_told_apart < end_) return false;
    if (number >= end_ + numbers_told_apart) end_ = number + 1 - numbers_told_apart;
    for (; end_ <= number; ++end_) seen_[end_ % numbers_told_apart] = false;
    const bool first = !seen_[number % numbers_told_apart];
    seen_[number % numbers_told_apart] = true;
    return first;
  }

  void end_when_complete() {
    if (result_.records == flow_.records) result_.status = end_status::closed_gracefully;
  }

  incoming_flow flow_;
  instant origin_;
  datagram_socket* socket_ = nullptr;
  std::uint64_t end_ = 0;                                           // beyond every number so far
  std::vector<bool> seen_ = std::vector<bool>(numbers_told_apart);  // of the latest numbers
};

}  // namespace

std::unique_ptr<datagram_end> make_datagram_end(outgoing_flow flow, instant origin) {
  return std::make_unique<datagram_sender>(std::move(flow), origin);
}

std::unique_ptr<datagram_end> make_datagram_end(incoming_flow flow, instant origin) {
  return std::make_unique<datagram_receiver>(std::move(flow), origin);
}

}  // namespace seqwire
