// Writing captures: our pcapng writer beside libpcap's pcap_dump, frames of 1,514 octets into the same file system.
#include <pcap/pcap.h>

#include <memory>
#include <stdexcept>

#include "bench/temporary_file.hpp"
#include "bench/topics.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire::bench {
namespace {

constexpr std::uint64_t most_frames = 200'000;  // bounds the file
constexpr std::uint64_t frames_at_once = 1000;

octets sample_frame() { return octets(1514, 0x5a); }

// CPU time includes opening, and the flush at the end.
template <class Write, class Finish>
double frames_per_second(duration round, instant started, Write&& write, Finish&& finish) {
  std::uint64_t frames = 0;
  while (frames < most_frames && cpu_time() - started < round)
    for (std::uint64_t i = 0; i < frames_at_once; ++i) write(frames++);
  finish();
  return static_cast<double>(frames) / (cpu_time() - started).seconds();
}

double write_pcapng(duration round) {
  const temporary_file file;
  const octets frame = sample_frame();
  const instant started = cpu_time();
  capture_writer writer(file.path(), {});
  const std::size_t interface = writer.add_interface({.name = "a", .description = {}});
  return frames_per_second(
      round, started,
      [&](std::uint64_t number) {
        writer.write({.interface = interface,
                      .at = instant{static_cast<std::int64_t>(number)},
                      .direction = capture_direction::in,
                      .packet_id = number},
                     frame);
      },
      [&] {
        writer.close();
        if (writer.error()) throw std::runtime_error(*writer.error());
      });
}

double write_pcap(duration round) {
  const temporary_file file;
  const octets frame = sample_frame();
  const instant started = cpu_time();
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> dead(pcap_open_dead(DLT_EN10MB, 262144), pcap_close);
  pcap_dumper_t* const dumper = pcap_dump_open(dead.get(), file.path().c_str());
  if (dumper == nullptr) throw std::runtime_error(pcap_geterr(dead.get()));
  pcap_pkthdr header{};
  header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
  return frames_per_second(
      round, started,
      [&](std::uint64_t number) {
        header.ts.tv_usec = static_cast<suseconds_t>(number % 1'000'000);
        pcap_dump(reinterpret_cast<u_char*>(dumper), &header, frame.data());
      },
      [&] { pcap_dump_close(dumper); });
}

}  // namespace

std::vector<row> bench_recording(duration round) {
  const auto one = [](double (*measured)(duration)) {
    return [measured](duration turn) { return std::vector<double>{measured(turn)}; };
  };
  std::vector<row> rows = take_turns(
      {{{{.topic = "recording",
          .name = "pcapng writer",
          .unit = "packets/s",
          .note = "frames of 1,514 octets with stamp, direction and packet id; CPU time, kernel's included"}},
        one(write_pcapng)},
       {{{.topic = "recording", .name = "pcap_dump of libpcap", .unit = "packets/s"}}, one(write_pcap)}},
      round);
  rows.push_back(ratio(
      {.topic = "recording", .name = "our writer over pcap_dump", .unit = {}, .goal = aim{aim::direction::at_least, 2}},
      rows[0], rows[1]));
  return rows;
}

}  // namespace seqwire::bench
