#include "rawio/lab_state.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

std::string read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The fields of /proc/PID/stat from the third on; the second, the name, may hold anything, blanks and brackets
// included.
std::vector<std::string> process_fields(pid_t pid) {
  const std::string text = read_whole(fmt::format("/proc/{}/stat", pid));
  const std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest(text.substr(end_of_name + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_private_folder_of_ours(const fs::path& path, mode_t forbidden) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & forbidden) == 0;
}

json to_json(const held_namespace& held) {
  return {{"descriptor", held.descriptor}, {"device", held.identity.device}, {"inode", held.identity.inode}};
}

held_namespace held_from_json(const json& from) {
  return {from.at("descriptor").get<int>(),
          {from.at("device").get<std::uint64_t>(), from.at("inode").get<std::uint64_t>()}};
}

lab_state state_from_json(const json& from) {
  lab_state state;
  state.name = from.at("lab").get<std::string>();
  state.keeper = {from.at("keeper").get<pid_t>(), from.at("started").get<std::uint64_t>()};
  if (const json& user = from.at("user_namespace"); !user.is_null()) state.user_namespace = held_from_json(user);
  for (const lab_host host : lab_hosts)
    state.networks.push_back(held_from_json(from.at("networks").at(std::string(name_of(host)))));
  state.bridge = from.at("bridge").get<pid_t>();
  if (const json& status = from.at("bridge_status"); !status.is_null()) state.bridge_status = status.get<int>();
  if (state.keeper.pid <= 1) throw lab_error("no keeper");
  return state;
}

/// Nothing unless exactly that namespace is behind the keeper's descriptor.
descriptor open_held(const lab_state& state, const held_namespace& held) {
  descriptor opened(::open(fmt::format("/proc/{}/fd/{}", state.keeper.pid, held.descriptor).c_str(),
                           O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (opened && ::fstat(opened.number(), &status) == 0 &&
      held.identity == namespace_identity{status.st_dev, status.st_ino})
    return opened;
  return {};
}

std::vector<pid_t> own_line() {
  std::vector<pid_t> line{::getpid()};
  while (line.back() > 1 && line.size() < 1000) {
    const auto fields = process_fields(line.back());
    const auto parent = fields.size() > 1 ? parse_number(fields[1]) : std::nullopt;
    if (!parent || *parent == 0) break;
    line.push_back(static_cast<pid_t>(*parent));
  }
  return line;
}

}  // namespace

std::optional<process_identity> identify_process(pid_t pid) {
  constexpr std::size_t start_time = 22 - 3;  // proc(5) counts from 1
  const auto fields = process_fields(pid);
  if (fields.size() <= start_time || fields[0] == "Z") return std::nullopt;
  const auto started = parse_number(fields[start_time]);
  if (!started) return std::nullopt;
  return process_identity{pid, *started};
}

std::string lab_state::mark() const { return fmt::format("SEQWIRE_LAB={}/{}/{}", name, keeper.pid, keeper.started); }

fs::path lab_folder() {
  fs::path folder;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && is_private_folder_of_ours(runtime, S_IWGRP | S_IWOTH))
    folder = fs::path(runtime) / "seqwire";
  else if (::geteuid() == 0) folder = "/run/seqwire";
  else folder = fs::temp_directory_path() / fmt::format("seqwire-{}", ::geteuid());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw_system_error(fmt::format("making the folder {}", folder.string()));
  if (!is_private_folder_of_ours(folder, S_IRWXG | S_IRWXO))
    throw lab_error(
        fmt::format("{}: expected a folder of user {} that is closed to others", folder.string(), ::geteuid()));
  return folder;
}

void require_lab_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!good) throw lab_error(fmt::format("lab \"{}\": expected a name of 1 to 32 letters, digits, '-' and '_'", name));
}

fs::path lab_state_path(const std::string& name) { return lab_folder() / (name + ".json"); }
fs::path lab_log_path(const std::string& name) { return lab_folder() / (name + ".log"); }

std::optional<lab_state> read_lab_state(const std::string& name) {
  require_lab_name(name);
  const fs::path path = lab_state_path(name);
  if (!fs::exists(path)) return std::nullopt;
  try {
    lab_state state = state_from_json(json::parse(read_whole(path)));
    if (state.name != name) throw lab_error("another lab's");
    return state;
  } catch (const std::exception& damaged) {
    throw lab_error(fmt::format("{}: not the state of a lab: {}", path.string(), damaged.what()));
  }
}

void write_lab_state(const lab_state& state) {
  json networks;
  for (const lab_host host : lab_hosts)
    networks[std::string(name_of(host))] = to_json(state.networks.at(static_cast<std::size_t>(host)));
  const json whole{{"lab", state.name},
                   {"keeper", state.keeper.pid},
                   {"started", state.keeper.started},
                   {"user_namespace", state.user_namespace ? to_json(*state.user_namespace) : json()},
                   {"networks", networks},
                   {"bridge", state.bridge},
                   {"bridge_status", state.bridge_status ? json(*state.bridge_status) : json()}};
  const fs::path path = lab_state_path(state.name);
  const fs::path unfinished = path.string() + ".new";
  std::ofstream file(unfinished, std::ios::trunc);
  file << whole.dump(2) << '\n';
  file.close();
  if (!file || ::rename(unfinished.c_str(), path.c_str()) != 0)
    throw_system_error(fmt::format("writing {}", path.string()));
}

void remove_lab_files(const std::string& name) {
  const fs::path path = lab_state_path(name);
  for (const fs::path& file : {path, fs::path(path.string() + ".new"), lab_log_path(name)}) {
    std::error_code ignored;
    fs::remove(file, ignored);
  }
}

std::optional<living_keeper> find_keeper(const lab_state& state) {
  // The pidfd first: what is read afterwards is about the process that it names, or that process has ended.
  living_keeper found{.process = open_process(state.keeper.pid), .user_namespace = {}, .networks = {}};
  if (!found.process || identify_process(state.keeper.pid) != state.keeper) return std::nullopt;
  if (state.user_namespace) {
    found.user_namespace = open_held(state, *state.user_namespace);
    if (!found.user_namespace) return std::nullopt;
  }
  for (const held_namespace& network : state.networks) {
    descriptor opened = open_held(state, network);
    if (!opened) return std::nullopt;
    found.networks.push_back(network_namespace::adopt(std::move(opened)));
  }
  if (wait_readable(found.process.number(), {})) return std::nullopt;
  return found;
}

std::vector<pid_t> find_lab_processes(const lab_state& state, const living_keeper* keeper) {
  // The first variable has no zero octet before it, the last one has one behind it.
  const std::string mark = '\0' + state.mark() + '\0';
  const auto is_inside = [&](const fs::path& process) {
    struct stat status {};
    if (keeper != nullptr && ::stat((process / "ns/net").c_str(), &status) == 0)
      for (const network_namespace& network : keeper->networks)
        if (network.identity() == namespace_identity{status.st_dev, status.st_ino}) return true;
    return ('\0' + read_whole(process / "environ")).find(mark) != std::string::npos;
  };
  std::vector<pid_t> spared = own_line();
  spared.push_back(state.bridge);
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", ignored)) {
    const auto number = parse_number(entry.path().filename().string());
    if (!number) continue;
    const auto pid = static_cast<pid_t>(*number);
    if (std::find(spared.begin(), spared.end(), pid) == spared.end() && is_inside(entry.path())) found.push_back(pid);
  }
  return found;
}

}  // namespace seqwire
