// seqwire status, told by a process that is not to be trusted: this one.
#include <poll.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "rawio/status_socket.hpp"
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct told_by_us {
  told_by_us() { ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1); }
  ~told_by_us() { ::unsetenv("XDG_RUNTIME_DIR"); }

  ended_command status(const std::string& told, std::vector<std::string> more = {}) const {
    status_socket of;
    more.insert(more.begin(), "status");
    running_command asking(seqwire_with(more));
    pollfd waits{of.descriptor_number(), POLLIN, 0};
    BOOST_REQUIRE(::poll(&waits, 1, 30'000) == 1);
    of.serve([&] { return told; });
    return asking.finish();
  }
  temporary_folder folder;
};

nlohmann::json idle_process() {
  return nlohmann::json::parse(R"({"schema": "seqwire.status/1", "command": "a program", "links": [], "accepting": [],
    "connections": [], "datagrams": [], "left_out": {}, "packets": {"received": 0, "accepted": 0, "refused": {},
    "sent": 0, "forwarded": 0, "errors_sent": 0, "errors_suppressed": 0, "echoes_answered": 0,
    "routing_not_sent": 0, "datagrams_too_big": 0}})");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(status_test, told_by_us)

BOOST_AUTO_TEST_CASE(status__shows_what_is_told) {
  const ended_command shown = status(idle_process().dump());
  BOOST_TEST(shown.err == "");
  BOOST_TEST(shown.out == std::to_string(::getpid()) + "  a program\n  packets 0 in, 0 out\n");
}

BOOST_AUTO_TEST_CASE(status__says_how_much_is_left_out) {
  auto told = idle_process();
  told["left_out"]["connections"] = 16'000;
  BOOST_TEST(status(told.dump()).out.ends_with("packets 0 in, 0 out\n  and 16000 more connections\n"));
}

BOOST_AUTO_TEST_CASE(status__no_terminal_obeys_it) {
  auto told = idle_process();
  told["command"] = "\x1b[2J";
  BOOST_TEST(status(told.dump()).out.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(status__what_is_no_status_is_one_warning) {
  auto negative = idle_process(), huge = negative, lacking = negative, other = negative;
  negative["packets"]["sent"] = -1;
  huge["packets"]["sent"] = 1e300;
  lacking.erase("links");
  other["connections"] = {1, 2};
  auto uncounted = idle_process();
  uncounted["left_out"]["connections"] = "many";
  for (const std::string& told : {std::string(), std::string("{"), std::string("[]"), std::string("\xff"),
                                  negative.dump(), huge.dump(), lacking.dump(), other.dump(), uncounted.dump()}) {
    const ended_command shown = status(told);
    BOOST_TEST(shown.exit_code == 0);
    BOOST_TEST(shown.out == "");
    BOOST_TEST(shown.err.find(": what it tells is no seqwire.status/1\n") != std::string::npos, shown.err);
  }
}

BOOST_AUTO_TEST_CASE(status__nothing_is_too_deep_for_it) {
  auto told = idle_process().dump();
  told.insert(told.size() - 1, ",\"deep\":" + std::string(5'000'000, '[') + std::string(5'000'000, ']'));
  const ended_command shown = status(told, {"--json"});
  BOOST_TEST(shown.exit_code == 0, shown.err);
  BOOST_TEST(nlohmann::json::parse(shown.out).at("processes").size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
