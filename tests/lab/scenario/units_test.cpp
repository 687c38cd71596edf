// Quantities as text: each spelling, each refusal with its words, and that every normal form parses back.
#include "lab/scenario/units.hpp"

#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(units_test)

constexpr auto largest_duration = std::numeric_limits<std::int64_t>::max();

// What was expected instead of `text`, or nothing when it was taken.
template <class Parser>
std::string refusal(Parser parse, std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? "" : parsed.error().expected;
}

std::int64_t nanoseconds_of(std::string_view text) {
  const auto parsed = parse_duration(text);
  BOOST_TEST_REQUIRE(parsed.has_value(), text << " was refused");
  return parsed->nanoseconds;
}

BOOST_AUTO_TEST_CASE(parse_duration__every_unit) {
  BOOST_TEST(nanoseconds_of("250ns") == 250);
  BOOST_TEST(nanoseconds_of("100us") == 100'000);
  BOOST_TEST(nanoseconds_of("20ms") == 20'000'000);
  BOOST_TEST(nanoseconds_of("2s") == 2'000'000'000);
  BOOST_TEST(nanoseconds_of("2m") == 120'000'000'000);
  BOOST_TEST(nanoseconds_of("1h") == 3'600'000'000'000);
}

BOOST_AUTO_TEST_CASE(parse_duration__zero_needs_no_unit) {
  for (const std::string_view text : {"0", "0.0", "000", "0s", "0ns"}) BOOST_TEST(nanoseconds_of(text) == 0);
}

BOOST_AUTO_TEST_CASE(parse_duration__decimals_are_exact) {
  BOOST_TEST(nanoseconds_of("1.5s") == 1'500'000'000);
  BOOST_TEST(nanoseconds_of("0.1s") == 100'000'000);
  BOOST_TEST(nanoseconds_of("1.000000001s") == 1'000'000'001);
  BOOST_TEST(nanoseconds_of("0.5h") == 1'800'000'000'000);
  BOOST_TEST(nanoseconds_of("1.10000000000000000000000ms") == 1'100'000);
  // As a double this would come out one nanosecond off.
  BOOST_TEST(nanoseconds_of("9007199.254740993s") == 9'007'199'254'740'993);
}

BOOST_AUTO_TEST_CASE(parse_duration__bare_number_says_that_the_unit_is_missing) {
  for (const std::string_view text : {"20", "1.5", "007"})
    BOOST_TEST(refusal(parse_duration, text) == "a duration with its unit (ns, us, ms, s, m, h), such as 20ms");
}

BOOST_AUTO_TEST_CASE(parse_duration__refusals) {
  const std::string general = "a duration such as 20ms or 1.5s (ns, us, ms, s, m, h)";
  for (const std::string_view text : {"", "ms", ".5s", "1.s", "1.ms", "+1s", " 1s", "nan", "inf", "0x10ms"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!parse_duration(text).has_value());
  BOOST_TEST(refusal(parse_duration, "") == general);
  BOOST_TEST(refusal(parse_duration, "soon") == general);
  BOOST_TEST(refusal(parse_duration, "-5ms") == "a duration that is not negative, such as 20ms");
  for (const std::string_view text : {"20 ms", "20MS", "20msec", "20ms ", "1m30s", "1e3ms", "20d"})
    BOOST_TEST(refusal(parse_duration, text) == "a duration in ns, us, ms, s, m or h, such as 20ms");
  for (const std::string_view text :
       {"0.5ns", "1.0000000001s", "0.00000000000001s", "1.000000000000000000000000000001h"})
    BOOST_TEST(refusal(parse_duration, text) == "a duration of whole nanoseconds");
}

BOOST_AUTO_TEST_CASE(parse_duration__overflow_is_refused) {
  BOOST_TEST(nanoseconds_of("9223372036854775807ns") == largest_duration);
  for (const std::string_view text : {"9223372036854775808ns", "100000000000000000000ns", "99999999999999999999999h",
                                      "9223372036.854775808s", "18446744073709551617ns"})
    BOOST_TEST(refusal(parse_duration, text) == "a duration below 2^63 ns, some 292 years");
}

BOOST_AUTO_TEST_CASE(print_duration__largest_whole_unit) {
  BOOST_TEST(print_duration({}) == "0");
  BOOST_TEST(print_duration(20_ms) == "20ms");
  BOOST_TEST(print_duration(1500_ms) == "1500ms");
  BOOST_TEST(print_duration(75_s) == "75s");
  BOOST_TEST(print_duration(120_s) == "2m");
  BOOST_TEST(print_duration(7200_s) == "2h");
  BOOST_TEST(print_duration(1001_ns) == "1001ns");
  BOOST_TEST(print_duration(-20_ms) == "-20ms");
  BOOST_TEST(print_duration(duration{std::numeric_limits<std::int64_t>::min()}) == "-9223372036854775808ns");
}

BOOST_AUTO_TEST_CASE(parse_rate__every_prefix_is_decimal) {
  BOOST_TEST(parse_rate("300bit/s").value() == 300u);
  BOOST_TEST(parse_rate("800kbit/s").value() == 800'000u);
  BOOST_TEST(parse_rate("10Mbit").value() == 10'000'000u);
  BOOST_TEST(parse_rate("1Gbit/s").value() == 1'000'000'000u);
  BOOST_TEST(parse_rate("1.5Mbit/s").value() == 1'500'000u);
  BOOST_TEST(parse_rate("0").value() == 0u);
  BOOST_TEST(parse_rate("unlimited").value() == 0u);
}

BOOST_AUTO_TEST_CASE(parse_rate__refusals) {
  BOOST_TEST(refusal(parse_rate, "800000") ==
             "a rate with its unit (bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s), such as 10Mbit/s");
  BOOST_TEST(refusal(parse_rate, "fast") == "a rate such as 10Mbit/s, or unlimited");
  for (const std::string_view text : {"10Mbps", "10MB/s", "10Mbit/m", "10 Mbit/s", "10Kibit/s", "10mbit/s", "10/s"})
    BOOST_TEST(refusal(parse_rate, text) == "a rate in bit/s, kbit/s, Mbit/s, Gbit/s or Tbit/s, or unlimited");
  for (const std::string_view text : {"", "-1Mbit/s", "+1Mbit/s", "inf"}) BOOST_TEST(!parse_rate(text).has_value());
  BOOST_TEST(refusal(parse_rate, "0.5bit/s") == "a rate of whole bits per second");
  BOOST_TEST(refusal(parse_rate, "99999999999Gbit/s") == "a rate below 2^64 bit/s");
}

BOOST_AUTO_TEST_CASE(parse_size__both_families_of_prefixes) {
  BOOST_TEST(parse_size("1500").value() == 1500u);
  BOOST_TEST(parse_size("1500B").value() == 1500u);
  BOOST_TEST(parse_size("1KiB").value() == 1024u);
  BOOST_TEST(parse_size("10MiB").value() == 10u << 20);
  BOOST_TEST(parse_size("3MB").value() == 3'000'000u);
  BOOST_TEST(parse_size("0").value() == 0u);
}

BOOST_AUTO_TEST_CASE(parse_size__refusals) {
  // "64k" could be either family.
  for (const std::string_view text : {"", "64k", "64K", "64 KiB", "1kib", "-1", "+1", "big", "0x10", "1_000"})
    BOOST_TEST(refusal(parse_size, text) ==
               "a size in octets such as 1500, 64KiB or 3MB (B, kB, MB, GB, KiB, MiB, GiB)");
  BOOST_TEST(refusal(parse_size, "1.5MB") == "a size without fraction");
  for (const std::string_view text : {"18446744073709551616", "99999999999999GiB"})
    BOOST_TEST(refusal(parse_size, text) == "a size below 2^64 octets");
}

BOOST_AUTO_TEST_CASE(parse_probability__number_and_percentage_are_the_same_double) {
  BOOST_TEST(parse_probability("5%").value() == 0.05);
  BOOST_TEST(parse_probability("0.05").value() == 0.05);
  BOOST_TEST(parse_probability("5e-2").value() == 0.05);
  BOOST_TEST(parse_probability("0.1%").value() == 0.001);
  BOOST_TEST(parse_probability("0.7%").value() == 0.007);
  BOOST_TEST(parse_probability("0").value() == 0.0);
  BOOST_TEST(parse_probability("100%").value() == 1.0);
  BOOST_TEST(parse_probability("1").value() == 1.0);
}

BOOST_AUTO_TEST_CASE(parse_probability__refusals_show_the_range) {
  for (const std::string_view text :
       {"",    "%",  "nan", "inf",   "-1", "-0.0",  "+5%",    "101%",     "100.0001%", "1.0001", "5%%",
        "5 %", ".5", "5.",  "5e-2%", "1e", "1e999", "0x1p-3", "5percent", "nan%",      "two"})
    BOOST_TEST_CONTEXT(text)
  BOOST_TEST(refusal(parse_probability, text) == "a probability from 0 to 1, or from 0% to 100%");
}

BOOST_AUTO_TEST_CASE(print_probability__as_percentage) {
  BOOST_TEST(print_probability(0.05) == "5%");
  BOOST_TEST(print_probability(0.001) == "0.1%");
  BOOST_TEST(print_probability(0.125) == "12.5%");
  BOOST_TEST(print_probability(1) == "100%");
  BOOST_TEST(print_probability(0) == "0%");
  BOOST_TEST(print_probability(1e-5) == "0.001%");
  BOOST_TEST(print_probability(1e-12) == "1e-12");
}

BOOST_AUTO_TEST_CASE(parse_count__digits_within_the_range) {
  BOOST_TEST(parse_count("7", 1, 10).value() == 7u);
  BOOST_TEST(parse_count("18446744073709551615", 0, std::numeric_limits<std::uint64_t>::max()).has_value());
  for (const std::string_view text : {"", "0", "11", "-1", "+7", " 7", "7 ", "7.0", "7e0", "18446744073709551616"}) {
    const auto parsed = parse_count(text, 1, 10);
    BOOST_TEST_CONTEXT(text) BOOST_TEST_REQUIRE(!parsed.has_value());
    BOOST_TEST(parsed.error().expected == "a whole number from 1 to 10");
  }
}

RC_BOOST_PROP(print__parses_back_to_the_same_value, ()) {
  // Round values and odd ones alike: a few significant digits times a power of ten or two.
  const auto scale = *rc::gen::element<std::uint64_t>(1, 10, 1'000, 1'024, 60, 3'600'000'000'000, 1 << 20, 100'000'000);
  const auto value = *rc::gen::inRange<std::uint64_t>(0, 1'000'000) * scale;
  const duration span{static_cast<std::int64_t>(value)};
  RC_ASSERT(parse_duration(print_duration(span)).value() == span);
  RC_ASSERT(parse_rate(print_rate(value)).value() == value);
  RC_ASSERT(parse_size(print_size(value)).value() == value);
  const auto any = *rc::gen::arbitrary<std::uint64_t>();
  const duration any_span{static_cast<std::int64_t>(any >> 1)};
  RC_ASSERT(parse_duration(print_duration(any_span)).value() == any_span);
  RC_ASSERT(parse_rate(print_rate(any)).value() == any);
  RC_ASSERT(parse_size(print_size(any)).value() == any);
}

RC_BOOST_PROP(print_probability__parses_back_to_the_same_double, (std::uint64_t bits)) {
  const double uniform = static_cast<double>(bits >> 11) * 0x1p-53;
  const double tiny = uniform * *rc::gen::element(1.0, 1e-3, 1e-9, 1e-30, 1e-300, 5e-310);
  for (const double value : {uniform, tiny}) RC_ASSERT(parse_probability(print_probability(value)).value() == value);
}

BOOST_AUTO_TEST_SUITE_END()
