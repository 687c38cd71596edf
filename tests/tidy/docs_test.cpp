// What is generated in docs/ must be what the sources generate.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "protocol/socket/options.hpp"
#include "protocol/wire/print.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(docs_test)

BOOST_AUTO_TEST_CASE(headers__are_what_the_layouts_say) {
  std::ifstream file(std::string(SEQWIRE_SOURCE_DIR) + "/docs/headers.md");
  const std::string committed((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  BOOST_TEST(committed == header_chapter(catalogue()), "regenerate with: seqwire headers > docs/headers.md");
}

BOOST_AUTO_TEST_CASE(options__are_what_the_table_says) {
  std::ifstream file(std::string(SEQWIRE_SOURCE_DIR) + "/docs/options.md");
  const std::string committed((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  BOOST_TEST(committed == option_chapter(), "regenerate with: seqwire options > docs/options.md");
}

BOOST_AUTO_TEST_SUITE_END()
