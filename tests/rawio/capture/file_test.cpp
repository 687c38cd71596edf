// Output in whole units, whatever the operating system does to a write; input through a bounded buffer.
#include "rawio/capture/file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <system_error>

#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using seqwire::test::octets_of;
using seqwire::test::temporary_file;

namespace {

// Units of ten octets.
std::size_t whole_tens(octets_view written) { return written.size() / 10 * 10; }

bool append_ten(output_file& file, char fill) {
  octet* const room = file.append(10);
  if (room != nullptr) std::fill_n(room, 10, static_cast<octet>(fill));
  return room != nullptr;
}

// Runs the story in a process of its own, whose file size is limited, and returns its exit status.
template <class Story>
int with_file_size_limit(rlim_t size, Story story) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{size, size};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit(story());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(file_test)

BOOST_AUTO_TEST_CASE(output_file__cannot_be_created) {
  BOOST_CHECK_EXCEPTION(output_file("/nonexistent/a.pcapng", whole_tens), std::system_error, [](const auto& error) {
    return std::string(error.what()).find("/nonexistent/a.pcapng") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(output_file__writes_only_when_flushed_or_full) {
  const temporary_file path;
  output_file file(path.path(), whole_tens);
  append_ten(file, 'a');
  BOOST_TEST(path.read().empty());
  file.flush();
  BOOST_TEST(path.read() == octets_of("aaaaaaaaaa"));
  for (int i = 0; i < 30'000; ++i) append_ten(file, 'b');
  BOOST_TEST(path.read().size() > 10u);
  BOOST_TEST(path.read().size() % 10 == 0u);
  file.close();
  BOOST_TEST(path.read().size() == 300'010u);
  BOOST_TEST(file.size() == 300'010u);
  BOOST_TEST(!append_ten(file, 'c'));
}

BOOST_AUTO_TEST_CASE(output_file__unit_larger_than_the_buffer) {
  const temporary_file path;
  output_file file(path.path(), whole_tens);
  append_ten(file, 'a');
  octet* const room = file.append(1'000'000);
  std::fill_n(room, 1'000'000, octet{'x'});
  file.close();
  BOOST_TEST(path.read().size() == 1'000'010u);
}

// The limit stands for a disk that fills in the middle of a unit: the kernel writes a part and then refuses.
BOOST_AUTO_TEST_CASE(output_file__full_in_the_middle_of_a_unit) {
  const temporary_file path;
  const int status = with_file_size_limit(25, [&] {
    output_file file(path.path(), whole_tens);
    append_ten(file, 'a');
    append_ten(file, 'b');
    append_ten(file, 'c');
    append_ten(file, 'd');
    file.flush();
    if (!file.error() || file.size() != 20 || file.lost().size() != 20) return 1;
    if (file.lost()[0] != 'c' || append_ten(file, 'e')) return 2;
    if (file.last_unit_cut()) return 3;
    return file.error()->find("20 octets were written") == std::string::npos ? 4 : 0;
  });
  BOOST_TEST(status == 0);
  BOOST_TEST(path.read() == octets_of("aaaaaaaaaabbbbbbbbbbccccc"));  // it shows that there was more
}

BOOST_AUTO_TEST_CASE(output_file__full_between_two_units_shows_it_too) {
  const temporary_file path;
  const int status = with_file_size_limit(20, [&] {
    output_file file(path.path(), whole_tens);
    append_ten(file, 'a');
    append_ten(file, 'b');
    file.flush();
    append_ten(file, 'c');
    file.flush();
    return file.error() && file.last_unit_cut() && !append_ten(file, 'd') ? 0 : 1;
  });
  BOOST_TEST(status == 0);
  BOOST_TEST(path.read() == octets_of("aaaaaaaaaabbbbbbbbb"));
}

BOOST_AUTO_TEST_CASE(output_file__disk_full_from_the_start) {
  output_file file("/dev/full", whole_tens);
  append_ten(file, 'a');
  file.close();
  BOOST_REQUIRE(file.error());
  BOOST_TEST(*file.error() == "cannot write /dev/full: No space left on device; 0 octets were written");
}

BOOST_AUTO_TEST_CASE(input_file__reads_across_its_buffer) {
  octets contents(1'000'000);
  for (std::size_t i = 0; i < contents.size(); ++i) contents[i] = static_cast<octet>(i * 7 + i / 256);
  const temporary_file path(contents);
  auto file = input_file::open(path.path());
  BOOST_REQUIRE(file);
  octets seen;
  for (std::size_t wanted = 1;; wanted = wanted * 3 % 100'003) {
    const octets_view ahead = file->peek(wanted);
    if (ahead.empty()) break;
    const std::size_t size = std::min(wanted, ahead.size());
    seen.insert(seen.end(), ahead.begin(), ahead.begin() + static_cast<std::ptrdiff_t>(size));
    file->skip(size);
  }
  BOOST_TEST((seen == contents));
  BOOST_TEST(file->offset() == contents.size());
  BOOST_TEST(!file->failed());
}

BOOST_AUTO_TEST_CASE(input_file__absent_or_a_directory) {
  BOOST_TEST(input_file::open("/nonexistent").error() == "No such file or directory");
  auto directory = input_file::open("/tmp");
  BOOST_REQUIRE(directory);
  directory->peek(1);
  BOOST_TEST(directory->error() == "Is a directory");
}

BOOST_AUTO_TEST_CASE(whole_lines__end_with_the_last_newline) {
  const auto whole = [](std::string_view text) { return whole_lines(octets(text.begin(), text.end())); };
  BOOST_TEST(whole("") == 0u);
  BOOST_TEST(whole("one") == 0u);
  BOOST_TEST(whole("one\n") == 4u);
  BOOST_TEST(whole("one\ntwo") == 4u);
  BOOST_TEST(whole("one\n\n") == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
