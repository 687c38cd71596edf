// Losses drawn from known chains: the right model is chosen, and its parameters come back.
#include "dissector/analysis/loss_model.hpp"

#include <boost/test/unit_test.hpp>

#include "protocol/base/random.hpp"

namespace seqwire {
namespace {

struct chain {
  double to_bad, to_good, lost_in_bad, lost_in_good;
};

// As the impairment gilbert_elliott draws them.
std::vector<bool> drawn(const chain& of, std::size_t packets, std::uint64_t seed) {
  const random_stream random(seed);
  std::vector<bool> lost;
  bool bad = false;
  for (std::size_t i = 0; i < packets; ++i) {
    lost.push_back(random.uniform(i, 0) < (bad ? of.lost_in_bad : of.lost_in_good));
    if (random.uniform(i, 1) < (bad ? of.to_good : of.to_bad)) bad = !bad;
  }
  return lost;
}

void check_near(double found, double right, double part) {
  BOOST_TEST(found > right * (1 - part), found << " for " << right);
  BOOST_TEST(found < right * (1 + part), found << " for " << right);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(loss_model_test)

BOOST_AUTO_TEST_CASE(fit_losses__each_on_its_own) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const loss_model found = fit_losses(drawn({0, 1, 0, 0.05}, 20'000, seed));
    BOOST_TEST((found.kind == loss_kind::independent), "seed " << seed << ": " << name_of(found.kind));
    check_near(found.loss(), 0.05, 0.15);
    BOOST_TEST(found.packets == 20'000u);
  }
}

BOOST_AUTO_TEST_CASE(fit_losses__all_in_bursts) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const loss_model found = fit_losses(drawn({0.01, 0.25, 1, 0}, 50'000, seed));
    BOOST_TEST((found.kind == loss_kind::gilbert), "seed " << seed << ": " << name_of(found.kind));
    check_near(found.to_bad, 0.01, 0.2);
    check_near(found.to_good, 0.25, 0.2);
    check_near(found.burst(), 4, 0.2);
    check_near(found.loss(), 0.01 / 0.26, 0.2);
  }
}

BOOST_AUTO_TEST_CASE(fit_losses__more_in_one_state_than_in_the_other) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const loss_model found = fit_losses(drawn({0.005, 0.05, 0.6, 0.01}, 100'000, seed));
    BOOST_TEST((found.kind == loss_kind::gilbert_elliott), "seed " << seed << ": " << name_of(found.kind));
    check_near(found.to_bad, 0.005, 0.3);
    check_near(found.to_good, 0.05, 0.3);
    check_near(found.lost_in_bad, 0.6, 0.1);
    check_near(found.lost_in_good, 0.01, 0.25);
    BOOST_TEST(found.advantage > 10);
  }
}

BOOST_AUTO_TEST_CASE(fit_losses__too_few_decide_nothing) {
  std::vector<bool> lost(1000);
  BOOST_TEST((fit_losses(lost).kind == loss_kind::none_lost));
  BOOST_TEST((fit_losses({}).kind == loss_kind::undecided));
  for (std::size_t i = 0; i + 1 < fewest_to_fit; ++i) lost[i * 50] = true;
  const loss_model found = fit_losses(lost);
  BOOST_TEST((found.kind == loss_kind::undecided));
  BOOST_TEST(found.loss() == 0.019);
  lost[999] = true;
  BOOST_TEST((fit_losses(lost).kind != loss_kind::undecided));
  BOOST_TEST((fit_losses(std::vector<bool>(1000, true)).kind == loss_kind::undecided));  // none arrived
}

BOOST_AUTO_TEST_CASE(fit_losses__looks_at_no_more_than_it_says) {
  std::vector<bool> lost(most_to_fit, false);
  lost.resize(most_to_fit + 10'000, true);
  const loss_model found = fit_losses(lost);
  BOOST_TEST((found.kind == loss_kind::none_lost));
  BOOST_TEST(found.packets == most_to_fit);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
