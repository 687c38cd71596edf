// Loss recovery: which packets count as lost, and what to send again. SPP acknowledges cumulatively, so a policy sees
// progress, duplicates and timeouts, and answers with one packet to resend or a place to start over from.
#pragma once

#include <optional>

#include "protocol/policy/flight.hpp"

namespace seqwire {

/// What a sender does now; by default nothing.
struct recovery_step {
  std::optional<packet_number> resend = {};  // send this packet again at once, whatever the window says
  bool start_over = false;                   // send everything from the oldest on again, as the window permits
  bool loss_detected = false;                // congestion control hears of it
};

/// Decides for one connection which packets are lost. Each call answers one event, in order of time.
class loss_recovery {
 public:
  virtual ~loss_recovery() = default;

  /// The oldest packet is another one now; told before congestion control hears of it.
  virtual recovery_step on_acknowledgement(const acknowledgement_event& event) = 0;
  /// The acknowledgement was repeated while packets are outstanding (4.3BSD counts three, protocol sheet 8.3).
  virtual recovery_step on_duplicate(const duplicate_event& event) = 0;
  /// The retransmission timer ran out: the step says what to send again first.
  virtual recovery_step on_timeout(const timeout_event& event) = 0;

  /// A detected loss is being repaired: congestion control does not grow meanwhile.
  virtual bool recovering() const = 0;
  /// Packets known to have left the network although they are not acknowledged; they enlarge the window.
  virtual packet_count departed() const = 0;
};

/// After three duplicates start over from the oldest packet (Tahoe; Jacobson 1988).
class go_back_recovery final : public loss_recovery {
 public:
  recovery_step on_acknowledgement(const acknowledgement_event&) override;
  recovery_step on_duplicate(const duplicate_event& event) override;
  recovery_step on_timeout(const timeout_event& event) override;
  bool recovering() const override { return false; }
  packet_count departed() const override { return 0; }

 private:
  int duplicates_ = 0;
  packet_number recover_ = 0;  // one loss event ends when this number is acknowledged
};

/// After three duplicates resend the oldest packet, and on each partial acknowledgement the next hole, until all that
/// was outstanding at the loss is acknowledged (New Reno: Hoe 1996; as in Fall & Floyd 1996).
class hole_by_hole_recovery final : public loss_recovery {
 public:
  enum class after_timeout : std::uint8_t { start_over, hole_by_hole };  // New Reno; a fixed window has room anyway
  enum class inflation : std::uint8_t { by_duplicates, none };           // whether departed() counts the duplicates
  // An acknowledgement that comes much sooner after a resend than a round trip answers the original: it was only late,
  // and going on from hole to hole would resend the whole window for nothing.
  enum class late_originals : std::uint8_t { taken_for_losses, recognised };

  /// New Reno by (start_over, by_duplicates); the fixed window by (hole_by_hole, none).
  hole_by_hole_recovery(after_timeout after, inflation inflate, late_originals late = late_originals::taken_for_losses)
      : after_timeout_(after), inflation_(inflate), late_originals_(late) {}

  recovery_step on_acknowledgement(const acknowledgement_event& event) override;
  recovery_step on_duplicate(const duplicate_event& event) override;
  recovery_step on_timeout(const timeout_event& event) override;
  bool recovering() const override { return recovering_; }
  packet_count departed() const override { return inflation_ == inflation::by_duplicates ? departed_ : 0; }

 private:
  after_timeout after_timeout_;
  inflation inflation_;
  late_originals late_originals_;
  packet_count duplicates_ = 0;
  packet_count departed_ = 0;
  bool recovering_ = false;
  packet_number recover_ = 0;  // recovery ends when every number below this is acknowledged
  instant resent_at_{};
};

}  // namespace seqwire
