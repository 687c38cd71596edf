// A connection as seen from a vantage point that is neither end's own, or whose directions are unknown (a plain pcap).
// Order of emission is unknown there, so only what any place on the path can tell is judged; where a packet that took
// another path would explain what was seen, the charge is a doubt and not a violation.
#pragma once

#include "dissector/analysis/docket.hpp"
#include "dissector/analysis/records.hpp"

namespace seqwire {

/// One connection, seen from between its ends.
class path_view {
 public:
  path_view(docket& charges, const speaker& first, const speaker& second);  // the docket outlives it

  /// `side`: 0 when the first speaker sent it, 1 for the second.
  void passed(const packet_facts& packet, std::size_t side);
  /// Forgets what passed under which number.
  void forget_numbers();

 private:
  struct direction {
    speaker from;
    number_table seen;
    bool started = false;
    absolute_number next = 0;                  // one beyond the highest number seen
    std::optional<absolute_number> permitted;  // the highest allocation its peer was seen to give
    std::optional<absolute_number> close_request;
    std::optional<absolute_number> close_reply;
  };

  void passed_data(const packet_facts& packet, direction& ours);
  void check_close(const packet_facts& packet, direction& ours, absolute_number number);

  docket& docket_;
  direction directions_[2];
};

}  // namespace seqwire
