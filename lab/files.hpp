// Files as records and records as files. Names that come from the network are hostile: what would leave the output
// folder is refused, and a file appears under its name only when it is whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/scenario/scenario.hpp"
#include "lab/transfer.hpp"

namespace seqwire {

/// The files below `path` (a file or a folder; regular files only, hidden ones and build/ left out), sorted by name,
/// with names relative to it. The folder `leave_out`, where it is one and not `path` itself, is passed over. Throws
/// std::system_error naming the path.
std::vector<std::string> list_files(const std::string& path, const std::string& leave_out = "");

/// The files that the checkout around `folder` tracks, with names relative to it; nothing when it is not a checkout.
std::optional<std::vector<std::string>> tracked_files(const std::string& folder);

/// Files by their names in a folder.
struct file_list {
  std::string folder;              // to which the names are relative
  std::vector<std::string> names;  // sorted
};

/// What a flow with files sends: of a checkout what it tracks, else what stands there, less what it leaves out. Throws
/// std::system_error naming the path.
file_list files_of(const flow_settings& flow);

/// Each file below `folder` as one record, read when its turn comes. Throws std::system_error naming a file.
record_source read_files(const std::string& folder, std::vector<std::string> names);

/// A name from the network as a safe relative path, or nothing: empty, absolute, a folder's, a part that is ".." or
/// longer than a file system takes, control characters, longer than 4,096 octets.
std::optional<std::string> safe_path(const std::string& name);

/// What becomes of a file that has the name of a new one.
enum class existing_file : std::uint8_t { kept, replaced };

/// Writes the record below `folder`, through a temporary file that is hidden and gone when this fails. A link in the
/// folder that leads out of it is not followed. Returns the name it got: `path`, or where that is kept `path`.1 or the
/// first number that is free. Throws std::system_error naming the file.
std::string write_record_file(const std::string& folder, const std::string& path, const received_record& contents,
                              existing_file existing = existing_file::kept);

/// Writes a file of the user's naming, whole or not at all; what stands there is replaced. Throws std::system_error
/// naming it.
void write_whole_file(const std::string& path, std::string_view contents);

/// Makes the folder if there is none, and makes sure that files can be made in it. Throws std::system_error naming it.
void require_writable(const std::string& folder);

}  // namespace seqwire
