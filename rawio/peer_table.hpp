// Which IPv4 endpoint each XNS host is behind: fixed by the user, or learned from the packets that come from it. Knows
// no socket. The rule, whose reasons are in docs/carriers.md:
// - A fixed host has its endpoint for good: whoever claims its number from elsewhere is refused.
// - An unknown host is learned from its first packet.
// - A learned host may move (a NAT has bound it anew) only after its last endpoint was silent for `quiet`.
// - A full table forgets the learned host that was silent longest, if for `quiet`; else the new one is refused.
#pragma once

#include <list>
#include <map>
#include <vector>

#include "protocol/base/result.hpp"
#include "protocol/base/time.hpp"
#include "rawio/ipv4.hpp"

namespace seqwire {

/// Why a packet's sender is not believed.
enum class peer_refusal : std::uint8_t { lives_elsewhere, table_full };

/// Host numbers and where they are.
class peer_table {
 public:
  static constexpr duration quiet = 10_s;                // how long a peer is believed to be where it was heard
  static constexpr std::size_t default_capacity = 4096;  // hosts

  explicit peer_table(std::size_t capacity = default_capacity) : capacity_(capacity) {}  // hosts, fixed ones included

  /// From now on the host is there and nowhere else. Forgets a learned one where there is no room; false: all that the
  /// table holds is fixed.
  bool fix(host_number host, const ipv4_endpoint& at);
  /// A packet of this host came from there.
  result<void, peer_refusal> heard(instant now, host_number host, const ipv4_endpoint& from);

  std::optional<ipv4_endpoint> find(host_number host) const;  // nothing: nobody knows
  /// Each endpoint once, whatever hosts are behind it.
  std::vector<ipv4_endpoint> everybody() const;
  /// Of the fixed hosts.
  std::vector<ipv4_endpoint> fixed() const;
  std::size_t size() const { return peers_.size(); }  // hosts, fixed ones included

 private:
  struct peer {
    ipv4_endpoint at;
    bool is_fixed = false;
    instant heard_at{};
    std::list<host_number>::iterator place{};  // in learned_, unless fixed
  };

  bool make_room(std::optional<instant> silent_since);

  std::size_t capacity_;
  std::map<host_number, peer> peers_;  // ordered: whoever chooses the numbers must not choose how long a look takes
  std::list<host_number> learned_;     // the one that was silent longest first
};

}  // namespace seqwire
