// What connections cost by themselves: to open and close one, to hold many, and to find among many the one that a
// packet is for. Two hosts joined in memory, one thread.
#include "bench/allocations.hpp"
#include "bench/joined_hosts.hpp"
#include "bench/topics.hpp"
#include "protocol/host/idp_output.hpp"

namespace seqwire::bench {
namespace {

constexpr std::size_t record_octets = 64;
constexpr std::size_t batch = 64;

spp_config connection() {
  spp_config config;
  config.packet_life = {};  // memory keeps no late copies
  config.linger = 10_ms;
  return config;
}

// --- opening and closing ---

// Connections from a to b, each closed by a as soon as it is open. Both ends release theirs when they hear of its end.
// One takes 10 us of the hosts' time: b lets 1,000 linger, and on both 20,000 ids are not to be used again yet.
class open_and_close {
 public:
  open_and_close() { require(hosts_.b->on.sequenced().listen(service, connection())); }

  void turn() {
    spp_protocol& opener = hosts_.a->on.sequenced();
    const auto handle = opener.connect(hosts_.now, hosts_.b->on.address(service), connection());
    require(handle.has_value());
    opener.close(*handle);  // once it is open
    hosts_.exchange([&] { return release_ended(*hosts_.a); }, [&] { return release_ended(*hosts_.b); });
  }

  std::uint64_t closed() const { return ended_ / 2; }

  /// After all that lingers has lingered: nothing may be left.
  void forget() {
    hosts_.now += 1_s;
    hosts_.exchange([] { return false; }, [] { return false; });
    require(hosts_.a->on.idle() && hosts_.b->on.idle());
  }

 private:
  bool release_ended(joined_host& at) {
    bool any = false;
    while (const auto event = at.on.sequenced().poll_event()) {
      any = true;
      if (event->what != connection_notice::ended) continue;
      require(at.on.sequenced().status(event->connection) == end_status::closed_gracefully);
      at.on.sequenced().release(event->connection);
      ++ended_;
    }
    return any;
  }

  joined_hosts hosts_;
  std::uint64_t ended_ = 0;
};

// Connections each second, allocations for each.
std::vector<double> open_and_close_connections(duration round) {
  open_and_close of;
  std::uint64_t turns = 0;
  const std::uint64_t before = allocations();
  const double nanoseconds = nanoseconds_each(round, batch, [&] {
    for (std::size_t i = 0; i < batch; ++i) of.turn();
    turns += batch;
  });
  const auto allocated = static_cast<double>(allocations() - before);
  require(of.closed() == turns);
  of.forget();
  return {1e9 / nanoseconds, allocated / static_cast<double>(turns)};
}

// --- many at a time ---

// So many connections from a to b, open and idle; b's handles are in the order in which a opened them.
class open_connections {
 public:
  explicit open_connections(std::size_t count) {
    require(hosts.b->on.sequenced().listen(service, connection()));
    while (of_a.size() < count) {
      of_a.push_back(*hosts.a->on.sequenced().connect(hosts.now, hosts.b->on.address(service), connection()));
      exchange();
    }
    require(of_b.size() == count);
  }

  /// One record from a and one from b on every connection.
  void talk() {
    const slice record = slice::owning(octets(record_octets, 0x5a));
    for (std::size_t i = 0; i < of_a.size(); ++i) {
      require(hosts.a->on.sequenced().send_record(of_a[i], record, 0) == send_status::accepted);
      require(hosts.b->on.sequenced().send_record(of_b[i], record, 0) == send_status::accepted);
      if (i % batch == batch - 1) exchange();
    }
    exchange();
    require(taken_ == 2 * of_a.size());
  }

  joined_hosts hosts;
  std::vector<connection_handle> of_a;
  std::vector<connection_handle> of_b;

 private:
  void exchange() {
    hosts.exchange([&] { return serve(hosts.a->on.sequenced(), nullptr); },
                   [&] { return serve(hosts.b->on.sequenced(), &of_b); });
  }
  bool serve(spp_protocol& at, std::vector<connection_handle>* opened) {
    bool any = false;
    while (const auto event = at.poll_event()) {
      any = true;
      if (event->what == connection_notice::opened && opened != nullptr) opened->push_back(event->connection);
      if (event->what == connection_notice::record)
        while (at.take_record(event->connection)) ++taken_;
    }
    return any;
  }

  std::uint64_t taken_ = 0;
};

struct octets_of_ends {
  double a = 0;
  double b = 0;
};

// What both hosts give back when they go.
octets_of_ends octets_held(std::size_t connections, bool talk) {
  open_connections of(connections);
  if (talk) of.talk();
  const auto given_back = [](std::unique_ptr<joined_host>& by) {
    const std::int64_t before = octets_in_use();
    by.reset();
    return static_cast<double>(before - octets_in_use());
  };
  const double a = given_back(of.hosts.a);
  return {a, given_back(of.hosts.b)};
}

// Octets for each connection, beyond what a host with one of them takes: the opener's and the listener's.
std::vector<double> hold_idle(bool talk) {
  const octets_of_ends one = octets_held(1, talk);
  const octets_of_ends all = octets_held(many_connections, talk);
  return {(all.a - one.a) / (many_connections - 1), (all.b - one.b) / (many_connections - 1)};
}

// --- finding the right one ---

// Packets from b to connections of a, made here: b itself would take as long again, and need as much of the cache.
// The opener's connections have a socket number each, the listener's share one.
class arriving_packets {
 public:
  explicit arriving_packets(const open_connections& of) {
    for (const connection_handle each : of.of_a) peers_.push_back({of.hosts.a->on.sequenced().identity(each), 0});
  }

  datagram next_for(std::size_t connection) {
    peer& from = peers_[connection];
    const connection_identity& known = from.identity;
    packet made;
    made.head_size = static_cast<std::uint8_t>(spp_overhead);
    made.body = record_;
    spp_header header{};
    header.send_acknowledgement = header.end_of_message = true;
    header.source_connection = known.peer_id;
    header.destination_connection = known.local_id;
    header.sequence = from.next++;
    header.allocation = 63;
    spp_layout::encode(header, made.head.data() + idp_layout::octets);
    idp_header outer{};
    outer.packet_type = packet_type::sequenced_packet;
    outer.destination_network = known.local.network;
    outer.destination_host = known.local.host;
    outer.destination_socket = known.local.socket;
    outer.source_network = known.peer.network;
    outer.source_host = known.peer.host;
    outer.source_socket = known.peer.socket;
    complete_idp(made, outer, contribution_);
    slice_pool::draft room = pool_.open();
    made.copy_to(room.data());
    return {.previous_hop = known.peer.host, .contents = room.freeze(made.size())};
  }

 private:
  struct peer {
    connection_identity identity;
    std::uint16_t next;
  };
  std::vector<peer> peers_;
  slice_pool pool_{1500};
  slice record_ = slice::owning(octets(record_octets, 0x5a));
  std::uint16_t contribution_ = checksum_contribution(record_.view(), 0);
};

// Nanoseconds for each packet at a: it comes in, its record is taken, its acknowledgement leaves. Making packets is not
// counted.
class receiving_host {
 public:
  explicit receiving_host(std::size_t connections) : open_(connections), packets_(open_) {}

  /// The packets are for one connection after the other of the first `connections`, in an order that jumps about.
  double nanoseconds_for_packet(duration round, std::size_t connections) {
    duration spent{};
    double received = 0;
    std::size_t next = 0;
    while (spent < round) {
      for (datagram& each : arrived_) {
        each = packets_.next_for(next);
        next = (next + 7919) % connections;
      }
      const instant started = cpu_time();
      for (const datagram& each : arrived_) receive(each);
      spent += cpu_time() - started;
      received += batch;
    }
    return static_cast<double>(spent.nanoseconds) / received;
  }

 private:
  void receive(const datagram& arrived) {
    host& at = open_.hosts.a->on;
    at.on_datagram(open_.hosts.now, arrived);
    std::size_t records = 0;
    while (const auto event = at.sequenced().poll_event())
      while (at.sequenced().take_record(event->connection)) ++records;
    require(records == 1 && at.poll_transmit(open_.hosts.now, leaving_) == 1);
  }

  open_connections open_;
  arriving_packets packets_;
  std::array<datagram, batch> arrived_;
  std::array<packet, batch> leaving_;
};

std::vector<row> find_among_many(duration round) {
  receiving_host with_one(1);
  receiving_host with_many(many_connections);
  const auto at_most = aim::direction::at_most;
  std::vector<row> rows = take_turns(
      {{{{.topic = "connections",
          .name = "packet in, acknowledgement out: 1 open",
          .unit = "ns",
          .note = "64 octets at the opener, each connection with a socket number of its own; its peer's work is not "
                  "counted"}},
        [&](duration turn) { return std::vector{with_one.nanoseconds_for_packet(turn, 1)}; }},
       {{{.topic = "connections", .name = "10,000 open, one of them talks", .unit = "ns"}},
        [&](duration turn) { return std::vector{with_many.nanoseconds_for_packet(turn, 1)}; }},
       {{{.topic = "connections",
          .name = "10,000 open, all talk in turn",
          .unit = "ns",
          .note = "none is in the processor's cache when its packet comes"}},
        [&](duration turn) { return std::vector{with_many.nanoseconds_for_packet(turn, many_connections)}; }}},
      round);
  rows.push_back(
      ratio({.topic = "connections", .name = "10,000 open over 1 open", .unit = {}, .goal = aim{at_most, 1.5}}, rows[1],
            rows[0]));
  rows.push_back(ratio({.topic = "connections",
                        .name = "all of 10,000 in turn over 1",
                        .unit = {},
                        .note = "what is added is waiting for each connection's own memory, not the search"},
                       rows[2], rows[0]));
  return rows;
}

}  // namespace

std::vector<row> bench_connections(duration round) {
  const auto at_most = aim::direction::at_most;
  std::vector<row> rows =
      take_turns({{{{.topic = "connections",
                     .name = "opened and closed",
                     .unit = "connections/s",
                     .note = "both ends; opening, 254 and 255 each way; meanwhile 1,000 linger and 20,000 ids rest"},
                    {.topic = "connections", .name = "allocations", .unit = "for each"}},
                   open_and_close_connections}},
                 round);
  std::vector<row> held{
      {.topic = "connections",
       .name = "idle, the opener's",
       .unit = "octets",
       .goal = aim{at_most, 4096},
       .note = "10,000 open on one host, each has carried a record each way"},
      {.topic = "connections", .name = "idle, the listener's", .unit = "octets", .goal = aim{at_most, 4096}},
      {.topic = "connections", .name = "idle since opened, the opener's", .unit = "octets"},
      {.topic = "connections", .name = "idle since opened, the listener's", .unit = "octets"}};
  std::vector<double> figures = hold_idle(true);
  for (const double figure : hold_idle(false)) figures.push_back(figure);
  for (std::size_t i = 0; i < held.size(); ++i) held[i].rounds = {figures[i]};  // the same every time
  for (std::vector<row> more : {std::move(held), find_among_many(round)})
    std::move(more.begin(), more.end(), std::back_inserter(rows));
  return rows;
}

}  // namespace seqwire::bench
