// seqwire lab from the outside: up, commands inside, the kernel's own protocols through the bridge, down, nothing left.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct own_lab {
  own_lab() { make_network(); }
  ~own_lab() { lab({"down"}); }

  run_settings settings() const {
    return {.folder = folder.path(), .environment = {"XDG_RUNTIME_DIR=" + folder.path()}};
  }
  ended_command lab(std::vector<std::string> words) const {
    words.insert(words.begin(), "lab");
    return seqwire_command(words, settings());
  }
  std::vector<std::string> exec(const char* host, std::vector<std::string> words) const {
    words.insert(words.begin(), {"lab", "exec", host, "--"});
    return seqwire_with(words);
  }
  temporary_folder folder;
};

// A process that has ended and is only waited for by nobody does not count.
bool is_running(pid_t pid) {
  const std::string status = read_whole("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = status.rfind(") ");
  return name_end != std::string::npos && status[name_end + 2] != 'Z';
}

sockaddr_in address_of(const char* host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(4000);
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lab_command_test, own_lab)

BOOST_AUTO_TEST_CASE(lab__carries_a_transfer_and_goes_without_trace) {
  BOOST_TEST(lab({"status"}).exit_code == 3);
  const ended_command up = lab({"up", "--delay", "2ms", "--loss", "5%", "--seed", "3"});
  BOOST_REQUIRE_MESSAGE(up.exit_code == 0, up.err);
  BOOST_TEST(up.out == "");
  const auto status = nlohmann::json::parse(lab({"status", "--json"}).out);
  BOOST_TEST(status.at("condition").get<std::string>() == "up");
  const pid_t keeper = status.at("keeper").get<pid_t>();

  write_whole(folder.path("files/one"), std::string(200'000, 'x'));
  running_command receiving(
      exec("b", seqwire_with({"receive", "--interface", "xns0", "--socket", "3000", "--out", "inbox"})), settings());
  const ended_command sent =
      running_command(exec("a", seqwire_with({"send", "files", "--interface", "xns0", "--to", "1.02000000000b:3000"})),
                      settings())
          .finish();
  BOOST_TEST(sent.exit_code == 0, sent.err);
  BOOST_TEST(receiving.finish().exit_code == 0);
  BOOST_TEST(digest_of(folder.path("inbox/one")) == digest_of(folder.path("files/one")));

  BOOST_TEST(lab({"up"}).exit_code == 1);  // there is one already
  BOOST_TEST(lab({"down"}).exit_code == 0);
  BOOST_TEST(lab({"status"}).exit_code == 3);
  BOOST_TEST(!is_running(keeper));
  expect_complaint(running_command(exec("a", {"true"}), settings()).finish(), 1, "is not up");
}

BOOST_AUTO_TEST_CASE(exec__gives_the_commands_exit_code_and_begins_it_with_default_signals) {
  BOOST_REQUIRE(lab({"up"}).exit_code == 0);
  BOOST_TEST(running_command(exec("a", {"sh", "-c", "exit 9"}), settings()).finish().exit_code == 9);
  const ended_command missing = running_command(exec("a", {"no-such-program"}), settings()).finish();
  expect_complaint(missing, 127, "cannot run no-such-program: No such file or directory");
  const ended_command pipe =
      running_command(exec("b", {"bash", "-c", "yes | head -1; echo ${PIPESTATUS[0]}"}), settings()).finish();
  BOOST_TEST(pipe.out == "y\n141\n");
  const ended_command address =
      running_command(exec("b", {"ip", "-br", "address", "show", "xns0"}), settings()).finish();
  BOOST_TEST(address.out.find("10.87.0.2") != std::string::npos, address.out);
}

// As the lab's help says it.
BOOST_AUTO_TEST_CASE(exec__in_the_bridge_changes_what_the_link_does) {
  BOOST_REQUIRE(lab({"up"}).exit_code == 0);
  running_command listening(exec("b", seqwire_with({"listen", "--interface", "xns0"})), settings());
  BOOST_REQUIRE(listening.wait_for("listening on 1.02000000000b:"));
  const auto echo = [&] {
    return running_command(exec("a", seqwire_with({"ping", "1.02000000000b", "--interface", "xns0", "--count", "1",
                                                   "--timeout", "200ms"})),
                           settings())
        .finish()
        .exit_code;
  };
  BOOST_TEST(echo() == 0);
  for (const bool lossy : {true, false}) {
    const ended_command changed =
        running_command(
            exec("bridge", seqwire_with({"bridge", "set", lab_port_a, lab_port_b, "--loss", lossy ? "100%" : "0%"})),
            settings())
            .finish();
    BOOST_TEST(changed.exit_code == 0, changed.err);
    BOOST_TEST(echo() == (lossy ? 3 : 0));
  }
}

BOOST_AUTO_TEST_CASE(json__is_what_status_says) {
  const ended_command up = lab({"up", "--json"});
  BOOST_REQUIRE_MESSAGE(up.exit_code == 0, up.err);
  const auto made = nlohmann::json::parse(up.out);
  BOOST_TEST(made.at("schema").get<std::string>() == "seqwire.lab/1");
  BOOST_TEST(made.at("hosts").at("b").at("host").get<std::string>() == "02000000000b");
  BOOST_TEST((made == nlohmann::json::parse(lab({"status", "--json"}).out)));
  for (const bool was_there : {true, false}) {
    const auto down = nlohmann::json::parse(lab({"down", "--json"}).out);
    BOOST_TEST(down.at("condition").get<std::string>() == "absent");
    BOOST_TEST(down.at("was_there").get<bool>() == was_there);
  }
}

BOOST_AUTO_TEST_CASE(kernel_tcp__passes_through_the_weather_unharmed) {
  own_network own;
  running_command between(own.bridge({"--delay", "2ms", "--loss", "1%", "--reordering", "2%", "--duplication", "1%",
                                      "--corruption", "1%", "--seed", "5"}),
                          own.inside(lab_host::bridge));
  BOOST_REQUIRE(between.wait_for("the bridge is up"));
  const std::string contents(300'000, 'x');
  const sockaddr_in to = address_of("10.87.0.2");
  const descriptor listener(
      own.network.inside(lab_host::b, [] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }));
  BOOST_REQUIRE(::bind(listener.number(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  BOOST_REQUIRE(::listen(listener.number(), 1) == 0);
  child_process sender = own.network.start(lab_host::a, [&] {
    const descriptor connected(::socket(AF_INET, SOCK_STREAM, 0));
    if (::connect(connected.number(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return 1;
    for (std::string_view rest = contents; !rest.empty();) {
      const ssize_t taken = ::write(connected.number(), rest.data(), rest.size());
      if (taken <= 0) return 2;
      rest.remove_prefix(static_cast<std::size_t>(taken));
    }
    return 0;
  });
  BOOST_REQUIRE(wait_readable(listener.number(), 30_s));
  const descriptor accepted(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
  std::string received;
  std::array<char, 65536> block;
  while (wait_readable(accepted.number(), 30_s)) {
    const ssize_t got = ::read(accepted.number(), block.data(), block.size());
    if (got <= 0) break;
    received.append(block.data(), static_cast<std::size_t>(got));
  }
  BOOST_TEST((received == contents));
  BOOST_TEST(sender.wait(10_s).value_or(-1) == 0);
  between.signal(SIGTERM);
  const auto counted = nlohmann::json::parse(between.finish().out);
  BOOST_TEST(counted.at("a_to_b").at("frames").get<int>() > 200);
  BOOST_TEST(counted.at("unfinished_checksums").get<int>() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
