// seqwire extcap as Wireshark calls it: what it offers, and a run that is watched; and through tshark itself.
#include "rawio/capture/capture.hpp"
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct watched_run {
  ended_command extcap(std::vector<std::string> more) const {
    more.insert(more.begin(), "extcap");
    return seqwire_command(more, {.folder = folder.path(), .environment = {"TMPDIR=" + folder.path("tmp")}});
  }
  watched_run() {
    fs::create_directories(folder.path("tmp"));
    write_whole(folder.path("short.toml"), "[link]\ndelay = \"10ms\"\n[[flow]]\nrecords = 20\n");
  }
  temporary_folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(extcap_test, watched_run)

BOOST_AUTO_TEST_CASE(extcap__answers_what_wireshark_asks) {
  const ended_command offered = extcap({"--extcap-interfaces", "--extcap-version=4.0"});
  BOOST_TEST(offered.exit_code == 0);
  BOOST_TEST(offered.out.starts_with("extcap {version="), offered.out);
  BOOST_TEST(offered.out.find("interface {value=seqwire-sim}{display=seqwire: ") != std::string::npos, offered.out);
  BOOST_TEST(extcap({"--extcap-dlts", "--extcap-interface", "seqwire-wire"}).out ==
             "dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
  BOOST_TEST(extcap({"--extcap-config", "--extcap-interface", "seqwire-sim"}).out.find("{call=--pace}") !=
             std::string::npos);
  BOOST_TEST(extcap({"--extcap-config", "--extcap-interface", "seqwire-wire"}).out.find("{call=--pace}") ==
             std::string::npos);
  expect_complaint(extcap({"--extcap-dlts", "--extcap-interface", "eth0"}), 2, "expected seqwire-sim or seqwire-wire");
  expect_complaint(extcap({}), 2, "expected --extcap-interfaces or --capture");
  expect_complaint(extcap({"--capture", "--extcap-interface", "seqwire-sim"}), 2, "expected --fifo beside it");
}

BOOST_AUTO_TEST_CASE(capture__passes_on_the_capture_that_the_run_leaves) {
  const ended_command ended =
      extcap({"--capture", "--extcap-interface", "seqwire-sim", "--fifo", "seen.pcapng", "--scenario", "short.toml",
              "--seed", "7", "--set", "link.loss=5% flow.0.records=30", "--pace", "0"});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.out == "");
  const ended_command ran = seqwire_command(
      {"run", "short.toml", "--seed", "7", "--set", "link.loss=5%", "--set", "flow.0.records=30", "--out", "run"},
      {.folder = folder.path()});
  BOOST_TEST(ran.exit_code == 0, ran.err);
  BOOST_TEST(digest_of(folder.path("seen.pcapng")) == digest_of(folder.path("run/capture.pcapng")));
  BOOST_TEST(fs::is_empty(folder.path("tmp")));
}

BOOST_AUTO_TEST_CASE(capture__a_run_that_cannot_be_is_told) {
  const ended_command ended = extcap({"--capture", "--extcap-interface", "seqwire-sim", "--fifo", "seen.pcapng",
                                      "--scenario", "nowhere.toml", "--pace", "0"});
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(ended.err.find("nowhere.toml: the scenario cannot be read") != std::string::npos, ended.err);
  BOOST_TEST(fs::is_empty(folder.path("tmp")));
}

BOOST_AUTO_TEST_CASE(install__tshark_lists_and_records_the_interface) {
  const std::string home = folder.path("home");
  run_settings at_home{.folder = folder.path(),
                       .environment = {"HOME=" + home, "XDG_CONFIG_HOME=" + home + "/.config",
                                       "WIRESHARK_EXTCAP_DIR=" + home + "/.config/wireshark/extcap"}};
  const ended_command installed = seqwire_command({"wireshark", "install", "--extcap"}, at_home);
  BOOST_TEST(installed.exit_code == 0, installed.err);
  BOOST_TEST(installed.out.find("written: " + home + "/.config/wireshark/extcap/seqwire\n") != std::string::npos,
             installed.out);
  const ended_command listed = running_command({"tshark", "-D"}, at_home).finish();
  BOOST_TEST(listed.out.find("seqwire-sim (seqwire: a run on the simulator)") != std::string::npos,
             listed.out << listed.err);
  const ended_command recorded = running_command({"tshark", "-i", "seqwire-sim", "-c", "40", "-o",
                                                  "extcap.seqwire_sim.pace:0", "-T", "fields", "-e", "idp.len"},
                                                 at_home)
                                     .finish();
  BOOST_TEST(recorded.exit_code == 0, recorded.err);
  BOOST_TEST(std::count(recorded.out.begin(), recorded.out.end(), '\n') == 40, recorded.out << recorded.err);
  BOOST_TEST(seqwire_command({"wireshark", "uninstall"}, at_home).exit_code == 0);
  BOOST_TEST(!fs::exists(home + "/.config/wireshark/extcap/seqwire"));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
