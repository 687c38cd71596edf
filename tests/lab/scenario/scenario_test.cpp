// Scenario files as users write them, and as they should not: every refusal is one line that says where, what was
// expected and what was there, and leaves nothing half set.
#include "lab/scenario/scenario.hpp"

#include <fmt/format.h>
#include <rapidcheck/boost_test.h>

#include <boost/test/unit_test.hpp>
#include <limits>

#include "lab/scenario/figures.hpp"
#include "lab/scenario/scenario_keys.hpp"
#include "tests/command_runner.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(scenario_test)

constexpr std::string_view lossy = R"(
[scenario]
name = "lossy"
seed = 7

[link]
delay = "20ms"
loss = "5%"

[[flow]]
from = "a"
records = 10
)";

std::string override_refusal(const std::string& assignment) { return refusal(lossy, {assignment}); }

// The message for a value in [link] of an otherwise good file; it stands in line 3.
std::string link_refusal(std::string_view line) { return refusal(fmt::format("[[flow]]\n[link]\n{}\n", line)); }

BOOST_AUTO_TEST_CASE(parse_scenario__reads_a_whole_experiment) {
  const scenario read = parsed(R"(
[scenario]
name = "both ways"
seed = 42
time_limit = "10m"
[link]
mtu = 576
rate = "800kbit/s"
queue = 15
overhead = -4
loss = 0.02
drop = [30, 16, 30]
[[flow]]
from = "b"
record_size = "64KiB"
records = 3
sender = "newreno"
window = 28
acknowledgement = "delayed"
enforce_packet_life = false
packet_life = "250ms"
[[flow]]
files = "data"
start = "1.5s"
)");
  BOOST_TEST(read.name == "both ways");
  BOOST_TEST(read.seed == 42u);
  BOOST_TEST(read.time_limit.nanoseconds == (600_s).nanoseconds);
  BOOST_TEST(read.links[0].mtu == 576u);
  for (const channel_settings& way : {read.links[0].a_to_b, read.links[0].b_to_a}) {
    BOOST_TEST(way.rate == 800'000u);
    BOOST_TEST(way.queue == 15u);
    BOOST_TEST(way.overhead == -4);
    BOOST_TEST(way.loss == 0.02);
    BOOST_TEST(way.drop == (std::vector<std::uint64_t>{16, 30}));  // sorted, each once
  }
  BOOST_TEST_REQUIRE(read.flows.size() == 2u);
  const flow_settings& first = read.flows[0];
  BOOST_TEST(first.from == "b");
  BOOST_TEST(first.record_size == 65536u);
  BOOST_TEST(first.records == 3u);
  BOOST_TEST(first.spp.sender == "newreno");
  BOOST_TEST(first.spp.window == 28u);
  BOOST_TEST(first.spp.acknowledgement == "delayed");
  BOOST_TEST(!first.spp.enforce_packet_life);
  BOOST_TEST(first.spp.packet_life.nanoseconds == (250_ms).nanoseconds);
  BOOST_TEST(read.flows[1].files == "data");
  BOOST_TEST(read.flows[1].start.nanoseconds == (1500_ms).nanoseconds);
}

BOOST_AUTO_TEST_CASE(parse_scenario__what_is_not_said_is_the_default) {
  const scenario read = parsed("[[flow]]\n");
  BOOST_TEST(read.links[0].mtu == 1500u);
  BOOST_TEST(read.seed == 1u);
  BOOST_TEST(read.links[0].a_to_b.loss == 0.0);
  BOOST_TEST(read.flows.at(0).from == "a");
  BOOST_TEST(read.flows.at(0).spp.packet_data == 0u);             // fills the MTU
  BOOST_TEST(read.flows.at(0).spp.packet_life.nanoseconds == 0);  // what the world says
}

BOOST_AUTO_TEST_CASE(parse_scenario__one_direction_overrides_both_wherever_it_stands) {
  const scenario read = parsed("[link.a_to_b]\nloss = \"9%\"\n[[flow]]\n[link]\nloss = \"1%\"\ndelay = \"5ms\"\n");
  BOOST_TEST(read.links[0].a_to_b.loss == 0.09);
  BOOST_TEST(read.links[0].b_to_a.loss == 0.01);
  BOOST_TEST(read.links[0].a_to_b.delay.nanoseconds == read.links[0].b_to_a.delay.nanoseconds);
}

BOOST_AUTO_TEST_CASE(parse_scenario__harmless_forms_are_accepted) {
  const std::string plain = to_toml(parsed("[link]\nloss = \"5%\"\n[[flow]]\nwindow = 28"));
  BOOST_TEST(to_toml(parsed("\xef\xbb\xbf[link]\nloss = \"5%\"\n[[flow]]\nwindow = 28\n")) == plain);     // BOM
  BOOST_TEST(to_toml(parsed("[link]\r\nloss = \"5%\"\r\n[[flow]]\r\nwindow = 28\r\n")) == plain);         // CRLF
  BOOST_TEST(to_toml(parsed("\t[link]\n\tloss\t=\t\"5%\"\t# often\n[[flow]]\n\twindow = 28")) == plain);  // tabs
  BOOST_TEST(to_toml(parsed("link.loss = 0.05\nflow = [{window = 28}]")) == plain);                       // inline
}

BOOST_AUTO_TEST_CASE(parse_scenario__empty_file_needs_a_flow) {
  const std::string message = "x.toml: the scenario has no flow; expected at least one [[flow]]; got none";
  for (const std::string_view text : {"", "\n", "# nothing\n", "\xef\xbb\xbf", "[scenario]\n", "flow = []"})
    BOOST_TEST(refusal(text) == message);
}

BOOST_AUTO_TEST_CASE(parse_scenario__foreign_encodings_are_refused) {
  using namespace std::string_literals;
  const std::string utf16 = "x.toml:1:1: the file is not UTF-8; expected UTF-8; got UTF-16";
  BOOST_TEST(refusal("\xff\xfe[\0[\0"s) == utf16);
  BOOST_TEST(refusal("\xfe\xff\0[\0["s) == utf16);
  BOOST_TEST(refusal("[[flow]]\nwindow\0 = 28\n"s) ==
             "x.toml:2:7: a NUL octet in the file; expected text in UTF-8; got an octet of 0");
  BOOST_TEST(refusal("[scenario]\nname = \"\xc3\x28\"\n").starts_with("x.toml:2:"));
}

BOOST_AUTO_TEST_CASE(parse_scenario__size_and_nesting_are_limited) {
  const std::string too_large = "x.toml: the file is too large; expected at most 1 MiB; got more";
  BOOST_TEST(refusal("[[flow]]\n" + std::string(1 << 20, '\n')) == too_large);
  BOOST_TEST(refusal("#" + std::string(10'000'000, 'x')) == too_large);  // one long line
  BOOST_TEST(contains(refusal("x = " + std::string(100'000, '[')), "x.toml:1:"));
  std::string tables = "x = ";
  for (int i = 0; i < 100'000; ++i) tables += "{a=";
  BOOST_TEST(contains(refusal(tables), "x.toml:1:"));
  std::string dots = "a";
  for (int i = 0; i < 400'000; ++i) dots += ".a";
  for (const std::string& deep : {dots + " = 1", "[" + dots + "]", "x = {" + dots + " = 1}"})
    BOOST_TEST(contains(refusal(deep), "a key of too many parts; expected TABLE.KEY; got more than 32 parts"));
  // Within the limit on dots a file can still nest: inline tables of dotted keys.
  std::string both = "x = ";
  for (int i = 0; i < 15; ++i) both += "{a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = ";
  BOOST_TEST(contains(refusal(both + "1" + std::string(15, '}')), "unknown key in the scenario"));
}

BOOST_AUTO_TEST_CASE(parse_scenario__paths_may_climb) {
  const std::string climb = "../../../../../../../../../../../../../../../../../../../../data";
  BOOST_TEST(parsed("[[flow]]\nfiles = \"" + climb + "\"").flows[0].files == climb);
}

BOOST_AUTO_TEST_CASE(parse_scenario__unknown_keys_name_the_nearest) {
  BOOST_TEST(link_refusal("los = \"5%\"") ==
             "x.toml:3:1: unknown key in [link]; expected loss, the nearest known one; got \"los\"");
  BOOST_TEST(refusal("[scenario]\nsed = 1\n") ==
             "x.toml:2:1: unknown key in [scenario]; expected seed, the nearest known one; got \"sed\"");
  BOOST_TEST(flow_refusal("windows = 3") ==
             "x.toml:2:1: unknown key in [[flow]]; expected window, the nearest known one; got \"windows\"");
  BOOST_TEST(
      refusal("[lnk]\nloss = 1\n")
          .starts_with("x.toml:1:2: unknown key in the scenario; expected link, the nearest known one; got \"lnk\""));
  BOOST_TEST(refusal("[link.a_to_c]\nloss = 1\n").ends_with("expected a_to_b, the nearest known one; got \"a_to_c\""));
  BOOST_TEST(refusal("[link.a_to_b]\nmtu = 1500\n").starts_with("x.toml:2:1: unknown key in [link.a_to_b]"));
  BOOST_TEST(refusal("[scenario]\nzzzzzz = 1\n")
                 .ends_with("expected one of name, protocol, seed, time_limit, qlog; got \"zzzzzz\""));
  BOOST_TEST(refusal("time_limit = \"1s\"\n").ends_with("expected scenario.time_limit; got \"time_limit\""));
  BOOST_TEST(refusal("window = 2\n").ends_with("expected flow.0.window; got \"window\""));
  BOOST_TEST(
      refusal("version = 99\n")
          .ends_with(
              "expected one of scenario, topology, link, measure, expect, flow, extends, sweep; got \"version\""));
}

BOOST_AUTO_TEST_CASE(parse_scenario__duplicates_are_refused) {
  for (const std::string_view text :
       {"[link]\nloss = 0.1\nloss = 0.2\n", "[link]\n[[flow]]\n[link]\n", "[link]\nloss = 0.1\n[link.loss]\nx = 1\n"})
    BOOST_TEST_CONTEXT(refusal(text)) {
      BOOST_TEST(contains(refusal(text), "a key or table is given twice; expected each once; cannot redefine "));
      BOOST_TEST(refusal(text).starts_with("x.toml:3:"));
    }
}

BOOST_AUTO_TEST_CASE(parse_scenario__what_is_not_toml_is_refused_with_its_place) {
  for (const std::string_view text :
       {"[[flow]]\nwindow = \n", "[[flow]]\nwindow 28\n", "[[flow]]\nwindow = 28 trailing\n", "[[flow]]\nfrom = \"a\n",
        "[[flow]]\n[[flow\n", "[[flow]]\nrecords = 1e\n"})
    BOOST_TEST_CONTEXT(text) {
      const std::string message = refusal(text);
      BOOST_TEST(message.starts_with("x.toml:2:"), message);
      BOOST_TEST(contains(message, ": not valid TOML"), message);
      BOOST_TEST(!contains(message, "Error while parsing"));
      BOOST_TEST(!contains(message, "\n"));
    }
  BOOST_TEST(refusal("[link\n") == "x.toml:1:6: not valid TOML; expected ']'; got '\\n'");
}

BOOST_AUTO_TEST_CASE(parse_scenario__headers_that_hold_no_key) {
  for (const std::string_view text : {"[.a]", "[]", "[[]]", "[[.]]", "[=]", "[[[flow]]]", "["})
    BOOST_TEST(contains(refusal(text), "x.toml:1:"), text << " was taken");
}

BOOST_AUTO_TEST_CASE(parse_scenario__only_strings_and_comments_leave_ascii) {
  BOOST_TEST(parsed("# caf\xc3\xa9 \"\n[scenario]\nname = \"caf\xc3\xa9 \\\" #\" # \xe2\x80\xa8\n[[flow]]").name ==
             "caf\xc3\xa9 \" #");
  BOOST_TEST(parsed("[scenario]\nname = '\xc3\xa9 \\'\n[[flow]]").name == "\xc3\xa9 \\");
  for (const std::string_view text : {"[\xc3\xa9]", "[ \xc2\xa0scenario]", "[[flow]]\xc2\xa1", "x = \xc3\xa9",
                                      "x = \"\"\xc3\xa9", "\xc3\xa9 = 1", "x = [1,\xe3\x80\x80 2]", "x = {\xc2\x85}"})
    BOOST_TEST(contains(refusal(text), "a character outside of strings and comments; expected ASCII"), refusal(text));
  for (const std::string_view text : {"x = \"\"\"a\\ \xc3\xa9\"\"\"", "x = \'\'\'a\'\'\'"})
    BOOST_TEST(contains(refusal(text), "x.toml:1:5: a string of several lines; expected a string in single"));
}

BOOST_AUTO_TEST_CASE(parse_scenario__wrong_types) {
  BOOST_TEST(flow_refusal("window = \"28\"") ==
             "x.toml:2:10: flow.0.window has a value of the wrong type; "
             "expected a whole number from 1 to 32767, below half of the 65536 packet numbers; got \"28\"");
  BOOST_TEST(contains(flow_refusal("window = 28.0"), "wrong type"));
  BOOST_TEST(
      contains(flow_refusal("from = 1"),
               "expected a host's name such as a, the names a1, a2, ... as a*, or nothing for the usual one; got 1"));
  BOOST_TEST(contains(flow_refusal("enforce_packet_life = \"true\""), "expected true or false; got \"true\""));
  BOOST_TEST(
      contains(link_refusal("loss = true"), "wrong type; expected a probability from 0 to 1, or from 0% to 100%"));
  BOOST_TEST(contains(link_refusal("delay = 1979-05-27"), "got a date or time"));
  BOOST_TEST(contains(link_refusal("delay = {ms = 20}"), "got a table"));
  BOOST_TEST(contains(link_refusal("drop = 16"), "expected a list of frame ordinals from 0, such as [16, 30]; got 16"));
  BOOST_TEST(contains(link_refusal("drop = [1, \"2\"]"), "got a list of other things than whole numbers"));
  BOOST_TEST(refusal("link = 5") ==
             "x.toml:1:1: link is not a key but a table of keys; expected [link]; got a value for it");
  BOOST_TEST(contains(refusal("[flow]\nwindow = 1"), "flow is not a list of flows; expected [[flow]] for each"));
  BOOST_TEST(contains(refusal("flow = [1, 2]"), "flow is not a list of flows"));
}

BOOST_AUTO_TEST_CASE(parse_scenario__durations_and_rates) {
  BOOST_TEST(link_refusal("delay = 20") ==
             "x.toml:3:9: link.delay has a bad value; "
             "expected a duration with its unit (ns, us, ms, s, m, h), such as 20ms; got 20");
  BOOST_TEST(contains(link_refusal("delay = \"-20ms\""), "expected a duration that is not negative, such as 20ms"));
  BOOST_TEST(contains(link_refusal("delay = \"100000000000000000000ns\""), "expected a duration below 2^63 ns"));
  BOOST_TEST(contains(link_refusal("delay = \"2h\""), "expected a duration from 0 to 1h; got \"2h\""));
  BOOST_TEST(contains(flow_refusal("minimum_timeout = 0"), "expected a duration from 1us to 1h; got 0"));
  BOOST_TEST(contains(flow_refusal("packet_life = 0"), "expected a duration from 1ns to 8760h, or auto; got 0"));
  BOOST_TEST(contains(link_refusal("rate = 1000000"), "expected a rate with its unit"));
  BOOST_TEST(contains(link_refusal("rate = \"1bit/s\""), "expected a rate from 100bit/s to 1Tbit/s, or unlimited"));
  BOOST_TEST(parsed("[[flow]]\n[link]\nrate = \"unlimited\"\ndelay = 0\n").links[0].a_to_b.rate == 0u);
}

BOOST_AUTO_TEST_CASE(parse_scenario__probabilities) {
  for (const std::string_view value :
       {"nan", "inf", "-1", "-0.1", "1.5", "2", "\"101%\"", "\"5%%\"", "\"\"", "\"+5%\""})
    for (const std::string_view key : {"loss", "reordering", "duplication", "corruption"})
      BOOST_TEST(link_refusal(fmt::format("{} = {}", key, value)) ==
                 fmt::format("x.toml:3:{}: link.{} has a bad value; expected a probability from 0 to 1, or from "
                             "0% to 100%; got {}",
                             key.size() + 4, key, value));
}

BOOST_AUTO_TEST_CASE(parse_scenario__numbers_out_of_range) {
  for (const std::string_view key : {"window", "initial_window", "allocation"})
    for (const std::string_view value : {"0", "32768", "-1", "9223372036854775807"})
      BOOST_TEST(contains(
          flow_refusal(fmt::format("{} = {}", key, value)),
          fmt::format("expected a whole number from 1 to 32767, below half of the 65536 packet numbers; got {}",
                      value)));
  BOOST_TEST(flow_refusal("window = 32767").empty());
  BOOST_TEST(contains(flow_refusal("records = 1000000001"), "expected a whole number from 0 to 1000000000"));
  BOOST_TEST(flow_refusal("records = 1000000000").empty());
  BOOST_TEST(contains(flow_refusal("window = 99999999999999999999"), "not valid TOML"));
  BOOST_TEST(
      contains(link_refusal("drop = [-1]"), "expected a list of frame ordinals from 0, such as [16, 30]; got [-1]"));
  BOOST_TEST(contains(link_refusal("mtu = 43"), "expected a whole number from 44 to 65535; got 43"));
  BOOST_TEST(contains(link_refusal("mtu = 65536"), "got 65536"));
  BOOST_TEST(link_refusal("mtu = 44").empty());
  BOOST_TEST(contains(flow_refusal("record_size = \"64k\""), "expected a size in octets such as 1500, 64KiB or 3MB"));
}

BOOST_AUTO_TEST_CASE(parse_scenario__packets_fit_the_mtu) {
  BOOST_TEST(refusal("[[flow]]\npacket_data = 1460\n") ==
             "x.toml:2:15: flow.0.packet_data does not fit the MTU; "
             "expected 2 to 1458 for link.mtu = 1500, or 0 to fill it; got 1460");
  BOOST_TEST(flow_refusal("packet_data = 1458").empty());
  BOOST_TEST(flow_refusal("packet_data = 0").empty());
  BOOST_TEST(
      contains(flow_refusal("packet_data = 1"), "expected a whole number from 2 to 65493, or 0 to fill the MTU"));
  // The same by an override: then the place is where the packets' size was said.
  BOOST_TEST(refusal("[[flow]]\npacket_data = 1000\n", {"link.mtu=576"}).starts_with("x.toml:2:15: "));
}

BOOST_AUTO_TEST_CASE(parse_scenario__names_of_policies_and_hosts) {
  BOOST_TEST(contains(flow_refusal("sender = \"new-reno\""),
                      "flow.0.sender has a bad value; expected newreno, the nearest one of fixed, tahoe, newreno; got "
                      "\"new-reno\""));
  BOOST_TEST(contains(flow_refusal("sender = \"bbr3000\""), "expected one of fixed, tahoe, newreno; got \"bbr3000\""));
  BOOST_TEST(contains(flow_refusal("acknowledgement = \"delay\""),
                      "expected delayed, the nearest one of immediate, delayed; got \"delay\""));
  for (const std::string_view host : {"c", "A", "ab", "c*"})
    BOOST_TEST(
        contains(flow_refusal(fmt::format("from = \"{}\"", host)), "expected a host of the topology: a, b; got "));
  for (const std::string_view host : {"1", "a b", "*", "a**"})
    BOOST_TEST(contains(flow_refusal(fmt::format("from = \"{}\"", host)), "expected a host's name such as a"));
}

BOOST_AUTO_TEST_CASE(parse_scenario__keys_that_exclude_each_other) {
  BOOST_TEST(refusal("[[flow]]\nfiles = \"x\"\nrecords = 3\n") ==
             "x.toml:3:11: flow.0.files and flow.0.records exclude each other; "
             "expected files, or made-up records; got both");
  BOOST_TEST(contains(refusal("[[flow]]\nrecord_size = 3\nfiles = \"x\"\n"), "flow.0.record_size exclude each other"));
  BOOST_TEST(contains(flow_refusal("minimum_timeout = \"5s\""),
                      "flow.0.minimum_timeout is above maximum_timeout; expected at most 4s; got 5s"));
}

BOOST_AUTO_TEST_CASE(parse_scenario__at_most_64_flows) {
  std::string text;
  for (int i = 0; i < 64; ++i) text += "[[flow]]\n";
  BOOST_TEST(parsed(text).flows.size() == 64u);
  BOOST_TEST(refusal(text + "[[flow]]\n") == "x.toml:1:3: too many flows; expected at most 64; got 65");
}

BOOST_AUTO_TEST_CASE(parse_scenario__messages_carry_no_terminal_escapes) {
  const std::string message = refusal("[scenario]\n\"s\\u001b[31m\" = 1\n");
  BOOST_TEST(!contains(message, "\x1b"));
  BOOST_TEST(contains(message, "got \"s\\x1b[31m\""));
  BOOST_TEST(refusal("[scenario]\n" + std::string(100'000, 'k') + " = 1\n").size() < 400u);
  BOOST_TEST(
      contains(refusal("[scenario]\nname = \"two\\nlines\"\n"), "without control characters; got \"two\\x0alines\""));
}

BOOST_AUTO_TEST_CASE(parse_scenario__overrides_come_last_and_in_order) {
  const scenario read = parsed(
      lossy, {"link.loss=2%", "link.a_to_b.loss=30%", "link.a_to_b.drop=[30,16]", "link.delay=0", "flow.0.window=28",
              "flow.0.sender=tahoe", "scenario.seed=18446744073709551615", "flow.0.enforce_packet_life=false",
              "flow.0.packet_life=auto", "link.rate=1Mbit", "scenario.name=a=b", "flow.0.window=29"});
  BOOST_TEST(read.links[0].a_to_b.loss == 0.3);
  BOOST_TEST(read.links[0].b_to_a.loss == 0.02);
  BOOST_TEST(read.links[0].a_to_b.drop == (std::vector<std::uint64_t>{16, 30}));
  BOOST_TEST(read.links[0].b_to_a.drop.empty());
  BOOST_TEST(read.flows[0].spp.window == 29u);
  BOOST_TEST(read.flows[0].spp.sender == "tahoe");
  BOOST_TEST(!read.flows[0].spp.enforce_packet_life);
  BOOST_TEST(read.seed == std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(read.name == "a=b");
}

BOOST_AUTO_TEST_CASE(parse_scenario__overrides_are_refused_like_the_file) {
  BOOST_TEST(override_refusal("link.los=2%") ==
             "link.los=2%: unknown key in [link]; expected loss, the nearest known one; got \"los\"");
  BOOST_TEST(override_refusal("link.loss=2x") ==
             "link.loss=2x: link.loss has a bad value; "
             "expected a probability from 0 to 1, or from 0% to 100%; got \"2x\"");
  BOOST_TEST(contains(override_refusal("link.loss"), "no value is given; expected KEY=VALUE such as link.loss=2%"));
  BOOST_TEST(contains(override_refusal("flow.1.window=3"), "no such flow; expected flow.0 to flow.0; got \"flow.1\""));
  BOOST_TEST(contains(override_refusal("flow.x.window=3"), "no such flow"));
  BOOST_TEST(contains(override_refusal("flow.0=3"), "flow.0 is not a key but a table of keys; expected flow.0.KEY"));
  BOOST_TEST(contains(override_refusal("link=3"), "link is not a key but a table of keys"));
  BOOST_TEST(contains(override_refusal("link.a_to_b=3"), "link.a_to_b is not a key but a table of keys"));
  BOOST_TEST(contains(override_refusal("flow.0.files=x"), "exclude each other"));
  for (const std::string assignment :
       {"", "=", "=1", ".", "..=", "seed=7", "scenario.seed.x=1", "link.loss.x=1%",
        "scenario.seed=", "scenario.seed= 7", "flow..window=3", "flow.-1.window=3", "link.drop=[1,]", "link.drop=[,1]",
        "link.drop=1,2", "link.drop=[1;2]", "link.drop=[", "flow.0.enforce_packet_life=1", "scenario.name=\xff"})
    BOOST_TEST(contains(override_refusal(assignment), ": "), assignment << " was taken");
}

BOOST_AUTO_TEST_CASE(set_key__all_or_nothing) {
  scenario at = parsed(lossy);
  BOOST_TEST_REQUIRE(set_key(at, "link.corruption=1%").has_value());
  BOOST_TEST(at.links[0].b_to_a.corruption == 0.01);
  const std::string before = to_toml(at);
  for (const std::string assignment : {"link.corruption=2", "flow.0.packet_data=1500", "flow.0.minimum_timeout=1h"}) {
    const auto refused = set_key(at, assignment);
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST(refused.error().message.starts_with(assignment + ": "), refused.error().message);
    BOOST_TEST(to_toml(at) == before);
  }
  // Made-up records that the scenario has by default do not stand in the way of files.
  BOOST_TEST(set_key(at, "flow.0.files=data").has_value());
}

BOOST_AUTO_TEST_CASE(read_scenario__says_why_a_file_cannot_be_read) {
  const auto message = [](const std::string& path) { return read_scenario(path, {}).error().message; };
  BOOST_TEST(message("/nonexistent/x.toml") ==
             "/nonexistent/x.toml: the scenario cannot be read; expected a readable file; got No such file or "
             "directory");
  BOOST_TEST(contains(message("/"), "Is a directory"));
  BOOST_TEST(contains(message("/dev/zero"), "the file is too large"));
  BOOST_TEST(contains(message("/dev/null"), "the scenario has no flow"));
}

BOOST_AUTO_TEST_CASE(to_toml__normal_form) {
  const std::string text = to_toml(parsed(lossy, {"link.b_to_a.loss=0.5", "link.drop=[2,1]"}));
  BOOST_TEST(text.starts_with("[scenario]\nname = \"lossy\"\nprotocol = \"spp\"\nseed = 7\ntime_limit = \"100000s\"\n\n"
                              "[link]\nmtu = 1500\nrate = \"unlimited\"\ndelay = \"20ms\"\nqueue = 1000\n"),
             text);
  BOOST_TEST(contains(text,
                      "\ndrop = [1, 2]\n\n[link.a_to_b]\nloss = \"5%\"\n\n[link.b_to_a]\nloss = \"50%\"\n\n"
                      "[[flow]]\nfrom = \"a\"\nto = \"b\"\ncopies = 1\nstagger = 0\nrecords = 10\nrecord_size = "
                      "\"1KiB\"\nstart = 0\n"),
             text);
  BOOST_TEST(contains(text, "\npacket_life = \"auto\"\nenforce_packet_life = true\n"), text);
}

RC_BOOST_PROP(to_toml__reads_back_to_the_same_scenario, ()) {
  scenario made;
  made.name = *rc::gen::element<std::string>("", "plain", "with \"quotes\" and \\", "\xc3\xa9t\xc3\xa9", "# [[flow]]");
  made.seed = *rc::gen::arbitrary<std::uint64_t>();
  made.topology.shape = *rc::gen::element<std::string>("pair", "chain", "dumbbell", "star", "parking lot");
  if (made.topology.shape != "pair") made.topology.size = *rc::gen::inRange<std::uint64_t>(2, 5);
  if (*rc::gen::inRange(0, 5) == 0) made.topology = {.links = "a-r1, r1-r2,b-r2, r1 - x9", .routing = "rip"};
  const auto joined = links_of(made.topology);
  RC_ASSERT(joined.has_value());
  made.links.assign(joined->size(), link_settings{});
  const std::size_t smallest = *rc::gen::inRange<std::size_t>(44, 1500);
  const auto span = [] { return duration{*rc::gen::inRange<std::int64_t>(0, 3'600'000'000'000)}; };
  for (std::size_t i = 0; i < joined->size(); ++i) {
    link_settings& link = made.links[i];
    link.ends = (*joined)[i];
    link.mtu = *rc::gen::element<std::size_t>(1500, 65535, smallest);
    for (channel_settings* const way : {&link.a_to_b, &link.b_to_a}) {
      way->rate = *rc::gen::inRange<std::uint64_t>(100, 1'000'000'000);
      way->delay = *rc::gen::element(duration{}, span());
      way->overhead = *rc::gen::inRange<std::int64_t>(-65535, 65536);
      way->loss = *rc::gen::inRange(0, 1'000'000) / 999'999.0;
      way->corruption = *rc::gen::element(0.0, 0.01, 1.0);
      way->drop = {3, 5, *rc::gen::inRange<std::uint64_t>(6, std::uint64_t{1} << 63)};
    }
  }
  const network_map map = map_of(made);
  made.flows.resize(*rc::gen::inRange<std::size_t>(1, 4));
  for (flow_settings& flow : made.flows) {
    const auto from = *rc::gen::inRange<std::size_t>(0, map.hosts());
    flow.from = map.name_of(from);
    flow.to = map.name_of((from + *rc::gen::inRange<std::size_t>(1, map.hosts())) % map.hosts());
    flow.copies = *rc::gen::inRange<std::uint64_t>(1, 100);
    flow.files = *rc::gen::element<std::string>("", "data", "a \"b\"");
    if (!flow.files.empty()) flow.leave_out = *rc::gen::element<std::string>("", "data/out");
    if (flow.files.empty()) flow.records = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'001);
    flow.spp.packet_data = *rc::gen::inRange<std::size_t>(1, (smallest - 42) / 2 + 1) * 2;
    flow.spp.packet_life = span();
    flow.spp.send_buffer = *rc::gen::inRange<std::size_t>(1, std::size_t{4} << 30);
    flow.spp.enforce_packet_life = *rc::gen::arbitrary<bool>();
  }
  const auto plan = plan_flows(made, map);
  RC_ASSERT(plan.has_value());
  for (const planned_flow& each : *plan)
    if (network_figures(made, map).of(each).is_impossible()) made.flows[each.settings].spp.enforce_packet_life = false;
  const auto again = parse_scenario(to_toml(made), "made.toml", {});
  if (!again) RC_FAIL(again.error().message);
  for (const scenario_key& key : scenario_keys())
    for (const auto way : {key_place::directions::a_to_b, key_place::directions::b_to_a})
      for (std::size_t flow = 0; flow < made.flows.size(); ++flow)
        for (std::size_t link = 0; link < made.links.size(); ++link)
          RC_ASSERT(key.print(*again, {way, flow, link}) == key.print(made, {way, flow, link}));
  RC_ASSERT(to_toml(*again) == to_toml(made));
  RC_ASSERT(again->seed == made.seed);
  RC_ASSERT(again->links[0].a_to_b.loss == made.links[0].a_to_b.loss);
}

RC_BOOST_PROP(parse_scenario__never_crashes_on_mangled_files, ()) {
  std::string text = std::string(lossy) + "files = \"\xc3\xa9\" # \xc3\xa9\n";
  const int edits = *rc::gen::inRange(1, 9);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::elementOf(std::string("[]{}=.\"'\n#,")));
  }
  const auto read = parse_scenario(text, "x.toml", {});
  if (!read) {
    RC_ASSERT(read.error().message.starts_with("x.toml:"));
    RC_ASSERT(read.error().message.find('\n') == std::string::npos);
  }
}

struct extending {
  std::string file(const std::string& name, std::string_view text) const {
    command_runner::write_whole(folder.path(name), text);
    return folder.path(name);
  }
  command_runner::temporary_folder folder;
};

BOOST_FIXTURE_TEST_CASE(read_scenario__extends_another_file, extending) {
  file("far/base.toml", "[link]\nloss = \"1%\"\n[link.a_to_b]\nloss = \"2%\"\ndelay = \"9ms\"\n[[flow]]\nwindow = 3\n");
  const std::string own = file("own.toml", "extends = \"far/base.toml\"\n[link]\nloss = \"5%\"\n");
  const auto read = read_scenario(own, {"flow.0.window=4"});
  BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
  // All that this file says counts before what that one says, of one direction or both.
  BOOST_TEST(read->links[0].a_to_b.loss == 0.05);
  BOOST_TEST(read->links[0].b_to_a.loss == 0.05);
  BOOST_TEST((read->links[0].a_to_b.delay == 9_ms));
  BOOST_TEST(read->flows.at(0).spp.window == 4u);
}

BOOST_FIXTURE_TEST_CASE(read_scenario__own_flows_replace_all_of_the_other_file, extending) {
  file("base.toml", "[[flow]]\nwindow = 3\nrecords = 8\n[[flow]]\n[[flow]]\n");
  const auto read = read_scenario(file("own.toml", "extends = \"base.toml\"\n[[flow]]\nwindow = 5\n"), {});
  BOOST_TEST_REQUIRE(read.has_value(), read.error().message);
  BOOST_TEST(read->flows.size() == 1u);
  BOOST_TEST(read->flows[0].spp.window == 5u);
  BOOST_TEST(read->flows[0].records == flow_settings{}.records);
}

BOOST_FIXTURE_TEST_CASE(read_scenario__errors_name_the_file_that_is_wrong, extending) {
  file("base.toml", "[link]\nlos = \"1%\"\n[[flow]]\n");
  const auto message = [&](std::string_view text) {
    const auto read = read_scenario(file("own.toml", text), {});
    return read ? std::string() : read.error().message.substr(folder.path().size() + 1);
  };
  BOOST_TEST(message("extends = \"base.toml\"\n") ==
             "base.toml:2:1: unknown key in [link]; expected loss, the nearest known one; got \"los\"");
  BOOST_TEST(message("extends = 3\n") ==
             "own.toml:1:11: extends has a bad value; expected the path of another scenario; got 3");
  BOOST_TEST(message("extends = \"none.toml\"\n") ==
             "own.toml:1:11: " + folder.path("none.toml") +
                 ": the scenario cannot be read; expected a readable file; got No such file or directory");
}

BOOST_AUTO_TEST_CASE(parse_scenario__passes_over_a_sweep) {
  BOOST_TEST(parsed("[[flow]]\nrecords = 2\n[sweep]\n\"link.los\" = 3\n").flows.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
