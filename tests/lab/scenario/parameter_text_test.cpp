// Parameters of links as text: each kind's spellings, its refusals in words, and that every normal form is taken again.
#include "lab/scenario/parameter_text.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "lab/scenario/scenario.hpp"
#include "sim/registry.hpp"

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(parameter_text_test)

const parameter& named(std::string_view name) {
  const parameter* const found = find_parameter(name);
  BOOST_TEST_REQUIRE(found != nullptr);
  return *found;
}

// The normal form of what was taken, or why it was not.
std::string normal(std::string_view name, std::string_view text) {
  const auto value = parse_parameter(named(name), text);
  if (!value) return "expected " + value.error().expected;
  const std::string printed = print_parameter(named(name), *value);
  const auto again = parse_parameter(named(name), printed);
  BOOST_TEST((again.has_value() && *again == *value), printed << " is not taken again");
  return printed;
}

bool is_refused(std::string_view name, std::string_view text) { return normal(name, text).starts_with("expected "); }

std::string file_of(const std::string& contents) {
  const std::string path = (std::filesystem::path(SEQWIRE_BINARY_DIR) / "parameter_text_test.trace").string();
  std::ofstream(path, std::ios::binary) << contents;
  return path;
}

BOOST_AUTO_TEST_CASE(parse_parameter__numbers_spans_shares_and_choices) {
  BOOST_TEST(normal("loss_every", "10") == "10");
  BOOST_TEST(normal("loss_every", "-1") == "expected a whole number from 0 to 1000000000000");
  BOOST_TEST(normal("codel_target", "5000us") == "5ms");
  BOOST_TEST(normal("codel_target", "2m") == "expected a duration from 1us to 1m");
  BOOST_TEST(normal("fq_codel_quantum", "2048") == "2KiB");
  BOOST_TEST(normal("red_probability", "0.05") == "5%");
  BOOST_TEST(normal("jitter_keeps_order", "true") == "true");
  BOOST_TEST(normal("queue_discipline", "codel") == "codel");
  BOOST_TEST(normal("queue_discipline", "fqcodel") ==
             "expected fq_codel, the nearest one of drop_tail, infinite, mark_threshold, red, pie, codel, fq_codel, "
             "priority");
}

BOOST_AUTO_TEST_CASE(parse_parameter__windows) {
  BOOST_TEST(normal("blackhole", "1s..2s") == "1s..2s");
  BOOST_TEST(normal("blackhole", " 0 .. 1.5s ,2s..2500ms") == "0..1500ms, 2s..2500ms");
  BOOST_TEST(normal("blackhole", "") == "");
  for (const std::string_view bad : {"1s", "2s..1s", "1s..1s", "1s..2s,", ",1s..2s", "1s..3s, 2s..4s", "1..2", "a..b"})
    BOOST_TEST(is_refused("blackhole", bad), bad);
}

BOOST_AUTO_TEST_CASE(parse_parameter__steps) {
  BOOST_TEST(normal("rate_changes", "2s 10Mbit/s, 4s unlimited") == "2s 10Mbit/s, 4s unlimited");
  BOOST_TEST(normal("delay_changes", "0 20ms,1s 0") == "0 20ms, 1s 0");
  BOOST_TEST(normal("mtu_changes", "2s 576") == "2s 576");
  for (const std::string_view bad :
       {"2s", "2s 10", "2s 10bit/s", "2s 1Mbit/s, 2s 2Mbit/s", "1Mbit/s 2s", "2s 1Mbit/s 3s"})
    BOOST_TEST(is_refused("rate_changes", bad), bad);
  BOOST_TEST(is_refused("mtu_changes", "2s 65536"));
}

BOOST_AUTO_TEST_CASE(parse_parameter__several_probabilities) {
  BOOST_TEST(normal("gilbert_elliott", "1% 0.2  100% 0") == "1% 20% 100% 0%");
  BOOST_TEST(normal("gilbert_elliott", "1%") == "1%");
  for (const std::string_view bad : {"1,2", "1% 20% 100% 0% 0%", "101%", "x"})
    BOOST_TEST(is_refused("gilbert_elliott", bad), bad);
}

BOOST_AUTO_TEST_CASE(parse_ordinals__sorted_and_each_once) {
  BOOST_TEST(normal("drop_data", "[30, 16,16]") == "[16, 30]");
  BOOST_TEST(normal("drop_data", "[]") == "[]");
  for (const std::string_view bad : {"", "16", "[16", "[a]", "[-1]", "[1,]"})
    BOOST_TEST(is_refused("drop_data", bad), bad);
}

BOOST_AUTO_TEST_CASE(read_trace__numbers_that_never_decrease) {
  const auto good = read_trace(file_of("0\n1\n1\r\n5"));
  BOOST_TEST_REQUIRE(good.has_value());
  BOOST_TEST((*good->milliseconds == std::vector<std::uint64_t>{0, 1, 1, 5}));
  BOOST_TEST(read_trace(file_of("1\n3\n2\n")).error().expected == "a millisecond not before the last one on line 3");
  BOOST_TEST(read_trace(file_of("1\nx\n")).error().expected == "a millisecond on line 2");
  BOOST_TEST(read_trace(file_of("1\n\n2\n")).error().expected == "a millisecond on line 2");
  BOOST_TEST(read_trace(file_of("1000000001\n")).error().expected == "a millisecond on line 1");
  BOOST_TEST(!read_trace(file_of("0\n0\n")).has_value());
  BOOST_TEST(!read_trace(file_of("")).has_value());
  BOOST_TEST(!read_trace("/nonexistent/trace").has_value());
  BOOST_TEST(!read_trace("/").has_value());
  BOOST_TEST(read_trace("/dev/zero").error().expected == "a trace of at most 32 MiB");
}

BOOST_AUTO_TEST_CASE(print_parameter__every_default_is_taken) {
  for (const parameter& each : link_parameters()) {
    const std::string text = print_parameter(each, each.otherwise);
    const auto value = parse_parameter(each, text);
    BOOST_TEST((value.has_value() && *value == each.otherwise), each.name);
    BOOST_TEST(!expected_of(each).empty());
  }
}

// A scenario says what differs, per direction, and reads back.
BOOST_AUTO_TEST_CASE(to_toml__says_only_what_was_said) {
  const std::string text =
      "[link]\ngilbert_elliott = \"1% 20%\"\nqueue_discipline = \"codel\"\nloss_every = 10\n"
      "[link.a_to_b]\nblackhole = \"1s..2s\"\nqueue_discipline = \"pie\"\n[[flow]]\n";
  const auto read = parse_scenario(text, "x.toml", {"link.b_to_a.jitter=2ms"});
  if (!read) BOOST_FAIL(read.error().message);
  BOOST_TEST(read->links[0].a_to_b.further.get<std::string>("queue_discipline") == "pie");
  BOOST_TEST(read->links[0].b_to_a.further.get<std::string>("queue_discipline") == "codel");
  BOOST_TEST(!read->links[0].b_to_a.further.is_set("blackhole"));
  BOOST_TEST((read->links[0].b_to_a.further.get<duration>("jitter") == 2_ms));
  const std::string printed = to_toml(*read);
  BOOST_TEST(printed.find("\nloss_every = 10\ngilbert_elliott = \"1% 20%\"\n") != std::string::npos, printed);
  BOOST_TEST(printed.find("[link.a_to_b]\nqueue_discipline = \"pie\"\nblackhole = \"1s..2s\"\n") != std::string::npos,
             printed);
  BOOST_TEST(printed.find("red_minimum") == std::string::npos);
  const auto again = parse_scenario(printed, "again.toml", {});
  BOOST_TEST_REQUIRE(again.has_value());
  BOOST_TEST(to_toml(*again) == printed);
  BOOST_TEST((again->links[0].a_to_b.further == read->links[0].a_to_b.further));
  BOOST_TEST((again->links[0].b_to_a.further == read->links[0].b_to_a.further));
}

BOOST_AUTO_TEST_CASE(parse_scenario__names_what_is_wrong_with_a_link) {
  const auto message = [](const std::string& line) {
    const auto read = parse_scenario("[link]\n" + line + "\n[[flow]]\n", "x.toml", {});
    return read ? std::string() : read.error().message;
  };
  BOOST_TEST(
      message("blackhole = \"2s..1s\"") ==
      "x.toml:2:13: link.blackhole has a bad value; expected times such as 1s..2s, 5s..5.5s, each behind the one "
      "before; got \"2s..1s\"");
  BOOST_TEST(message("gilbert_eliott = \"1%\"").find("gilbert_elliott, the nearest known one") != std::string::npos);
  BOOST_TEST(message("trace = \"/nonexistent\"").find("expected a readable file") != std::string::npos);
  BOOST_TEST(message("red_minimum = 15") ==
             "x.toml:2:15: red_minimum is not below red_maximum; expected at most 14; got 15");
  BOOST_TEST(message("rate = \"1Mbit/s\"\na_to_b.trace = \"" + file_of("1\n") + "\"")
                 .find("x.toml:3:16: trace and a rate exclude each other") == 0u);
  BOOST_TEST(message("loss_every = \"10\"").find("wrong type") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
