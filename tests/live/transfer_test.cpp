// send and receive on packet sockets, through the impairing bridge, watched by somebody else's program.
#include <fcntl.h>
#include <sys/stat.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

// Five standard deviations of `frames` independent draws.
void expect_share(const nlohmann::json& direction, const char* kind, double share, double of) {
  const double got = direction.at(kind).get<double>();
  BOOST_TEST(std::abs(got - share * of) <= 5 * std::sqrt(share * (1 - share) * of),
             kind << ": " << got << " of " << of);
}

struct transfer : own_network {
  transfer() { write_files({0, 1, 1457, 1458, 1459, 600'000}); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(transfer_test, transfer)

BOOST_AUTO_TEST_CASE(hostile_bridge__every_file_arrives_and_both_captures_hold) {
  running_command between(bridge({"--delay", "3ms", "--loss", "5%", "--reordering", "10%", "--duplication", "2%",
                                  "--corruption", "3%", "--seed", "7"}),
                          inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command witness({"tcpdump", "-i", lab_port_b, "-w", folder.path("seen.pcap"), "-U", "--immediate-mode"},
                          inside(lab_host::bridge));
  BOOST_REQUIRE(witness.wait_for("listening on"));
  running_command receiving(receive({"--out", "inbox", "--record", "b.pcapng", "--journal", "b.journal"}),
                            inside(lab_host::b));
  running_command sending(send({"files", "--record", "a.pcapng", "--journal", "a.journal"}), inside(lab_host::a));
  const ended_command sent = sending.finish(), received = receiving.finish();
  BOOST_TEST(received.out == "");
  expect_transfer(sent, received);

  witness.signal(SIGINT);
  BOOST_TEST(witness.finish().exit_code == 0);
  const ended_command seen =
      running_command({"tcpdump", "-r", folder.path("seen.pcap"), "-n", "ether proto 0x0600"}).finish();
  BOOST_TEST(std::count(seen.out.begin(), seen.out.end(), '\n') > 400);

  between.signal(SIGINT);
  const ended_command bridged = between.finish();
  BOOST_TEST(bridged.exit_code == 0, bridged.err);
  const auto counted = nlohmann::json::parse(bridged.out);
  BOOST_TEST(counted.at("schema").get<std::string>() == "seqwire.bridge/1");
  for (const char* way : {"a_to_b", "b_to_a"}) {
    const auto& direction = counted.at(way);
    const double frames = direction.at("frames").get<double>();
    BOOST_TEST(frames > 300);
    expect_share(direction, "lost", 0.05, frames);
    const double kept = frames - direction.at("lost").get<double>();
    expect_share(direction, "held_back", 0.10, kept);
    expect_share(direction, "duplicated", 0.02, kept);
    expect_share(direction, "corrupted", 0.03, kept);
  }
}

BOOST_AUTO_TEST_CASE(pipes__standard_input_to_standard_output) {
  running_command between(bridge({"--loss", "2%"}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command receiving(receive({"--out", "-"}), inside(lab_host::b));
  run_settings settings = inside(lab_host::a);
  settings.input = std::string(50'000, 'x') + "end";
  running_command sending(send({"-"}), settings);
  const ended_command received = receiving.finish();  // first: somebody must read what it writes
  const ended_command sent = sending.finish();
  BOOST_TEST(sent.exit_code == 0, sent.err);
  BOOST_TEST(received.exit_code == 0, received.err);
  BOOST_TEST((received.out == settings.input));
}

// A receiver whose standard output is a pipe of one page that the test reads, or does not.
struct slow_reader {
  explicit slow_reader(transfer& on) : at(on), between(on.bridge({}), on.inside(lab_host::bridge)) {
    BOOST_REQUIRE(between.wait_for("the bridge is up"));
    const std::string fifo = at.folder.path("fifo");
    BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    reading = descriptor(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    BOOST_REQUIRE(::fcntl(reading.number(), F_SETPIPE_SZ, 4096) == 4096);
    for (int number = 0; number < 30; ++number)
      write_whole(at.folder.path("many/" + std::to_string(100 + number)),
                  std::string(100'000, static_cast<char>('a' + number % 26)));
    run_settings settings = at.inside(lab_host::b);
    settings.environment.push_back(std::string("seqwire=") + SEQWIRE_COMMAND);
    receiving.emplace(
        std::vector<std::string>{"bash", "-c",
                                 "exec \"$seqwire\" receive --interface xns0 --socket 3000 --out - >fifo"},
        settings);
    sending.emplace(at.send({"many"}), at.inside(lab_host::a));
    BOOST_REQUIRE(wait_readable(reading.number(), 30_s));  // then the page is full: the first record is longer
  }
  transfer& at;
  running_command between;
  descriptor reading;
  std::optional<running_command> receiving, sending;
};

BOOST_AUTO_TEST_CASE(standard_output__a_slow_reader_holds_the_sender_back_and_gets_everything) {
  slow_reader slow(*this);
  ::fcntl(slow.reading.number(), F_SETFL, 0);
  std::string expected, got;
  for (int number = 0; number < 30; ++number) expected += std::string(100'000, static_cast<char>('a' + number % 26));
  std::array<char, 4096> block;
  for (ssize_t count = 0; (count = ::read(slow.reading.number(), block.data(), block.size())) > 0;)
    got.append(block.data(), static_cast<std::size_t>(count));
  BOOST_TEST((got == expected));
  BOOST_TEST(slow.receiving->finish().exit_code == 0);
  BOOST_TEST(slow.sending->finish().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(standard_output__a_reader_that_does_not_read_keeps_nobody_from_ending_it) {
  slow_reader slow(*this);
  slow.receiving->signal(SIGTERM);
  const ended_command received = slow.receiving->finish();
  BOOST_TEST(received.exit_code == 143, received.err);
}

BOOST_AUTO_TEST_CASE(standard_output__a_reader_that_goes_ends_it_in_one_line) {
  slow_reader slow(*this);
  slow.reading.close();
  expect_complaint(slow.receiving->finish(), 1, "nobody reads standard output any more");
}

// The sender waits for the end of its input, after which nothing will come: it is connected, and stays so.
BOOST_AUTO_TEST_CASE(sender_killed__the_receiver_can_be_interrupted_and_its_files_are_whole) {
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command receiving(receive({"--out", "inbox", "--record", "b.pcapng", "--journal", "b.journal"}),
                            inside(lab_host::b));
  running_command witness({"tcpdump", "-l", "-n", "-i", lab_port_b, "--immediate-mode", "ether proto 0x0600"},
                          inside(lab_host::bridge));
  BOOST_REQUIRE(witness.wait_for("listening on"));
  BOOST_REQUIRE(::mkfifo(folder.path("endless").c_str(), 0600) == 0);
  running_command sending(send({"files", "endless"}), inside(lab_host::a));
  BOOST_REQUIRE(witness.wait_for("02:00:00:00:00:0b > 02:00:00:00:00:0a"));  // an answer: they are connected
  sending.signal(SIGKILL);
  BOOST_TEST(sending.finish().exit_code == 137);
  receiving.signal(SIGINT);
  const ended_command received = receiving.finish();
  BOOST_TEST(received.exit_code == 130, received.err);
  const ended_command judged =
      seqwire_command({"verify", "b.pcapng", "--journal", "b.journal"}, {.folder = folder.path()});
  BOOST_TEST((judged.exit_code == 0 || judged.exit_code == 4), judged.err << judged.out);
}

// SPP has no reset: for two seconds whoever leaves answers what still comes by Errors.
BOOST_AUTO_TEST_CASE(receiver_interrupted__the_sender_learns_of_it) {
  running_command between(bridge({"--delay", "5ms", "--rate", "1Mbit/s"}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command receiving(receive({"--out", "inbox"}), inside(lab_host::b));
  running_command witness({"tcpdump", "-n", "-c", "20", "-i", lab_port_b, "--immediate-mode", "ether proto 0x0600"},
                          inside(lab_host::bridge));
  BOOST_REQUIRE(witness.wait_for("listening on"));
  running_command sending(send({"files"}), inside(lab_host::a));
  BOOST_TEST(witness.finish().exit_code == 0);  // twenty answers: data is under way
  receiving.signal(SIGINT);
  BOOST_TEST(receiving.finish().exit_code == 130);
  const ended_command sent = sending.finish();
  BOOST_TEST(sent.exit_code == 3, sent.err);
  BOOST_TEST(sent.err.find("the other side knows the connection no more") != std::string::npos, sent.err);
  BOOST_TEST(sent.err.find(" under way, of which some may not have arrived, ") != std::string::npos, sent.err);
}

// Its name travels first: so the receiver knows what it lacks.
BOOST_AUTO_TEST_CASE(record_too_long__both_ends_say_what_did_not_come_and_why) {
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command receiving(receive({"--out", "inbox"}), inside(lab_host::b));
  const ended_command sent =
      running_command(send({"files", "--set", "maximum_record=500000"}), inside(lab_host::a)).finish();
  const ended_command received = receiving.finish();
  BOOST_TEST(sent.exit_code == 3);
  BOOST_TEST(sent.err.find("record too long of of-600000: at most 500000 octets, unless both ends say otherwise by "
                           "--set maximum_record=OCTETS\n") != std::string::npos,
             sent.err);
  BOOST_TEST(received.exit_code == 3);
  BOOST_TEST(received.err.find("records, 4375 octets, not everything came\n") != std::string::npos, received.err);
  BOOST_TEST(received.err.find("of-600000 never came: the other side closed without sending it\n") != std::string::npos,
             received.err);
}

BOOST_AUTO_TEST_CASE(receive__a_folder_that_cannot_be_written_is_told_at_once) {
  expect_complaint(running_command(receive({"--out", "/proc/x"}), inside(lab_host::b)).finish(), 1, "/proc/x");
}

BOOST_AUTO_TEST_CASE(receive__keeps_what_is_there_unless_told_otherwise) {
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  for (const bool replace : {false, true}) {
    write_whole(folder.path("inbox/of-1"), "theirs");
    std::vector<std::string> words{"--out", "inbox"};
    if (replace) words.push_back("--replace");
    running_command receiving(receive(words), inside(lab_host::b));
    running_command sending(send({"files/of-1"}), inside(lab_host::a));
    BOOST_TEST(sending.finish().exit_code == 0);
    const ended_command received = receiving.finish();
    BOOST_TEST(received.exit_code == 0, received.err);
    BOOST_TEST((received.err.find("inbox/of-1 was there and is kept; what came is inbox/of-1.1") ==
                std::string::npos) == replace);
    BOOST_TEST(read_whole(folder.path("inbox/of-1")) == (replace ? read_whole(folder.path("files/of-1")) : "theirs"));
    BOOST_TEST(read_whole(folder.path("inbox/of-1.1")) == read_whole(folder.path("files/of-1")));
  }
}

BOOST_AUTO_TEST_CASE(nobody_answers__is_told_before_and_when_it_gives_up) {
  const ended_command sent = running_command(send({"files", "--set", "open_timeout=2s"}), inside(lab_host::a)).finish();
  BOOST_TEST(sent.exit_code == 3);
  BOOST_TEST(sent.out == "");
  BOOST_TEST(sent.err ==
             "seqwire: no answer from 1.02000000000b:3000 yet; giving up after 2s\n"
             "0 of 6 records, 0 octets, timed out\n"
             "seqwire: error: no answer came from 1.02000000000b:3000 within 2s\n");
}

BOOST_AUTO_TEST_CASE(nobody_answers__a_signal_ends_it_and_tells_how_far_it_came) {
  running_command sending(send({"files"}), inside(lab_host::a));
  BOOST_REQUIRE(sending.wait_for("no answer from 1.02000000000b:3000 yet; giving up after 75s"));
  sending.signal(SIGINT);
  const ended_command sent = sending.finish();
  BOOST_TEST(sent.exit_code == 130);
  BOOST_TEST(sent.err.ends_with("\n0 of 6 records, 0 octets, interrupted\n"), sent.err);
}

BOOST_AUTO_TEST_CASE(interface_deleted__one_line_and_exit_1) {
  running_command sending(send({"files"}), inside(lab_host::a));
  running_command witness({"tcpdump", "-l", "-n", "-i", lab_port_a, "--immediate-mode", "ether proto 0x0600"},
                          inside(lab_host::bridge));
  BOOST_REQUIRE(witness.wait_for("02:00:00:00:00:0b"));
  BOOST_TEST(running_command({"ip", "link", "del", "xns0"}, inside(lab_host::a)).finish().exit_code == 0);
  const ended_command sent = sending.finish();
  BOOST_TEST(sent.exit_code == 1);
  BOOST_TEST(sent.err.find("seqwire: error: interface xns0 is gone") != std::string::npos, sent.err);
}

BOOST_AUTO_TEST_CASE(second_process__is_refused_with_the_owner) {
  running_command first(send({"files"}), inside(lab_host::a));
  running_command witness({"tcpdump", "-l", "-n", "-i", lab_port_a, "--immediate-mode", "ether proto 0x0600"},
                          inside(lab_host::bridge));
  BOOST_REQUIRE(witness.wait_for("02:00:00:00:00:0b"));  // it owns the interface
  const ended_command second = running_command(send({"files"}), inside(lab_host::a)).finish();
  expect_complaint(second, 1, std::to_string(first.pid()));
  expect_complaint(second, 1, "; --host auto takes another host number");
  first.signal(SIGTERM);
  BOOST_TEST(first.finish().exit_code == 143);
}

BOOST_AUTO_TEST_CASE(interface_missing__one_line_and_exit_1) {
  run_settings settings = inside(lab_host::a);
  expect_complaint(
      running_command(seqwire_with({"receive", "--interface", "xns7", "--socket", "3000", "--out", "x"}), settings)
          .finish(),
      1, "interface xns7");
  BOOST_TEST(!fs::exists(folder.path("x")));
}

BOOST_AUTO_TEST_CASE(record__on_a_full_disk_is_reported_and_the_transfer_goes_on) {
  running_command between(bridge({}), inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  running_command receiving(receive({"--out", "inbox", "--record", "/dev/full"}), inside(lab_host::b));
  const ended_command sent = running_command(send({"files"}), inside(lab_host::a)).finish();
  const ended_command received = receiving.finish();
  BOOST_TEST(sent.exit_code == 0, sent.err);
  BOOST_TEST(received.exit_code == 1);
  BOOST_TEST(received.err.find("/dev/full: No space left on device") != std::string::npos, received.err);
  expect_files();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
