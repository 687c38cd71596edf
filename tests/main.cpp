// The one main of every test program. A test file holds one suite with the file's own name
// (cmake/SeqwireTargets.cmake).
#include <boost/test/unit_test.hpp>
#include <cstdlib>

static bool name_the_module() {
  boost::unit_test::framework::master_test_suite().p_name.value = "seqwire";
  return true;
}

int main(int argc, char** argv) {
  // Under sudo a command gives what it writes to the caller, who may not enter the folders that root's tests make.
  ::unsetenv("SUDO_UID");
  return boost::unit_test::unit_test_main(&name_the_module, argc, argv);
}
