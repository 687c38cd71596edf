// Two hosts joined by a link in memory, in one thread and in a time that goes on by itself: what benchmarks of
// connections and sockets run on. Nothing is lost, late or limited.
#pragma once

#include <memory>

#include "protocol/base/number_ring.hpp"
#include "protocol/host/drive.hpp"
#include "protocol/host/host.hpp"

namespace seqwire::bench {

inline constexpr socket_number service{3000};
inline constexpr std::size_t many_connections = 10'000;

class memory_link final : public link {
 public:
  memory_link(host_number own, slice_pool& pool) : own_(own), pool_(pool) {}
  void join(memory_link& other) { other_ = &other; }
  bool anything_arrived() const { return !arrived_.empty(); }

  link_capabilities capabilities() const override { return {.host = own_}; }
  std::size_t receive(instant, std::span<datagram> to) override {
    std::size_t count = 0;
    while (count < to.size() && !arrived_.empty()) to[count++] = arrived_.pop_front();
    return count;
  }
  std::size_t transmit(instant, std::span<const packet> packets) override {
    for (const packet& each : packets) {
      slice_pool::draft room = pool_.open();
      each.copy_to(room.data());
      other_->arrived_.push_back({.previous_hop = own_, .contents = room.freeze(each.size())});
    }
    return packets.size();
  }

 private:
  host_number own_;
  slice_pool& pool_;
  memory_link* other_ = nullptr;
  number_ring<datagram> arrived_;
};

struct joined_host {
  joined_host(std::uint64_t number, slice_pool& pool)
      : on({.host = host_number{number}, .secret = make_hash_key(random_stream(number))}),
        wire(host_number{number}, pool) {}

  host on;
  memory_link wire;
  link* links[1] = {&wire};
  driver joint{on, links};
};

struct joined_hosts {
  joined_hosts() {
    a->wire.join(b->wire);
    b->wire.join(a->wire);
  }

  /// One step later: packets change hands until there are none. Applications act as driver::drive() has it.
  template <class AtA, class AtB>
  void exchange(AtA&& at_a, AtB&& at_b) {
    now += step;
    do {
      a->joint.drive(now, at_a);
      b->joint.drive(now, at_b);
    } while (a->wire.anything_arrived() || b->wire.anything_arrived());
  }

  static constexpr duration step = 10_us;
  slice_pool pool{1500};
  std::unique_ptr<joined_host> a = std::make_unique<joined_host>(0x02000000000a, pool);
  std::unique_ptr<joined_host> b = std::make_unique<joined_host>(0x02000000000b, pool);
  instant now{};
};

}  // namespace seqwire::bench
