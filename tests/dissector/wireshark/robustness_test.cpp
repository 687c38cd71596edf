// Whatever stands in a frame, the dissector raises no Lua error: packets cut at every length, captures that kept only
// the beginning of each, and packets with random octets changed.
#include "protocol/base/random.hpp"
#include "protocol/wire/echo.hpp"
#include "protocol/wire/error.hpp"
#include "protocol/wire/routing.hpp"
#include "protocol/wire/spp.hpp"
#include "protocol/wire/time_of_day.hpp"
#include "tests/dissector/wireshark/tshark.hpp"

using namespace seqwire;

namespace {

octets packet_with(packet_type type, octets_view data) {
  idp_header header{};
  header.packet_type = type;
  header.source_host = host_number{0x02000000000a};
  header.destination_host = host_number{0x02000000000b};
  header.source_socket = header.destination_socket = socket_number{3000};
  octets packet;
  append_idp(packet, header, data);
  return packet;
}

octets sequenced(const spp_header& header, std::size_t size) {
  octets data(spp_layout::octets + size, 0x55);
  spp_layout::encode(header, data.data());
  return packet_with(packet_type::sequenced_packet, data);
}

spp_header between(std::uint16_t from, std::uint16_t to) {
  spp_header header{};
  header.source_connection = from;
  header.destination_connection = to;
  header.allocation = 5;
  return header;
}

// One of each kind; the last ones are a connection.
std::vector<octets> packets() {
  const octets quoted = sequenced(between(1, 2), 0);
  octets error{0, 2, 0x0b, 0xb8};
  error.insert(error.end(), quoted.begin(), quoted.end());
  octets time{0, 0, 0, 7, 0, 1};
  const octets answer = time_response(time_of_day{});
  time.insert(time.end(), answer.begin(), answer.end());
  std::vector<octets> all{
      packet_with(packet_type::routing_information, octets{0, 2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 2, 0, 16}),
      packet_with(packet_type::echo, octets{0, 1, 9, 9}), packet_with(packet_type::error, error),
      packet_with(packet_type::packet_exchange, time), packet_with(packet_type{99}, octets{1, 2, 3})};
  for (spp_header header : {between(1, 0), between(2, 1)}) {
    header.system = true;
    all.push_back(sequenced(header, 0));
  }
  for (std::uint16_t number = 0; number < 4; ++number) {
    spp_header header = between(1, 2);
    header.sequence = number;
    header.end_of_message = number % 2 == 1;
    all.push_back(sequenced(header, 11));
  }
  return all;
}

// Frames that tshark shows, and how many of them have a Lua error. `arguments`: how it reads them.
std::pair<std::size_t, std::size_t> frames_and_errors(const std::string& path, const std::string& arguments) {
  std::size_t frames = 0, errors = 0;
  const auto rows = tshark::fields_of(path, {"frame.number", "seqwire.spp.stream", "_ws.expert.message"},
                                      "-o seqwire.checksum:TRUE " + arguments);
  for (const auto& row : rows) {
    ++frames;
    errors += row.back().find("Lua Error") != std::string::npos;
  }
  return {frames, errors};
}

class writer {
 public:
  explicit writer(const std::string& path, std::uint32_t snap_length = 262144) : writer_(path, {}) {
    writer_.add_interface({.name = "a", .description = {}, .type = link_type::user0, .snap_length = snap_length});
  }
  void write(octets_view packet) { writer_.write({.at = instant{++count_}}, packet); }
  std::size_t close() {
    writer_.close();
    return static_cast<std::size_t>(count_);
  }

 private:
  capture_writer writer_;
  std::int64_t count_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(robustness_test)

BOOST_AUTO_TEST_CASE(truncation__at_every_length) {
  const tshark::capture_file file("cut");
  writer to(file.path());
  for (const octets& packet : packets())
    for (std::size_t length = 0; length <= packet.size(); ++length) to.write(octets_view(packet).first(length));
  const std::size_t written = to.close();
  for (const char* arguments : {"", "-2"}) {
    const auto [frames, errors] = frames_and_errors(file.path(), arguments);
    BOOST_TEST(frames == written);
    BOOST_TEST(errors == 0u);
  }
}

BOOST_AUTO_TEST_CASE(snapped__at_every_length) {
  for (const std::uint32_t kept : {1u, 29u, 30u, 31u, 41u, 42u, 43u, 50u}) {
    const tshark::capture_file file("snapped");
    writer to(file.path(), kept);
    for (const octets& packet : packets()) to.write(packet);
    const std::size_t written = to.close();
    const auto [frames, errors] = frames_and_errors(file.path(), "");
    BOOST_TEST(frames == written, kept);
    BOOST_TEST(errors == 0u, kept);
  }
}

BOOST_AUTO_TEST_CASE(mutated__ten_thousand_packets) {
  const tshark::capture_file file("mutated");
  writer to(file.path());
  const random_stream stream(1);
  auto draw = [&stream, index = std::uint64_t{0}](std::uint64_t bound) mutable { return stream.below(bound, index++); };
  const std::vector<octets> originals = packets();
  for (std::size_t count = 0; count < 10'000; ++count) {
    octets packet = originals[draw(originals.size())];
    for (std::uint64_t changes = 1 + draw(4); changes > 0; --changes) {
      const std::size_t at = draw(packet.size());
      packet[at] = static_cast<octet>(draw(256));
    }
    // Half of them pretend that nobody checks, so that the analysis is reached.
    if (draw(2) == 0) packet[0] = packet[1] = 0xff;
    to.write(packet);
  }
  const std::size_t written = to.close();
  const auto [frames, errors] = frames_and_errors(file.path(), "");
  BOOST_TEST(frames == written);
  BOOST_TEST(errors == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
