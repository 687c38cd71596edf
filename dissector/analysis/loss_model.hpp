// How packets were lost, as a model that a simulated link can repeat: each on its own, or in bursts. The candidates are
// independent losses (one parameter), Gilbert's chain, which loses everything in its bad state (two), and
// Gilbert-Elliott's, which loses a share in either state (four); the last is fitted by the Baum-Welch algorithm. The
// one with the lowest Bayesian information criterion is chosen. Gilbert 1960, Elliott 1963, Rabiner 1989 (section
// III.C), Schwarz 1978.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace seqwire {

/// Which model losses follow. With too few of either kind nothing is decided.
enum class loss_kind : std::uint8_t { none_lost, undecided, independent, gilbert, gilbert_elliott };
std::string_view name_of(loss_kind kind);  // "independent", with spaces for underscores

/// The model that fits, and what it rests on. Of independent losses `lost_in_good` alone counts.
struct loss_model {
  loss_kind kind = loss_kind::undecided;  // which one fits best
  // Parameters, each from 0 to 1, as the impairment gilbert_elliott of a link has them.
  double to_bad = 0;   // of packets in the good state, how many are followed by the bad one
  double to_good = 0;  // the other way round
  double lost_in_bad = 1;
  double lost_in_good = 0;
  std::uint64_t packets = 0;  // that it was fitted to
  std::uint64_t lost = 0;     // of these
  double advantage = 0;       // by how much its criterion is lower than the best of the others'; above 10: clearly

  /// Of all packets, in the long run.
  double loss() const;
  /// Losses in a row, on the average, where they come in bursts.
  double burst() const;
};

/// At least so many have to be lost, and to arrive, before anything is decided.
inline constexpr std::uint64_t fewest_to_fit = 20;
/// More packets than these are not looked at.
inline constexpr std::size_t most_to_fit = 1 << 18;

/// `lost`: of each packet, in the order in which they were sent.
loss_model fit_losses(const std::vector<bool>& lost);

}  // namespace seqwire
