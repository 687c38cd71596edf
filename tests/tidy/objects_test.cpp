// The proof on the objects: what the engine's libraries ask of the outside is memory, formatting into memory, SipHash,
// and one way to die. Of C functions only those listed are allowed; of C++ names the few that reach the world are
// banned.
#include <map>
#include <set>

#include "tests/tidy/source_tree.hpp"

using namespace seqwire::tidy;

BOOST_AUTO_TEST_SUITE(objects_test)

const std::set<std::string> allowed_functions{
    "abort",    "memchr",         "memcmp", "memcpy", "memmove",   "memset",    "strlen",  "bcmp", "crypto_shorthash",
    "snprintf", "__snprintf_chk", "free",   "malloc", "__udivti3", "__umodti3", "__divti3"};

// What one object may ask for beyond that: require() has last words, and a header of Random123 includes <iostream>,
// whose initialiser comes along (it writes and reads nothing); a shared_ptr asks whether there are threads, and
// compares names of types.
const std::map<std::string, std::set<std::string>> allowed_in{
    {"require.cpp.o", {"fprintf", "__fprintf_chk", "fwrite", "stderr"}},
    {"random.cpp.o", {"std::ios_base::Init::Init()", "std::ios_base::Init::~Init()"}},
    {"spp_protocol.cpp.o", {"__libc_single_threaded", "strcmp"}}};

// What compilers, their run-time libraries and sanitizers add by themselves.
bool is_compilers_own(const std::string& symbol) {
  static const std::regex pattern(
      R"((__cxa_|_Unwind_|__gxx_|__stack_chk|__asan_|__ubsan_|__sanitizer|__odr_asan|__gcov|)"
      R"(__dso_handle|_GLOBAL_OFFSET_TABLE_|__tls_get_addr|DW\.ref).*)");
  return std::regex_match(symbol, pattern);
}

bool is_cpp_name(const std::string& symbol) { return symbol.find_first_of(":( ") != std::string::npos; }

bool reaches_the_world(const std::string& cpp_name) {
  static const std::regex pattern(
      R"(std::(chrono|random_device|thread|this_thread|filesystem|(__cxx11::)?basic_(i|o)?f)"
      R"((stream|ilebuf)|basic_filebuf|cout|cerr|clog|cin|ios_base::Init|mutex|condition_variable))");
  return std::regex_search(cpp_name, pattern);
}

// `listing` is what nm -A -C --undefined-only prints: "library:object: U symbol" in each line.
complaints forbidden_symbols(const std::string& listing) {
  static const std::regex row(R"(([^:]*):([^:]*):\s+[Uwv] (.*))");
  complaints found;
  for (const std::string& line : lines_of(listing)) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    const std::string object = match[2];
    std::string symbol = match[3];
    if (!is_cpp_name(symbol)) symbol = symbol.substr(0, symbol.find('@'));
    const bool harmless = is_cpp_name(symbol) ? !reaches_the_world(symbol)
                                              : allowed_functions.contains(symbol) || is_compilers_own(symbol);
    const auto here = allowed_in.find(object);
    const bool excepted = here != allowed_in.end() && here->second.contains(symbol);
    if (!harmless && !excepted) found.push_back(object + " asks for " + symbol);
  }
  return found;
}

// Interface libraries (no sources yet) leave no file.
std::vector<std::filesystem::path> engine_libraries() {
  std::vector<std::filesystem::path> libraries;
  for (const std::string name : {"base", "wire", "engine", "socket"}) {
    const auto path = std::filesystem::path(SEQWIRE_BINARY_DIR) / "protocol" / ("libseqwire_" + name + ".a");
    if (std::filesystem::exists(path)) libraries.push_back(path);
  }
  return libraries;
}

BOOST_AUTO_TEST_CASE(engine__asks_for_no_clock_socket_file_or_entropy) {
  const auto libraries = engine_libraries();
  BOOST_TEST(libraries.size() >= 2u, "the engine's libraries are not in " SEQWIRE_BINARY_DIR "/protocol");
  for (const auto& library : libraries) {
    const auto listed = run("nm -A -C --undefined-only " + quoted(library.string()));
    BOOST_TEST_REQUIRE(listed.status == 0, listed.output);
    BOOST_TEST(listed.output.find("U ") != std::string::npos);
    expect_none(forbidden_symbols(listed.output));
  }
}

BOOST_AUTO_TEST_CASE(self__flags_the_world) {
  for (const std::string symbol : {"clock_gettime@GLIBC_2.17",
                                   "time",
                                   "gettimeofday",
                                   "socket",
                                   "sendmsg",
                                   "recvfrom",
                                   "getrandom",
                                   "rand",
                                   "open64",
                                   "fopen",
                                   "read",
                                   "getenv",
                                   "puts",
                                   "pthread_create",
                                   "randombytes_buf",
                                   "std::chrono::_V2::steady_clock::now()",
                                   "std::random_device::_M_getval()",
                                   "std::this_thread::__sleep_for(...)",
                                   "std::cout",
                                   "std::basic_ifstream<char, std::char_traits<char> >::basic_ifstream()",
                                   "std::ios_base::Init::Init()"})
    BOOST_TEST(forbidden_symbols("lib.a:connection.cpp.o:                 U " + symbol + "\n").size() == 1u, symbol);
  for (const std::string symbol : {"memcpy", "abort", "__cxa_throw", "operator new(unsigned long)",
                                   "seqwire::keyed_hash(seqwire::hash_key const&)", "crypto_shorthash"})
    BOOST_TEST(forbidden_symbols("lib.a:connection.cpp.o:                 U " + symbol + "\n").empty(), symbol);
  BOOST_TEST(forbidden_symbols("lib.a:connection.cpp.o:                 U fprintf\n").size() == 1u);
  BOOST_TEST(forbidden_symbols("lib.a:require.cpp.o:                 U fprintf\n").empty());
}

BOOST_AUTO_TEST_CASE(self__finds_a_clock_in_a_real_object) {
  const auto folder = std::filesystem::path(SEQWIRE_BINARY_DIR) / "tidy";
  std::filesystem::create_directories(folder);
  const auto source = folder / "reads_clock.cpp";
  std::ofstream(source) << "#include <ctime>\nlong f() { return std::time(nullptr); }\n";
  const std::string object = (folder / "reads_clock.cpp.o").string();
  const auto compiled =
      run("c++ -c -o " + quoted(object) + ' ' + quoted(source.string()) + " && cd " + quoted(folder.string()) +
          " && ar rc reads_clock.a reads_clock.cpp.o && nm -A -C " + "--undefined-only reads_clock.a");
  BOOST_TEST_REQUIRE(compiled.status == 0, compiled.output);
  BOOST_TEST(forbidden_symbols(compiled.output).size() == 1u, compiled.output);
}

BOOST_AUTO_TEST_SUITE_END()
