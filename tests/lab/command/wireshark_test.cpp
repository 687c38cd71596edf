// seqwire wireshark install, doctor, uninstall, in a home of the test's own and through the tshark that is here: what
// is written and what is not touched, what tshark makes of it, and that all of it goes again.
#include <fmt/format.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "dissector/wireshark/lua_dissector.hpp"
#include "dissector/wireshark/profile.hpp"
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct own_home {
  own_home() {
    fs::create_directories(home.path("tmp"));
    here.environment = {"HOME=" + home.path(), "XDG_CONFIG_HOME=" + home.path(".config"), "TMPDIR=" + home.path("tmp")};
  }
  ended_command wireshark(std::vector<std::string> words) const {
    words.insert(words.begin(), "wireshark");
    return seqwire_command(words, here);
  }
  ended_command tshark(std::vector<std::string> words) const {
    words.insert(words.begin(), {"tshark", "-n"});
    return running_command(words, here).finish();
  }
  // What the doctor says of a subject; whether all is well must be what the exit code says.
  nlohmann::json diagnosis(const std::string& subject, int exit_code) const {
    const ended_command said = wireshark({"doctor", "--json"});
    BOOST_TEST(said.exit_code == exit_code, said.out << said.err);
    const auto all = nlohmann::json::parse(said.out);
    BOOST_TEST(all.at("schema") == "seqwire.wireshark-doctor/1");
    BOOST_TEST(all.at("well").get<bool>() == (exit_code == 0));
    for (const auto& each : all.at("findings"))
      if (each.at("subject") == subject) return each;
    BOOST_FAIL("the doctor says nothing of " + subject + ": " + said.out);
    return {};
  }
  // A command's output as the page shows it: versions are those of the page's writer, and so is the home.
  std::string as_in_the_page(std::string text) const {
    for (std::size_t at = 0; (at = text.find(home.path())) != std::string::npos;)
      text.replace(at, home.path().size(), "/home/you");
    for (const auto& [subject, version] : {std::pair{"well  tshark: ", "4.0.17"}, std::pair{"well  Lua: ", "5.2.4"}})
      if (const std::size_t at = text.find(subject); at != std::string::npos) {
        const std::size_t begin = at + std::string_view(subject).size();
        text.replace(begin, text.find('\n', begin) - begin, version);
      }
    return text;
  }
  // All files below the home, without what is temporary, sorted.
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& each : fs::recursive_directory_iterator(home.path()))
      if (!each.is_directory()) found.push_back(each.path().lexically_relative(home.path()).string());
    std::sort(found.begin(), found.end());
    return found;
  }

  temporary_folder home;
  run_settings here;
  const std::string plugin = home.path(".local/lib/wireshark/plugins/seqwire.lua");
  const std::string profile = home.path(".config/wireshark/profiles/seqwire");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wireshark_test, own_home)

BOOST_AUTO_TEST_CASE(install__writes_one_file_that_tshark_loads) {
  const ended_command installed = wireshark({"install"});
  BOOST_TEST(installed.exit_code == 0, installed.err);
  BOOST_TEST(installed.out == "written: " + plugin + "\n");
  BOOST_TEST(installed.err == "");
  BOOST_TEST(files() == std::vector<std::string>{".local/lib/wireshark/plugins/seqwire.lua"},
             boost::test_tools::per_element());
  const std::string text = read_whole(plugin);
  BOOST_TEST(text.substr(text.find('\n') + 1) == lua_dissector(catalogue()));
  const ended_command plugins = running_command({"tshark", "-G", "plugins"}, here).finish();
  BOOST_TEST(plugins.out.find("seqwire.lua\t\tlua script\t" + plugin) != std::string::npos, plugins.out);
}

BOOST_AUTO_TEST_CASE(install__again_changes_nothing_and_a_stale_file_is_brought_up_to_date) {
  const ended_command first = wireshark({"install", "--profile", "--json"});
  const auto told = nlohmann::json::parse(first.out);
  BOOST_TEST(told.at("schema") == "seqwire.wireshark-install/1");
  BOOST_TEST(told.at("files").size() == 1 + wireshark_profile().size());
  const auto time = fs::last_write_time(plugin);
  for (const auto& each : nlohmann::json::parse(wireshark({"install", "--profile", "--json"}).out).at("files"))
    BOOST_TEST(each.at("what") == "up to date");
  BOOST_TEST((fs::last_write_time(plugin) == time));
  // As another version would have written it: its mark fits its lines.
  const std::string body = "-- older\n";
  std::string mark = read_whole(plugin);
  mark = mark.substr(0, mark.find('\n') - 64);
  write_whole(plugin, mark + sha256_hexadecimal(view_of(body)) + '\n' + body);
  BOOST_TEST(diagnosis("dissector", 3).at("way_out") == "seqwire wireshark install");
  BOOST_TEST(wireshark({"install"}).out == "brought up to date: " + plugin + "\n");
  BOOST_TEST(read_whole(plugin).ends_with(lua_dissector(catalogue())));
}

BOOST_AUTO_TEST_CASE(install__leaves_what_is_not_ours_without_force) {
  write_whole(plugin, "-- somebody's\n");
  expect_complaint(wireshark({"install", "--profile"}), 1, "--force");
  BOOST_TEST(read_whole(plugin) == "-- somebody's\n");
  BOOST_TEST(files().size() == 1u);  // no part of the profile either
  BOOST_TEST(diagnosis("dissector", 3).at("way_out") == "seqwire wireshark install --force");
  BOOST_TEST(wireshark({"uninstall"}).exit_code == 3);
  BOOST_TEST(read_whole(plugin) == "-- somebody's\n");
  BOOST_TEST(wireshark({"install", "--force"}).out == "replaced: " + plugin + "\n");
  BOOST_TEST(diagnosis("dissector", 0).at("found") == plugin);
  // One that was ours and was changed is not ours any more.
  write_whole(plugin, read_whole(plugin) + "-- and a line\n");
  expect_complaint(wireshark({"install"}), 1, "changed since");
  BOOST_TEST(wireshark({"uninstall"}).exit_code == 3);
  BOOST_TEST(fs::exists(plugin));
}

BOOST_AUTO_TEST_CASE(install__replaces_a_link_and_not_what_it_leads_to) {
  write_whole(home.path("elsewhere"), "mine");
  fs::create_directories(fs::path(plugin).parent_path());
  fs::create_symlink(home.path("elsewhere"), plugin);
  expect_complaint(wireshark({"install"}), 1, "another file");
  BOOST_TEST(wireshark({"install", "--force"}).exit_code == 0);
  BOOST_TEST(!fs::is_symlink(plugin));
  BOOST_TEST(read_whole(home.path("elsewhere")) == "mine");
}

BOOST_AUTO_TEST_CASE(install__folder_may_be_another) {
  const std::string folder = home.path("other/lua");
  BOOST_TEST(wireshark({"install", "--folder", folder}).out == "written: " + folder + "/seqwire.lua\n");
  BOOST_TEST(wireshark({"uninstall", "--folder", folder}).out == "removed: " + folder + "/seqwire.lua\n");
  write_whole(home.path("file"), "");
  expect_complaint(wireshark({"install", "--folder", home.path("file")}), 2, "--folder: expected a folder");
  expect_complaint(wireshark({"install", "--folder", ""}), 2, "--folder: expected a folder");
}

BOOST_AUTO_TEST_CASE(install__without_tshark_takes_the_documented_places) {
  here.environment.push_back("PATH=" + home.path("tmp"));
  const ended_command installed = wireshark({"install", "--profile"});
  BOOST_TEST(installed.exit_code == 0, installed.err);
  BOOST_TEST(installed.err.find("tshark does not say") != std::string::npos, installed.err);
  BOOST_TEST(fs::exists(plugin));
  BOOST_TEST(fs::exists(profile + "/preferences"));
  BOOST_TEST(diagnosis("tshark", 1).at("found") == "cannot be run");
}

BOOST_AUTO_TEST_CASE(install__under_sudo_belongs_to_who_called_it,
                     *boost::unit_test::precondition([](auto) { return ::geteuid() == 0; })) {
  constexpr uid_t nobody = 65'534;
  for (const std::string& each : {home.path(), home.path("tmp")})
    BOOST_REQUIRE(::chown(each.c_str(), nobody, nobody) == 0);
  here.environment.insert(here.environment.end(), {"SUDO_UID=65534", "SUDO_GID=65534"});
  const std::string folder = home.path("lua");
  const ended_command installed = wireshark({"install", "--profile", "--folder", folder});
  BOOST_TEST(installed.exit_code == 0, installed.err);
  for (const std::string& each : {folder, folder + "/seqwire.lua", profile, profile + "/preferences"}) {
    struct stat about {};
    BOOST_REQUIRE(::stat(each.c_str(), &about) == 0);
    BOOST_TEST(about.st_uid == nobody, each);
    BOOST_TEST(about.st_gid == nobody, each);
  }
  here.environment.push_back("SUDO_UID=4000000");  // whom nobody knows
  expect_complaint(wireshark({"install"}), 1, "the user who called sudo");
}

BOOST_AUTO_TEST_CASE(doctor__all_is_well_after_install) {
  const ended_command before = wireshark({"doctor"});
  BOOST_TEST(before.exit_code == 3);
  BOOST_TEST(before.out.find("wrong dissector: not there: " + plugin) != std::string::npos, before.out);
  BOOST_TEST(before.out.find("way out: seqwire wireshark install\n") != std::string::npos, before.out);
  wireshark({"install", "--profile"});
  const ended_command after = wireshark({"doctor"});
  BOOST_TEST(after.exit_code == 0, after.out << after.err);
  for (const char* line : {"well  tshark: ", "well  Lua: 5.", "well  dissector: ", "well  profile: ",
                           "well  stock dissectors: ", "well  loading: ", "well  profile loading: "})
    BOOST_TEST(after.out.find(line) != std::string::npos, line << " is missing in " << after.out);
  BOOST_TEST(fs::is_empty(home.path("tmp")));
}

BOOST_AUTO_TEST_CASE(plugin__is_put_there_looked_after_and_taken_away) {
  const fs::path built = std::string(SEQWIRE_BINARY_DIR) + "/lib/seqwire/wireshark";
  const ended_command installed = wireshark({"install", "--plugin"});
  if (!fs::exists(built)) {
    BOOST_TEST(installed.exit_code == 1);
    BOOST_TEST(installed.err.find("install libwireshark-dev, build again") != std::string::npos, installed.err);
    BOOST_TEST(files().empty());
    return;
  }
  BOOST_TEST(installed.exit_code == 0, installed.err);
  const std::string version = fs::directory_iterator(built)->path().filename().string();
  const std::string in_c = home.path(".local/lib/wireshark/plugins/" + version + "/epan/xns.so");
  BOOST_TEST(installed.out == "written: " + plugin + "\nwritten: " + in_c + "\n");
  const std::string library = read_whole((built / version / "xns.so").string());
  BOOST_TEST((read_whole(in_c).substr(0, library.size()) == library));
  BOOST_TEST(wireshark({"install", "--plugin"}).out == "up to date: " + plugin + "\nup to date: " + in_c + "\n");
  BOOST_TEST(diagnosis("plugin", 0).at("found").get<std::string>().starts_with(in_c));

  write_whole(in_c, "something else");
  BOOST_TEST(diagnosis("plugin", 3).at("found") == "not as seqwire wrote it: " + in_c);
  BOOST_TEST(wireshark({"install", "--plugin"}).exit_code == 1);
  BOOST_TEST(wireshark({"install", "--plugin", "--force"}).exit_code == 0);
  BOOST_TEST(wireshark({"uninstall"}).out == "removed: " + plugin + "\nremoved: " + in_c + "\n");
  BOOST_TEST(files().empty());
}

BOOST_AUTO_TEST_CASE(doctor__says_when_the_dissector_does_not_run) {
  wireshark({"install"});
  const std::string other = fs::path(plugin).parent_path().string() + "/a.lua";
  write_whole(other, "Proto('seqwire', 'seqwire analysis')\n");
  const auto twice = diagnosis("loading", 3);
  BOOST_TEST(twice.at("found").get<std::string>().find("two protocols") != std::string::npos, twice.dump());
  fs::remove(other);
  write_whole(plugin, read_whole(plugin) + "error('broken here')\n");
  const auto broken = diagnosis("loading", 3);
  BOOST_TEST(broken.at("found").get<std::string>().find("broken here") != std::string::npos, broken.dump());
}

BOOST_AUTO_TEST_CASE(doctor__half_a_profile_is_wrong_and_one_that_wireshark_wrote_is_not) {
  wireshark({"install", "--profile"});
  write_whole(profile + "/preferences", "gui.column.format:\n\t\"No.\", \"%m\"\n");
  BOOST_TEST(diagnosis("profile", 0).at("found") == profile);
  fs::remove(profile + "/colorfilters");
  BOOST_TEST(diagnosis("profile", 3).at("found") == "2 of 3 files in " + profile);
}

BOOST_AUTO_TEST_CASE(install__named_on_the_command_line_as_well_is_loaded_once) {
  wireshark({"install"});
  const std::string named = home.path("named.lua");
  const auto complaint_of = [&] {
    return tshark({"-X", "lua_script:" + named, "-r", SEQWIRE_SOURCE_DIR "/none", "-c", "1"}).err;
  };
  std::string text = lua_dissector(catalogue());
  write_whole(named, text);
  BOOST_TEST(complaint_of().find("Lua") == std::string::npos, complaint_of());
  text.insert(text.find("  {name = \"idp\""),
              "  {name = \"mine\", octets = 0, documentation = \"Mine\", fields = {}},\n");
  write_whole(named, text);
  BOOST_TEST(complaint_of().find("other headers is loaded already: idp ") != std::string::npos, complaint_of());
}

BOOST_AUTO_TEST_CASE(uninstall__removes_what_install_wrote_and_nothing_else) {
  wireshark({"install", "--profile"});
  write_whole(profile + "/recent", "mine");
  write_whole(fs::path(plugin).parent_path().string() + "/another.lua", "-- mine\n");
  const ended_command removed = wireshark({"uninstall", "--json"});
  BOOST_TEST(removed.exit_code == 0, removed.err);
  BOOST_TEST(nlohmann::json::parse(removed.out).at("files").size() == 4u);
  BOOST_TEST(files() == (std::vector<std::string>{".config/wireshark/profiles/seqwire/recent",
                                                  ".local/lib/wireshark/plugins/another.lua"}),
             boost::test_tools::per_element());
  BOOST_TEST(wireshark({"uninstall"}).out == "nothing is installed\n");
  fs::remove(profile + "/recent");
  wireshark({"install", "--profile"});
  wireshark({"uninstall"});
  BOOST_TEST(!fs::exists(profile));
}

BOOST_AUTO_TEST_CASE(profile__its_filters_columns_and_preferences_are_understood) {
  wireshark({"install", "--profile"});
  const ended_command run =
      seqwire_command({"demo", SEQWIRE_SOURCE_DIR "/docs", "--only", "sim", "--out", home.path("out")}, here);
  BOOST_REQUIRE_MESSAGE(run.exit_code == 0, run.err);
  const std::string capture = home.path("out/simulator/capture.pcapng");
  const ended_command list = tshark({"-C", "seqwire", "-r", capture, "-c", "200"});
  BOOST_TEST(list.exit_code == 0, list.err);
  BOOST_TEST(list.err.find("seqwire") == std::string::npos, list.err);
  BOOST_TEST(list.err.find("not found") == std::string::npos, list.err);
  // One filter of all, so that tshark starts once: what it does not know it refuses.
  std::string all = "frame";
  for (const colouring_rule& rule : colouring_rules()) all += fmt::format(" || ({})", rule.filter);
  for (const filter_button& button : filter_buttons()) all += fmt::format(" || ({})", button.filter);
  const ended_command filtered = tshark({"-r", capture, "-c", "1", "-Y", all});
  BOOST_TEST(filtered.exit_code == 0, filtered.err);
  // Colours are looked up where somebody asks for them; the profile's rules name the retransmissions.
  const ended_command coloured = tshark({"-C", "seqwire", "-r", capture, "-Y", "seqwire.spp.retransmission", "--color",
                                         "-T", "fields", "-e", "frame.coloring_rule.name"});
  BOOST_TEST(coloured.out.find("Retransmission\n") != std::string::npos, coloured.out.substr(0, 500) << coloured.err);
}

BOOST_AUTO_TEST_CASE(docs__show_what_is_printed_and_what_the_profile_has) {
  const std::string page = read_whole(SEQWIRE_SOURCE_DIR "/docs/wireshark.md");
  const auto expect = [&](const std::string& block) {
    BOOST_TEST(page.find(block) != std::string::npos, "not in docs/wireshark.md:\n" << block);
  };
  for (const char* words : {"doctor", "install --profile", "doctor"}) {
    const std::string line = std::string("seqwire wireshark ") + words;
    expect("```console\n$ " + line + '\n' + as_in_the_page(shell('$' + line, here).out) + "```\n");
  }
  std::string rows;
  for (const colouring_rule& rule : colouring_rules()) {
    std::string filter(rule.filter);
    for (std::size_t at = 0; (at = filter.find('|', at)) != std::string::npos; at += 2) filter.insert(at, 1, '\\');
    rows += fmt::format("| {} | `{}` |\n", rule.name, filter);
  }
  expect("| rule | when |\n|---|---|\n" + rows + '\n');
  rows.clear();
  for (const filter_button& button : filter_buttons())
    rows += fmt::format("| {} | {} |\n", button.label, button.meaning);
  expect("| button | what it shows |\n|---|---|\n" + rows + '\n');
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
