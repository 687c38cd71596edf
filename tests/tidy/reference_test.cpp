// The reference of the public interface is built from the headers without a warning.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

BOOST_AUTO_TEST_SUITE(reference_test)

BOOST_AUTO_TEST_CASE(reference__builds_without_warnings) {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "seqwire-reference-XXXXXX").string();
  BOOST_TEST_REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string sources = SEQWIRE_SOURCE_DIR;
  const std::string build =
      "cd " + sources + " && (cat docs/Doxyfile; echo OUTPUT_DIRECTORY = " + folder + ") | doxygen -";
  BOOST_TEST(std::system(build.c_str()) == 0, build);
  // Something of each floor is in it.
  for (const char* page : {"classseqwire_1_1socket.html", "classseqwire_1_1internetwork.html",
                           "classseqwire_1_1live__endpoint.html", "structseqwire_1_1scenario.html"})
    BOOST_TEST(fs::exists(folder + "/html/" + page), page);
  fs::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
