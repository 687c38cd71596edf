// What a program gets through sockets: small records, sent and received by calls that do not wait and by calls that do,
// and what a socket adds to the memory of its connection. The same calls three times: in one thread, where waiting is
// carrying packets in memory, so that only the interface differs; and as two programs on the simulator, where each wait
// hands a baton to another thread.
#include "bench/allocations.hpp"
#include "bench/joined_hosts.hpp"
#include "bench/topics.hpp"
#include "protocol/socket/endpoint.hpp"
#include "rawio/clock.hpp"
#include "sim/programs.hpp"
#include "sim/simulation.hpp"

namespace seqwire::bench {
namespace {

constexpr std::size_t record_octets = 64;
constexpr std::size_t at_once = 128;  // records that a program sends before it looks at the other end
constexpr packet_count window = 256;
constexpr std::size_t send_buffer =
    64 * 128;  // of 64 records with what each costs beside its octets: senders must wait

endpoint_config settings() {
  endpoint_config config;
  config.spp.packet_data = 0;
  config.spp.window = config.spp.allocation = window;
  config.spp.send_buffer = send_buffer;
  config.spp.packet_life = {};
  return config;
}

template <class Value>
Value must(socket_result<Value> outcome) {
  require(outcome.has_value());
  if constexpr (!std::is_void_v<Value>) return std::move(*outcome);
}

// Endpoints on two hosts joined in memory; waiting at either lets packets change hands.
class joined_endpoints final : private waiter {
 public:
  joined_endpoints() { carry(); }

  void carry() {
    hosts_.exchange([&] { return at_a.step(hosts_.now, hosts_.a->on); },
                    [&] { return at_b.step(hosts_.now, hosts_.b->on); });
  }
  std::unique_ptr<socket> listener() {
    auto made = must(at_b.open(socket_type::sequenced_packet));
    must(made->bind({local_network, host_number{}, service}));
    must(made->listen(1));
    return made;
  }
  xns_address address_of_b() const { return hosts_.b->on.address(service); }

 private:
  instant now() override { return hosts_.now; }
  bool wait(instant) override {
    carry();
    return true;
  }
  void flush() override {}  // packets leave when the program waits or carries, as with live_endpoint::hold_output()

  joined_hosts hosts_;

 public:
  endpoint at_a{*this, settings()};
  endpoint at_b{*this, settings()};
};

// --- records in one thread ---

class talk_in_one_thread {
 public:
  explicit talk_in_one_thread(bool waits) : waits_(waits) {
    sender_ = must(world_.at_a.open(socket_type::sequenced_packet));
    const auto listening = world_.listener();
    must(sender_->connect(world_.address_of_b()));
    receiver_ = must(listening->accept());
    if (waits) return;
    for (socket* each : {sender_.get(), receiver_.get()}) must(each->set(socket_option::non_blocking, true));
  }

  void turn() {
    for (std::size_t sent = 0; sent < at_once;)
      if (done(sender_->send(record_))) ++sent;
    for (std::size_t received = 0; received < at_once;)
      if (const auto got = receiver_->receive(std::span<octet>(buffer_)); done(got)) {
        require(got->size == record_octets && got->end_of_record);
        ++received;
      }
  }

 private:
  // What would wait is tried again after packets were carried, as after a poll().
  template <class Value>
  bool done(const socket_result<Value>& outcome) {
    if (outcome) return true;
    require(!waits_ && outcome.error() == std::errc::operation_would_block);
    world_.carry();
    return false;
  }

  bool waits_;
  joined_endpoints world_;
  std::unique_ptr<socket> sender_;
  std::unique_ptr<socket> receiver_;
  const octets record_ = octets(record_octets, 0x5a);
  std::array<octet, 2 * record_octets> buffer_{};
};

// Records each second, by the clock.
std::vector<double> talk(duration round, bool waits) {
  talk_in_one_thread of(waits);
  for (int i = 0; i < 100; ++i) of.turn();
  const instant started = clock_now();
  instant now = started;
  double records = 0;
  for (; now - started < round; now = clock_now()) {
    for (int i = 0; i < 16; ++i) of.turn();
    records += 16.0 * at_once;
  }
  return {records / (now - started).seconds()};
}

// --- records between programs in threads ---

std::vector<double> talk_between_programs(duration round) {
  simulation_settings link;
  for (channel_settings* direction : {&link.a_to_b, &link.b_to_a}) {
    direction->rate = 10'000'000'000;
    direction->delay = 50_us;
  }
  endpoint_config config = settings();
  config.spp.packet_life = packet_life(link);
  simulated_programs on_a(config);
  simulated_programs on_b(config);
  instant started{};
  instant ended{};
  double records = 0;
  on_b.add([&](endpoint& at) {
    const auto listening = must(at.open(socket_type::sequenced_packet));
    must(listening->bind({local_network, host_number{}, service}));
    must(listening->listen(1));
    const auto from = must(listening->accept());
    std::array<octet, 2 * record_octets> buffer{};
    started = ended = clock_now();
    while (!must(from->receive(std::span<octet>(buffer))).end) {
      ++records;
      ended = clock_now();
    }
  });
  on_a.add([&](endpoint& at) {
    const octets record(record_octets, 0x5a);
    const auto to = must(at.open(socket_type::sequenced_packet));
    must(to->connect({simulation::network, simulation::host_b, service}));
    const instant until = clock_now() + round;
    while (clock_now() < until)
      for (std::size_t i = 0; i < at_once; ++i) must(to->send(record));
  });
  simulation(link, on_a, on_b, nullptr).run();
  return {records / (ended - started).seconds()};
}

// --- memory ---

// A connection with its socket at both ends, each after a record each way.
double octets_held(std::size_t connections) {
  const std::int64_t before = octets_in_use();
  joined_endpoints world;
  const octets record(record_octets, 0x5a);
  std::array<octet, record_octets> buffer{};
  std::vector<std::unique_ptr<socket>> ends;
  const auto listening = world.listener();
  while (ends.size() < 2 * connections) {
    auto opened = must(world.at_a.open(socket_type::sequenced_packet));
    must(opened->connect(world.address_of_b()));
    auto accepted = must(listening->accept());
    for (socket* each : {opened.get(), accepted.get()}) must(each->send(record));
    for (socket* each : {opened.get(), accepted.get()}) must(each->receive(std::span<octet>(buffer)));
    ends.push_back(std::move(opened));
    ends.push_back(std::move(accepted));
  }
  world.carry();  // the last acknowledgements
  return static_cast<double>(octets_in_use() - before);
}

row memory_with_socket() {
  row made{.topic = "sockets",
           .name = "idle connection and its socket",
           .unit = "octets",
           .goal = aim{aim::direction::at_most, 4096},
           .note = "one end of two, 10,000 open, each has carried a record each way"};
  made.rounds = {(octets_held(many_connections) - octets_held(1)) / (2.0 * (many_connections - 1))};
  return made;
}

}  // namespace

std::vector<row> bench_sockets(duration round) {
  std::vector<row> rows = take_turns(
      {{{{.topic = "sockets",
          .name = "64-octet records, non-blocking",
          .unit = "records/s",
          .note = "send and receive until would-block, then packets change hands in memory; one thread, both ends"}},
        [](duration turn) { return talk(turn, false); }},
       {{{.topic = "sockets",
          .name = "64-octet records, blocking",
          .unit = "records/s",
          .note = "the same calls wait by themselves; still one thread"}},
        [](duration turn) { return talk(turn, true); }},
       {{{.topic = "sockets",
          .name = "64-octet records, programs in threads",
          .unit = "records/s",
          .note = "two blocking programs on the simulator: every wait hands a baton to another thread"}},
        talk_between_programs}},
      round);
  rows.push_back(ratio({.topic = "sockets", .name = "blocking over non-blocking", .unit = {}}, rows[1], rows[0]));
  rows.push_back(
      ratio({.topic = "sockets", .name = "one thread over programs in threads", .unit = {}}, rows[1], rows[2]));
  rows.push_back(memory_with_socket());
  return rows;
}

}  // namespace seqwire::bench
