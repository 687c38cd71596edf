// What headers and checksum cost by themselves, beside a plain copy of the same octets.
#include <algorithm>

#include "bench/topics.hpp"
#include "protocol/wire/checksum.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire::bench {
namespace {

constexpr int pieces = 4096;
constexpr std::size_t packet_octets = 1500;

octets sample_packet() {
  spp_header inner{};
  inner.end_of_message = true;
  inner.source_connection = 17;
  inner.destination_connection = 34;
  octets data(packet_octets - idp_layout::octets);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<octet>(i * 37);
  spp_layout::encode(inner, data.data());
  idp_header outer{};
  outer.packet_type = packet_type::sequenced_packet;
  outer.destination_host = host_number{0x02000000000a};
  outer.source_host = host_number{0x02000000000b};
  octets whole;
  append_idp(whole, outer, data);
  return whole;
}

double code_and_decode(duration round) {
  octets packet = sample_packet();
  return nanoseconds_each(round, pieces, [&] {
    for (int i = 0; i < pieces; ++i) {
      keep(packet.data());
      const idp_header outer = idp_layout::decode(packet.data());
      const spp_header inner = spp_layout::decode(packet.data() + idp_layout::octets);
      keep(&outer);
      keep(&inner);
      idp_layout::encode(outer, packet.data());
      spp_layout::encode(inner, packet.data() + idp_layout::octets);
      keep(packet.data());
    }
  });
}

// Octets for each nanosecond are gigaoctets for each second.
double checksum_speed(duration round) {
  const octets packet = sample_packet();
  return packet_octets / nanoseconds_each(round, pieces, [&] {
           for (int i = 0; i < pieces; ++i) {
             keep(packet.data());
             keep(checksum(packet));
           }
         });
}

double copy_speed(duration round) {
  const octets packet = sample_packet();
  octets to = packet;
  return packet_octets / nanoseconds_each(round, pieces, [&] {
           for (int i = 0; i < pieces; ++i) {
             keep(packet.data());
             std::copy(packet.begin(), packet.end(), to.begin());
             keep(to.data());
           }
         });
}

}  // namespace

std::vector<row> bench_codec(duration round) {
  const auto one = [](double (*measured)(duration)) {
    return [measured](duration turn) { return std::vector<double>{measured(turn / 4)}; };
  };
  return take_turns(
      {{{{.topic = "codec", .name = "IDP and SPP header decoded and encoded", .unit = "ns"}}, one(code_and_decode)},
       {{{.topic = "codec", .name = "checksum, 1,500 octets", .unit = "GB/s"}}, one(checksum_speed)},
       {{{.topic = "codec", .name = "copy, 1,500 octets", .unit = "GB/s", .note = "from and to the cache"}},
        one(copy_speed)}},
      round);
}

}  // namespace seqwire::bench
