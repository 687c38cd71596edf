// protocol/ includes no header that can read a clock, open a socket or a file, or ask for entropy. Not a list of what
// is bad but of what is good: a header that is on neither list is refused, and adding one is a decision seen in review.
#include <map>
#include <set>

#include "tests/tidy/source_tree.hpp"

using namespace seqwire::tidy;

BOOST_AUTO_TEST_SUITE(banned_headers_test)

// No unordered containers: their order differs between libraries, and the same seed must give the same octets.
const std::set<std::string> allowed{"algorithm", "array", "bit", "bitset", "charconv", "climits", "compare", "concepts",
                                    "cstddef", "cstdint", "cstring", "deque", "functional", "initializer_list",
                                    "iterator", "limits", "list", "map", "memory", "new", "numeric", "optional",
                                    "queue", "ranges", "set", "span", "stdexcept", "string", "string_view", "tuple",
                                    "type_traits", "utility", "variant", "vector",
                                    // The three libraries that protocol/ may use.
                                    "tl/expected.hpp", "Random123/philox.h", "sodium/crypto_shorthash.h"};

// Headers with a dangerous half, and the files that need the other half.
const std::map<std::string, std::set<std::string>> allowed_for{
    {"unordered_map", {"protocol/host/spp_protocol.hpp"}},  // connections are looked up there, never walked through
    {"cstdio", {"protocol/base/require.cpp", "protocol/wire/address.cpp", "protocol/wire/print.cpp"}},  // formatting
    {"system_error", {"protocol/socket/message.hpp"}},  // errc and error_code; they read no errno
    {"cstdlib", {"protocol/base/require.cpp"}},         // abort()
};

complaints banned_includes(const std::string& path, const std::string& text) {
  complaints found;
  for (const include_line& include : includes_of(text)) {
    if (is_under(include.name, "protocol") || allowed.contains(include.name)) continue;
    const auto files = allowed_for.find(include.name);
    if (files == allowed_for.end() || !files->second.contains(path))
      found.push_back(path + " includes <" + include.name + ">, which protocol/ may not see");
  }
  return found;
}

// Standard distributions and generators differ between libraries, or are entropy.
complaints foreign_randomness(const std::string& path, const std::string& text) {
  static const std::regex banned(
      R"(\bstd\s*::\s*(\w+_distribution|random_device|mt19937(_64)?|minstd_rand0?|shuffle)\b)");
  complaints found;
  const std::string code = code_of(text);
  for (std::sregex_iterator at(code.begin(), code.end(), banned), end; at != end; ++at)
    found.push_back(path + " uses " + at->str() + "; use random_stream (protocol/base/random.hpp)");
  return found;
}

BOOST_AUTO_TEST_CASE(protocol__includes_only_what_is_allowed) {
  const auto files = cpp_files("protocol");
  BOOST_TEST(files.size() > 20u);
  for (const std::string& path : files) expect_none(banned_includes(path, text_of(path)));
}

BOOST_AUTO_TEST_CASE(randomness__comes_from_random_stream_everywhere) {
  for (const std::string& path : cpp_files()) expect_none(foreign_randomness(path, text_of(path)));
}

BOOST_AUTO_TEST_CASE(self__flags_clocks_sockets_files_and_entropy) {
  for (const std::string header :
       {"chrono",       "ctime",    "time.h",       "random",        "thread",   "mutex",
        "sys/socket.h", "unistd.h", "netinet/in.h", "fstream",       "iostream", "filesystem",
        "cstdio",       "cstdlib",  "stdlib.h",     "unordered_map", "sodium.h", "sodium/randombytes.h",
        "fmt/format.h", "cmath"})
    BOOST_TEST(banned_includes("protocol/spp/x.cpp", "#include <" + header + ">\n").size() == 1u, header);
  BOOST_TEST(banned_includes("protocol/spp/x.cpp", "  #  include \"sys/time.h\"\n").size() == 1u);
  BOOST_TEST(banned_includes("protocol/spp/x.cpp", "#include <vector>\n").empty());
  BOOST_TEST(banned_includes("protocol/base/require.cpp", "#include <cstdlib>\n").empty());
}

BOOST_AUTO_TEST_CASE(self__flags_standard_randomness) {
  BOOST_TEST(foreign_randomness("x.cpp", "std::uniform_int_distribution<int> d(1, 6);").size() == 1u);
  BOOST_TEST(foreign_randomness("x.cpp", "auto seed = std::random_device{}();").size() == 1u);
  BOOST_TEST(foreign_randomness("x.cpp", "// std::normal_distribution is not for us\n").empty());
}

BOOST_AUTO_TEST_SUITE_END()
