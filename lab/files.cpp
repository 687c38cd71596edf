#include "lab/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace seqwire {
namespace {

namespace fs = std::filesystem;

constexpr unsigned most_of_one_name = 10'000;

[[noreturn]] void fail(int error, const std::string& action) {
  throw std::system_error(error, std::generic_category(), action);
}

slice read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(errno, "cannot read " + path);
  octets contents((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) fail(EIO, "cannot read " + path);
  return slice::owning(std::move(contents));
}

// A link that stands in the folder must not lead the network's names out of it.
void require_below(const fs::path& folder, const fs::path& target) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path parent = error ? fs::path() : fs::canonical(target.parent_path(), error);
  if (error) fail(error.value(), "cannot write " + target.string());
  if (std::mismatch(root.begin(), root.end(), parent.begin(), parent.end()).first != root.end())
    fail(ELOOP, "cannot write " + target.string() + ", which is outside " + folder.string());
}

// A new file in `folder` that no name from the network can be, gone again unless it is published.
class partial_file {
 public:
  explicit partial_file(const fs::path& folder) {
    for (unsigned attempt = 0; number_ < 0 && attempt < 1000; ++attempt) {
      path_ = folder / (".seqwire-" + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".part");
      number_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (number_ < 0 && errno != EEXIST) break;
    }
    if (number_ < 0) fail(errno, "cannot write to " + folder.string());
  }
  ~partial_file() {
    if (number_ < 0) return;
    ::close(number_);
    ::unlink(path_.c_str());
  }
  partial_file(const partial_file&) = delete;
  partial_file& operator=(const partial_file&) = delete;

  void write(octets_view contents, const fs::path& target) {
    while (!contents.empty()) {
      const ssize_t written = ::write(number_, contents.data(), contents.size());
      if (written < 0 && errno != EINTR) fail(errno, "cannot write " + target.string());
      if (written > 0) contents = contents.subspan(static_cast<std::size_t>(written));
    }
  }

  /// False: there is something of this name, and it is kept.
  bool publish(const fs::path& target, existing_file existing) {
    if (!move_to(target, existing)) {
      if (errno == EEXIST && existing == existing_file::kept) return false;
      fail(errno, "cannot write " + target.string());
    }
    if (::close(std::exchange(number_, -1)) != 0) fail(errno, "cannot write " + target.string());
    return true;
  }

 private:
  bool move_to(const fs::path& target, existing_file existing) const {
    if (existing == existing_file::kept) {
      if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return true;
      if (errno != EINVAL && errno != ENOSYS) return false;
      // A file system that cannot do both at once.
      std::error_code ignored;
      if (fs::exists(fs::symlink_status(target, ignored))) return errno = EEXIST, false;
    }
    return ::rename(path_.c_str(), target.c_str()) == 0;
  }

  fs::path path_;
  int number_ = -1;
};

// "a/b" -> "a/b.1", cut where the name would be longer than a file system takes.
std::string numbered(const std::string& path, unsigned number) {
  const std::string suffix = '.' + std::to_string(number);
  const std::string name = fs::path(path).filename().string();
  return (fs::path(path).parent_path() / (name.substr(0, NAME_MAX - suffix.size()) + suffix)).string();
}

bool skipped(const fs::path& name) {
  const std::string text = name.filename().string();
  return text.starts_with('.') || text == "build";
}

}  // namespace

std::vector<std::string> list_files(const std::string& path, const std::string& leave_out) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status)) fail(error ? error.value() : ENOENT, "cannot read " + path);
  if (!fs::is_directory(status)) return {fs::path(path).filename().string()};
  std::vector<std::string> names;
  auto at = fs::recursive_directory_iterator(path, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;  // of what goes while we look: it is no file then
    if (skipped(at->path()) || (at->is_directory(ignored) && fs::equivalent(at->path(), leave_out, ignored)))
      at.disable_recursion_pending();
    else if (at->is_regular_file(ignored)) names.push_back(at->path().lexically_relative(path).string());
  }
  if (error) fail(error.value(), "cannot read all of " + path);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::vector<std::string>> tracked_files(const std::string& folder) {
  if (folder.find('\'') != std::string::npos) return std::nullopt;
  // safe.directory: a checkout that another user owns is listed all the same; nothing of it is run.
  const std::string command = "git -c safe.directory='*' -C '" + folder + "' ls-files -z 2>/dev/null";
  FILE* const listing = popen(command.c_str(), "r");
  if (listing == nullptr) return std::nullopt;
  std::vector<std::string> names;
  std::string name;
  for (int letter = std::getc(listing); letter != EOF; letter = std::getc(listing)) {
    if (letter != 0) {
      name += static_cast<char>(letter);
      continue;
    }
    if (fs::is_regular_file(fs::path(folder) / name)) names.push_back(name);
    name.clear();
  }
  if (pclose(listing) != 0 || names.empty()) return std::nullopt;
  std::sort(names.begin(), names.end());
  return names;
}

file_list files_of(const flow_settings& flow) {
  std::error_code error;
  if (!fs::is_directory(flow.files, error)) {
    const fs::path parent = fs::path(flow.files).parent_path();
    return {parent.empty() ? "." : parent.string(), list_files(flow.files)};
  }
  if (auto tracked = tracked_files(flow.files)) return {flow.files, *std::move(tracked)};
  return {flow.files, list_files(flow.files, flow.leave_out)};
}

record_source read_files(const std::string& folder, std::vector<std::string> names) {
  return [folder, names = std::move(names), next = std::size_t{0}]() mutable -> std::optional<named_record> {
    if (next == names.size()) return std::nullopt;
    const std::string& name = names[next++];
    return named_record{name, read_file((fs::path(folder) / name).string())};
  };
}

std::optional<std::string> safe_path(const std::string& name) {
  if (name.empty() || name.size() > 4096 || name.front() == '/') return std::nullopt;
  for (const char letter : name)
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) return std::nullopt;
  const fs::path path = fs::path(name).lexically_normal();
  if (!path.has_filename() || path == ".") return std::nullopt;
  for (const fs::path& part : path)
    if (part == ".." || part.string().size() > NAME_MAX) return std::nullopt;
  return path.string();
}

std::string write_record_file(const std::string& folder, const std::string& path, const received_record& contents,
                              existing_file existing) {
  const fs::path target = fs::path(folder) / path;
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) fail(error.value(), "cannot create " + target.parent_path().string());
  require_below(folder, target);
  partial_file partial(target.parent_path());
  for (const slice& piece : contents.pieces) partial.write(piece.view(), target);
  std::string name = path;
  for (unsigned number = 1; !partial.publish(fs::path(folder) / name, existing); ++number) {
    if (number > most_of_one_name) fail(EEXIST, "cannot write " + target.string());
    name = numbered(path, number);
  }
  return name;
}

void write_whole_file(const std::string& path, std::string_view contents) {
  const fs::path target(path);
  partial_file partial(target.has_parent_path() ? target.parent_path() : fs::path("."));
  partial.write(view_of(contents), target);
  partial.publish(target, existing_file::replaced);
}

void require_writable(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(error.value(), "cannot create " + folder);
  const partial_file tried{folder};
}

}  // namespace seqwire
