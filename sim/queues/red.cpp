#include "sim/queues/red.hpp"

#include <algorithm>

#include "sim/channel.hpp"
#include "sim/transmitter.hpp"

namespace seqwire {
namespace {

double power(double base, std::uint64_t exponent) {
  double result = 1;
  for (; exponent != 0; exponent /= 2, base *= base)
    if (exponent % 2 == 1) result *= base;
  return result;
}

}  // namespace

// While the link was idle, the average fell as if so many typical frames had met an empty queue.
void red_discipline::update_average(const queue_arrival& frame) {
  if (frame.idle_from < frame.now && settings_.transmission > duration{}) {
    const auto frames = static_cast<std::uint64_t>((frame.now - frame.idle_from) / settings_.transmission);
    average_ *= power(1 - settings_.weight, frames);
    return;
  }
  average_ += settings_.weight * (static_cast<double>(frame.frames_waiting) - average_);
}

double red_discipline::share_at(double average) const {
  const auto& [minimum, maximum, probability, weight, gentle, marks, transmission] = settings_;
  if (average < minimum) return 0;
  if (average < maximum) return probability * (average - minimum) / (maximum - minimum);
  if (!gentle) return 1;
  return std::min(probability + (average - maximum) / maximum * (1 - probability), 1.0);
}

arrival_discipline::decision red_discipline::on_arrival(const queue_arrival& frame) {
  update_average(frame);
  if (average_ < settings_.minimum) {
    since_last_ = -1;
    return decision::take;
  }
  ++since_last_;
  // The share is spread evenly: the gaps between drops are uniform, not geometric.
  const double share = share_at(average_);
  const double spread = 1 - static_cast<double>(since_last_) * share;
  const double chance = spread > 0 ? share / spread : 1;
  if (random_.uniform(frame.ordinal) >= chance) return decision::take;
  since_last_ = 0;
  return settings_.marks && average_ < settings_.maximum ? decision::mark_or_drop : decision::drop;
}

queue_type red() {
  using std::uint64_t;
  return {"red",
          {{"red_minimum", parameter_kind::whole, uint64_t{5}, "average frames from which on it drops", 0, 100'000},
           {"red_maximum", parameter_kind::whole, uint64_t{15}, "average frames up to which it drops some", 1, 100'000},
           {"red_probability", parameter_kind::probability, 0.02, "the share that it drops below the maximum"},
           {"red_weight", parameter_kind::probability, 0.002, "of the queue's length in its average"},
           {"red_gentle", parameter_kind::flag, true, "from the maximum to twice that the share grows to all"},
           {"ecn", parameter_kind::flag, false,
            "early drops of RED, CoDel, FQ-CoDel and PIE become marks where a packet can carry one"}},
          [](const channel_settings& settings, const random_stream& random) {
            const parameter_values& said = settings.further;
            constexpr double typical_bits = 500 * 8;
            const auto rate = static_cast<double>(std::max<uint64_t>(mean_rate(settings), 1));
            red_settings chosen;
            chosen.minimum = static_cast<double>(said.get<uint64_t>("red_minimum"));
            chosen.maximum = std::max(static_cast<double>(said.get<uint64_t>("red_maximum")), chosen.minimum + 1);
            chosen.probability = said.get<double>("red_probability");
            chosen.weight = said.get<double>("red_weight");
            chosen.gentle = said.get<bool>("red_gentle");
            chosen.marks = said.get<bool>("ecn");
            chosen.transmission = duration{static_cast<std::int64_t>(typical_bits / rate * 1e9)};
            queue_discipline made;
            made.on_arrival = std::make_unique<red_discipline>(chosen, random.fork("red"));
            return made;
          }};
}

}  // namespace seqwire
