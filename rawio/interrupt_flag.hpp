// SIGINT and SIGTERM as a flag: for work that waits for nothing, looks at it now and then, and has files to close. Who
// waits uses ending_signals.
#pragma once

namespace seqwire {

/// SIGINT and SIGTERM, noted for work that looks from time to time.
class interrupt_flag {
 public:
  /// From here on the first signal of each kind is only noted; a second one ends the process as ever, so that nobody is
  /// kept by work that does not look. What the process ignores it goes on ignoring. One at a time.
  interrupt_flag();
  /// What was before holds again.
  ~interrupt_flag();
  interrupt_flag(const interrupt_flag&) = delete;
  interrupt_flag& operator=(const interrupt_flag&) = delete;

  /// SIGINT or SIGTERM once one came, else 0.
  int signal() const;
};

}  // namespace seqwire
