// Datagram sockets of a host: IDP packets of any type to and from a socket number, connected to a peer or not, and raw
// ones that see every packet (protocol sheet 7.1). What is queued is bounded by octets; what does not fit is counted.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/base/number_ring.hpp"
#include "protocol/host/host_config.hpp"
#include "protocol/host/link.hpp"
#include "protocol/host/port_table.hpp"
#include "protocol/host/routing_protocol.hpp"
#include "protocol/wire/error.hpp"

namespace seqwire {

/// A datagram as its receiver gets it: the header (a source network of 0 replaced by the receiver's) and the data,
/// which share the octets of `whole`. A raw socket gets packets before any check: `whole` may then be no IDP packet at
/// all.
struct received_datagram {
  idp_header header{};  // all zero when a raw socket's packet has none
  slice data;           // without the garbage octet
  slice whole;          // as it travelled
};

/// An Error that came for what a socket sent.
struct datagram_error {
  error_number number{};        // any, whether it has a name or not
  std::uint16_t parameter = 0;  // of too_big the largest size
  xns_address destination;      // of the packet that it quotes
};

/// What became of send(); unless it says sent, nothing is queued.
enum class datagram_status : std::uint8_t { sent, would_block, too_big, no_destination, unreachable };

/// What an application may change at any time.
struct datagram_options {
  packet_type type{};                      // of what is sent
  std::size_t receive_buffer = 256 << 10;  // octets waiting for the application, with 512 for each datagram
};

/// A number (or, raw, a filter) and what has arrived for it. Made by datagram_protocol::open(), and gone by close().
class datagram_socket final : public port_user {
 public:
  datagram_options options;  // from the next packet on

  /// Nothing: a raw socket.
  std::optional<socket_number> number() const { return number_; }
  std::optional<xns_address> peer() const { return peer_; }  // of connect()
  bool readable() const { return !received_.empty(); }       // take() would give something
  std::optional<received_datagram> take();                   // the oldest, which makes room; nothing: none waits
  /// What take() would give, or nullptr.
  const received_datagram* front() const { return received_.empty() ? nullptr : &received_.front(); }
  /// The oldest Error that has not been taken. Of several only the first waits.
  std::optional<datagram_error> take_error() { return std::exchange(error_, std::nullopt); }
  bool has_error() const { return error_.has_value(); }  // take_error() would give something
  /// Packets that found the receive buffer full.
  std::uint64_t missed() const { return missed_; }
  /// Datagrams that wait to be taken.
  std::size_t waiting() const { return received_.size(); }

 private:
  friend class datagram_protocol;
  // What tells a packet of ours in an Error's quotation from a guess.
  struct sent_packet {
    xns_address destination;
    std::uint16_t length = 0;
    std::uint16_t checksum = 0;
  };
  datagram_socket() : port_user(kind::datagram) {}

  std::optional<socket_number> number_;
  std::optional<xns_address> peer_;
  std::optional<packet_type> only_;  // a raw socket's filter
  std::vector<host_number> groups_;
  port_table::place port_{};
  number_ring<received_datagram> received_;
  std::size_t waiting_octets_ = 0;
  bool all_packets_ = false;
  std::uint64_t missed_ = 0;
  std::optional<datagram_error> error_;
  std::array<sent_packet, 16> last_sent_{};
  std::size_t sent_ = 0;
};

/// The datagram and raw sockets of one host.
class datagram_protocol {
 public:
  /// All outlive it.
  datagram_protocol(const host_config& config, port_table& ports, const routing_protocol& routing)
      : config_(config), ports_(ports), routing_(routing) {}
  datagram_protocol(const datagram_protocol&) = delete;
  datagram_protocol& operator=(const datagram_protocol&) = delete;

  // --- what the host tells and asks ---
  /// A checked packet for this socket. Refusals: not_for_this_host (a group that it has not joined),
  /// receive_buffer_full.
  result<void, drop_reason> deliver(datagram_socket& to, const datagram& arrived, const idp_packet& idp);
  /// Gives raw sockets their share of a packet that nobody has checked yet.
  void show_raw(const datagram& arrived);
  /// An Error that quotes a datagram. Refusal: error_quotes_nothing_of_ours.
  result<void, drop_reason> on_error(const error_packet& error);
  std::size_t poll_transmit(std::span<packet> out);  // as engine's
  /// The socket with all_packets that a packet is for, or nullptr.
  datagram_socket* all_packets_socket(const xns_address& source, socket_number number) const;

  /// All but the raw ones, in the order in which they were opened.
  std::vector<const datagram_socket*> sockets() const;
  /// Changes whenever a socket became readable or may be able to send again.
  std::uint64_t changes() const { return changes_; }

  // --- what applications do ---
  /// A socket with this number, or a fresh one. Nullptr: it is taken, or none is free. Valid until close().
  datagram_socket* open(std::optional<socket_number> number = std::nullopt);
  /// A socket that gets every IDP packet that arrives, or every one of a type.
  datagram_socket& open_raw(std::optional<packet_type> only = std::nullopt);
  /// What waits in it is gone; what it sent still leaves. The reference is invalid from now on.
  void close(datagram_socket& socket);
  /// From now on only packets from this address are received, and send() needs no address. False: another socket with
  /// this number has this peer.
  bool connect(datagram_socket& socket, const xns_address& to);
  /// False: another socket without a peer has the number by now.
  bool disconnect(datagram_socket& socket);
  /// Also SPP and Error packets that come to its number (SO_ALL_PACKETS).
  void set_all_packets(datagram_socket& socket, bool on);
  /// From now on packets to this multicast host are for the socket, too. At most maximum_groups of one socket; false:
  /// it has so many.
  bool join(datagram_socket& socket, host_number group);
  /// Ends join(); nothing happens when it never was.
  void leave(datagram_socket& socket, host_number group);
  static constexpr std::size_t maximum_groups = 64;  // of one socket
  /// A socket has joined the group.
  bool joined(host_number group) const { return groups_.contains(group); }
  /// A packet for all networks goes out on every link. Would-block: too much waits for the link; try again when the
  /// host has transmitted.
  datagram_status send(datagram_socket& from, slice data, std::optional<xns_address> to = std::nullopt);
  /// Whether the largest datagram would be taken now; changes() tells when there may be room again.
  bool has_room() const;
  /// Datagrams that were sent and still wait for a link: poll_transmit() would give them.
  std::size_t waiting_to_leave() const { return outgoing_.size(); }
  /// Copies of packets for all networks that a link was too small for.
  std::uint64_t too_big_for_links() const { return too_big_for_links_; }
  /// With a header of the application's own, source included; length and checksum are computed.
  datagram_status send_with_header(datagram_socket& from, const idp_header& header, slice data);

 private:
  bool queue(datagram_socket& to, received_datagram what);

  void queue_to_send(datagram_socket& from, const idp_header& header, const slice& data, way onward);

  const host_config& config_;
  port_table& ports_;
  const routing_protocol& routing_;
  std::map<host_number, std::size_t> groups_;  // and how many sockets have joined each
  std::list<std::unique_ptr<datagram_socket>> sockets_;
  std::vector<datagram_socket*> raw_;
  std::size_t with_all_packets_ = 0;  // sockets
  number_ring<packet> outgoing_;
  std::size_t outgoing_octets_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t too_big_for_links_ = 0;
};

}  // namespace seqwire
