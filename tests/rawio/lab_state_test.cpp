#include "rawio/lab_state.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "live_support.hpp"

namespace seqwire {
namespace {

using namespace live;

struct state_folder {
  state_folder() { ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1); }
  ~state_folder() { ::unsetenv("XDG_RUNTIME_DIR"); }
  temporary_folder folder;
};

lab_state state_of(const process_identity& keeper) {
  lab_state state;
  state.name = "test";
  state.keeper = keeper;
  state.user_namespace = held_namespace{4, {1, 2}};
  for (int i = 0; i < 3; ++i) state.networks.push_back({5 + i, {7, static_cast<std::uint64_t>(i)}});
  state.bridge = 77;
  return state;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lab_state_test, state_folder)

BOOST_AUTO_TEST_CASE(lab_folder__is_closed_to_others_and_refused_when_it_is_not) {
  const std::filesystem::path path = lab_folder();
  BOOST_TEST(path.parent_path().string() == folder.path().string());
  struct stat status {};
  BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0700U);
  BOOST_REQUIRE(::chmod(path.c_str(), 0755) == 0);
  BOOST_CHECK_THROW(lab_folder(), lab_error);
}

BOOST_AUTO_TEST_CASE(require_lab_name__takes_no_paths) {
  for (const char* good : {"lab", "a", "Demo_2-x"}) BOOST_CHECK_NO_THROW(require_lab_name(good));
  for (const char* bad : {"", "..", "a/b", "a b", "a.b", "\n", "012345678901234567890123456789012"})
    BOOST_CHECK_THROW(require_lab_name(bad), lab_error);
}

BOOST_AUTO_TEST_CASE(write_lab_state__reads_back) {
  BOOST_TEST(!read_lab_state("test").has_value());
  lab_state written = state_of({1234, 5678});
  write_lab_state(written);
  const auto read = read_lab_state("test");
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST((read->keeper == written.keeper));
  BOOST_TEST(read->user_namespace->descriptor == 4);
  BOOST_TEST((read->networks.at(2).identity == namespace_identity{7, 2}));
  BOOST_TEST(read->bridge == 77);
  BOOST_TEST(!read->bridge_status.has_value());
  BOOST_TEST(read->mark() == "SEQWIRE_LAB=test/1234/5678");
  written.bridge_status = 3;
  write_lab_state(written);
  BOOST_TEST(read_lab_state("test")->bridge_status.value_or(0) == 3);
  remove_lab_files("test");
  BOOST_TEST(!read_lab_state("test").has_value());
}

BOOST_AUTO_TEST_CASE(read_lab_state__refuses_what_is_no_state) {
  for (const char* text : {"", "{", "[]", "{\"lab\":\"test\"}", "{\"lab\":\"other\",\"keeper\":1}", "null"}) {
    std::ofstream(lab_state_path("test"), std::ios::trunc) << text;
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK_THROW(read_lab_state("test"), lab_error); }
  }
}

BOOST_AUTO_TEST_CASE(identify_process__tells_apart_and_forgets_the_dead) {
  const auto self = identify_process(::getpid());
  BOOST_REQUIRE(self.has_value());
  BOOST_TEST(self->started > 0U);
  pid_t ended = 0;
  {
    const child_process child = child_process::start([] { return ::pause(); });
    ended = child.pid();
    BOOST_TEST(identify_process(ended).has_value());
  }
  BOOST_TEST(!identify_process(ended).has_value());
}

BOOST_AUTO_TEST_CASE(find_keeper__is_not_taken_in_by_a_process_with_the_same_number) {
  // This process lives, but it holds none of these namespaces; and another start time is another process.
  const auto self = identify_process(::getpid());
  BOOST_REQUIRE(self.has_value());
  BOOST_TEST(!find_keeper(state_of(*self)).has_value());
  BOOST_TEST(!find_keeper(state_of({self->pid, self->started + 1})).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
