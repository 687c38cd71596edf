// seqwire replay as its users meet it: our engine answers as it did in a run of ours, at every end and to the
// nanosecond; not so when it is configured otherwise or when the capture was changed.
#include <nlohmann/json.hpp>

#include "protocol/wire/ethernet.hpp"
#include "protocol/wire/idp.hpp"
#include "protocol/wire/spp.hpp"
#include "rawio/capture/capture.hpp"
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

// Everything that decides what an end answers: loss, order, both senders with a window of their own, delayed
// acknowledgements, several packets a record, answers of applications, a stream.
constexpr const char* rough = R"([link]
delay = "10ms"
rate = "10Mbit"
loss = "8%"
duplication = "3%"
reordering = "5%"
[[flow]]
records = 100
record_size = 3000
sender = "newreno"
acknowledgement = "delayed"
[[flow]]
from = "b"
to = "a"
records = 20
record_size = 20000
sender = "tahoe"
allocation = 16
[[flow]]
records = 20
record_size = 700
workload = "request-response"
[[flow]]
socket = "stream"
records = 20
record_size = 5000
workload = "poisson"
)";

struct rough_run {
  rough_run() {
    write_whole(folder.path("rough.toml"), rough);
    BOOST_REQUIRE(seqwire_command({"run", folder.path("rough.toml"), "--out", folder.path("out")}).exit_code == 0);
  }
  std::string capture() const { return folder.path("out/capture.pcapng"); }
  ended_command replay(std::vector<std::string> more, const std::string& of = {}) const {
    more.insert(more.begin(), {"replay", of.empty() ? capture() : of});
    return seqwire_command(more);
  }

  // A copy whose packets may be changed, or left out by saying false.
  template <class Change>
  std::string copy_with(Change change) const {
    const std::string path = folder.path("out/changed.pcapng");
    auto reader = capture_reader::open(capture());
    BOOST_REQUIRE(reader.has_value());
    capture_writer writer(path, {});
    std::size_t known = 0;
    std::uint64_t frame = 0;
    for (auto next = reader->next(); next && *next != nullptr; next = reader->next()) {
      for (; known < reader->interfaces().size(); ++known) writer.add_interface(reader->interfaces()[known]);
      captured_packet packet = **next;
      if (change(++frame, packet))
        writer.write({.interface = packet.interface,
                      .at = packet.at,
                      .direction = packet.direction,
                      .packet_id = packet.packet_id},
                     packet.frame);
    }
    return path;
  }

  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(replay_test, rough_run)

BOOST_AUTO_TEST_CASE(own_run__is_answered_the_same_at_every_end) {
  for (const char* connection : {"0", "1", "2", "3"})
    for (const char* side : {"a", "b"}) {
      const ended_command ended = replay({"--connection", connection, "--side", side, "--tolerance", "0", "--json"});
      BOOST_TEST(ended.exit_code == 0, ended.out);
      const auto found = nlohmann::json::parse(ended.out);
      BOOST_TEST(found.at("schema") == "seqwire.replay/1");
      BOOST_TEST(found.at("same").get<bool>());
      BOOST_TEST(found.at("end") == side);
      BOOST_TEST(found.at("packets").at("captured").get<std::uint64_t>() > 20u);
      BOOST_TEST(found.at("packets").at("captured") == found.at("packets").at("same"));
      BOOST_TEST(found.at("ended") == "closed gracefully");
    }
}

// Each flow is found by its socket: with the keys of the other one it is not the same.
BOOST_AUTO_TEST_CASE(options__that_differ_answer_differently) {
  const auto first_difference = [&](const std::vector<std::string>& arguments) {
    const ended_command ended = replay(arguments);
    BOOST_TEST(ended.exit_code == 3, ended.out);
    const std::size_t at = ended.out.find("first difference: ");
    BOOST_REQUIRE(at != std::string::npos);
    return ended.out.substr(at, ended.out.find('\n', at) - at);
  };
  first_difference({"--connection", "1", "--side", "b", "--set", "flow.0.acknowledgement=immediate"});
  const std::string allocation = first_difference({"--connection", "0", "--side", "b", "--set", "flow.1.allocation=8"});
  BOOST_TEST(allocation.find("other acknowledgement or allocation: ") != std::string::npos, allocation);
  first_difference({"--connection", "1", "--side", "a", "--set", "flow.0.sender=tahoe"});
}

BOOST_AUTO_TEST_CASE(changed_capture__the_packet_is_named) {
  // The first data packet that the receiver's allocation is changed of, without a checksum to contradict it.
  std::uint64_t changed = 0;
  const std::string capture = copy_with([&](std::uint64_t frame, captured_packet& packet) {
    octet* const idp = packet.frame.data() + ethernet_header_octets;
    octet* const spp = idp + idp_layout::octets;
    if (packet.frame.size() < ethernet_header_octets + idp_layout::octets + spp_layout::octets) return true;
    const idp_header header = idp_layout::decode(idp);
    spp_header said = spp_layout::decode(spp);
    const bool ours = packet.interface == 1 && packet.direction == capture_direction::out &&
                      header.source_socket == socket_number{3000} && said.system && said.acknowledge == 40;
    if (changed != 0 || !ours) return true;
    changed = frame;
    ++said.allocation;
    spp_layout::encode(said, spp);
    store_u16(idp, 0xffff);
    return true;
  });
  BOOST_REQUIRE(changed != 0u);
  const ended_command ended = replay({"--connection", "1", "--side", "b", "--json"}, capture);
  BOOST_TEST(ended.exit_code == 3, ended.out);
  const auto found = nlohmann::json::parse(ended.out);
  BOOST_TEST(found.at("packets").at("acknowledgement") == 1u);
  BOOST_TEST_REQUIRE(found.at("listed").size() == 1u);
  BOOST_TEST(found.at("listed")[0].at("captured").at("frame") == changed);
}

BOOST_AUTO_TEST_CASE(changed_capture__a_packet_that_is_taken_out_is_one_too_many_of_ours) {
  bool taken = false;
  const std::string capture = copy_with([&](std::uint64_t, captured_packet& packet) {
    const octet* const idp = packet.frame.data() + ethernet_header_octets;
    if (taken || packet.interface != 1 || packet.direction != capture_direction::out) return true;
    const spp_header said = spp_layout::decode(idp + idp_layout::octets);
    taken = idp_layout::decode(idp).source_socket == socket_number{3000} && said.system && said.acknowledge == 40;
    return !taken;
  });
  BOOST_REQUIRE(taken);
  const ended_command ended = replay({"--connection", "1", "--side", "b", "--json"}, capture);
  BOOST_TEST(ended.exit_code == 3, ended.out);
  const auto found = nlohmann::json::parse(ended.out);
  BOOST_TEST(found.at("packets").at("extra") == 1u);
  BOOST_TEST(found.at("listed").size() == 1u);
}

BOOST_AUTO_TEST_CASE(inconclusive__a_capture_from_the_middle) {
  const std::string capture = copy_with([&](std::uint64_t frame, captured_packet&) { return frame > 100; });
  const ended_command ended = replay({"--connection", "1"}, capture);
  BOOST_TEST(ended.exit_code == 4, ended.out);
  BOOST_TEST(ended.out.find("cannot be repeated: the capture begins in the middle") != std::string::npos, ended.out);
}

// In no run's folder, an end is configured by what it shows; a key that is given counts more.
BOOST_AUTO_TEST_CASE(alone__is_configured_by_what_the_capture_shows) {
  fs::copy_file(capture(), folder.path("alone.pcapng"));
  const ended_command ended =
      replay({"--connection", "0", "--set", "flow.0.sender=tahoe", "--tolerance", "0"}, folder.path("alone.pcapng"));
  BOOST_TEST(ended.exit_code == 0, ended.out);
  BOOST_TEST(ended.out.find("flow.0.allocation=16") != std::string::npos, ended.out);
}

BOOST_AUTO_TEST_CASE(bad_input__is_one_line) {
  expect_complaint(seqwire_command({"replay", folder.path("none")}), 2, "none: cannot be opened");
  expect_complaint(seqwire_command({"replay", folder.path("rough.toml")}), 2, "rough.toml");
  expect_complaint(replay({"--connection", "9"}), 2, "expected a capture with a connection 9");
  expect_complaint(replay({"--set", "flow.0.windo=3"}), 2, "flow.0.windo=3: unknown key");
  expect_complaint(replay({"--tolerance", "soon"}), 2, "--tolerance: expected");
  expect_complaint(replay({"--side", "c"}), 2, "--side");
  expect_complaint(replay({"--scenario", folder.path("missing.toml")}), 2, "missing.toml");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
