// A process and those who ask it, in one test: threads take the place of the processes.
#include "rawio/status_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <thread>

#include "rawio/child_process.hpp"
#include "tests/rawio/live_support.hpp"

namespace seqwire {
namespace {

using live::temporary_folder;

// The user's folder is one of the test's own.
struct own_runtime_folder {
  own_runtime_folder() { ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1); }
  ~own_runtime_folder() { ::unsetenv("XDG_RUNTIME_DIR"); }
  std::string only_socket() const {
    const auto found = status_sockets();
    BOOST_REQUIRE(found.size() == 1u);
    return found.front();
  }
  std::string place() const { return in_folder("seqwire/1.status"); }  // of a socket that is not ours
  std::string in_folder(const std::string& name) const { return (folder.path() / name).string(); }
  temporary_folder folder;
};

bool readable(int number, int milliseconds = 30'000) {
  pollfd waits{number, POLLIN, 0};
  return ::poll(&waits, 1, milliseconds) == 1;
}

descriptor connected_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  BOOST_REQUIRE(::connect(made.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return made;
}

// Somebody who asks while the test serves.
result<status_answer, std::string> asked(const std::string& path, const std::function<void()>& serve) {
  result<status_answer, std::string> got = failure(std::string("not asked"));
  std::thread asking([&] { got = ask_status(path, 30_s); });
  serve();
  asking.join();
  return got;
}

// No descriptor more than there are now, for this process.
struct no_descriptors_left {
  no_descriptors_left() {
    BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const descriptor next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit none{static_cast<rlim_t>(next.number()), before.rlim_max};
    BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~no_descriptors_left() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

// A process that is number 1 of a process namespace of its own and tells that it is there until its parent goes.
child_process first_of_its_namespace() {
  return child_process::start([] {
    if (::unshare(CLONE_NEWPID) != 0) return 1;
    if (const pid_t first = ::fork(); first != 0) return first > 0 && ::waitpid(first, nullptr, 0) == first ? 0 : 1;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    status_socket of;
    while (readable(of.descriptor_number())) of.serve([] { return std::to_string(::getpid()); });
    return 0;
  });
}

// What a child of a user namespace says in which this user has another number.
std::optional<int> as_another_user(const std::function<int()>& body) {
  const std::string numbers = "4711 " + std::to_string(::geteuid()) + " 1";
  return child_process::start([&] {
           if (::unshare(CLONE_NEWUSER) != 0) return 77;
           std::ofstream("/proc/self/uid_map") << numbers;
           return ::geteuid() == 4711 ? body() : 1;
         })
      .wait(30_s);
}

// A listener that is not ours, at a place where ours could be.
struct stranger {
  explicit stranger(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    ::chmod(std::filesystem::path(path).parent_path().c_str(), 0700);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    listening = descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    BOOST_REQUIRE(::bind(listening.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    BOOST_REQUIRE(::listen(listening.number(), 4) == 0);
  }
  void hand_over(int file) {
    const descriptor asker(::accept(listening.number(), nullptr, nullptr));
    char octet = 0;
    iovec piece{&octet, 1};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof file)] = {};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (file >= 0) {
      message.msg_control = room;
      message.msg_controllen = sizeof room;
      cmsghdr* const header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof file);
      std::memcpy(CMSG_DATA(header), &file, sizeof file);
    }
    BOOST_TEST(::sendmsg(asker.number(), &message, 0) == 1);
  }
  descriptor listening;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(status_socket_test, own_runtime_folder)

BOOST_AUTO_TEST_CASE(ask_status__gets_the_text_of_that_moment_whole) {
  status_socket of;
  for (const std::size_t size : {0u, 1u, 5'000'000u}) {
    const std::string text(size, 'x');
    const auto got = asked(only_socket(), [&] {
      BOOST_TEST(readable(of.descriptor_number()));
      of.serve([&] { return text; });
    });
    BOOST_TEST_REQUIRE(got.has_value());
    BOOST_TEST((got->text == text));
    BOOST_TEST(got->process == ::getpid());
  }
}

BOOST_AUTO_TEST_CASE(socket__is_for_its_user_and_goes_with_the_object) {
  {
    const status_socket of;
    struct stat found {};
    BOOST_TEST(::stat(only_socket().c_str(), &found) == 0);
    BOOST_TEST((found.st_mode & 0777) == 0600u);
    BOOST_TEST(::stat(in_folder("seqwire").c_str(), &found) == 0);
    BOOST_TEST((found.st_mode & 0777) == 0700u);
  }
  BOOST_TEST(status_sockets().empty());
}

BOOST_AUTO_TEST_CASE(serve__waits_for_nobody_who_does_not_read_or_is_gone) {
  status_socket of;
  const std::string text(5'000'000, 'x');
  std::vector<descriptor> silent;
  for (int i = 0; i < 8; ++i) silent.push_back(connected_to(only_socket()));
  silent[3].close();
  for (int i = 0; i < 4; ++i) of.serve([&] { return text; });
  const auto got = asked(only_socket(), [&] {
    BOOST_TEST(readable(of.descriptor_number()));
    of.serve([] { return std::string("still there"); });
  });
  BOOST_TEST((got && got->text == "still there"));
}

// A loop is told of the question once, not as long as nobody can be answered: it would do nothing else.
BOOST_AUTO_TEST_CASE(serve__without_a_descriptor_left_gives_the_loop_its_rest) {
  status_socket of;
  const std::string path = only_socket();
  const descriptor asker = connected_to(path);
  {
    const no_descriptors_left now;
    BOOST_TEST(readable(of.descriptor_number()));
    of.serve([] { return std::string("never"); });
    BOOST_TEST(!readable(of.descriptor_number(), 0));
  }
  const auto got = asked(path, [&] {
    BOOST_TEST(readable(of.descriptor_number()));
    of.serve([] { return std::string("again"); });
  });
  BOOST_TEST((got && got->text == "again"));
}

BOOST_AUTO_TEST_CASE(serve__more_than_it_answers_at_once_are_answered_next) {
  status_socket of;
  std::vector<descriptor> askers;
  for (int i = 0; i < 10; ++i) askers.push_back(connected_to(only_socket()));
  int answers = 0;
  while (readable(of.descriptor_number(), 0)) of.serve([&] { return std::to_string(++answers); });
  BOOST_TEST(answers == 10);
}

BOOST_AUTO_TEST_CASE(sockets__of_process_namespaces_that_share_a_folder_are_all_there) {
  if (::geteuid() != 0) return;  // who may not make them
  child_process one = first_of_its_namespace(), other = first_of_its_namespace();
  while (status_sockets().size() != 2 && !one.wait({}) && !other.wait({})) continue;
  BOOST_TEST_REQUIRE(status_sockets().size() == 2u);
  std::set<pid_t> processes;
  for (const std::string& path : status_sockets()) {
    const auto got = ask_status(path, 30_s);
    BOOST_TEST_REQUIRE(got.has_value());
    BOOST_TEST(got->text == "1");  // as they number themselves
    processes.insert(got->process);
    BOOST_TEST(ask_status(path, 30_s, got->process).has_value());
    const auto nobody = ask_status(path, 30_s, got->process + 1);
    BOOST_TEST((!nobody && nobody.error().empty()));
  }
  BOOST_TEST(processes.size() == 2u);  // as we do
}

BOOST_AUTO_TEST_CASE(status_folders__are_those_of_the_user_who_has_another_number_inside) {
  ::unsetenv("XDG_RUNTIME_DIR");
  const auto outside = status_folders();
  const auto same = as_another_user([&] { return status_folders() == outside ? 0 : 1; });
  if (same != 77) BOOST_TEST((same == 0));  // 77: no such namespace may be made here
}

BOOST_AUTO_TEST_CASE(ask_status__removes_the_socket_of_a_process_that_was_killed) {
  stranger(place()).listening.close();
  const auto got = ask_status(only_socket(), 30_s);
  BOOST_TEST((!got && got.error().empty()));
  BOOST_TEST(status_sockets().empty());
}

BOOST_AUTO_TEST_CASE(ask_status__reads_nothing_but_a_sealed_file) {
  stranger other(place());
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const descriptor out(ends[0]), in(ends[1]);
  std::ofstream(in_folder("file")) << "may change while it is read";
  const descriptor file(::open(in_folder("file").c_str(), O_RDONLY | O_CLOEXEC));
  for (const int wrong : {out.number(), file.number()}) {
    const auto got = asked(only_socket(), [&] { other.hand_over(wrong); });
    BOOST_TEST((!got && got.error() == "what it handed over is no sealed file"));
  }
  const auto nothing = asked(only_socket(), [&] { other.hand_over(-1); });
  BOOST_TEST((!nothing && nothing.error() == "it gave no answer"));
}

BOOST_AUTO_TEST_CASE(ask_status__takes_no_more_than_the_longest) {
  stranger other(place());
  for (const std::size_t more : {0u, 1u}) {
    const descriptor file(::memfd_create("long", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    BOOST_REQUIRE(::ftruncate(file.number(), static_cast<off_t>(longest_status + more)) == 0);
    BOOST_REQUIRE(::fcntl(file.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE) == 0);
    const auto got = asked(place(), [&] { other.hand_over(file.number()); });
    BOOST_TEST(got.has_value() == (more == 0));
    if (!got) BOOST_TEST(got.error() == "it tells too much");
  }
}

BOOST_AUTO_TEST_CASE(folders__that_others_may_write_to_are_not_used) {
  std::filesystem::create_directories(in_folder("seqwire"));
  ::chmod(in_folder("seqwire").c_str(), 0755);
  std::ofstream(in_folder("seqwire/1.status")) << "";
  BOOST_TEST(status_sockets().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
