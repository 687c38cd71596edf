#include "protocol/policy/congestion_control.hpp"

#include <algorithm>

namespace seqwire {

void slow_start_avoidance::on_acknowledgement(const acknowledgement_event& event) {
  if (event.recovering) return;  // growth resumes when the loss is repaired
  if (window_ < threshold_ * unit) window_ += unit;
  else window_ += unit * unit / window_;
}

packet_count slow_start_avoidance::half_of_usable(const flight_view& flight) const {
  return std::min(window(), flight.peer_window) / 2;
}

void slow_start_avoidance::on_loss(const loss_event& event) {
  const packet_count half = half_of_usable(event.flight);
  threshold_ = std::max<packet_count>(half, 2);
  window_ = behaviour_ == after_loss::restart ? unit : std::max<packet_count>(half, 1) * unit;
}

void slow_start_avoidance::on_timeout(const timeout_event& event) {
  threshold_ = std::max<packet_count>(half_of_usable(event.flight), 2);
  window_ = unit;
}

}  // namespace seqwire
