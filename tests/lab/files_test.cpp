#include "lab/files.hpp"

#include <map>
#include <system_error>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using command_runner::read_whole;
using command_runner::temporary_folder;
using command_runner::write_whole;

received_record record_of(std::string_view text) {
  received_record made;
  made.pieces.push_back(slice::copy_of(view_of(text)));
  made.size = text.size();
  return made;
}

std::size_t files_in(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) count += each.is_regular_file();
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(files_test)

BOOST_AUTO_TEST_CASE(list_files__is_sorted_and_leaves_out_what_is_hidden) {
  const temporary_folder folder;
  for (const char* name : {"b", "a/c", ".hidden", ".git/x", "build/y"}) write_whole(folder.path(name), "z");
  BOOST_TEST((list_files(folder.path()) == std::vector<std::string>{"a/c", "b"}));
  BOOST_TEST((list_files(folder.path("b")) == std::vector<std::string>{"b"}));
  BOOST_CHECK_THROW(list_files(folder.path("missing")), std::system_error);
}

BOOST_AUTO_TEST_CASE(list_files__passes_over_the_folder_to_leave_out_however_it_is_written) {
  const temporary_folder folder;
  for (const char* name : {"a", "out/b", "out/c/d", "other/out/e"}) write_whole(folder.path(name), "z");
  BOOST_TEST((list_files(folder.path(), folder.path("out")) == std::vector<std::string>{"a", "other/out/e"}));
  BOOST_TEST((list_files(folder.path(), folder.path("other/../out/")) == std::vector<std::string>{"a", "other/out/e"}));
  BOOST_TEST(list_files(folder.path(), folder.path("not there")).size() == 4u);
  BOOST_TEST(list_files(folder.path(), folder.path("a")).size() == 4u);  // a file is not left out
}

BOOST_AUTO_TEST_CASE(list_files__a_link_to_a_folder_is_no_file_and_not_followed) {
  const temporary_folder folder;
  write_whole(folder.path("a"), "z");
  std::filesystem::create_directory_symlink("/", folder.path("everything"));
  std::filesystem::create_symlink("nowhere", folder.path("dangling"));
  BOOST_TEST((list_files(folder.path()) == std::vector<std::string>{"a"}));
}

BOOST_AUTO_TEST_CASE(files_of__are_what_a_flow_will_send) {
  const temporary_folder folder;
  using names = std::vector<std::string>;
  for (const char* name : {"a", "b", "out/c"}) write_whole(folder.path(name), "z");
  flow_settings flow;
  flow.files = folder.path();
  BOOST_TEST((files_of(flow).names == names{"a", "b", "out/c"}));
  flow.leave_out = folder.path("out");
  BOOST_TEST((files_of(flow).names == names{"a", "b"}));
  flow.files = folder.path("out/c");
  BOOST_TEST((files_of(flow).names == names{"c"}));
  BOOST_TEST(files_of(flow).folder == folder.path("out"));
  flow.files = folder.path("missing");
  BOOST_CHECK_THROW(files_of(flow), std::system_error);
}

BOOST_AUTO_TEST_CASE(safe_path__keeps_honest_names) {
  for (const char* name : {"a", "a/b", ".a", "...", "a..b", "a b", "\xc3\xa4", "-rf", "a.part"})
    BOOST_TEST(safe_path(name).value_or("refused") == name);
  BOOST_TEST(safe_path("./a").value() == "a");
  BOOST_TEST(safe_path("a//b").value() == "a/b");
  BOOST_TEST(safe_path("a/../b").value() == "b");
}

BOOST_AUTO_TEST_CASE(safe_path__refuses_hostile_names) {
  using namespace std::string_literals;
  for (const std::string& name :
       {""s, "/"s, "/etc/passwd"s, "//a"s, ".."s, "../a"s, "a/../.."s, "a/../../b"s, "a/.."s, "."s, "./"s, "a/"s,
        "a/."s, "a\nb"s, "a\x1b[2J"s, "a\0b"s, "\x7f"s, std::string(4097, 'a'), std::string(256, 'a')})
    BOOST_TEST(!safe_path(name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(write_record_file__makes_folders_and_leaves_nothing_else) {
  const temporary_folder folder;
  write_record_file(folder.path(), "a/b/c", record_of("contents"));
  BOOST_TEST(read_whole(folder.path("a/b/c")) == "contents");
  write_record_file(folder.path(), "a/b/c", record_of(""), existing_file::replaced);
  BOOST_TEST(read_whole(folder.path("a/b/c")) == "");
  BOOST_TEST(files_in(folder.path()) == 1u);
}

BOOST_AUTO_TEST_CASE(write_record_file__what_is_there_is_kept_and_the_new_one_gets_a_number) {
  const temporary_folder folder;
  write_whole(folder.path("a/b"), "theirs");
  BOOST_TEST(write_record_file(folder.path(), "a/b", record_of("first")) == "a/b.1");
  BOOST_TEST(write_record_file(folder.path(), "a/b", record_of("second")) == "a/b.2");
  BOOST_TEST(write_record_file(folder.path(), "a/c", record_of("free")) == "a/c");
  BOOST_TEST(write_record_file(folder.path(), "a", record_of("no folder")) == "a.1");
  BOOST_TEST(read_whole(folder.path("a/b")) == "theirs");
  BOOST_TEST(read_whole(folder.path("a/b.1")) == "first");
  BOOST_TEST(read_whole(folder.path("a/b.2")) == "second");
  BOOST_TEST(write_record_file(folder.path(), "a/b", record_of("mine"), existing_file::replaced) == "a/b");
  BOOST_TEST(read_whole(folder.path("a/b")) == "mine");
  const std::string longest(255, 'x');
  write_record_file(folder.path(), longest, record_of("1"));
  BOOST_TEST(write_record_file(folder.path(), longest, record_of("2")) == longest.substr(2) + ".1");
}

BOOST_AUTO_TEST_CASE(require_writable__makes_the_folder_and_leaves_nothing_in_it) {
  const temporary_folder folder;
  require_writable(folder.path("new/inner"));
  BOOST_TEST(files_in(folder.path()) == 0u);
  require_writable(folder.path("new/inner"));
  BOOST_CHECK_THROW(require_writable("/proc/x"), std::system_error);  // cannot be made
  BOOST_CHECK_THROW(require_writable("/proc"), std::system_error);    // cannot be written, by root neither
}

BOOST_AUTO_TEST_CASE(write_record_file__no_name_clashes_with_a_partial_file) {
  const temporary_folder folder;
  const std::string partial = ".seqwire-" + std::to_string(::getpid()) + "-0.part";
  std::map<std::string, std::string> written;
  for (const std::string& name : {std::string("a.part"), partial, std::string("a")})
    written[write_record_file(folder.path(), name, record_of(name))] = name;
  for (const auto& [file, contents] : written) BOOST_TEST(read_whole(folder.path(file)) == contents);
  BOOST_TEST(files_in(folder.path()) == 3u);
}

BOOST_AUTO_TEST_CASE(write_record_file__follows_no_link_out_of_the_folder) {
  const temporary_folder folder, outside;
  std::filesystem::create_directory_symlink(outside.path(), folder.path("link"));
  BOOST_CHECK_THROW(write_record_file(folder.path(), "link/a", record_of("x")), std::system_error);
  write_whole(outside.path("target"), "theirs");
  std::filesystem::create_symlink(outside.path("target"), folder.path("file"));
  // Replaces the link, not what it points to.
  write_record_file(folder.path(), "file", record_of("mine"), existing_file::replaced);
  BOOST_TEST(read_whole(outside.path("target")) == "theirs");
}

BOOST_AUTO_TEST_CASE(write_record_file__that_fails_leaves_no_partial_file) {
  const temporary_folder folder;
  write_whole(folder.path("taken/x"), "x");
  BOOST_CHECK_THROW(write_record_file(folder.path(), "taken", record_of("y"), existing_file::replaced),
                    std::system_error);
  BOOST_TEST(files_in(folder.path()) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
