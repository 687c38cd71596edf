// What a user types wrong, and what the command says then: one line, exit code 2, nothing half done.
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

std::vector<std::vector<std::string>> in_words(std::initializer_list<const char*> commands) {
  std::vector<std::vector<std::string>> all;
  for (const char* command : commands) {
    std::istringstream words(command);
    all.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
  }
  return all;
}

const auto subcommands = in_words({"",
                                   "demo",
                                   "run",
                                   "verify",
                                   "send",
                                   "receive",
                                   "bridge",
                                   "lab",
                                   "lab up",
                                   "lab down",
                                   "lab exec",
                                   "lab status",
                                   "ping",
                                   "listen",
                                   "connect",
                                   "perf",
                                   "perf server",
                                   "perf client",
                                   "rerun",
                                   "headers",
                                   "options",
                                   "bench",
                                   "script",
                                   "time",
                                   "routes",
                                   "router",
                                   "status",
                                   "link",
                                   "link from-netem",
                                   "link to-netem",
                                   "sweep",
                                   "sweep merge",
                                   "sweep submit",
                                   "wireshark",
                                   "wireshark generate",
                                   "wireshark install",
                                   "wireshark doctor",
                                   "wireshark uninstall"});

std::size_t examples_in(const std::string& help) {
  const auto at = help.find("\nExamples:\n");
  if (at == std::string::npos) return 0;
  std::size_t count = 0;
  for (auto line = help.find("seqwire ", at); line != std::string::npos; line = help.find("seqwire ", line + 1))
    if (help[line - 1] == ' ') ++count;
  return count;
}

std::vector<std::string> send_to(const std::string& address) {
  return {"send", SEQWIRE_SOURCE_DIR "/CMakeLists.txt", "--interface", "none0", "--to", address};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(usage_test)

BOOST_AUTO_TEST_CASE(help__of_every_subcommand_has_two_examples) {
  for (std::vector<std::string> words : subcommands) {
    words.push_back("--help");
    const ended_command help = seqwire_command(words);
    BOOST_TEST(help.exit_code == 0);
    BOOST_TEST(help.err == "");
    BOOST_TEST(examples_in(help.out) >= 2u, help.out);
  }
}

BOOST_AUTO_TEST_CASE(help__names_every_subcommand) {
  const ended_command help = seqwire_command({"--help"});
  for (const auto& words : subcommands)
    if (words.size() == 1) BOOST_TEST(help.out.find("\n  " + words[0] + ' ') != std::string::npos, words[0]);
}

BOOST_AUTO_TEST_CASE(help__as_a_word_is_the_same) {
  for (std::vector<std::string> words : subcommands) {
    auto with_option = words;
    with_option.push_back("--help");
    words.insert(words.begin(), "help");
    BOOST_TEST(seqwire_command(words).out == seqwire_command(with_option).out);
  }
  BOOST_TEST(seqwire_command({"lab", "help", "up"}).out == seqwire_command({"lab", "up", "--help"}).out);
  expect_complaint(seqwire_command({"help", "sent"}), 2, "unexpected argument sent; did you mean send?");
  expect_complaint(seqwire_command({"lab", "help", "stats"}), 2, "unexpected argument stats; did you mean status?");
}

BOOST_AUTO_TEST_CASE(headers__json_has_every_field) {
  const auto object = nlohmann::json::parse(seqwire_command({"headers", "--json"}).out);
  BOOST_TEST(object.at("schema").get<std::string>() == "seqwire.headers/1");
  BOOST_TEST(object.at("headers").size() >= 3u);
  for (const auto& header : object.at("headers")) {
    unsigned bits = 0;
    for (const auto& field : header.at("fields")) bits += field.at("bits").get<unsigned>();
    BOOST_TEST(bits == 8 * header.at("octets").get<unsigned>(), header.at("name"));
  }
}

BOOST_AUTO_TEST_CASE(keys__are_listed_with_their_defaults) {
  const ended_command listed = seqwire_command({"run", "--keys"});
  BOOST_TEST(listed.exit_code == 0);
  BOOST_TEST(listed.out.find("\n  loss                      0%") != std::string::npos, listed.out);
  const auto object = nlohmann::json::parse(seqwire_command({"run", "--keys", "--json"}).out);
  BOOST_TEST(object.at("schema").get<std::string>() == "seqwire.keys/1");
  for (const auto& key : object.at("keys"))
    BOOST_TEST(listed.out.find("\n  " + key.at("name").get<std::string>() + ' ') != std::string::npos, key);
  BOOST_TEST(object.at("keys").size() >= 30u);
  expect_complaint(seqwire_command({"run"}), 2, "expected a scenario; got none");
}

BOOST_AUTO_TEST_CASE(version__as_a_line_and_as_json) {
  const ended_command line = seqwire_command({"--version"});
  BOOST_TEST(line.exit_code == 0);
  BOOST_TEST(line.out.starts_with("seqwire 0."));
  const auto object = nlohmann::json::parse(seqwire_command({"--version", "--json"}).out);
  BOOST_TEST(object.at("schema").get<std::string>() == "seqwire.version/1");
  BOOST_TEST("seqwire " + object.at("version").get<std::string>() + '\n' == line.out);
  BOOST_TEST(!object.at("compiler").get<std::string>().empty());
}

BOOST_AUTO_TEST_CASE(unknown__names_the_nearest) {
  expect_complaint(seqwire_command({"demmo"}), 2, "unexpected argument demmo; did you mean demo?");
  expect_complaint(seqwire_command({"--versoin"}), 2, "did you mean --version?");
  expect_complaint(seqwire_command({"demo", "--sead", "3"}), 2, "did you mean --seed?");
  expect_complaint(seqwire_command({"demo", "--sead=3"}), 2, "did you mean --seed?");
  expect_complaint(seqwire_command({"lab", "stats"}), 2, "did you mean status?");
  expect_complaint(seqwire_command({"lab", "up", "--los", "1%"}), 2, "did you mean --loss?");
  expect_complaint(seqwire_command({"headers", "more"}), 2, "unexpected argument more");
  expect_complaint(seqwire_command({"--demo"}), 2, "unexpected argument --demo; did you mean demo?");
  expect_complaint(seqwire_command({"lab", "up", "-q"}), 2, "-q (seqwire lab up --help shows what it takes)");
}

BOOST_AUTO_TEST_CASE(missing__says_what_was_expected) {
  expect_complaint(seqwire_command({}), 2, "expected a subcommand");
  expect_complaint(seqwire_command({"lab"}), 2, "expected a subcommand");
  expect_complaint(seqwire_command({"demo", "--seed"}), 2, "--seed: expected a value");
  expect_complaint(seqwire_command({"verify"}), 2, "expected captures");
  expect_complaint(seqwire_command({"receive", "--interface", "x", "--socket", "3000"}), 2, "expected --out");
}

BOOST_AUTO_TEST_CASE(seed__is_a_whole_number_of_64_bits) {
  for (const std::string seed : {"x", "-1", "+1", "18446744073709551616", "1.5", "0x10", "1e3", ""})
    expect_complaint(seqwire_command({"demo", "--seed=" + seed}), 2, seed.empty() ? "--seed" : "18446744073709551615");
  expect_complaint(seqwire_command({"bridge", "x", "y", "--seed", "-1"}), 2, "18446744073709551615");
  expect_complaint(seqwire_command({"run", "x.toml", "--seed", "-1"}), 2, "18446744073709551615");
}

BOOST_AUTO_TEST_CASE(repeated__is_refused_where_one_value_is_meant) {
  expect_complaint(seqwire_command({"demo", "--seed", "1", "--seed", "2"}), 2, "--seed: expected once");
  expect_complaint(seqwire_command({"demo", "--only", "sim", "--only", "wire"}), 2, "--only: expected once");
}

BOOST_AUTO_TEST_CASE(choice__shows_what_there_is) {
  expect_complaint(seqwire_command({"demo", "--only", "moon"}), 2, "expected one of {sim,wire}; got moon");
  expect_complaint(seqwire_command({"run", "x.toml", "--on", "moon"}), 2, "expected one of {sim,wire}; got moon");
}

BOOST_AUTO_TEST_CASE(probability__out_of_range_shows_the_range) {
  for (const std::string loss : {"101%", "-1", "nan", "inf", "1e400", "5%%", "0x1", "", "+0.5", "1.01"}) {
    expect_complaint(seqwire_command({"demo", "--set", "link.loss=" + loss}), 2, "link.loss");
    if (!loss.empty()) expect_complaint(seqwire_command({"lab", "up", "--loss=" + loss}), 2, "from 0 to 1");
  }
}

BOOST_AUTO_TEST_CASE(unit__missing_or_unknown) {
  for (const std::string delay : {"10", "10parsec"})
    expect_complaint(seqwire_command({"bridge", "x", "y", "--delay=" + delay}), 2, "ns, us, ms, s");
  expect_complaint(seqwire_command({"bridge", "x", "y", "--rate", "10MB"}), 2, "link.rate");
  expect_complaint(
      seqwire_command({"receive", "--interface", "x", "--socket", "3000", "--out", "y", "--packet-life", "3"}), 2,
      "--packet-life: expected a duration with its unit");
  // Twice a packet's life must still be a time.
  for (const std::string life : {"9000000000s", "8761h", "0"})
    expect_complaint(
        seqwire_command({"receive", "--interface", "x", "--socket", "1", "--out", "y", "--packet-life", life}), 2,
        "--packet-life: expected a duration from 1ns to 8760h, or auto; got " + life);
  for (const std::string seconds : {"0", "61", "x", "1x", "nan", ""})
    expect_complaint(seqwire_command({"bench", "--seconds=" + seconds}), 2,
                     seconds.empty() ? "--seconds" : "0.01 to 60");
}

BOOST_AUTO_TEST_CASE(key__unknown_names_the_nearest) {
  expect_complaint(seqwire_command({"demo", "--set", "link.los=1%"}), 2, "loss, the nearest known one");
  expect_complaint(seqwire_command({"bridge", "x", "y", "--set", "a_to_b.los=1%"}), 2, "nearest");
  expect_complaint(seqwire_command({"demo", "--set", "link.los=1%"}), 2, "seqwire: error: link.los=1%: unknown key");
}

BOOST_AUTO_TEST_CASE(carrier__exactly_one_and_what_it_takes) {
  const std::vector<std::vector<std::string>> commands{
      {"send", SEQWIRE_SOURCE_DIR "/CMakeLists.txt", "--to", "1.02000000000b:3000"},
      {"receive", "--socket", "3000", "--out", "x"},
      {"ping", "1.02000000000b"},
      {"listen"},
      {"connect", "1.02000000000b:3000"},
      {"perf", "server"},
      {"perf", "client", "1.02000000000b:3000"}};
  for (const auto& command : commands) {
    const auto refused = [&](const std::vector<std::string>& more, std::string_view why) {
      std::vector<std::string> words = command;
      words.insert(words.end(), more.begin(), more.end());
      expect_complaint(seqwire_command(words), 2, why);
    };
    refused({}, "expected one of --interface, --ip and --udp; got none");
    refused({"--udp", "0", "--ip", "127.0.0.1"}, "expected one of --interface, --ip and --udp; got several");
    refused({"--udp", "4000"}, "--udp: expected a port from 49152 on");
    refused({"--interface", "none0", "--peer", "10.0.0.1"}, "--peer: expected with --ip or --udp only");
    refused({"--udp", "0", "--host", "nonsense"}, "--host: expected");
    refused({"--udp", "0", "--packet-life", "3"}, "--packet-life: expected a duration with its unit");
  }
}

BOOST_AUTO_TEST_CASE(listen_and_connect__what_cannot_be_meant) {
  expect_complaint(seqwire_command({"connect", "1.ffffffffffff:3000", "--udp", "0"}), 2, "expected a single host");
  expect_complaint(seqwire_command({"connect", "1.02000000000b", "--udp", "0"}), 2, "ADDRESS: expected");
  expect_complaint(seqwire_command({"connect", "1.02000000000b:3000", "--udp", "0", "--type", "254"}), 2,
                   "--type: expected 0 to 253; got 254");
  expect_complaint(seqwire_command({"connect", "1.02000000000b:3000", "--udp", "0", "--timeout", "1"}), 2,
                   "--timeout: expected");
  expect_complaint(seqwire_command({"connect", "1.02000000000b:3000", "--udp", "0", "--set", "windw=3"}), 2, "window");
  expect_complaint(seqwire_command({"listen", "--udp", "0", "--stream", "--datagram"}), 2, "excludes");
  expect_complaint(seqwire_command({"listen", "--udp", "0", "--keep-open", "--datagram"}), 2, "--keep-open: expected");
  expect_complaint(seqwire_command({"listen", "--udp", "0", "--socket", "0"}), 2, "--socket: expected");
  expect_complaint(seqwire_command({"listen", "--udp", "0", "--network", "x"}), 2, "--network: expected");
}

BOOST_AUTO_TEST_CASE(address__malformed) {
  for (const char* address :
       {"zzz", "", "1", "1.02000000000b", "1.02000000000b:", "1.02000000000b:0", "1.02000000000b:65536",
        "1.02000000000b:-1", "1.0200000000bb0:3000", "123456789.02000000000b:3000", "1.02000000000b:3000x"})
    expect_complaint(seqwire_command(send_to(address)), 2, "--to: expected");
  for (const char* address : {"zzz", "1.0200:3000", "1.02000000000b:0"})
    expect_complaint(seqwire_command(send_to(address)), 2, "1.02000000000");  // what one looks like
}

BOOST_AUTO_TEST_CASE(address__a_group_where_one_host_is_meant) {
  expect_complaint(seqwire_command(send_to("1.ffffffffffff:3000")), 2, "expected a single host");
  expect_complaint(seqwire_command(send_to("1.090000000001:3000")), 2, "expected a single host");
  const std::vector<std::string> receive{"receive", "--interface", "none0", "--socket", "3000", "--out", "x", "--host"};
  for (const char* host : {"ffffffffffff", "nonsense", "02"}) {
    auto words = receive;
    words.push_back(host);
    expect_complaint(seqwire_command(words), 2, "--host: expected");
  }
}

BOOST_AUTO_TEST_CASE(socket__out_of_range) {
  for (const char* socket : {"0", "65536", "-1", "x", ""})
    expect_complaint(
        seqwire_command({"receive", "--interface", "none0", "--out", "x", std::string("--socket=") + socket}), 2,
        "--socket");
}

BOOST_AUTO_TEST_CASE(interface__names_that_none_can_have) {
  for (const char* name : {"an-interface-of-16", "a/b", "", "a b", ".."}) {
    expect_complaint(seqwire_command({"receive", "--interface", name, "--out", "x", "--socket", "3000"}), 2,
                     "--interface: expected an interface's name");
    expect_complaint(seqwire_command({"bridge", name, "lo"}), 2, "interface_a: expected an interface's name");
  }
  expect_complaint(seqwire_command({"bridge", "lo", "lo"}), 2, "two different interfaces");
  expect_complaint(seqwire_command({"bridge", "lo"}), 2, "expected two interfaces; got one");
  expect_complaint(seqwire_command({"bridge", "set", "x", "y"}), 2, "expected what is to change");
  expect_complaint(seqwire_command({"bridge", "set", "x", "y", "--loss", "2"}), 2, "link.loss");
  expect_complaint(seqwire_command({"bridge", "set", "x", "y", "--loss", "2%"}), 1, "bridge x y is not running here");
}

BOOST_AUTO_TEST_CASE(lab__names_and_hosts) {
  expect_complaint(seqwire_command({"lab", "status", "--name", "../etc"}), 2, "--name: ");
  expect_complaint(seqwire_command({"lab", "exec", "c", "--", "true"}), 2, "a, b or bridge; got c");
}

BOOST_AUTO_TEST_CASE(arguments__ten_thousand_of_them) {
  const temporary_folder folder;
  std::vector<std::string> words{"demo"};
  for (int i = 0; i < 10'000; ++i) words.push_back(std::to_string(i));
  expect_complaint(seqwire_command(words, {.folder = folder.path()}), 2, "unexpected argument");
  words[0] = "verify";
  expect_complaint(seqwire_command(words, {.folder = folder.path()}), 2, "0: ");
}

BOOST_AUTO_TEST_CASE(arguments__that_would_command_the_terminal_are_shown_harmless) {
  const ended_command ended = seqwire_command({"demo", "no\nsuch\x1b[31mfile"});
  expect_complaint(ended, 2, "no\\x0asuch\\x1b[31mfile");
}

BOOST_AUTO_TEST_CASE(set__takes_one_value_and_leaves_the_next_argument_alone) {
  expect_complaint(seqwire_command({"demo", "--set", "link.loss=1%", "no-such-file"}), 2,
                   "no-such-file: expected a file or a folder");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
