#include "rawio/lab_keeper.hpp"

#include <fcntl.h>
#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "live_support.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/netlink.hpp"

namespace seqwire {
namespace {

using namespace live;

constexpr const char* lab_name = "test";

// Each test has a folder of its own for the state of its lab, and leaves no lab behind.
struct own_labs {
  own_labs() {
    make_lab();  // or ends the program where labs are not to be had
    ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
  }
  ~own_labs() {
    take_lab_down(lab_name);
    ::unsetenv("XDG_RUNTIME_DIR");
  }
  lab_state state() const { return read_lab_state(lab_name).value(); }
  bool state_file_exists() const { return std::filesystem::exists(lab_state_path(lab_name)); }

  temporary_folder folder;
};

// A bridge that passes nothing, and ends at SIGTERM.
int idle_bridge(const std::function<void()>& ready) {
  event_loop loop;
  ready();
  loop.run();
  return 0;
}

child_process start_inside(lab_host host, const std::function<int()>& body) {
  return child_process::start([&] {
    enter_lab(lab_name, host);
    return body();
  });
}

// A command in the lab that runs until its input ends, which this object holds open. It has been executed when the
// constructor returns.
struct endless_command {
  endless_command() : process(start()) { BOOST_REQUIRE(wait_readable(output.number(), patience)); }
  child_process start() {
    std::array<int, 2> in{}, out{};
    BOOST_REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
    BOOST_REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
    const descriptor its_input(in[0]), its_output(out[1]);
    input = descriptor(in[1]);
    output = descriptor(out[0]);
    return start_inside(lab_host::a, [&] {
      ::dup2(its_input.number(), STDIN_FILENO);
      ::dup2(its_output.number(), STDOUT_FILENO);
      return execute({"sh", "-c", "echo executed; read forever"});
    });
  }
  descriptor input;
  descriptor output;
  child_process process;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lab_keeper_test, own_labs)

BOOST_AUTO_TEST_CASE(bring_lab_up__makes_a_lab_that_others_can_enter_and_take_down) {
  BOOST_TEST((examine_lab(lab_name).condition == lab_condition::absent));
  bring_lab_up(lab_name, {}, idle_bridge);
  const lab_report report = examine_lab(lab_name);
  BOOST_TEST((report.condition == lab_condition::up));
  BOOST_TEST(report.state->bridge > 0);
  BOOST_TEST(start_inside(lab_host::a,
                          [] {
                            require_private_namespace("trying");
                            const ethernet_interface found = find_ethernet_interface(lab_interface);
                            return found.address == lab_address_a ? 0 : 1;
                          })
                 .wait(patience)
                 .value_or(-1) == 0);
  const descriptor keeper = open_process(report.state->keeper.pid);
  const descriptor bridge = open_process(report.state->bridge);
  BOOST_TEST(take_lab_down(lab_name));
  BOOST_TEST(wait_readable(keeper.number(), patience));
  BOOST_TEST(wait_readable(bridge.number(), patience));
  BOOST_TEST(!state_file_exists());
  BOOST_TEST(!take_lab_down(lab_name));
  BOOST_CHECK_THROW(enter_lab(lab_name, lab_host::a), lab_error);
}

BOOST_AUTO_TEST_CASE(bring_lab_up__twice_is_refused_and_harms_nothing) {
  bring_lab_up(lab_name, {});
  const pid_t keeper = state().keeper.pid;
  BOOST_CHECK_EXCEPTION(bring_lab_up(lab_name, {}), lab_error, [&](const lab_error& error) {
    return std::string(error.what()) == fmt::format("lab test is up already (process {})", keeper);
  });
  BOOST_TEST((examine_lab(lab_name).condition == lab_condition::up));
  BOOST_TEST(state().keeper.pid == keeper);
}

BOOST_AUTO_TEST_CASE(bring_lab_up__a_bridge_that_fails_is_told_and_leaves_nothing) {
  const auto failing = [](const std::function<void()>&) -> int { throw std::runtime_error("no weather today"); };
  BOOST_CHECK_EXCEPTION(bring_lab_up(lab_name, {}, failing), lab_error, [](const lab_error& error) {
    return std::string(error.what()).find("no weather today") != std::string::npos;
  });
  BOOST_TEST(!state_file_exists());
}

BOOST_AUTO_TEST_CASE(examine_lab__tells_when_the_bridge_has_ended) {
  bring_lab_up(lab_name, {}, idle_bridge);
  const descriptor bridge = open_process(state().bridge);
  BOOST_REQUIRE(signal_process(bridge.number(), SIGKILL));
  // The keeper notices, writes a new state file and stays.
  const descriptor keeper = open_process(state().keeper.pid);
  for (int i = 0; i < 1000 && !state().bridge_status; ++i) wait_readable(keeper.number(), 10_ms);
  BOOST_TEST(state().bridge_status.value_or(-1) == 128 + SIGKILL);
  BOOST_TEST((examine_lab(lab_name).condition == lab_condition::up));
}

BOOST_AUTO_TEST_CASE(take_lab_down__ends_the_commands_inside) {
  bring_lab_up(lab_name, {});
  endless_command command;
  BOOST_TEST(examine_lab(lab_name).processes == std::vector<pid_t>{command.process.pid()},
             boost::test_tools::per_element());
  BOOST_TEST(take_lab_down(lab_name));
  BOOST_TEST(command.process.wait(patience).value_or(-1) == 128 + SIGTERM);
}

BOOST_AUTO_TEST_CASE(take_lab_down__cleans_up_after_a_killed_keeper) {
  bring_lab_up(lab_name, {}, idle_bridge);
  endless_command command;
  const lab_state before = state();
  const descriptor keeper = open_process(before.keeper.pid);
  const descriptor bridge = open_process(before.bridge);
  BOOST_REQUIRE(signal_process(keeper.number(), SIGKILL));
  BOOST_REQUIRE(wait_readable(keeper.number(), patience));
  BOOST_TEST(wait_readable(bridge.number(), patience));  // it goes with its keeper
  BOOST_TEST((examine_lab(lab_name).condition == lab_condition::crashed));
  BOOST_CHECK_THROW(enter_lab(lab_name, lab_host::a), lab_error);
  BOOST_TEST(take_lab_down(lab_name));
  BOOST_TEST(command.process.wait(patience).value_or(-1) == 128 + SIGTERM);
  BOOST_TEST(!state_file_exists());
}

BOOST_AUTO_TEST_CASE(bring_lab_up__replaces_a_crashed_lab) {
  bring_lab_up(lab_name, {});
  const lab_state crashed = state();
  const descriptor keeper = open_process(crashed.keeper.pid);
  BOOST_REQUIRE(signal_process(keeper.number(), SIGKILL));
  BOOST_REQUIRE(wait_readable(keeper.number(), patience));
  bring_lab_up(lab_name, {});
  BOOST_TEST((state().keeper != crashed.keeper));
  BOOST_TEST((examine_lab(lab_name).condition == lab_condition::up));
}

BOOST_AUTO_TEST_CASE(take_lab_down__touches_no_process_that_is_not_the_keeper) {
  bring_lab_up(lab_name, {});
  lab_state forged = state();
  take_lab_down(lab_name);
  child_process bystander = child_process::start([] { return ::pause(); });
  forged.keeper = identify_process(bystander.pid()).value();
  write_lab_state(forged);
  BOOST_TEST(take_lab_down(lab_name));
  BOOST_TEST(!bystander.wait(10_ms).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
