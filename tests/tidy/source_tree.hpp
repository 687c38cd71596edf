// What the tidy tests share: which files are the project's, their text, their text without comments and literals, and
// running a tool. Each tidy test is a function from text to complaints, so that it can be fed a bad example too.
#pragma once

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace seqwire::tidy {

using complaints = std::vector<std::string>;

inline const std::filesystem::path& root() {
  static const std::filesystem::path path = SEQWIRE_SOURCE_DIR;
  return path;
}

struct command_outcome {
  int status;  // the exit status; -1 when it did not exit by itself
  std::string output;
};

inline command_outcome run(const std::string& command) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "cannot start a shell"};
  command_outcome outcome{};
  std::array<char, 65'536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.output.append(buffer.data(), count);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

/// The word as the shell sees exactly it.
inline std::string quoted(const std::string& word) {
  return '\'' + std::regex_replace(word, std::regex("'"), "'\\''") + '\'';
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// Every file of the project, relative to the root and sorted: tracked or at least not ignored. Without git (an
/// unpacked release), all files outside build folders and hidden ones.
inline std::vector<std::string> project_files() {
  const auto listed =
      run("git -c safe.directory='*' -C " + quoted(root().string()) + " ls-files -co --exclude-standard");
  std::vector<std::string> files;
  if (listed.status == 0) {
    for (const std::string& file : lines_of(listed.output))
      if (std::filesystem::is_regular_file(root() / file)) files.push_back(file);
  } else {
    for (auto at = std::filesystem::recursive_directory_iterator(root()); at != std::filesystem::end(at); ++at) {
      const std::string name = at->path().filename().string();
      if (at->is_directory() && (name == "build" || name.starts_with('.'))) at.disable_recursion_pending();
      if (at->is_regular_file()) files.push_back(std::filesystem::relative(at->path(), root()).string());
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

inline bool is_cpp(std::string_view path) { return path.ends_with(".cpp") || path.ends_with(".hpp"); }

inline bool is_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

/// The C++ files of the project, or those under a folder of it.
inline std::vector<std::string> cpp_files(std::string_view folder = "") {
  std::vector<std::string> files = project_files();
  std::erase_if(files,
                [&](const std::string& file) { return !is_cpp(file) || (!folder.empty() && !is_under(file, folder)); });
  return files;
}

inline std::string text_of(const std::string& path) {
  std::ifstream file(root() / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The text with comments and the insides of literals turned into blanks; line breaks stay where they were.
inline std::string code_of(const std::string& text) {
  static const std::regex not_code(
      R"(//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|R"\(|"(?:[^"\\\n]|\\.)*"|(?:[^0-9a-fA-F]|^)'(?:[^'\\\n]|\\.)+')");
  std::string code = text;
  auto from = text.cbegin();
  for (std::smatch found; std::regex_search(from, text.cend(), found, not_code);) {
    auto begin = found[0].first;
    auto end = found[0].second;
    if (found.str() == "R\"(") {
      const std::size_t close = text.find(")\"", static_cast<std::size_t>(end - text.cbegin()));
      end = close == std::string::npos ? text.cend() : text.cbegin() + static_cast<std::ptrdiff_t>(close) + 2;
    } else if (*begin != '/' && *begin != '"' && *begin != '\'') {
      ++begin;  // the letter in front of a character literal
    }
    std::for_each(code.begin() + (begin - text.cbegin()), code.begin() + (end - text.cbegin()), [](char& letter) {
      if (letter != '\n') letter = ' ';
    });
    from = end;
  }
  return code;
}

struct include_line {
  std::string name;
  bool angled;  // <name>, not "name"
};

inline std::vector<include_line> includes_of(const std::string& text) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<include_line> found;
  for (const std::string& line : lines_of(text))
    if (std::smatch match; std::regex_search(line, match, include)) found.push_back({match[2], match[1] == "<"});
  return found;
}

inline void expect_none(const complaints& found) {
  std::string joined;
  for (const std::string& complaint : found) joined += '\n' + complaint;
  BOOST_TEST(found.empty(), found.size() << " complaint(s):" << joined);
}

}  // namespace seqwire::tidy
