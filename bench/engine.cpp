// What the engine costs: two hosts whose packets change hands in memory, without link, simulator or driver. Counted for
// each data packet: queueing its record, sending it, taking it in and delivering the record at the other host, sending
// the acknowledgement there and taking it in here; header checksums of both packets, and two copies of 42 octets.
#include <algorithm>

#include "bench/allocations.hpp"
#include "bench/topics.hpp"
#include "protocol/host/host.hpp"
#include "protocol/wire/checksum.hpp"

namespace seqwire::bench {
namespace {

constexpr std::size_t batch = 64;
constexpr std::size_t full_record = 1024;
constexpr int warm_up_turns = 1000;

bool lies_within(octets_view part, octets_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

class engine_pair {
 public:
  explicit engine_pair(std::size_t record_octets)
      : a_(settings(1, host_number{0x02000000000a})),
        b_(settings(2, host_number{0x02000000000b})),
        record_(slice::owning(octets(record_octets, 0x5a))) {
    require(b_.sequenced().listen(socket_number{3000}, connection()));
    handle_a_ = *a_.sequenced().connect(now_, b_.address(socket_number{3000}), connection());
    for (int i = 0; i < 4; ++i) exchange();
    require(handle_b_ != 0 && opened_);
    for (int i = 0; i < warm_up_turns; ++i) turn();
    copied_octets_ = 0;
  }

  /// One batch of records, there and acknowledged.
  void turn() {
    spp_connection& sending = *a_.sequenced().find(handle_a_);
    for (std::size_t i = 0; i < batch; ++i) require(sending.send(record_) == send_status::accepted);
    const std::uint64_t before = delivered_;
    exchange();
    require(delivered_ == before + batch);
  }

  /// Octets of records that the engine did not hand on where they lay.
  std::uint64_t copied_octets() const { return copied_octets_; }

 private:
  static host_config settings(std::uint64_t seed, host_number number) {
    return {.host = number, .secret = make_hash_key(random_stream(seed))};
  }
  static spp_config connection() {
    spp_config config;
    config.window = config.allocation = 4 * batch;
    config.packet_data = full_record;
    config.packet_life = {};  // memory keeps no late copies
    return config;
  }

  // Everything that a has to send, each packet answered by b at once.
  void exchange() {
    now_ += 10_us;
    std::array<packet, batch>& leaving = from_a_;
    while (const std::size_t count = a_.poll_transmit(now_, leaving))
      for (std::size_t i = 0; i < count; ++i) {
        if (!leaving[i].body.empty() && !lies_within(leaving[i].body.view(), record_.view()))
          copied_octets_ += leaving[i].body.size();
        arrived_ = as_datagram(leaving[i], host_number{0x02000000000a});
        leaving[i].body = {};
        b_.on_datagram(now_, arrived_);
        serve_b();
        answer();
      }
  }

  void answer() {
    while (const std::size_t count = b_.poll_transmit(now_, from_b_))
      for (std::size_t i = 0; i < count; ++i) {
        a_.on_datagram(now_, as_datagram(from_b_[i], host_number{0x02000000000b}));
        while (const auto event = a_.sequenced().poll_event())
          opened_ = opened_ || event->what == connection_notice::opened;
      }
  }

  void serve_b() {
    while (const auto event = b_.sequenced().poll_event()) {
      handle_b_ = event->connection;
      if (event->what != connection_notice::record) continue;
      spp_connection& receiving = *b_.sequenced().find(handle_b_);
      while (const auto record = receiving.take_record()) {
        ++delivered_;
        for (const slice& piece : record->pieces)
          if (!lies_within(piece.view(), arrived_.contents.view())) copied_octets_ += piece.size();
      }
    }
  }

  datagram as_datagram(const packet& from, host_number hop) {
    slice_pool::draft room = pool_.open();
    from.copy_to(room.data());
    return {.previous_hop = hop, .contents = room.freeze(from.size())};
  }

  slice_pool pool_{1500};
  host a_;
  host b_;
  slice record_;
  instant now_{};
  connection_handle handle_a_ = 0;
  connection_handle handle_b_ = 0;
  bool opened_ = false;
  std::array<packet, batch> from_a_;
  std::array<packet, batch> from_b_;
  datagram arrived_;
  std::uint64_t delivered_ = 0;
  std::uint64_t copied_octets_ = 0;
};

// Nanoseconds and allocations for each packet, copies for each octet.
std::vector<double> exchange_records(duration round, std::size_t record_octets) {
  engine_pair pair(record_octets);
  double packets = 0;
  const std::uint64_t before = allocations();
  const double nanoseconds = nanoseconds_each(round, 64.0 * batch, [&] {
    for (int i = 0; i < 64; ++i) pair.turn();
    packets += 64.0 * batch;
  });
  const auto allocated = static_cast<double>(allocations() - before);
  return {nanoseconds, allocated / packets,
          static_cast<double>(pair.copied_octets()) / (packets * static_cast<double>(record_octets))};
}

// What any engine does with the octets of such a record: two checksums and the copy that stands for the wire.
std::vector<double> touch_payload(duration round) {
  std::vector<octets> sent(batch, octets(full_record, 0x5a));
  std::vector<octets> received = sent;
  return {nanoseconds_each(round, 64.0 * batch, [&] {
    for (int i = 0; i < 64; ++i)
      for (std::size_t each = 0; each < batch; ++each) {
        keep(checksum_contribution(sent[each], 0));
        std::copy(sent[each].begin(), sent[each].end(), received[each].begin());
        keep(checksum_contribution(received[each], 20));
      }
  })};
}

}  // namespace

std::vector<row> bench_engine(duration round) {
  const auto at_most = aim::direction::at_most;
  std::vector<row> rows = take_turns(
      {{{{.topic = "engine",
          .name = "packet of 2 octets",
          .unit = "ns",
          .goal = aim{at_most, 150},
          .note = "sent, received, delivered and acknowledged; both ends, header checksums, no driver or link"},
         {.topic = "engine", .name = "allocations", .unit = "for each packet", .goal = aim{at_most, 0}},
         {.topic = "engine",
          .name = "copies",
          .unit = "for each octet",
          .goal = aim{at_most, 0},
          .note = "by the engine, from the application's record to the application's record"}},
        [](duration turn) { return exchange_records(turn, 2); }},
       {{{.topic = "engine",
          .name = "packet of 1,024 octets",
          .unit = "ns",
          .note = "with two checksums and one copy of the octets"},
         {.topic = "engine", .name = "allocations, 1,024 octets", .unit = "for each packet", .goal = aim{at_most, 0}},
         {.topic = "engine", .name = "copies, 1,024 octets", .unit = "for each octet", .goal = aim{at_most, 0}}},
        [](duration turn) { return exchange_records(turn, full_record); }},
       {{{.topic = "engine", .name = "these checksums and the copy alone", .unit = "ns"}}, touch_payload}},
      round);
  rows.push_back(
      combined({.topic = "engine", .name = "packet of 1,024 octets, the rest", .unit = "ns", .goal = aim{at_most, 150}},
               rows[3], rows[6], [](double whole, double touching) { return whole - touching; }));
  return rows;
}

}  // namespace seqwire::bench
