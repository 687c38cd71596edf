// A packet that an end of a connection sent, captured or made by our engine: what it says, with numbers that never
// wrap, so that the two can be compared however long the connection is.
#pragma once

#include "dissector/analysis/facts.hpp"

namespace seqwire {

/// One packet.
struct sent_answer {
  instant at{};                         // when it left
  std::uint64_t frame = 0;              // of the capture; 0: ours
  sequenced_header header;              // as it travelled
  absolute_number number = 0;           // its own; of a system packet the next one's
  absolute_number acknowledgement = 0;  // all below has arrived
  absolute_number allocation = 0;       // the last number that may be sent
  std::uint64_t body_hash = 0;          // equal for equal data
  std::uint32_t octets = 0;             // of its data
};

/// Reads the packets of one end in the order in which they left. The first is the connection's first.
class answer_reader {
 public:
  /// `frame` 0: ours. The packet's form is right.
  sent_answer read(instant at, std::uint64_t frame, const sequenced_packet_view& packet);

 private:
  absolute_number next_ = 0;
  absolute_number acknowledged_ = 0;
};

/// One line: "data 17, 1024 octets, end of message, acknowledges below 3, allows 66".
std::string to_string(const sent_answer& of);

}  // namespace seqwire
