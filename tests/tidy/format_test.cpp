// The layout of the text is clang-format's business; what it leaves alone (comments) is checked by hand.
#include "tests/tidy/source_tree.hpp"

using namespace seqwire::tidy;

BOOST_AUTO_TEST_SUITE(format_test)

const std::string clang_format = "clang-format-16 --dry-run -Werror --ferror-limit=3 ";

// A word so long (a line of JSON, an address) that breaking the line elsewhere would not help.
bool has_unbreakable_word(const std::string& line) {
  static const std::regex long_word(R"(\S{90})");
  return std::regex_search(line, long_word);
}

complaints careless_lines(const std::string& path, const std::string& text) {
  complaints found;
  std::size_t number = 0;
  for (const std::string& line : lines_of(text)) {
    const std::string place = path + ':' + std::to_string(++number) + ": ";
    if (line.size() > 120 && !has_unbreakable_word(line)) found.push_back(place + "more than 120 columns");
    if (line.ends_with(' ') || line.ends_with('\r')) found.push_back(place + "blank at the end of the line");
    if (line.find('\t') != std::string::npos) found.push_back(place + "tabulator");
  }
  if (!text.ends_with('\n')) found.push_back(path + ": no line break at the end of the file");
  return found;
}

// Those in C, too.
std::vector<std::string> formatted_files() {
  std::vector<std::string> files = project_files();
  std::erase_if(
      files, [](const std::string& path) { return !is_cpp(path) && !path.ends_with(".c") && !path.ends_with(".h"); });
  return files;
}

BOOST_AUTO_TEST_CASE(clang_format__has_nothing_to_change) {
  std::string command = "cd " + quoted(root().string()) + " && " + clang_format;
  for (const std::string& path : formatted_files()) command += ' ' + quoted(path);
  const auto checked = run(command);
  std::string places;  // without the pictures of the lines
  for (const std::string& line : lines_of(checked.output))
    if (line.find(" error: ") != std::string::npos) places += '\n' + line;
  BOOST_TEST(checked.status == 0, "run clang-format-16 -i on these:" << (places.empty() ? checked.output : places));
}

BOOST_AUTO_TEST_CASE(lines__are_short_and_clean) {
  for (const std::string& path : formatted_files()) expect_none(careless_lines(path, text_of(path)));
}

BOOST_AUTO_TEST_CASE(self__flags_bad_layout) {
  const std::string as_ours = clang_format + "--assume-filename=" + quoted((root() / "x.cpp").string());
  BOOST_TEST(run("printf 'int  f( ){return 1 ;}\\n' | " + as_ours).status != 0);
  BOOST_TEST(run("printf 'int f() { return 1; }\\n' | " + as_ours).status == 0);
}

BOOST_AUTO_TEST_CASE(self__flags_careless_lines) {
  const auto comment = [](std::size_t columns) {
    std::string line = "//";
    while (line.size() < columns) line += line.size() % 10 == 0 ? ' ' : 'x';
    return line + '\n';
  };
  BOOST_TEST(careless_lines("x.cpp", comment(122)).size() == 1u);
  BOOST_TEST(careless_lines("x.cpp", "int x; \n").size() == 1u);
  BOOST_TEST(careless_lines("x.cpp", "\tint x;\n").size() == 1u);
  BOOST_TEST(careless_lines("x.cpp", "int x;").size() == 1u);
  BOOST_TEST(careless_lines("x.cpp", comment(120)).empty());
  BOOST_TEST(careless_lines("x.cpp", "// " + std::string(118, 'x') + '\n').empty());
}

BOOST_AUTO_TEST_SUITE_END()
