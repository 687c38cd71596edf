// What the carriers over IPv4 have in common: datagrams of a socket in batches, in both directions, and the peer table
// that stands between host numbers and IPv4 endpoints. It reads of IDP what a carrier must: the length, because IP
// carries no padding that may be missing, and the source host, which is the only name that the sender has. Everything
// from outside is checked before anything is learned from it. Protocol sheet 1.6; docs/carriers.md.
#pragma once

#include <memory>
#include <vector>

#include "rawio/capture/descriptor.hpp"
#include "rawio/live_link.hpp"
#include "rawio/peer_table.hpp"

namespace seqwire {

/// What the user says of a host.
struct fixed_peer {
  host_number host{};  // its IDP host number
  ipv4_endpoint at;    // where it can be reached
};

/// What both carriers over IPv4 take; docs/carriers.md.
struct ipv4_link_options {
  std::optional<host_number> host{};      // default: docs/carriers.md
  std::vector<fixed_peer> peers{};        // port 0: first_derived_port
  std::optional<duration> packet_life{};  // default: 100 ms where all peers are near, else 60 s
  std::optional<std::size_t> mtu{};  // largest IDP packet; default: what an IP packet of 1500 octets holds, or less
  std::size_t most_peers = peer_table::default_capacity;  // fixed and learned together
  int buffer_octets = 8 << 20;                            // of the kernel, in each direction; the system may give less
};

/// What happened to datagrams; each that did not pass is counted under exactly one reason.
struct ipv4_link_counters {
  std::uint64_t received = 0;      // passed on
  std::uint64_t sent = 0;          // taken by the kernel, one for each endpoint
  std::uint64_t full = 0;          // times the socket had no room (EAGAIN, ENOBUFS)
  std::uint64_t refused = 0;       // could not leave: too long for the way, forbidden by a firewall, no route; lost
  std::uint64_t no_peer = 0;       // to a host that nobody knows; lost
  std::uint64_t too_long = 0;      // arrived longer than the MTU
  std::uint64_t too_short = 0;     // arrived shorter than an IDP header, or than its length says
  std::uint64_t wrong_header = 0;  // an IP header that cannot be, or of another protocol
  std::uint64_t wrong_source = 0;  // from no single host, from ourselves, or from an endpoint that cannot be answered
  std::uint64_t lives_elsewhere = 0;  // claimed to be a peer that is somewhere else
  std::uint64_t table_full = 0;       // from a new peer that found no room
};

/// Must outlive every slice that it received.
class ipv4_link : public live_link {
 public:
  ~ipv4_link() override;
  ipv4_link(const ipv4_link&) = delete;
  ipv4_link& operator=(const ipv4_link&) = delete;

  link_capabilities capabilities() const override;
  /// Learns where packets come from; see peer_table for when it does not.
  std::size_t receive(instant now, std::span<datagram> to) override;
  /// To a group: one datagram to each endpoint that is known. Takes fewer than given while the socket has no room; do
  /// not offer again before a millisecond has passed.
  std::size_t transmit(instant now, std::span<const packet> packets) override;

  int descriptor() const override { return socket_.number(); }
  std::string name() const override { return name_; }
  bool resolve(host_number host) override;

  const ipv4_endpoint& local() const { return local_; }             // to which the socket is bound
  const peer_table& peers() const { return peers_; }                // as far as they are known now
  const ipv4_link_counters& counters() const { return counters_; }  // since the opening
  std::uint64_t received() const override { return counters_.received; }
  /// As the kernel tells by SO_MEMINFO.
  std::uint64_t receive_drops() override;

 protected:
  /// How the two carriers differ.
  struct carrier {
    std::string name{};                // "UDP 10.0.0.7:49152"
    seqwire::descriptor socket{};      // bound; the function of this name hides the type
    ipv4_endpoint local{};             // to which it is bound
    std::size_t header_octets = 0;     // of IP, and of what else stands before the IDP packet
    bool shows_ip_header = false;      // in what is received
    bool can_be_found = false;         // at an address that others may know: peers may come from anywhere
    std::optional<host_number> own{};  // our host number where the user names none
  };
  /// By the link that derives, whose socket is open.
  ipv4_link(carrier on, const ipv4_link_options& options);

 private:
  static constexpr std::size_t batch = 64;
  struct receive_slots;
  struct transmit_slots;

  void add_peer(host_number host, ipv4_endpoint at);
  std::optional<datagram> accept(instant now, std::size_t slot);
  std::size_t flush(std::size_t filled);
  void send_to_everybody(const packet& leaving);

  std::string name_;
  seqwire::descriptor socket_;
  ipv4_endpoint local_;
  std::size_t header_octets_;
  bool shows_ip_header_;
  bool can_be_found_;
  host_number host_{};
  std::optional<duration> packet_life_;  // as the user says
  std::size_t mtu_;
  bool mtu_is_given_;
  std::size_t longest_received_;  // not less on a narrow way: fragments arrive as one
  bool near_ = false;             // no fixed peer is behind a router
  peer_table peers_;
  ipv4_link_counters counters_;
  std::unique_ptr<receive_slots> incoming_;
  std::unique_ptr<transmit_slots> outgoing_;
};

/// Opens a socket of this kind at `local` with the buffers asked for. Throws std::system_error that begins with `name`,
/// privilege_error, guard_error where the guard is on.
descriptor open_ipv4_socket(const std::string& name, int type, int protocol, const ipv4_endpoint& local,
                            int buffer_octets);

}  // namespace seqwire
