// What is stored is what comes back, bit for bit; what is no store is refused in one line.
#include "lab/sweep/results_store.hpp"

#include <cmath>
#include <limits>

#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;

namespace {

struct store_folder {
  store_folder() {
    header.study = "a \"study\"";
    header.digest = "d";
    header.revision = "r";
    header.rule = {.seeds = 4, .narrow_enough = 0.02, .measure = 1};
    header.keys = {"link.loss", "flow.0.sender"};
    header.measures = {"goodput", "odd \"name\"; DROP TABLE results"};
    header.points = {{"0%", "it's"}, {"1%", "b"}};
    header.first_seeds = {1, std::numeric_limits<std::uint64_t>::max()};
  }
  static run_result row(std::size_t point, std::uint64_t number, double value) {
    run_result made;
    made.point = point;
    made.number = number;
    made.seed = std::numeric_limits<std::uint64_t>::max() - number;
    made.values = {value, std::numeric_limits<double>::quiet_NaN()};
    made.scenario = "s";
    made.fingerprint = 0xfedcba9876543210;
    made.revision = "r";
    made.seconds = 0.5;
    return made;
  }
  static std::string refusal(const std::function<void()>& doing) {
    try {
      doing();
      return "";
    } catch (const store_error& error) {
      return error.what();
    }
  }
  std::string path() const { return folder.path("results.sqlite"); }
  temporary_folder folder;
  results_header header;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(results_store_test, store_folder)

BOOST_AUTO_TEST_CASE(open__gives_back_what_was_stored) {
  {
    results_store store = results_store::create(path(), header);
    store.add({row(1, 2, 0.1), row(0, 0, 1e300)});
    store.add({row(1, 0, -0.0)});
    // It is there before the store is closed: a second one sees it, as one would after a kill.
    std::size_t rows = 0;
    results_store::open(path()).for_each([&](const run_result&) { ++rows; });
    BOOST_TEST(rows == 3u);
  }
  const results_store store = results_store::open(path());
  const results_header& read = store.header();
  BOOST_TEST(read.study == header.study);
  BOOST_TEST(read.keys == header.keys);
  BOOST_TEST(read.measures == header.measures);
  BOOST_TEST((read.points == header.points));
  BOOST_TEST(read.first_seeds == header.first_seeds);
  BOOST_TEST(read.rule.seeds == 4u);
  BOOST_TEST(*read.rule.narrow_enough == 0.02);
  BOOST_TEST(read.rule.measure == 1u);
  std::vector<run_result> rows;
  store.for_each([&](const run_result& each) { rows.push_back(each); });
  BOOST_TEST_REQUIRE(rows.size() == 3u);
  BOOST_TEST(rows[0].values[0] == 1e300);
  BOOST_TEST(rows[1].values[0] == 0.0);
  BOOST_TEST(rows[2].values[0] == 0.1);
  BOOST_TEST(std::isnan(rows[2].values[1]));
  BOOST_TEST(rows[2].seed == std::numeric_limits<std::uint64_t>::max() - 2);
  BOOST_TEST(rows[2].fingerprint == 0xfedcba9876543210u);
  BOOST_TEST(!rows[2].holds.has_value());
  BOOST_TEST(rows[2].seconds == 0.5);
}

BOOST_AUTO_TEST_CASE(add__the_same_again_is_no_harm_and_another_is_refused_with_its_batch) {
  results_store store = results_store::create(path(), header);
  run_result first = row(0, 0, 7);
  store.add({first});
  first.machine = "another";
  first.seconds = 9;
  store.add({first});
  const std::string said = refusal([&] { store.add({row(0, 1, 1), row(0, 0, 8)}); });
  BOOST_TEST(said == path() + ": two different results for seed 18446744073709551615 of point 0");
  std::size_t rows = 0;
  store.for_each([&](const run_result& each) { rows += each.values[0] == 7 ? 1u : 100u; });
  BOOST_TEST(rows == 1u);
  store.add({row(0, 1, 1)});
}

BOOST_AUTO_TEST_CASE(open__refuses_what_is_no_store) {
  BOOST_TEST(refusal([&] { results_store::open(path()); }) == path() + ": unable to open database file");
  write_whole(path(), std::string(5000, 'x'));
  BOOST_TEST(refusal([&] { results_store::open(path()); }) == path() + ": file is not a database");
  write_whole(path(), "");
  BOOST_TEST(refusal([&] { results_store::open(path()); }) == path() + ": no such table: about");
}

BOOST_AUTO_TEST_CASE(create__leaves_one_file) {
  results_store::create(path(), header);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& each : fs::directory_iterator(folder.path())) ++files;
  BOOST_TEST(files == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
