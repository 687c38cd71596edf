// Orders to a running bridge: keys of the link that are to have other values from now on. The bridge is known by its
// two interfaces in its network namespace, under an abstract AF_UNIX name that goes with its process; it obeys its own
// user and root. Knows no keys.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rawio/capture/descriptor.hpp"

namespace seqwire {

/// The bridge's side.
class bridge_control {
 public:
  /// Does what the assignments say ("loss=5%"), all of them or none, and returns what is wrong; empty: nothing.
  using obey = std::function<std::string(const std::vector<std::string>& assignments)>;

  /// Throws std::system_error: another bridge joins these interfaces.
  bridge_control(const std::string& interface_a, const std::string& interface_b, obey what);

  /// Readable while orders wait.
  int descriptor_number() const { return socket_.number(); }
  /// Obeys the orders that wait, a few at once, and answers.
  void serve();

 private:
  descriptor socket_;
  obey obey_;
};

/// Gives a running bridge an order; its answer, empty when it obeyed. Throws std::system_error: there is no such
/// bridge, or it does not answer.
std::string order_bridge(const std::string& interface_a, const std::string& interface_b,
                         const std::vector<std::string>& assignments);

}  // namespace seqwire
