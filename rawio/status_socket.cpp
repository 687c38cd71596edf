#include "rawio/status_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

constexpr const char* suffix = ".status";
constexpr int waiting_askers = 16;
constexpr int answers_at_once = 4;

std::string text_of(int error) { return std::generic_category().message(error); }

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

template <class Call>
int with_address(const sockaddr_un& address, Call call) {
  return call(reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(sizeof address));
}

// Two processes have the same number where they are in process namespaces of their own.
std::string own_name() {
  struct stat numbers {};
  const bool known = ::stat("/proc/self/ns/pid", &numbers) == 0;
  return std::to_string(::getpid()) + '-' + std::to_string(known ? numbers.st_ino : 0);
}

// The user's number where this user namespace was made: who is 0 inside has the same folders as outside.
uid_t number_outside(uid_t user) {
  std::ifstream map("/proc/self/uid_map");
  for (std::uint64_t inside = 0, outside = 0, count = 0; map >> inside >> outside >> count;)
    if (user >= inside && user - inside < count) return static_cast<uid_t>(outside + (user - inside));
  return user;
}

// Told of each question once: while no descriptor is left to answer with, a loop would otherwise do nothing else.
bool watch(int epoll, int how, int listening) {
  epoll_event question{};
  question.events = EPOLLIN | EPOLLET;
  return ::epoll_ctl(epoll, how, listening, &question) == 0;
}

descriptor unix_socket() { return descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// Nobody else may put anything there: a folder of somebody else's is not used, nor a link.
bool is_private_folder(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == owner_of_files() &&
         (found.st_mode & 077) == 0;
}

// A file in memory that nobody can change any more.
descriptor sealed(const std::string& text) {
  descriptor file(::memfd_create("seqwire-status", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return {};
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t count = ::write(file.number(), text.data() + written, text.size() - written);
    if (count < 0) return {};
    written += static_cast<std::size_t>(count);
  }
  if (::fcntl(file.number(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) return {};
  return file;
}

// One octet that carries a descriptor, in either direction.
struct carrying_message {
  carrying_message() {
    piece = {&octet, 1};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
  }
  char octet = 0;
  iovec piece{};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
};

void hand_over(int to, int file) {
  carrying_message sent;
  cmsghdr* const header = CMSG_FIRSTHDR(&sent.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof file);
  std::memcpy(CMSG_DATA(header), &file, sizeof file);
  ::sendmsg(to, &sent.message, MSG_NOSIGNAL | MSG_DONTWAIT);  // whoever is gone again gets nothing
}

descriptor taken_over(int from) {
  carrying_message got;
  if (::recvmsg(from, &got.message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) <= 0) return {};
  const cmsghdr* const header = CMSG_FIRSTHDR(&got.message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(sizeof(int)))
    return {};
  int number = -1;
  std::memcpy(&number, CMSG_DATA(header), sizeof number);
  return descriptor(number);
}

// Nothing but a sealed file is read: it cannot change meanwhile, and reading it never waits.
result<std::string, std::string> contents_of(int file) {
  constexpr int wanted = F_SEAL_SHRINK | F_SEAL_WRITE;
  const int seals = ::fcntl(file, F_GET_SEALS);
  struct stat found {};
  if (seals < 0 || (seals & wanted) != wanted || ::fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
    return failure(std::string("what it handed over is no sealed file"));
  if (found.st_size < 0 || static_cast<std::size_t>(found.st_size) > longest_status)
    return failure(std::string("it tells too much"));
  std::string text(static_cast<std::size_t>(found.st_size), '\0');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::pread(file, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (count <= 0) return failure(std::string("what it handed over cannot be read"));
    done += static_cast<std::size_t>(count);
  }
  return text;
}

// Connected, or the error.
result<descriptor, int> reach(const std::string& path) {
  const auto address = address_of(path);
  descriptor made = unix_socket();
  if (!address || !made) return failure(address ? errno : ENAMETOOLONG);
  if (with_address(*address, [&](auto* to, auto size) { return ::connect(made.number(), to, size); }) != 0)
    return failure(errno);
  return made;
}

}  // namespace

std::vector<std::string> status_folders() {
  if (const char* const own = std::getenv("XDG_RUNTIME_DIR"); own != nullptr && own[0] == '/')
    return {std::string(own) + "/seqwire"};
  const uid_t owner = number_outside(owner_of_files());
  const std::string user = std::to_string(owner);
  std::vector<std::string> folders{"/run/user/" + user + "/seqwire", "/tmp/seqwire-" + user};
  if (owner == 0) folders.insert(folders.begin() + 1, "/run/seqwire");
  return folders;
}

status_socket::status_socket() : asked_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!asked_) return;
  const files_of_caller as_caller;
  for (const std::string& folder : status_folders())
    if (offer_in(folder)) return;
}

status_socket::~status_socket() {
  if (listening_) ::unlink(path_.c_str());
}

bool status_socket::offer_in(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return false;
  const std::string path = folder + '/' + own_name() + suffix;
  // Nobody may find it before it listens: it would look as if its process were gone.
  const std::string unready = path + ".new";
  const auto address = address_of(unready);
  if (!address || !is_private_folder(folder)) return false;
  ::unlink(unready.c_str());  // of an earlier process with our number
  descriptor made = unix_socket();
  if (!made || ::fchmod(made.number(), 0600) != 0 ||
      with_address(*address, [&](auto* at, auto size) { return ::bind(made.number(), at, size); }) != 0)
    return false;
  if (::listen(made.number(), waiting_askers) != 0 || !watch(asked_.number(), EPOLL_CTL_ADD, made.number()) ||
      ::rename(unready.c_str(), path.c_str()) != 0)
    return ::unlink(unready.c_str()), false;
  listening_ = std::move(made);
  path_ = path;
  return true;
}

void status_socket::serve(const std::function<std::string()>& describe) {
  epoll_event question{};
  if (::epoll_wait(asked_.number(), &question, 1, 0) <= 0) return;
  for (int i = 0; i < answers_at_once; ++i) {
    const descriptor asker(::accept4(listening_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!asker) return;
    if (const descriptor file = sealed(describe())) hand_over(asker.number(), file.number());
  }
  watch(asked_.number(), EPOLL_CTL_MOD, listening_.number());  // tells of those who wait still
}

std::vector<std::string> status_sockets() {
  std::vector<std::string> found;
  for (const std::string& folder : status_folders()) {
    if (!is_private_folder(folder)) continue;
    std::error_code failed;
    for (auto each = fs::directory_iterator(folder, failed); !failed && each != fs::directory_iterator();
         each.increment(failed)) {
      if (each->path().string().ends_with(suffix)) found.push_back(each->path().string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

result<status_answer, std::string> ask_status(const std::string& path, duration patience, std::optional<pid_t> only) {
  const auto reached = reach(path);
  if (!reached && reached.error() == ECONNREFUSED) ::unlink(path.c_str());  // its process was killed
  if (!reached && (reached.error() == ECONNREFUSED || reached.error() == ENOENT)) return failure(std::string());
  if (!reached) return failure(text_of(reached.error()));
  ucred behind{};
  socklen_t size = sizeof behind;
  if (::getsockopt(reached->number(), SOL_SOCKET, SO_PEERCRED, &behind, &size) != 0) return failure(text_of(errno));
  if (only && *only != behind.pid) return failure(std::string());
  pollfd waits{reached->number(), POLLIN, 0};
  if (::poll(&waits, 1, static_cast<int>(patience.nanoseconds / 1'000'000)) <= 0)
    return failure(std::string("it does not answer"));
  const descriptor file = taken_over(reached->number());
  if (!file) return failure(std::string("it gave no answer"));
  auto text = contents_of(file.number());
  if (!text) return failure(std::move(text.error()));
  return status_answer{behind.pid, std::move(*text)};
}

}  // namespace seqwire
