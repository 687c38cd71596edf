// The ends of a flow without feedback: each record is one datagram, sent when it is due, whatever became of those
// before it. The receiver counts what arrives. Nothing here repeats, acknowledges or slows down.
#pragma once

#include <memory>

#include "lab/flow.hpp"
#include "protocol/host/host.hpp"

namespace seqwire {

/// What stands at the beginning of each datagram's data, so that its receiver can tell which one it is.
struct datagram_stamp {
  std::uint64_t number;  // from 0
  std::uint64_t due;     // nanoseconds from the run's origin

  bool operator==(const datagram_stamp&) const = default;
};

using datagram_stamp_layout =
    layout<datagram_stamp, "datagram_stamp", "Number and instant of a datagram of a flow without feedback",
           field<&datagram_stamp::number, 64, "Which of its flow it is, the first one is 0">,
           field<&datagram_stamp::due, 64, "When it was due, in nanoseconds from the run's origin">>;

static_assert(datagram_stamp_layout::octets == 16);

class datagram_end {  // sender or receiver of one such flow
 public:
  virtual ~datagram_end() = default;
  /// Takes its socket; once, before anything else.
  virtual void begin(host& on) = 0;
  // As application's.
  virtual bool step(instant now, host& on) = 0;
  virtual std::optional<instant> next_wake() const { return std::nullopt; }
  bool finished() const { return result_.status != end_status::none; }  // for better or worse
  const flow_result& result() const { return result_; }                 // so far
  /// Sends no more; the result says "local abort".
  void abort() {
    if (!finished()) result_.status = end_status::local_abort;
  }

 protected:
  flow_result result_;  // what came of it so far
};

/// Sends the source's records; the first octets of each give way to its stamp. It has ended when all are sent, and as
/// unreachable or record_too_long when one never can be.
std::unique_ptr<datagram_end> make_datagram_end(outgoing_flow flow, instant origin);
/// Counts what arrives, each datagram once. It has ended gracefully when all have arrived, and otherwise not at all: a
/// loss cannot be told from a delay. A datagram that comes after 65,535 later ones counts as a duplicate.
std::unique_ptr<datagram_end> make_datagram_end(incoming_flow flow, instant origin);

}  // namespace seqwire
