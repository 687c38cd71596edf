// listen and connect: records between standard inputs and outputs, over UDP inside one namespace, as somebody without
// privilege would use them.
#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

constexpr const char* address = "1.02007f000001:3000";

std::vector<std::string> listen(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"listen", "--udp", "127.0.0.1:49152", "--socket", "3000"});
  return seqwire_with(more);
}
std::vector<std::string> connect(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"connect", address, "--udp", "127.0.0.1:0"});
  return seqwire_with(more);
}

struct laptop : own_network {
  run_settings here(const std::string& input = {}, bool keep_input_open = false) const {
    run_settings settings = inside(lab_host::a);
    settings.input = input;
    settings.keep_input_open = keep_input_open;
    return settings;
  }
  /// What the listener wrote of what the other end sent.
  std::string carried(const std::string& input, const std::vector<std::string>& how) const {
    std::vector<std::string> wait = how;
    wait.push_back("--wait");
    running_command listening(listen(wait), here());
    BOOST_REQUIRE(listening.wait_for("listening on"));
    const ended_command sent = running_command(connect(how), here(input)).finish();
    const ended_command received = listening.finish();
    BOOST_TEST(sent.exit_code == 0, sent.err);
    BOOST_TEST(received.exit_code == 0, received.err);
    return received.out;
  }
};

const std::string prefixed_records{"\0\0\0\0\0\0\0\5he\nlo", 13};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(listen_connect_test, laptop)

BOOST_AUTO_TEST_CASE(lines__go_both_ways_at_once_until_one_side_ends) {
  running_command listening(listen(), here("from b\n", true));
  BOOST_REQUIRE(listening.wait_for(std::string("listening on ") + address + " (UDP 127.0.0.1:49152)\n"));
  running_command connecting(connect(), here("from a\n\nlast", true));
  BOOST_TEST(connecting.wait_for(std::string("connected to ") + address));
  BOOST_TEST(connecting.wait_for("from b\n"));
  BOOST_TEST(listening.wait_for("from a\n\n"));
  connecting.end_input();  // the listener's is open: the close of the other side ends it
  const ended_command a = connecting.finish(), b = listening.finish();
  BOOST_TEST(a.exit_code == 0, a.err);
  BOOST_TEST(b.exit_code == 0, b.err);
  BOOST_TEST(a.out == "from b\n");
  BOOST_TEST(b.out == "from a\n\nlast\n");
}

BOOST_AUTO_TEST_CASE(listener__its_end_of_input_closes_as_well) {
  running_command listening(listen(), here("all there is\n"));
  BOOST_REQUIRE(listening.wait_for("listening on"));
  const ended_command a = running_command(connect(), here("", true)).finish();
  BOOST_TEST(a.exit_code == 0, a.err);
  BOOST_TEST(a.out == "all there is\n");
  BOOST_TEST(listening.finish().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(framing__length_prefixed_and_streams_keep_every_octet) {
  BOOST_TEST((carried(prefixed_records, {"--length-prefixed"}) == prefixed_records));
  std::string every;
  for (int i = 0; i < 60'000; ++i) every += static_cast<char>(i * 7 + i / 256);
  BOOST_TEST((carried(every, {"--stream"}) == every));
  BOOST_TEST((carried(every, {"--stream", "--type", "9", "--set", "window=4"}) == every));
  BOOST_TEST(carried("", {}) == "");
}

BOOST_AUTO_TEST_CASE(framing__a_record_longer_than_any_buffer_stays_one) {
  write_whole(folder.path("long"), std::string(3'000'000, 'x') + "\nsecond\n");
  running_command listening(listen({"--wait", "--json"}), here());
  BOOST_REQUIRE(listening.wait_for("listening on"));
  run_settings settings = here();
  settings.environment.push_back(std::string("seqwire=") + SEQWIRE_COMMAND);
  running_command connecting({"bash", "-c", std::string("exec \"$seqwire\" connect ") + address + " --udp 0 <long"},
                             settings);
  const ended_command received = listening.finish();
  BOOST_TEST(connecting.finish().exit_code == 0);
  BOOST_TEST((received.out == read_whole(folder.path("long"))));
  const auto told = nlohmann::json::parse(received.err.substr(received.err.find('{')));
  BOOST_TEST(told.at("schema").get<std::string>() == "seqwire.listen/1");
  BOOST_TEST(told.at("end").get<std::string>() == "complete");
  BOOST_TEST(told.at("records_received").get<int>() == 2);
  BOOST_TEST(told.at("octets_received").get<int>() == 3'000'006);
}

BOOST_AUTO_TEST_CASE(input__that_ends_inside_a_record_is_bad_input) {
  running_command listening(listen({"--wait"}), here());
  BOOST_REQUIRE(listening.wait_for("listening on"));
  const ended_command sent =
      running_command(connect({"--length-prefixed"}), here(prefixed_records.substr(0, 10))).finish();
  BOOST_TEST(sent.exit_code == 2);
  BOOST_TEST(
      sent.err.find("seqwire: error: standard input: the input ends in the middle of a record\n") != std::string::npos,
      sent.err);
  listening.signal(SIGTERM);
  BOOST_TEST(listening.finish().exit_code == 143);
}

BOOST_AUTO_TEST_CASE(keep_open__serves_one_after_the_other_until_a_signal) {
  running_command listening(listen({"--keep-open"}), here());
  BOOST_REQUIRE(listening.wait_for("listening on"));
  for (const char* line : {"first\n", "second\n", "third\n"})
    BOOST_TEST(running_command(connect(), here(line)).finish().exit_code == 0);
  BOOST_TEST(listening.wait_for("third\n"));
  listening.signal(SIGINT);
  const ended_command served = listening.finish();
  BOOST_TEST(served.exit_code == 130, served.err);
  BOOST_TEST(served.out == "first\nsecond\nthird\n");
}

BOOST_AUTO_TEST_CASE(attention__follows_the_input_and_is_told_at_the_other_end) {
  running_command listening(listen({"--wait", "--json", "--attention", "7"}), here());  // its input ends at once
  BOOST_REQUIRE(listening.wait_for("listening on"));
  running_command connecting(connect({"--attention", "0x21", "--json"}), here("one\ntwo\n", true));
  BOOST_REQUIRE(connecting.wait_for("attention 0x07"));
  connecting.end_input();
  const ended_command a = connecting.finish(), b = listening.finish();
  BOOST_TEST(a.exit_code == 0, a.err);
  BOOST_TEST(b.exit_code == 0, b.err);
  BOOST_TEST(b.out == "one\ntwo\n");  // it is never part of the records
  BOOST_TEST(a.out == "");
  BOOST_TEST(b.err.find("seqwire: attention 0x21\n") != std::string::npos, b.err);
  BOOST_TEST(a.err.find("seqwire: attention 0x07\n") != std::string::npos, a.err);
  for (const std::string& told : {a.err, b.err}) {
    const auto counts = nlohmann::json::parse(told.substr(told.find('{')));
    BOOST_TEST(counts.at("attentions_sent").get<int>() == 1);
    BOOST_TEST(counts.at("attentions_received").get<int>() == 1);
  }
}

BOOST_AUTO_TEST_CASE(datagrams__both_ways_without_a_connection) {
  running_command listening(listen({"--datagram"}), here("answer\n", true));
  BOOST_REQUIRE(listening.wait_for("listening on"));
  running_command connecting(connect({"--datagram", "--wait"}), here("question\n\n", true));
  BOOST_TEST(connecting.wait_for("answer\n"));  // it is sent to whoever spoke first
  BOOST_TEST(listening.wait_for("question\n"));
  for (running_command* each : {&connecting, &listening}) {
    each->signal(SIGINT);
    BOOST_TEST(each->finish().exit_code == 130);
  }
  const ended_command lost = running_command(connect({"--datagram"}), here(std::string(2000, 'x'))).finish();
  BOOST_TEST(lost.exit_code == 2);
  BOOST_TEST(lost.err.find("expected records") != std::string::npos, lost.err);
}

// The interface is down when the input ends, and stays so.
BOOST_AUTO_TEST_CASE(datagrams__that_never_left_are_counted_and_end_it_with_an_error) {
  running_command connecting(
      seqwire_with({"connect", "1.02000000000b:3000", "--interface", "xns0", "--datagram", "--set", "linger=100ms"}),
      here("", true));
  BOOST_REQUIRE(connecting.wait_for("connected to"));
  BOOST_REQUIRE(running_command({"ip", "link", "set", "xns0", "down"}, here()).finish().exit_code == 0);
  connecting.write_input("one\ntwo\n");
  connecting.end_input();
  const ended_command ended = connecting.finish();
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(ended.err.find("seqwire: error: lost: 2 packets that interface xns0 never took\n") != std::string::npos,
             ended.err);
}

BOOST_AUTO_TEST_CASE(ordinary_user__is_told_which_numbers_are_root_s) {
  if (::geteuid() != 0) return;
  const std::string program = folder.path("seqwire");
  fs::copy_file(SEQWIRE_COMMAND, program);
  for (const std::string& path : {folder.path(), program}) fs::permissions(path, fs::perms(0777));
  run_settings settings = here();
  settings.before_exec = [enter = settings.before_exec] {
    enter();
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(125);
  };
  const auto expect_refusal = [&](std::vector<std::string> words, const std::string& port, const std::string& why) {
    words.insert(words.begin(), program);
    words.insert(words.end(), {"--udp", "127.0.0.1:" + port});
    const ended_command ended = running_command(words, settings).finish();
    BOOST_TEST(ended.exit_code == 77);
    BOOST_TEST(ended.err.starts_with("seqwire: no privilege: "), ended.err);
    BOOST_TEST(ended.err.find(why) != std::string::npos, ended.err);
  };
  expect_refusal({"listen", "--socket", "5"}, "49152", "socket 5: those below 3000 are root's");
  expect_refusal({"perf", "server", "--socket", "5"}, "49152", "socket 5: those below 3000 are root's");
  expect_refusal({"time", "--serve"}, "49152", "socket 8: those below 3000 are root's");
  expect_refusal({"listen", "--socket", "3000", "--host", "02000000000c"}, "80",
                 "ports below 1024 need cap_net_bind_service");
}

BOOST_AUTO_TEST_CASE(connect__silence_is_told_before_it_is_given_up) {
  running_command waiting(seqwire_with({"connect", "1.02017f000001:3001", "--udp", "0"}), here());
  BOOST_TEST(waiting.wait_for("no answer from 1.02017f000001:3001 yet; giving up after 75s"));
  waiting.signal(SIGINT);
  BOOST_TEST(waiting.finish().exit_code == 130);
}

BOOST_AUTO_TEST_CASE(connect__refused_unanswered_and_unknown_in_one_line) {
  running_command listening(listen({"--keep-open"}), here());
  BOOST_REQUIRE(listening.wait_for("listening on"));
  expect_complaint(running_command(seqwire_with({"connect", "1.02007f000001:3001", "--udp", "0"}), here()).finish(), 3,
                   "1.02007f000001:3001 refuses the connection");
  expect_complaint(
      running_command(seqwire_with({"connect", "1.02017f000001:3001", "--udp", "0", "--timeout", "50ms"}), here())
          .finish(),
      3, "no answer came from 1.02017f000001:3001 within 50ms");
  expect_complaint(running_command(seqwire_with({"connect", "1.02000000000b:3000", "--udp", "0"}), here()).finish(), 2,
                   "expected --peer 02000000000b=IP:PORT");
  expect_complaint(running_command(listen(), here()).finish(), 1, "UDP 127.0.0.1:49152 is in use by another process");
}

BOOST_AUTO_TEST_CASE(signal__ends_either_side_and_the_other_hears_of_it) {
  running_command listening(listen(), here("", true));
  BOOST_REQUIRE(listening.wait_for("listening on"));
  running_command connecting(connect(), here("", true));
  BOOST_REQUIRE(listening.wait_for("connection from"));
  connecting.signal(SIGINT);
  BOOST_TEST(connecting.finish().exit_code == 130);
  const ended_command told = listening.finish();  // well before keepalive would miss the peer
  BOOST_TEST(told.exit_code == 0, told.err);
}

BOOST_AUTO_TEST_CASE(signal__while_opening_and_while_listening) {
  running_command listening(listen(), here());
  BOOST_REQUIRE(listening.wait_for("listening on"));
  listening.signal(SIGTERM);
  BOOST_TEST(listening.finish().exit_code == 143);
  running_command witness({"tcpdump", "-l", "-n", "-i", "lo", "--immediate-mode", "udp"}, here());
  BOOST_REQUIRE(witness.wait_for("listening on"));
  running_command connecting(connect(), here("", true));
  BOOST_REQUIRE(witness.wait_for(".49152: UDP"));
  connecting.signal(SIGINT);
  BOOST_TEST(connecting.finish().exit_code == 130);
}

BOOST_AUTO_TEST_CASE(record__leaves_captures_that_hold_and_that_tshark_reads) {
  running_command listening(listen({"--wait", "--record", "b.pcapng"}), here());
  BOOST_REQUIRE(listening.wait_for("listening on"));
  BOOST_TEST(running_command(connect({"--record", "a.pcapng"}), here("one\ntwo\n")).finish().exit_code == 0);
  BOOST_TEST(listening.finish().exit_code == 0);
  const ended_command judged = seqwire_command({"verify", "a.pcapng", "b.pcapng"}, {.folder = folder.path()});
  BOOST_TEST(judged.exit_code == 0, judged.err << judged.out);
  const ended_command seen = running_command({"tshark", "-r", folder.path("a.pcapng"), "-Y", "spp", "-T", "fields",
                                              "-e", "eth.dst", "-e", "idp.dst.net"})
                                 .finish();
  BOOST_TEST(seen.out.find("02:00:7f:00:00:01") != std::string::npos, seen.out << seen.err);
}

BOOST_AUTO_TEST_CASE(standard_output__nobody_reads_it_any_more) {
  running_command listening(listen(), here("x\n", true));
  BOOST_REQUIRE(listening.wait_for("listening on"));
  run_settings settings = here("", true);
  settings.environment.push_back(std::string("seqwire=") + SEQWIRE_COMMAND);
  running_command connecting(
      {"bash", "-c", std::string("\"$seqwire\" connect ") + address + " --udp 0 | true; exit ${PIPESTATUS[0]}"},
      settings);
  const ended_command ended = connecting.finish();
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(ended.err.find("nobody reads standard output any more") != std::string::npos, ended.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
