// Small pieces: files up to 600 lines, functions up to 60, the state machine and the joint within their own limits.
// Functions are found by counting braces; that is sound for code that clang-format has laid out.
#include "tests/tidy/source_tree.hpp"

using namespace seqwire::tidy;

BOOST_AUTO_TEST_SUITE(size_test)

constexpr std::size_t most_file_lines = 600;
constexpr std::size_t most_function_lines = 60;
constexpr std::size_t most_state_machine_lines = 150;
constexpr std::size_t most_joint_lines = 40;

struct function_extent {
  std::string head;  // what stands before the brace
  std::size_t first_line;
  std::size_t lines;  // from the head's first line to the closing brace
};

// Walks over the code once. A brace at namespace or class scope opens a function when its head has parentheses and is
// neither a type, nor a namespace, nor an initializer.
class function_scanner {
 public:
  explicit function_scanner(const std::string& text) : code_(without_directives(code_of(text))) {}

  std::vector<function_extent> scan() {
    for (at_ = 0; at_ < code_.size(); ++at_) {
      const char letter = code_[at_];
      if (letter == '\n') ++line_;
      if (letter == '{') {
        open();
      } else if (letter == '}') {
        close();
      } else if (letter == ';' && parentheses_ == 0) {
        reset_head();
      } else {
        if (letter == '(') ++parentheses_;
        if (letter == ')' && parentheses_ > 0) --parentheses_;
        extend_head(letter);
      }
    }
    return std::move(found_);
  }

 private:
  enum class block { scope, function, other };
  struct open_block {
    block kind;
    std::string head;
    std::size_t first_line;
    std::size_t parentheses;
  };

  static std::string without_directives(const std::string& code) {
    static const std::regex directive(R"((^|\n)[ \t]*#(?:[^\n\\]|\\\n|\\.)*)");
    std::string result;
    auto from = code.cbegin();
    for (std::smatch match; std::regex_search(from, code.cend(), match, directive); from = match[0].second) {
      result.append(from, match[0].first);
      result.append(static_cast<std::size_t>(std::count(match[0].first, match[0].second, '\n')), '\n');
    }
    return result.append(from, code.cend());
  }

  block kind_of_head() const {
    static const std::regex type(
        R"(^(?:template\s*<.*>\s*)?(?:inline\s+)?(?:typedef\s+)?(?:namespace|class|struct|union|enum)\b[^()]*$)");
    static const std::regex initializer(R"((?:^|[^=!<>])=(?!=)[^()]*$|\breturn\b)");
    static const std::regex operator_name(R"(\boperator\s*(?:=|==|!=|<=|>=|<=>|\+=|-=|\*=)\s*\()");
    if (std::regex_search(head_, type) || head_.find("extern ") == 0) return block::scope;
    if (!blocks_.empty() && blocks_.back().kind != block::scope) return block::other;
    if (head_.find('(') == std::string::npos || parentheses_ > 0) return block::other;
    const std::string plain = std::regex_replace(head_, operator_name, "f(");
    return std::regex_search(plain, initializer) ? block::other : block::function;
  }

  void open() {
    blocks_.push_back({kind_of_head(), head_, head_line_, parentheses_});
    parentheses_ = 0;
    reset_head();
  }

  void close() {
    if (blocks_.empty()) return;
    const open_block closed = blocks_.back();
    blocks_.pop_back();
    parentheses_ = closed.parentheses;
    const std::size_t next = code_.find_first_not_of(" \n", at_ + 1);
    const bool was_initializer = next != std::string::npos && (code_[next] == ',' || code_[next] == '{');
    reset_head();
    if (was_initializer && closed.kind != block::scope) {  // `x() : a{1}, b{2} {`: the head goes on
      head_ = closed.head;
      head_line_ = closed.first_line;
    } else if (closed.kind == block::function) {
      found_.push_back({closed.head, closed.first_line, line_ - closed.first_line + 1});
    }
  }

  void reset_head() { head_.clear(); }

  void extend_head(char letter) {
    const bool blank = letter == ' ' || letter == '\n';
    if (head_.empty()) {
      if (blank) return;
      head_line_ = line_;
    }
    if (head_ == "public" || head_ == "private" || head_ == "protected") {
      if (letter == ':') return reset_head();
    }
    head_ += blank ? ' ' : letter;
  }

  std::string code_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string head_;
  std::size_t head_line_ = 1;
  std::size_t parentheses_ = 0;
  std::vector<open_block> blocks_;
  std::vector<function_extent> found_;
};

std::vector<function_extent> functions_of(const std::string& text) { return function_scanner(text).scan(); }

complaints long_functions(const std::string& path, const std::string& text, std::size_t limit) {
  complaints found;
  for (const function_extent& function : functions_of(text))
    if (function.lines > limit)
      found.push_back(path + ':' + std::to_string(function.first_line) + ": " + std::to_string(function.lines) +
                      " lines are more than " + std::to_string(limit) + ": " + function.head);
  return found;
}

complaints long_file(const std::string& path, const std::string& text, std::size_t limit) {
  const std::size_t lines = lines_of(text).size();
  if (lines <= limit) return {};
  return {path + ": " + std::to_string(lines) + " lines are more than " + std::to_string(limit)};
}

BOOST_AUTO_TEST_CASE(files__have_at_most_600_lines) {
  for (const std::string& path : cpp_files()) expect_none(long_file(path, text_of(path), most_file_lines));
}

BOOST_AUTO_TEST_CASE(functions__have_at_most_60_lines) {
  std::size_t seen = 0;
  for (const std::string& path : cpp_files()) {
    const std::string text = text_of(path);
    expect_none(long_functions(path, text, most_function_lines));
    seen += functions_of(text).size();
  }
  BOOST_TEST(seen > 100u, "the scanner finds no functions");
}

BOOST_AUTO_TEST_CASE(state_machine__has_at_most_150_lines) {
  for (const std::string& path : cpp_files("protocol/spp"))
    if (std::filesystem::path(path).stem() == "state")
      expect_none(long_file(path, text_of(path), most_state_machine_lines));
}

BOOST_AUTO_TEST_CASE(drive__is_at_most_40_lines_in_all) {
  std::size_t lines = 0;
  for (const function_extent& function : functions_of(text_of("protocol/host/drive.hpp"))) lines += function.lines;
  BOOST_TEST(lines > 0u);
  BOOST_TEST(lines <= most_joint_lines);
}

const std::string example = R"(
#define macro(x) \
  { x }
namespace a {
struct b {
  b(int n) : c{n}, d{} {
    e();
  }
  b& operator=(const b& other) { return *this; }
  int f() const;
 private:
  int c{0};
};
const int table[] = {1, 2, 3};
auto g = h({1, 2});
template <class T>
T i(T x) {
  if (x) {  // {
    char brace = '{';
    k("}}", [] { return 1'000; });
  }
  return x;
}
enum class l { m };
}  // namespace a
)";

BOOST_AUTO_TEST_CASE(self__scanner_finds_exactly_the_functions) {
  const auto functions = functions_of(example);
  BOOST_TEST_REQUIRE(functions.size() == 3u);
  BOOST_TEST(functions[0].lines == 3u);
  BOOST_TEST(functions[0].first_line == 6u);
  BOOST_TEST(functions[1].lines == 1u);
  BOOST_TEST(functions[2].lines == 8u);
}

BOOST_AUTO_TEST_CASE(self__flags_one_line_too_many) {
  const auto function = [](std::size_t lines) {
    std::string text = "void f() {\n";
    for (std::size_t i = 0; i < lines - 2; ++i) text += "  g();\n";
    return text + "}\n";
  };
  BOOST_TEST(long_functions("x.cpp", function(60), 60).empty());
  BOOST_TEST(long_functions("x.cpp", function(61), 60).size() == 1u);
  BOOST_TEST(long_functions("x.cpp", "namespace a {\nclass b {\n" + function(61) + "};\n}\n", 60).size() == 1u);
  BOOST_TEST(long_functions("x.cpp", "BOOST_AUTO_TEST_CASE(a) {\n" + std::string(60, '\n') + "}\n", 60).size() == 1u);
  BOOST_TEST(long_file("x.cpp", std::string(600, '\n'), 600).empty());
  BOOST_TEST(long_file("x.cpp", std::string(601, '\n'), 600).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
