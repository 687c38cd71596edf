// The demo on the wire, whole: it holds, again and again; its input logs repeat it; interrupted it leaves nothing.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "own_network.hpp"

namespace seqwire {
namespace {

using namespace live_runs;

struct own_files {
  own_files() {
    make_network();  // or ends the program where there can be none
    for (const std::size_t size : {0u, 1u, 1458u, 1459u, 100'000u})
      write_whole(folder.path("files/of-" + std::to_string(size)), std::string(size, 'x'));
  }
  std::vector<std::string> demo(const std::string& out) const {
    return {"demo", folder.path("files"), "--only", "wire", "--out", out};
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wire_demo_test, own_files)

BOOST_AUTO_TEST_CASE(three_times__holds_and_repeats_from_its_input_logs) {
  for (const char* seed : {"1", "2", "3"}) {
    const std::string out = folder.path(std::string("out") + seed);
    auto words = demo(out);
    words.insert(words.end(), {"--seed", seed, "--json"});
    const ended_command ended = seqwire_command(words);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err << ended.out);
    const auto summary = nlohmann::json::parse(ended.out).at("wire");
    BOOST_TEST(summary.at("files").at("sent").get<int>() == 5);
    BOOST_TEST(summary.at("files").at("equal").get<int>() == 5);
    for (const char* log : {"a.inputs", "b.inputs"}) {
      const ended_command again = seqwire_command({"rerun", out + "/wire/" + log, "--json"});
      BOOST_TEST(again.exit_code == 0, again.err << again.out);
      BOOST_TEST(nlohmann::json::parse(again.out).at("identical").get<bool>());
    }
  }
}

// The receiving end never opens and never will: the run ends when the sender has given up, in one line.
BOOST_AUTO_TEST_CASE(cut_link__ends_when_nothing_is_due_any_more) {
  auto words = demo(folder.path("cut"));
  words.insert(words.end(), {"--set", "link.loss=100%", "--set", "flow.0.open_timeout=300ms"});
  const ended_command ended = seqwire_command(words);
  BOOST_TEST(ended.exit_code == 3);
  BOOST_TEST(ended.err.find("no answer came") != std::string::npos, ended.err);
}

BOOST_AUTO_TEST_CASE(interrupted__ends_with_the_signals_code_and_leaves_no_process) {
  for (const auto& [number, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    write_whole(folder.path("files/large"), std::string(20'000'000, 'x'));
    const std::string out = folder.path("out" + std::to_string(number));
    fs::create_directories(out + "/wire");
    const std::string capture = out + "/wire/capture.pcapng";
    BOOST_REQUIRE(::mkfifo(capture.c_str(), 0600) == 0);
    run_settings settings;
    settings.before_exec = [] { ::setpgid(0, 0); };
    running_command run(seqwire_with(demo(out)), settings);
    const pid_t group = run.pid();
    // Octets of the capture prove that the run is under way; then the signal, and reading on until it closes the file.
    const descriptor reader(::open(capture.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 65536> block;
    std::string whole;
    bool signalled = false;
    std::string status;
    for (ssize_t got = 0; (got = ::read(reader.number(), block.data(), block.size())) > 0;) {
      whole.append(block.data(), static_cast<std::size_t>(got));
      if (whole.size() <= 100'000 || std::exchange(signalled, true)) continue;
      status = read_whole("/proc/" + std::to_string(group) + "/status");
      run.signal(number);
    }
    const ended_command ended = run.finish();
    BOOST_TEST(ended.exit_code == code, ended.err);
    BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == 1, ended.err);
    // Nothing is left to open a socket or to change a network with: files at most, for root.
    BOOST_TEST(status.find("NoNewPrivs:\t1") != std::string::npos, status);
    BOOST_TEST((status.find("CapPrm:\t0000000000000000") != std::string::npos ||
                status.find("CapPrm:\t0000000000000006") != std::string::npos),
               status);
    BOOST_TEST((::kill(-group, 0) == -1 && errno == ESRCH));  // namespaces and veths live only as long as processes
    write_whole(folder.path("cut.pcapng"), whole);
    const ended_command judged = seqwire_command({"verify", folder.path("cut.pcapng")});
    BOOST_TEST(judged.exit_code == 0, judged.err << judged.out);
  }
}

BOOST_AUTO_TEST_CASE(full_disk__every_file_of_the_wire_is_named_and_the_rest_is_judged) {
  const std::string out = folder.path("full");
  fs::create_directories(out + "/wire");
  for (const char* name : {"a.inputs", "b.journal.ndjson"}) fs::create_symlink("/dev/full", out + "/wire/" + name);
  auto words = demo(out);
  words.emplace_back("--json");
  const ended_command ended = seqwire_command(words);
  BOOST_TEST(ended.exit_code == 1, ended.err);
  BOOST_TEST(ended.err.find("a.inputs: No space left on device; 0 octets") != std::string::npos, ended.err);
  BOOST_TEST(ended.err.find("b.journal.ndjson: No space left on device; 0 octets") != std::string::npos, ended.err);
  const auto summary = nlohmann::json::parse(ended.out).at("wire");
  BOOST_TEST(summary.at("files").at("equal").get<int>() == 5);
  BOOST_TEST(summary.at("not_written").size() >= 2u);
}

BOOST_AUTO_TEST_CASE(caller_of_sudo__owns_what_the_demo_leaves) {
  if (::geteuid() != 0) return;
  fs::permissions(folder.path(), fs::perms(0777));
  run_settings settings;
  settings.environment = {"SUDO_UID=65534", "SUDO_GID=65533"};
  const ended_command ended =
      seqwire_command({"demo", folder.path("files"), "--out", folder.path("callers")}, settings);
  BOOST_TEST(ended.exit_code == 0, ended.err);
  for (const auto& each : fs::recursive_directory_iterator(folder.path("callers"))) {
    struct stat status {};
    BOOST_REQUIRE(::stat(each.path().c_str(), &status) == 0);
    BOOST_TEST((status.st_uid == 65534 && status.st_gid == 65533), each.path());
  }
}

BOOST_AUTO_TEST_CASE(ordinary_user__runs_it_or_is_told_in_one_line_why_not) {
  if (::geteuid() != 0) return;  // then every other test is this one
  const std::string program = folder.path("seqwire");
  fs::copy_file(SEQWIRE_COMMAND, program);
  for (const std::string& path : {folder.path(), program}) fs::permissions(path, fs::perms(0777));
  run_settings settings{.folder = folder.path()};
  settings.before_exec = [] {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(125);
  };
  const ended_command ended =
      running_command({program, "demo", "files", "--only", "wire", "--out", "nobodys"}, settings).finish();
  BOOST_TEST((ended.exit_code == 0 || ended.exit_code == 77), ended.exit_code << ended.err);
  BOOST_TEST(std::count(ended.err.begin(), ended.err.end(), '\n') == (ended.exit_code == 0 ? 0 : 1), ended.err);
  if (ended.exit_code == 77) BOOST_TEST(!fs::exists(folder.path("nobodys/wire")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
