#include "dissector/analysis/loss_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace seqwire {
namespace {

constexpr int most_rounds = 300;
constexpr double close_enough = 1e-2;  // of the logarithm of the likelihood, from round to round

// The logarithm of the likelihood of so many events among so many chances, each of probability part / whole.
double log_likelihood(double part, double whole) {
  double sum = 0;
  if (part > 0) sum += part * std::log(part / whole);
  if (part < whole) sum += (whole - part) * std::log((whole - part) / whole);
  return sum;
}

// Schwarz's criterion: lower is better.
double criterion(double likelihood, int parameters, std::size_t packets) {
  return parameters * std::log(static_cast<double>(packets)) - 2 * likelihood;
}

struct candidate {
  loss_model model;
  double criterion = 0;
};

candidate independent_losses(std::uint64_t lost, std::size_t packets) {
  candidate made;
  made.model.kind = loss_kind::independent;
  made.model.lost_in_good = static_cast<double>(lost) / static_cast<double>(packets);
  made.criterion = criterion(log_likelihood(static_cast<double>(lost), static_cast<double>(packets)), 1, packets);
  return made;
}

// Its states are seen, so that counting them is the likeliest model.
candidate gilbert_chain(const std::vector<bool>& lost, std::size_t packets) {
  std::array<std::array<double, 2>, 2> followed{};  // by what came before, and what then
  for (std::size_t i = 1; i < packets; ++i) ++followed[lost[i - 1] ? 1 : 0][lost[i] ? 1 : 0];
  const double of_good = followed[0][0] + followed[0][1], of_bad = followed[1][0] + followed[1][1];
  candidate made;
  made.model.kind = loss_kind::gilbert;
  made.model.to_bad = of_good > 0 ? followed[0][1] / of_good : 0;
  made.model.to_good = of_bad > 0 ? followed[1][0] / of_bad : 1;
  made.criterion =
      criterion(log_likelihood(followed[0][1], of_good) + log_likelihood(followed[1][0], of_bad), 2, packets);
  return made;
}

// One round of Baum and Welch over the first packets: the model becomes a likelier one. Returns the logarithm of the
// likelihood of the model as it came.
class baum_welch {
 public:
  baum_welch(const std::vector<bool>& lost, std::size_t packets) : lost_(lost), forward_(packets), scale_(packets) {}

  double improve(loss_model& of, std::size_t packets) {
    const double likelihood = go_forward(of, packets);
    go_back(of, packets);
    return likelihood;
  }

 private:
  using by_state = std::array<double, 2>;  // good, bad

  by_state emission(const loss_model& of, std::size_t packet) const {
    return lost_[packet] ? by_state{of.lost_in_good, of.lost_in_bad}
                         : by_state{1 - of.lost_in_good, 1 - of.lost_in_bad};
  }

  double go_forward(const loss_model& of, std::size_t packets) {
    double likelihood = 0, product = 1;  // a logarithm of many factors at once: it takes longer than all else here
    const double changes = of.to_bad + of.to_good;
    by_state now{changes > 0 ? of.to_good / changes : 0.5, changes > 0 ? of.to_bad / changes : 0.5};
    for (std::size_t i = 0; i < packets; ++i) {
      const by_state seen = emission(of, i);
      now = {now[0] * seen[0], now[1] * seen[1]};
      scale_[i] = std::max(now[0] + now[1], 1e-100);
      now = {now[0] / scale_[i], now[1] / scale_[i]};
      forward_[i] = now;
      product *= scale_[i];
      if (product < 1e-200) {
        likelihood += std::log(product);
        product = 1;
      }
      now = {now[0] * (1 - of.to_bad) + now[1] * of.to_good, now[0] * of.to_bad + now[1] * (1 - of.to_good)};
    }
    return likelihood + std::log(product);
  }

  void go_back(loss_model& of, std::size_t packets) const {
    by_state after{1, 1}, in_state{}, lost_in_state{}, left{}, went{};
    for (std::size_t i = packets; i-- > 0;) {
      const by_state here{forward_[i][0] * after[0], forward_[i][1] * after[1]};
      for (std::size_t state = 0; state < 2; ++state) {
        in_state[state] += here[state];
        if (lost_[i]) lost_in_state[state] += here[state];
      }
      if (i == 0) break;
      const by_state seen = emission(of, i);
      const by_state arriving{seen[0] * after[0] / scale_[i], seen[1] * after[1] / scale_[i]};
      const by_state& before = forward_[i - 1];
      const double good_to_bad = before[0] * of.to_bad * arriving[1],
                   bad_to_good = before[1] * of.to_good * arriving[0];
      went[0] += good_to_bad;
      went[1] += bad_to_good;
      after = {(1 - of.to_bad) * arriving[0] + of.to_bad * arriving[1],
               of.to_good * arriving[0] + (1 - of.to_good) * arriving[1]};
      left[0] += before[0] * after[0];
      left[1] += before[1] * after[1];
    }
    const auto share = [](double part, double whole) { return whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0.0; };
    of.to_bad = share(went[0], left[0]);
    of.to_good = share(went[1], left[1]);
    of.lost_in_good = share(lost_in_state[0], in_state[0]);
    of.lost_in_bad = share(lost_in_state[1], in_state[1]);
  }

  const std::vector<bool>& lost_;
  std::vector<by_state> forward_;
  std::vector<double> scale_;
};

// So many from the front have losses enough to tell of.
std::size_t first_look(const std::vector<bool>& lost, std::size_t packets) {
  constexpr std::size_t fewest_packets = 1 << 13, fewest_losses = 100;
  std::size_t losses = 0;
  for (std::size_t i = 0; i < packets; ++i) {
    losses += lost[i];
    if (i >= fewest_packets && losses >= fewest_losses) return i;
  }
  return packets;
}

// A few of the packets lead near the top for little; all of them have the last word. The model becomes the likeliest;
// returns the logarithm of its likelihood.
double climb(baum_welch& rounds, loss_model& model, std::size_t first, std::size_t packets) {
  for (std::size_t looked_at = first;; looked_at = std::min(packets, 4 * looked_at)) {
    double likelihood = -INFINITY;
    for (int round = 0; round < most_rounds; ++round) {
      const double reached = rounds.improve(model, looked_at);
      const bool done = reached - likelihood < close_enough;
      likelihood = reached;
      if (done) break;
    }
    if (looked_at == packets) return likelihood;
    // What is 0 or 1 once stays so, whatever the others tell.
    for (double* each : {&model.to_bad, &model.to_good, &model.lost_in_bad, &model.lost_in_good})
      *each = std::clamp(*each, 1e-6, 1 - 1e-6);
  }
}

// From where Gilbert's chain stands and from one whose states differ less: the likelihood has several tops.
candidate gilbert_elliott_chain(const std::vector<bool>& lost, std::size_t packets, const loss_model& chain) {
  candidate best;
  best.criterion = INFINITY;
  baum_welch rounds(lost, packets);
  for (const double persistence : {1.0, 0.2}) {
    loss_model model = chain;
    model.kind = loss_kind::gilbert_elliott;
    model.to_bad = std::clamp(chain.to_bad * persistence, 1e-6, 0.5);
    model.to_good = std::clamp(chain.to_good * persistence, 1e-6, 0.5);
    model.lost_in_good = chain.loss() / 4;
    model.lost_in_bad = 0.7;
    const double likelihood = climb(rounds, model, first_look(lost, packets), packets);
    const double found = criterion(likelihood, 4, packets);
    if (found < best.criterion) best = {model, found};
  }
  if (best.model.lost_in_good > best.model.lost_in_bad) {  // the states have no names of their own
    std::swap(best.model.lost_in_good, best.model.lost_in_bad);
    std::swap(best.model.to_bad, best.model.to_good);
  }
  return best;
}

}  // namespace

std::string_view name_of(loss_kind kind) {
  switch (kind) {
    case loss_kind::none_lost: return "none lost";
    case loss_kind::undecided: return "undecided";
    case loss_kind::independent: return "independent";
    case loss_kind::gilbert: return "gilbert";
    case loss_kind::gilbert_elliott: return "gilbert-elliott";
  }
  return "unknown";
}

double loss_model::loss() const {
  if (kind == loss_kind::independent) return lost_in_good;
  if (kind == loss_kind::undecided) return packets == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(packets);
  const double changes = to_bad + to_good;
  return changes == 0 ? lost_in_good : (to_bad * lost_in_bad + to_good * lost_in_good) / changes;
}

double loss_model::burst() const { return to_good > 0 ? 1 / to_good : 0; }

loss_model fit_losses(const std::vector<bool>& lost) {
  const std::size_t packets = std::min(lost.size(), most_to_fit);
  const auto gone =
      static_cast<std::uint64_t>(std::count(lost.begin(), lost.begin() + static_cast<std::ptrdiff_t>(packets), true));
  loss_model chosen;
  if (gone == 0 && packets > 0) chosen.kind = loss_kind::none_lost;
  if (gone >= fewest_to_fit && packets - gone >= fewest_to_fit) {
    std::array<candidate, 3> all{independent_losses(gone, packets), gilbert_chain(lost, packets), {}};
    all[2] = gilbert_elliott_chain(lost, packets, all[1].model);
    std::sort(all.begin(), all.end(), [](const candidate& a, const candidate& b) { return a.criterion < b.criterion; });
    chosen = all[0].model;
    chosen.advantage = all[1].criterion - all[0].criterion;
  }
  chosen.packets = packets;
  chosen.lost = gone;
  return chosen;
}

}  // namespace seqwire
