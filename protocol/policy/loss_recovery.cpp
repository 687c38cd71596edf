#include "protocol/policy/loss_recovery.hpp"

namespace seqwire {
namespace {
constexpr packet_count duplicate_threshold = 3;
}

recovery_step go_back_recovery::on_acknowledgement(const acknowledgement_event&) {
  duplicates_ = 0;
  return {};
}

recovery_step go_back_recovery::on_duplicate(const duplicate_event& event) {
  if (++duplicates_ != static_cast<int>(duplicate_threshold)) return {};
  // Duplicates of packets resent after a loss say nothing about a new one.
  if (event.flight.oldest < recover_) return {};
  recover_ = event.flight.next;
  return {.start_over = true, .loss_detected = true};
}

recovery_step go_back_recovery::on_timeout(const timeout_event& event) {
  duplicates_ = 0;
  recover_ = event.flight.next;
  return {.start_over = true};
}

recovery_step hole_by_hole_recovery::on_acknowledgement(const acknowledgement_event& event) {
  const bool original_was_late = late_originals_ == late_originals::recognised && recovering_ &&
                                 event.now - resent_at_ < event.flight.round_trip / 2;
  if (recovering_ && !original_was_late && event.flight.oldest < recover_) {
    resent_at_ = event.now;
    departed_ = 0;  // what the duplicates told is acknowledged now
    return {.resend = event.flight.oldest};
  }
  recovering_ = false;
  duplicates_ = 0;
  departed_ = 0;
  return {};
}

recovery_step hole_by_hole_recovery::on_duplicate(const duplicate_event& event) {
  ++duplicates_;
  if (recovering_) {
    ++departed_;
    return {};
  }
  if (duplicates_ != duplicate_threshold || event.flight.oldest < recover_) return {};
  recovering_ = true;
  resent_at_ = event.now;
  recover_ = event.flight.next;
  departed_ = duplicate_threshold;
  return {.resend = event.flight.oldest, .loss_detected = true};
}

recovery_step hole_by_hole_recovery::on_timeout(const timeout_event& event) {
  duplicates_ = 0;
  departed_ = 0;
  recover_ = event.flight.next;
  recovering_ = after_timeout_ == after_timeout::hole_by_hole;
  resent_at_ = event.now;
  if (recovering_) return {.resend = event.flight.oldest};
  return {.start_over = true};
}

}  // namespace seqwire
