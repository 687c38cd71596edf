// One XNS host: takes IDP packets from its links, checks them once, and hands each to whom it is for: a protocol by its
// packet type, a datagram socket by its number, the Echo service; a router's also to the next link. Sends what they
// have to say, and Errors. The engine of the XNS family (link.hpp has the contract). Every packet that arrives is
// either accepted or counted under exactly one drop reason. Order of the checks: section 3 of the protocol sheet.
#pragma once

#include <array>
#include <vector>

#include "protocol/host/datagram_protocol.hpp"
#include "protocol/host/forwarder.hpp"
#include "protocol/host/spp_protocol.hpp"

namespace seqwire {

/// In packets, since the host began.
struct host_statistics {
  std::uint64_t received = 0;           // every packet that links handed in: accepted + drops.total()
  std::uint64_t accepted = 0;           // a protocol took them, or they were forwarded
  std::uint64_t sent = 0;               // handed to links, of every protocol
  std::uint64_t errors_sent = 0;        // Error packets (protocol sheet 6.1)
  std::uint64_t errors_suppressed = 0;  // by the rate limit
  std::uint64_t echoes_answered = 0;    // by the host itself, at socket 2
  std::uint64_t forwarded = 0;          // of the accepted ones
  drop_counters drops;                  // refused ones, by reason
};

/// One host number on its links, and all protocols of the family on it; one thread's.
class host final : public engine {
 public:
  explicit host(const host_config& config);  // the configuration is copied, and stays
  host(const host&) = delete;                // its protocols refer to its configuration and ports
  host& operator=(const host&) = delete;

  // --- engine ---
  void on_datagram(instant now, const datagram& arrived) override;
  std::size_t poll_transmit(instant now, std::span<packet> out) override;
  std::optional<instant> next_timeout() const override;
  void on_timeout(instant now) override;

  // --- what applications use ---
  // Its connections, whoever opened them.
  spp_protocol& sequenced() { return spp_; }
  const spp_protocol& sequenced() const { return spp_; }
  datagram_protocol& datagrams() { return datagrams_; }              // its sockets, raw ones included
  const datagram_protocol& datagrams() const { return datagrams_; }  // for looking
  routing_protocol& routing() { return routing_; }                   // which networks it reaches, and how
  const routing_protocol& routing() const { return routing_; }       // for looking
  /// Gives all packets of this type, on whatever socket, to a protocol; it outlives the host. Error packets, SPP and
  /// routing information have theirs already.
  void attach(packet_type type, packet_protocol& protocol);
  /// No protocol has anything open or under way.
  bool idle() const;
  /// For protocols that are attached: who the host is, and the numbers that all of its protocols share.
  const host_config& config() const { return config_; }
  port_table& ports() { return ports_; }  // the one space of socket numbers (protocol sheet 1.3)

  /// An unreserved socket number that nobody uses; nothing: there is none.
  std::optional<socket_number> fresh_socket() { return ports_.fresh(); }
  /// A number that nobody outside can guess, the same for the same secret.
  std::uint32_t unpredictable() const;
  /// Ours on that link.
  xns_address address(socket_number socket, link_index link = 0) const { return config_.address(socket, link); }
  const host_statistics& statistics() const { return statistics_; }  // up to now
  /// Octets of data that fill a packet on link 0: its MTU less the headers, even.
  std::size_t largest_packet_data() const { return (config_.mtu - spp_overhead) / 2 * 2; }

 private:
  result<void, drop_reason> accept(instant now, const datagram& arrived);
  result<void, drop_reason> accept_ours(instant now, const datagram& arrived, const idp_packet& idp);
  bool is_ours(const idp_header& header, link_index link) const;
  result<void, drop_reason> accept_error(instant now, const datagram& arrived, const idp_packet& idp);
  result<void, drop_reason> accept_datagram(const datagram& arrived, const idp_packet& idp);
  result<void, drop_reason> answer_echo(const datagram& arrived, const idp_packet& idp);
  void answer_with_error(instant now, const datagram& offending, drop_reason why);
  bool error_permitted(instant now, host_number to);

  host_config config_;
  host_statistics statistics_;
  port_table ports_;
  routing_protocol routing_;
  forwarder forwarder_;
  spp_protocol spp_;
  datagram_protocol datagrams_;
  std::array<packet_protocol*, 256> by_type_{};
  std::vector<packet_protocol*> protocols_;  // the same, in the order in which they were attached
  number_ring<packet> answers_;              // Errors and echoes to send
  std::array<instant, 64> error_buckets_{};  // until when each bucket's budget is spent
  std::uint64_t errors_drawn_ = 0;
};

}  // namespace seqwire
