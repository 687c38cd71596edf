// What `seqwire wireshark install` puts into a user's folders, and how it is told from what others put there: each file
// begins, or a library ends, with a mark that holds a digest of the rest. Knows folders and files, not what the
// dissector does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seqwire {

/// Where the user's Wireshark looks.
struct wireshark_folders {
  std::string lua_plugins;      // the personal ones
  std::string plugins;          // the personal ones in C, of its version: ".../4.0"; empty: not told
  std::string configuration;    // profiles/ is in it
  std::string extcap;           // of programs that it asks for interfaces
  bool finds_extcap = false;    // by itself: from 4.2 on; older ones must be told by WIRESHARK_EXTCAP_DIR
  bool told_by_tshark = false;  // else the places where Wireshark looks unless it is told otherwise
};

/// Asks `tshark -G folders`; where that does not say, HOME, XDG_CONFIG_HOME and WIRESHARK_CONFIG_DIR do. Throws
/// std::runtime_error when there is no home either.
wireshark_folders find_wireshark_folders();

/// What stands at the path of a file that install writes.
enum class installed_state {
  absent,
  current,  // what this program would write
  stale,    // as some seqwire wrote it, but this program would write something else
  changed,  // seqwire wrote it, and somebody has changed it since
  foreign,  // seqwire did not write it, or it is no plain file that can be read
};

/// What a file is, besides text that somebody else reads.
enum class file_form {
  text,
  program,  // made executable
  library,  // its mark stands behind the rest, where a loader does not look
};

/// A file with its mark, in memory.
class installable_file {
 public:
  /// `comment` begins a line of comment in it ("--", "#"); `body` is all but the mark.
  installable_file(std::string path, std::string_view comment, std::string_view body, file_form form = file_form::text);

  const std::string& path() const { return path_; }  // where it goes
  /// What is there now. A symbolic link is foreign: it is not followed.
  installed_state state() const;
  /// Throws std::runtime_error, with the way out, when what is there is changed or foreign.
  void require_replaceable() const;
  /// Makes missing folders and writes the file, whole or not at all, in place of whatever is there. Throws
  /// std::system_error when it cannot be written.
  void write() const;
  /// Removes it when it is current or stale; false when nothing was removed. Throws std::system_error.
  bool remove() const;

 private:
  std::string path_;
  std::string comment_;
  file_form form_;
  std::string text_;  // with the mark's line
};

/// The dissector of this program's headers, seqwire.lua in that folder.
installable_file dissector_in(const std::string& lua_plugins);
/// By which Wireshark offers this program's runs as interfaces.
installable_file extcap_in(const std::string& extcap);
/// The plugin in C, where this program was built together with one for that version of Wireshark.
std::optional<installable_file> plugin_in(const std::string& plugins);
/// The same to be looked after or taken away, whether this program has one or not.
installable_file any_plugin_in(const std::string& plugins);
/// The files of the profile "seqwire" below the folder of configuration.
std::vector<installable_file> profile_in(const std::string& configuration);
/// The profile's own folder.
std::string profile_folder(const std::string& configuration);

}  // namespace seqwire
