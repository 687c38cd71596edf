#include "lab/command/wireshark_doctor.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "lab/command/program_output.hpp"
#include "protocol/wire/ethernet.hpp"
#include "protocol/wire/idp.hpp"
#include "protocol/wire/spp.hpp"
#include "rawio/capture/capture.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

constexpr const char* install_again = "seqwire wireshark install";
constexpr const char* install_plugin_again = "seqwire wireshark install --plugin";
constexpr const char* install_profile_again = "seqwire wireshark install --profile";

// A capture of one packet that its sender sent twice, in a folder that goes with it.
class tiny_capture {
 public:
  tiny_capture() {
    std::string pattern = (fs::temp_directory_path() / "seqwire-doctor-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw_system_error("making a temporary folder");
    folder_ = pattern;
    spp_header header{};
    header.source_connection = 1;
    header.destination_connection = 2;
    header.end_of_message = true;
    octets data(spp_layout::octets + 2);
    spp_layout::encode(header, data.data());
    idp_header front{};
    front.packet_type = packet_type::sequenced_packet;
    front.destination_host = host_number{0x02000000000b};
    front.source_host = host_number{0x02000000000a};
    octets packet;
    append_idp(packet, front, data);
    capture_writer writer(path(), {});
    writer.add_interface({.name = "a", .description = {}});
    for (int time = 0; time < 2; ++time)
      writer.write({.at = instant{} + 1_s * time, .direction = capture_direction::out},
                   encode(ethernet_header{front.destination_host, front.source_host, xns_ethertype}), packet);
    writer.close();
    if (const auto error = writer.error()) throw std::runtime_error(*error);
  }
  tiny_capture(const tiny_capture&) = delete;
  tiny_capture& operator=(const tiny_capture&) = delete;
  ~tiny_capture() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // What tshark says of these fields, one line for each of the two frames.
  program_output ask(const std::vector<std::string>& fields, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command{"tshark", "-n", "-r", path(), "-T", "fields"};
    for (const std::string& field : fields) command.insert(command.end(), {"-e", field});
    command.insert(command.end(), more.begin(), more.end());
    return output_of_program(command);
  }

 private:
  std::string path() const { return folder_ + "/capture.pcapng"; }
  std::string folder_;
};

// The first line with one of these words in it, and the next one where that says what; empty: none.
std::string line_with(const std::string& text, const std::vector<std::string>& words) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    const auto is_in = [&line](const std::string& word) { return line.find(word) != std::string::npos; };
    if (std::none_of(words.begin(), words.end(), is_in)) continue;
    if (!line.ends_with(':') || at >= text.size()) return line;
    end = text.find('\n', at);
    return line + ' ' + text.substr(at, end - at);
  }
  return "";
}

// The word behind `before`, which ends with a space, a comma or a parenthesis. The version's text is wrapped anywhere.
std::string word_after(std::string text, const std::string& before) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + before.size();
  return text.substr(begin, text.find_first_of(" ,)", begin) - begin);
}

unsigned leading_number(const std::string& text) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

doctor_finding found_out(std::string subject, bool well, std::string found, std::string way_out) {
  return {std::move(subject), well, std::move(found), well ? "" : std::move(way_out)};
}

doctor_finding judge_file(const installable_file& file) {
  const std::string& path = file.path();
  switch (file.state()) {
    case installed_state::absent: return found_out("dissector", false, "not there: " + path, install_again);
    case installed_state::current: return found_out("dissector", true, path, "");
    case installed_state::stale:
      return found_out("dissector", false, "of another version or of other headers than this program's: " + path,
                       install_again);
    case installed_state::changed:
      return found_out("dissector", false, "changed since it was installed: " + path,
                       std::string(install_again) + " --force");
    case installed_state::foreign: break;
  }
  return found_out("dissector", false, "not of seqwire: " + path, std::string(install_again) + " --force");
}

// Wireshark itself writes a profile anew when its user changes something, so that is well.
doctor_finding judge_profile(const std::string& configuration) {
  std::size_t there = 0, stale = 0;
  const auto files = profile_in(configuration);
  for (const installable_file& file : files) {
    const installed_state state = file.state();
    there += state != installed_state::absent;
    stale += state == installed_state::stale;
  }
  const std::string folder = profile_folder(configuration);
  if (there == 0) return found_out("profile", true, fmt::format("none ({} makes one)", install_profile_again), "");
  if (there < files.size())
    return found_out("profile", false, fmt::format("{} of {} files in {}", there, files.size(), folder),
                     install_profile_again);
  return found_out("profile", stale == 0, stale == 0 ? folder : "of another version: " + folder, install_profile_again);
}

// Nothing where tshark does not say where it looks for one.
std::optional<doctor_finding> judge_plugin(const std::string& plugins) {
  if (plugins.empty()) return std::nullopt;
  const installable_file file = any_plugin_in(plugins);
  const installed_state state = file.state();
  if (state == installed_state::absent)
    return found_out("plugin", true, fmt::format("none ({} puts one there)", install_plugin_again), "");
  if (state == installed_state::stale && plugin_in(plugins))
    return found_out("plugin", false, "of another version: " + file.path(), install_plugin_again);
  if (state != installed_state::current && state != installed_state::stale)
    return found_out("plugin", false, "not as seqwire wrote it: " + file.path(),
                     std::string(install_plugin_again) + " --force");
  if (::geteuid() == 0) return found_out("plugin", true, file.path() + " (which Wireshark does not load for root)", "");
  const bool loads = output_of_program({"tshark", "-G", "plugins"}).out.find(file.path()) != std::string::npos;
  return found_out("plugin", loads, loads ? file.path() : "tshark does not load " + file.path(),
                   "see what tshark -G plugins says");
}

doctor_finding judge_stock(const tiny_capture& capture) {
  const program_output said = capture.ask({"idp.packet_type", "spp.seq"});
  const bool well = said.status == 0 && said.out == "5\t0\n5\t0\n";
  return found_out("stock dissectors", well, well ? "idp and spp read a packet" : "idp and spp do not read a packet",
                   "enable IDP and SPP (Analyze, Enabled Protocols), or use a Wireshark that has them");
}

doctor_finding judge_loading(const tiny_capture& capture) {
  const program_output said = capture.ask({"seqwire.spp.stream", "seqwire.spp.repeats"});
  const std::string complaint = line_with(said.err, {"Lua", "aren't valid"});
  if (said.status == 0 && said.out == "0\t\n0\t1\n" && complaint.empty())
    return found_out("loading", true, "tshark loads it, and it tells a retransmission", "");
  return found_out("loading", false,
                   complaint.empty() ? "tshark does not show its fields" : "tshark says: " + complaint,
                   "mend what is said above; else see whether Lua is disabled (init.lua: enable_lua)");
}

doctor_finding judge_profile_loading(const tiny_capture& capture) {
  const program_output said = capture.ask({"frame.number"}, {"-C", "seqwire"});
  const std::string complaint = line_with(said.err, {"WARNING", "Error", "error", "rofile"});
  const bool well = said.status == 0 && complaint.empty();
  return found_out("profile loading", well, well ? "tshark -C seqwire loads it" : "tshark says: " + complaint,
                   fmt::format("remove the profile's folder, then: {}", install_profile_again));
}

}  // namespace

std::vector<doctor_finding> examine_wireshark(const wireshark_folders& folders, bool& could_run) {
  const program_output version = output_of_program({"tshark", "--version"});
  could_run = version.status == 0 && !version.out.empty();
  if (!could_run)
    return {found_out("tshark", false, "cannot be run",
                      "install Wireshark 4.0 or newer, with tshark, and have it in PATH")};
  std::vector<doctor_finding> findings;
  const std::string number = word_after(version.out, "TShark (Wireshark) ");
  findings.push_back(found_out("tshark", leading_number(number) >= 4, number.empty() ? "of an unknown version" : number,
                               "install Wireshark 4.0 or newer"));
  const std::string lua = word_after(version.out, "with Lua ");
  findings.push_back(found_out("Lua", !lua.empty(), lua.empty() ? "tshark was built without" : lua,
                               "install a Wireshark that was built with Lua"));
  const installable_file dissector = dissector_in(folders.lua_plugins);
  findings.push_back(judge_file(dissector));
  findings.push_back(judge_profile(folders.configuration));
  if (auto plugin = judge_plugin(folders.plugins)) findings.push_back(std::move(*plugin));
  const tiny_capture capture;
  findings.push_back(judge_stock(capture));
  if (dissector.state() == installed_state::absent) return findings;
  findings.push_back(judge_loading(capture));
  if (fs::exists(profile_folder(folders.configuration))) findings.push_back(judge_profile_loading(capture));
  return findings;
}

}  // namespace seqwire
