// The wire: two processes in two network namespaces joined by a veth pair, both polling busily. The floor is bare
// AF_PACKET (sendmmsg and recvmmsg, QDISC_BYPASS) with frames of the same size and no protocol; beside it the whole
// engine with records of 1 KiB. Counted at the receiver, from its first packet on, by the clock.
#include <sys/mman.h>
#include <sys/uio.h>

#include <atomic>
#include <ctime>

#include "bench/topics.hpp"
#include "lab/transfer.hpp"
#include "lab/wire/live_host.hpp"
#include "rawio/clock.hpp"
#include "rawio/lab_network.hpp"
#include "rawio/packet_link.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire::bench {
namespace {

constexpr std::size_t record_octets = 1024;
constexpr std::size_t frame_octets = ethernet_header_octets + spp_overhead + record_octets;
constexpr std::size_t batch = 64;
constexpr packet_count window = 1024;
constexpr socket_number transfer_socket{3000};
constexpr duration patience = 5_s;  // beyond the round: then something is broken

// What the two processes share.
struct scoreboard {
  std::atomic<int> ready{0};
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> packets{0};
  std::atomic<std::int64_t> nanoseconds{0};
};

class shared_scoreboard {
 public:
  shared_scoreboard() {
    void* memory = ::mmap(nullptr, sizeof(scoreboard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw_system_error("sharing memory with the processes on the wire");
    board_ = new (memory) scoreboard;
  }
  shared_scoreboard(const shared_scoreboard&) = delete;
  shared_scoreboard& operator=(const shared_scoreboard&) = delete;
  ~shared_scoreboard() { ::munmap(board_, sizeof(scoreboard)); }
  scoreboard& operator*() { return *board_; }

 private:
  scoreboard* board_;
};

// Both ends are open before anything is sent.
void meet(scoreboard& board) {
  ++board.ready;
  while (board.ready < 2) {
    const timespec moment{0, 100'000};
    ::nanosleep(&moment, nullptr);
  }
}

// The receiver's stopwatch: starts with the first packet.
class tally {
 public:
  tally(scoreboard& board, duration round) : board_(board), round_(round) {}
  void add(instant now, std::uint64_t packets) {
    if (started_ == instant{}) {
      started_ = now;
      return;
    }
    packets_ += packets;
    if (now - started_ < round_ || board_.over) return;
    board_.packets = packets_;
    board_.nanoseconds = (now - started_).nanoseconds;
    board_.over = true;
  }

 private:
  scoreboard& board_;
  duration round_;
  instant started_{};
  std::uint64_t packets_ = 0;
};

// Frames of one size, for sendmmsg and recvmmsg.
struct frame_batch {
  frame_batch() {
    for (std::size_t i = 0; i < batch; ++i) {
      octets& frame = frames[i];
      frame.assign(frame_octets, 0x5a);
      store_u48(frame.data(), static_cast<std::uint64_t>(lab_address_b));
      store_u48(frame.data() + 6, static_cast<std::uint64_t>(lab_address_a));
      store_u16(frame.data() + 12, xns_ethertype);
      pieces[i] = {frame.data(), frame.size()};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
  std::array<octets, batch> frames;
  std::array<iovec, batch> pieces{};
  std::array<mmsghdr, batch> messages{};
};

int send_frames(scoreboard& board, duration round) {
  packet_socket socket(lab_interface);
  socket.bind({.ethertype = xns_ethertype});
  frame_batch frames;
  meet(board);
  const instant end = clock_now() + round + patience;
  while (!board.over && clock_now() < end) socket.send(frames.messages);
  return 0;
}

int receive_frames(scoreboard& board, duration round) {
  packet_socket socket(lab_interface);
  socket.bind({.ethertype = xns_ethertype});
  frame_batch frames;
  tally counted(board, round);
  meet(board);
  const instant end = clock_now() + round + patience;
  for (instant now = clock_now(); !board.over && now < end; now = clock_now())
    if (const std::size_t count = socket.receive(frames.messages)) counted.add(now, count);
  return 0;
}

spp_config connection(const link& on) {
  spp_config config;
  config.window = config.allocation = window;
  config.packet_data = record_octets;
  config.acknowledgement = "delayed";
  config.packet_life = on.capabilities().packet_life;
  return config;
}

// The same polling, with the engine between.
int run_host(scoreboard& board, duration round, transfer_program& program, link& on, bool listens) {
  live_host served(live_host_config(on.capabilities(), network_number{1}, listens ? 1 : 2), on, program);
  if (listens) served.run(clock_now());  // before the first opening comes
  meet(board);
  const instant end = clock_now() + round + patience;
  for (instant now = clock_now(); !board.over && now < end; now = clock_now()) served.run(now);
  return 0;
}

// A veth pair delivers at once or never.
packet_link open_link() { return packet_link(lab_interface, {.packet_life = 20_ms}); }

int send_records(scoreboard& board, duration round) {
  packet_link on = open_link();
  transfer_program program(nullptr, clock_now());
  const slice contents = slice::owning(octets(record_octets, 0x5a));
  program.add({.label = "bench",
               .to = {network_number{1}, lab_address_b, transfer_socket},
               .config = connection(on),
               .source = [&] {
                 return std::optional(named_record{{}, contents});
               }});
  return run_host(board, round, program, on, false);
}

int receive_records(scoreboard& board, duration round) {
  packet_link on = open_link();
  transfer_program program(nullptr, clock_now());
  tally counted(board, round);
  std::uint64_t records = 0;
  program.add({.label = "bench",
               .socket = transfer_socket,
               .config = connection(on),
               .sink = [&](const std::string&, const received_record&) {
                 if (++records % batch == 0) counted.add(clock_now(), batch);
               }});
  return run_host(board, round, program, on, true);
}

using end_of_wire = int (*)(scoreboard&, duration);

// Packets for each second at the receiver.
double race(const private_lab& lab, duration round, end_of_wire send, end_of_wire receive) {
  shared_scoreboard board;
  child_process receiver = lab.start(lab_host::b, [&] { return receive(*board, round); });
  child_process sender = lab.start(lab_host::a, [&] { return send(*board, round); });
  const auto received = receiver.wait(round + patience * 2);
  const auto sent = sender.wait(patience);
  if (received.value_or(1) != 0 || sent.value_or(1) != 0 || !(*board).over)
    throw std::runtime_error("nothing came across the wire in time");
  return static_cast<double>((*board).packets) / (static_cast<double>((*board).nanoseconds) / 1e9);
}

std::vector<row> race_in(const private_lab& lab, duration round) {
  const double megaoctets = static_cast<double>(record_octets) / 1e6;
  std::vector<row> rows =
      take_turns({{{{.topic = "wire",
                     .name = "bare AF_PACKET",
                     .unit = "packets/s",
                     .note = "frames of 1,080 octets, sendmmsg and recvmmsg by 64, busy polling"}},
                   [&](duration turn) { return std::vector{race(lab, turn, send_frames, receive_frames)}; }},
                  {{{.topic = "wire",
                     .name = "records of 1 KiB over SPP",
                     .unit = "packets/s",
                     .note = "reliable, in order; window 1,024, an acknowledgement for every second packet"},
                    {.topic = "wire", .name = "goodput", .unit = "MB/s"}},
                   [&, megaoctets](duration turn) {
                     const double packets = race(lab, turn, send_records, receive_records);
                     return std::vector{packets, packets * megaoctets};
                   }}},
                 round);
  rows.push_back(ratio(
      {.topic = "wire", .name = "SPP over the bare floor", .unit = {}, .goal = aim{aim::direction::at_least, 0.85}},
      rows[1], rows[0]));
  return rows;
}

}  // namespace

std::vector<row> bench_wire(duration round) {
  try {
    return race_in(private_lab({.through_bridge = false}), round);
  } catch (const std::exception& refused) {
    return {{.topic = "wire", .name = "bare AF_PACKET and SPP", .unit = {}, .skipped = refused.what()}};
  }
}

}  // namespace seqwire::bench
