#include "lab/command/wireshark_installation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "dissector/wireshark/lua_dissector.hpp"
#include "dissector/wireshark/profile.hpp"
#include "lab/command/program_output.hpp"
#include "lab/command/revision.hpp"
#include "lab/files.hpp"
#include "rawio/capture/descriptor.hpp"
#include "rawio/capture/journal.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 16 << 20;  // octets that are read of what stands there
constexpr std::string_view who_wrote_it = " Written by `seqwire wireshark install`, version ";
constexpr std::string_view digest_follows = "; SHA-256 of the rest: ";

std::string digest_of(std::string_view text) { return sha256_hexadecimal(view_of(text)); }

// The rest of the line that begins with `name` and a colon, without the space around it.
std::string value_of_line(const std::string& text, const std::string& name) {
  std::size_t begin = text.starts_with(name + ':') ? 0 : text.find('\n' + name + ':');
  if (begin == std::string::npos) return "";
  begin = text.find(':', begin) + 1;
  const std::string value = text.substr(begin, text.find('\n', begin) - begin);
  const std::size_t first = value.find_first_not_of(" \t");
  return first == std::string::npos ? "" : value.substr(first, value.find_last_not_of(" \t\r") - first + 1);
}

constexpr const char* plugin_name = "xns.so";
std::string path_of_plugin(const std::string& plugins) { return fmt::format("{}/epan/{}", plugins, plugin_name); }

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A file's text, taken apart.
struct marked_text {
  std::string_view mark;  // its line
  std::string_view body;
};

std::string mark_for(std::string_view comment, std::string_view body) {
  return fmt::format("{}{}{}{}{}\n", comment, who_wrote_it, program_version, digest_follows, digest_of(body));
}

// Nothing: no mark stands where a file of this form has it.
std::optional<marked_text> take_apart(std::string_view text, const std::string& comment, file_form form) {
  const std::string begin = comment + std::string(who_wrote_it);
  if (form != file_form::library) {
    const std::size_t end = text.find('\n', comment.size());
    if (!text.starts_with(begin) || end == std::string_view::npos) return std::nullopt;
    return marked_text{text.substr(0, end), text.substr(end + 1)};
  }
  const std::size_t at = text.rfind(begin);
  if (at == std::string_view::npos || !text.ends_with('\n')) return std::nullopt;
  return marked_text{text.substr(at, text.size() - at - 1), text.substr(0, at)};
}

// Nothing where there is no plain file to be read, whatever else is there.
std::optional<std::string> contents_of_plain_file(const std::string& path) {
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat about {};
  if (!file || ::fstat(file.number(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  if (about.st_size < 0 || static_cast<std::size_t>(about.st_size) > largest_file) return std::nullopt;
  std::string contents(static_cast<std::size_t>(about.st_size), '\0');
  const ssize_t got = ::pread(file.number(), contents.data(), contents.size(), 0);
  if (got != about.st_size) return std::nullopt;
  return contents;
}

}  // namespace

wireshark_folders find_wireshark_folders() {
  const std::string told = output_of_program({"tshark", "-G", "folders"}).out;
  wireshark_folders folders;
  folders.lua_plugins = value_of_line(told, "Personal Lua Plugins");
  folders.plugins = value_of_line(told, "Personal Plugins");
  folders.configuration = value_of_line(told, "Personal configuration");
  folders.extcap = value_of_line(told, "Personal Extcap path");
  folders.finds_extcap = !folders.extcap.empty();
  folders.told_by_tshark = true;
  if (!folders.finds_extcap) folders.extcap = folders.configuration + "/extcap";
  if (!folders.lua_plugins.empty() && !folders.configuration.empty()) return folders;
  const std::string home = environment("HOME");
  if (home.empty()) throw std::runtime_error("cannot find Wireshark's folders: tshark names none, and HOME is not set");
  const std::string own = environment("WIRESHARK_CONFIG_DIR"), xdg = environment("XDG_CONFIG_HOME");
  std::string configuration = (xdg.empty() ? home + "/.config" : xdg) + "/wireshark";
  std::error_code ignored;
  // Wireshark keeps using the folder of its older versions where only that is there.
  if (!fs::exists(configuration, ignored) && fs::is_directory(home + "/.wireshark", ignored))
    configuration = home + "/.wireshark";
  if (!own.empty()) configuration = own;
  return {home + "/.local/lib/wireshark/plugins", {}, configuration, configuration + "/extcap", false, false};
}

installable_file::installable_file(std::string path, std::string_view comment, std::string_view body, file_form form)
    : path_(std::move(path)), comment_(comment), form_(form) {
  const std::string mark = mark_for(comment, body);
  text_ = form == file_form::library ? std::string(body) + mark : mark + std::string(body);
}

installed_state installable_file::state() const {
  std::error_code ignored;
  if (fs::symlink_status(path_, ignored).type() == fs::file_type::not_found) return installed_state::absent;
  const auto there = contents_of_plain_file(path_);
  if (!there) return installed_state::foreign;
  if (*there == text_) return installed_state::current;
  const auto marked = take_apart(*there, comment_, form_);
  if (!marked) return installed_state::foreign;
  const std::size_t digest = marked->mark.find(digest_follows);
  if (digest == std::string_view::npos) return installed_state::changed;
  return marked->mark.substr(digest + digest_follows.size()) == digest_of(marked->body) ? installed_state::stale
                                                                                        : installed_state::changed;
}

void installable_file::require_replaceable() const {
  const installed_state there = state();
  if (there != installed_state::foreign && there != installed_state::changed) return;
  throw std::runtime_error(fmt::format(
      "{}: expected nothing there, or what seqwire wrote; got {}; move it away, or replace it with --force", path_,
      there == installed_state::changed ? "a file of seqwire's that was changed since" : "another file"));
}

void installable_file::write() const {
  received_record contents;
  contents.pieces.push_back(slice::copy_of(view_of(text_)));
  const fs::path path = path_;
  write_record_file(path.parent_path().string(), path.filename().string(), contents, existing_file::replaced);
  if (form_ == file_form::program && ::chmod(path_.c_str(), 0755) != 0)
    throw_system_error("making " + path_ + " a program");
}

bool installable_file::remove() const {
  const installed_state before = state();
  if (before != installed_state::current && before != installed_state::stale) return false;
  if (::unlink(path_.c_str()) != 0) throw_system_error("removing " + path_);
  return true;
}

installable_file dissector_in(const std::string& lua_plugins) {
  return {lua_plugins + "/seqwire.lua", "--", lua_dissector(catalogue())};
}

// A script and no link, so that the mark is in it and the program is called with its subcommand.
installable_file extcap_in(const std::string& extcap) {
  std::string program = fs::read_symlink("/proc/self/exe").string();
  for (std::size_t at = 0; (at = program.find('\'', at)) != std::string::npos; at += 4) program.replace(at, 1, "'\\''");
  return {extcap + "/seqwire", "#!/bin/sh\n#", fmt::format("exec '{}' extcap \"$@\"\n", program), file_form::program};
}

std::optional<installable_file> plugin_in(const std::string& plugins) {
  const fs::path programs = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path built = programs.parent_path() / "lib/seqwire/wireshark" / fs::path(plugins).filename() / plugin_name;
  const auto body = contents_of_plain_file(built.string());
  if (!body) return std::nullopt;
  return installable_file(path_of_plugin(plugins), "#", *body, file_form::library);
}

installable_file any_plugin_in(const std::string& plugins) {
  if (auto own = plugin_in(plugins)) return std::move(*own);
  return {path_of_plugin(plugins), "#", "", file_form::library};
}

std::string profile_folder(const std::string& configuration) { return configuration + "/profiles/seqwire"; }

std::vector<installable_file> profile_in(const std::string& configuration) {
  std::vector<installable_file> files;
  for (const profile_file& each : wireshark_profile())
    files.emplace_back(fmt::format("{}/{}", profile_folder(configuration), each.name), "#", each.text);
  return files;
}

}  // namespace seqwire
