// The one main of every test program. A test file holds one suite with the file's own name
// (cmake/SeqwireTargets.cmake).
#define BOOST_TEST_MODULE seqwire
#include <boost/test/unit_test.hpp>
#include <cstdlib>

namespace {
// Under sudo a command gives what it writes to the caller, who may not enter the folders that root's tests make.
struct as_root_itself {
  as_root_itself() { ::unsetenv("SUDO_UID"); }
} const without_caller;
}  // namespace
