// The one main of every test program. A test file holds one suite with the file's own name
// (cmake/SeqwireTargets.cmake).
#define BOOST_TEST_MODULE seqwire
#include <boost/test/unit_test.hpp>
