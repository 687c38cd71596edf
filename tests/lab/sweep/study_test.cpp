// Studies as users write them, and as they should not: every refusal is one line with its place.
#include "lab/sweep/study.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;

namespace {

struct study_folder {
  std::string file(std::string_view text, const std::string& name = "s.toml") const {
    write_whole(folder.path(name), text);
    return folder.path(name);
  }
  study read(std::string_view sweep, const std::vector<std::string>& overrides = {}) const {
    auto got = read_study(file(fmt::format("[[flow]]\nrecords = 5\n[sweep]\n{}", sweep)), overrides);
    BOOST_TEST_REQUIRE(got.has_value(), got.error().message);
    return *std::move(got);
  }
  // The message without the folder; [sweep] is line 3, what stands in it begins in line 4.
  std::string refusal(std::string_view sweep) const {
    const auto got = read_study(file(fmt::format("[[flow]]\nrecords = 5\n[sweep]\n{}", sweep)), {});
    const std::string message = got ? "" : got.error().message;
    return message.starts_with(folder.path()) ? message.substr(folder.path().size() + 1) : message;
  }
  static std::vector<std::string> points_of(const study& of) {
    std::vector<std::string> texts;
    for (const study_point& each : of.points) texts.push_back(describe_point(of.keys, each.values));
    return texts;
  }
  temporary_folder folder;
};

using texts = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(study_test, study_folder)

BOOST_AUTO_TEST_CASE(read_study__every_combination_the_first_key_slowest) {
  const study of = read("\"link.loss\" = [\"0%\", \"1%\"]\n\"flow.0.window\" = { from = 1, to = 3, step = 1 }\n");
  BOOST_TEST(points_of(of) == (texts{"link.loss=0%, flow.0.window=1", "link.loss=0%, flow.0.window=2",
                                     "link.loss=0%, flow.0.window=3", "link.loss=1%, flow.0.window=1",
                                     "link.loss=1%, flow.0.window=2", "link.loss=1%, flow.0.window=3"}));
  BOOST_TEST(of.points[4].runs.links[0].a_to_b.loss == 0.01);
  BOOST_TEST(of.points[4].runs.flows[0].spp.window == 2u);
  BOOST_TEST(of.points[4].runs.flows[0].records == 5u);
  BOOST_TEST(of.seeds == 10u);
  BOOST_TEST(of.measures.size() == default_measures().size());
  BOOST_TEST(of.name == "s");
}

BOOST_AUTO_TEST_CASE(read_study__keys_without_quotes_and_values_of_every_kind) {
  const study of = read(
      "link.loss = [0.5, \"1%\"]\nlink.drop = [[], [5, 6]]\nflow.0.window = [4]\n"
      "flow.0.from = [\"a\", \"b\"]\nseeds = 3\nmeasures = [\"flow.0.goodput\"]\n");
  BOOST_TEST(of.keys == (texts{"link.loss", "link.drop", "flow.0.window", "flow.0.from"}));
  BOOST_TEST(of.points.size() == 8u);
  BOOST_TEST(of.points[7].runs.links[0].a_to_b.drop == (std::vector<std::uint64_t>{5, 6}));
  BOOST_TEST(of.points[7].runs.flows[0].from == "b");
  BOOST_TEST(of.seeds == 3u);
  BOOST_TEST(of.measures.at(0).name == "flow.0.goodput");
}

BOOST_AUTO_TEST_CASE(read_study__zipped_keys_vary_together) {
  const study of = read(
      "\"link.rate\" = [\"1Mbit/s\", \"2Mbit/s\"]\n\"link.loss\" = [\"0%\", \"1%\"]\n"
      "\"link.queue\" = [10, 20]\nzip = [[\"link.queue\", \"link.rate\"]]\n");
  BOOST_TEST(
      points_of(of) ==
      (texts{"link.rate=1Mbit/s, link.loss=0%, link.queue=10", "link.rate=1Mbit/s, link.loss=1%, link.queue=10",
             "link.rate=2Mbit/s, link.loss=0%, link.queue=20", "link.rate=2Mbit/s, link.loss=1%, link.queue=20"}));
}

BOOST_AUTO_TEST_CASE(read_study__values_that_are_good_only_together) {
  // Each alone would be above or below the other's default.
  const study of = read("\"flow.0.minimum_timeout\" = [\"20m\"]\n\"flow.0.maximum_timeout\" = [\"30m\"]\n");
  BOOST_TEST(of.points.size() == 1u);
}

BOOST_AUTO_TEST_CASE(read_study__without_keys_is_one_point) {
  const study of = read("seeds = 4\n");
  BOOST_TEST(points_of(of) == texts{"the scenario as it is"});
}

BOOST_AUTO_TEST_CASE(read_study__extends_a_scenario_beside_it) {
  file("[scenario]\nname = \"base\"\n[link]\nloss = \"3%\"\ndelay = \"7ms\"\n[[flow]]\nwindow = 9\n[[flow]]\n",
       "base.toml");
  const auto of =
      read_study(file("extends = \"base.toml\"\n[link]\nloss = \"4%\"\n[sweep]\n\"flow.1.window\" = [3]\n"), {});
  BOOST_TEST_REQUIRE(of.has_value(), of.error().message);
  const scenario& runs = of->points.at(0).runs;
  BOOST_TEST(of->name == "base");
  BOOST_TEST(runs.links[0].a_to_b.loss == 0.04);
  BOOST_TEST((runs.links[0].a_to_b.delay == 7_ms));
  BOOST_TEST(runs.flows.at(0).spp.window == 9u);
  BOOST_TEST(runs.flows.at(1).spp.window == 3u);
}

BOOST_AUTO_TEST_CASE(read_study__overrides_change_what_is_beneath) {
  const std::string sweep = "\"link.loss\" = [\"0%\", \"1%\"]\n";
  BOOST_TEST(read(sweep, {"flow.0.records=77"}).points[1].runs.flows[0].records == 77u);
  BOOST_TEST(read(sweep, {"link.loss=9%"}).points[1].runs.links[0].a_to_b.loss == 0.01);
}

BOOST_AUTO_TEST_CASE(read_study__refuses_in_one_line_with_the_place) {
  const auto says = [&](std::string_view sweep, const std::string& whole) {
    BOOST_TEST(refusal(sweep) == whole, "for " << sweep << " it says: " << refusal(sweep));
  };
  says("\"link.los\" = [\"1%\"]\n",
       "s.toml:4:1: unknown key in [link]; expected loss, the nearest known one; got \"los\"");
  says("\"flow.1.window\" = [1]\n", "s.toml:4:1: no such flow; expected flow.0 to flow.0; got \"flow.1\"");
  says("\"link.loss\" = [\"1%\", \"101%\"]\n",
       "s.toml:4:22: link.loss has a bad value; expected a probability from 0 to 1, or from 0% to 100%; got \"101%\"");
  says("sedes = 4\n", "s.toml:4:1: unknown key in [sweep]; expected seeds, the nearest known one; got \"sedes\"");
  says("seeds = 0\n", "s.toml:4:9: seeds has a bad value; expected a whole number from 1 to 1000000; got 0");
  says("\"scenario.seed\" = [1, 2]\n",
       "s.toml:4:1: scenario.seed is not for [sweep]; expected seeds = NUMBER, which counts from it; got "
       "\"scenario.seed\"");
  says("\"link.loss\" = \"1%\"\n",
       "s.toml:4:15: link.loss has a bad value; expected a list of values, or { from = ..., to = ..., points = ... }; "
       "got \"1%\"");
  says("\"link.loss\" = [\"1%\", \"1%\"]\n",
       "s.toml:4:22: link.loss has a value twice; expected each once; got \"1%\"");
  says("\"link.loss\" = { from = \"5%\", to = \"1%\", points = 3 }\n",
       "s.toml:4:15: link.loss has a bad range; expected from below to; got from \"5%\" to \"1%\"");
  says("\"link.loss\" = { from = \"5%\", too = \"1%\" }\n",
       "s.toml:4:30: a range that cannot be read; expected { from = ..., to = ..., step = ... } or { ..., points = "
       "NUMBER, scale = \"linear\" or \"log\" }; got too = \"1%\"");
  says("measures = [\"goodputt\"]\n",
       "s.toml:4:13: unknown measure; expected goodput, the nearest known one; got \"goodputt\"");
  says("measures = [\"flow.1.goodput\"]\n",
       "s.toml:4:13: unknown measure; expected flow.0.goodput, the nearest known one; got \"flow.1.goodput\"");
  says("measures = []\n",
       "s.toml:4:12: measures has a bad value; expected a list of names, such as [\"goodput\"]; got a list");
  says("\"link.rate\" = [\"1Mbit/s\"]\n\"link.queue\" = [1, 2]\nzip = [[\"link.rate\", \"link.queue\"]]\n",
       "s.toml:6:22: keys in zip have different numbers of values; expected 1, as link.rate has; got 2");
  says("\"link.rate\" = [\"1Mbit/s\"]\nzip = [[\"link.rate\", \"link.rat\"]]\n",
       "s.toml:5:22: zip has a bad value; expected link.rate, the nearest known one; got \"link.rat\"");
}

BOOST_AUTO_TEST_CASE(read_study__refuses_files_without_a_study) {
  BOOST_TEST(read_study(file("[[flow]]\n"), {}).error().message ==
             folder.path("s.toml") + ": the scenario has nothing to sweep; expected [sweep]; got none");
  BOOST_TEST(
      read_study(file("sweep = 3\n"), {}).error().message.ends_with(": sweep is not a table; expected [sweep]; got 3"));
  BOOST_TEST(read_study(folder.path("none.toml"), {}).error().message.ends_with("No such file or directory"));
  BOOST_TEST(read_study(file("extends = \"s.toml\"\n[sweep]\n"), {})
                 .error()
                 .message.ends_with("a chain of scenarios that extend each other; expected at most 8; got \"s.toml\""));
}

BOOST_AUTO_TEST_CASE(digest__tells_studies_apart_and_leaves_seeds_out) {
  const std::string loss = "\"link.loss\" = [\"0%\", \"1%\"]\n";
  const std::string digest = read(loss).digest;
  BOOST_TEST(digest.size() == 64u);
  BOOST_TEST(read(loss).digest == digest);
  BOOST_TEST(read(loss + "seeds = 77\n").digest == digest);
  BOOST_TEST(read(loss, {"flow.0.window=3"}).digest != digest);
  BOOST_TEST(read(loss + "measures = [\"goodput\"]\n").digest != digest);
  BOOST_TEST(read("\"link.loss\" = [\"0%\", \"2%\"]\n").digest != digest);
}

BOOST_AUTO_TEST_CASE(shard_of__every_point_is_of_one_whatever_else_there_is) {
  const study of = read("\"flow.0.window\" = { from = 1, to = 200, step = 1 }\n");
  std::vector<std::size_t> sizes(4);
  for (const study_point& each : of.points) {
    const std::uint64_t shard = shard_of(of.keys, each.values, 4);
    BOOST_TEST_REQUIRE(shard < 4u);
    ++sizes[shard];
  }
  for (const std::size_t size : sizes) BOOST_TEST((size > 25 && size < 75), size);
  // Where other points are changes nothing.
  const study part = read("\"flow.0.window\" = [150, 7]\n");
  BOOST_TEST(shard_of(part.keys, part.points[1].values, 4) == shard_of(of.keys, of.points[6].values, 4));
}

BOOST_AUTO_TEST_SUITE_END()
