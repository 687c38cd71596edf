// One XNS host: takes IDP packets from its links, checks them once, finds the socket and the connection, and sends what
// connections and the Error protocol have to say. The engine of the XNS family (link.hpp has the contract).
// Every packet that arrives is either accepted or counted under exactly one drop reason.
// Order of the checks: section 3 of the protocol sheet.
#pragma once

#include <bitset>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "protocol/base/keyed_hash.hpp"
#include "protocol/base/number_ring.hpp"
#include "protocol/host/deadline_queue.hpp"
#include "protocol/host/link.hpp"
#include "protocol/spp/connection.hpp"

namespace seqwire {

struct host_config {
  network_number network{1};
  host_number host{};
  hash_key secret{};       // connection ids and table hashing
  std::size_t mtu = 1500;  // of link 0, for the default packet size
  std::size_t maximum_half_open = 1024;
  duration id_quarantine = 200_ms;  // an id is not used again so soon: twice the packet life
};

using connection_handle = std::uint64_t;

/// Something happened on a connection; a connection that a listener accepted says `opened` with the listener's socket.
struct host_event {
  connection_handle connection = 0;
  connection_notice what{};
  std::optional<socket_number> listener;
};

struct host_statistics {
  std::uint64_t received = 0;  // every packet that links handed in: accepted + drops.total()
  std::uint64_t accepted = 0;
  std::uint64_t sent = 0;
  std::uint64_t errors_sent = 0;
  std::uint64_t errors_suppressed = 0;  // by the rate limit
  drop_counters drops;
};

class host final : public engine {
 public:
  explicit host(const host_config& config);
  ~host() override;

  // --- engine ---
  void on_datagram(instant now, const datagram& arrived) override;
  std::size_t poll_transmit(instant now, std::span<packet> out) override;
  std::optional<instant> next_timeout() const override;
  void on_timeout(instant now) override;

  // --- sockets ---
  /// Accepts connections on this socket, each with this configuration. False: the socket is taken.
  bool listen(socket_number socket, const spp_config& config);
  /// Opens a connection from a fresh socket (or the one given). Nothing: no socket or no connection id is free.
  std::optional<connection_handle> connect(instant now, const xns_address& to, const spp_config& config,
                                           std::optional<socket_number> from = std::nullopt);
  /// The connection, or nullptr after release(). Whatever is called on it, its packets leave with the next
  /// poll_transmit(). Valid until release().
  spp_connection* find(connection_handle handle);
  /// The application is done with it: forgotten at once when finished, else as soon as it is.
  void release(connection_handle handle);

  /// What happened; the connection that first had something to tell comes first.
  std::optional<host_event> poll_event();

  /// Connections that still have something to do or have not been released.
  std::size_t connections() const { return entries_.size(); }
  xns_address address(socket_number socket) const { return {config_.network, config_.host, socket}; }
  const host_statistics& statistics() const { return statistics_; }
  /// Octets of data that fill a packet on our link: its MTU less the headers, even.
  std::size_t largest_packet_data() const { return (config_.mtu - spp_overhead) / 2 * 2; }

 private:
  struct entry;
  using peer_key = std::tuple<socket_number, host_number, socket_number>;  // local socket, peer host, peer socket
  struct entry {
    entry(connection_handle the_handle, const spp_config& config, const xns_address& local, const xns_address& peer,
          std::uint16_t id)
        : handle(the_handle), connection(config, local, peer, id) {}
    connection_handle handle;
    spp_connection connection;
    std::size_t deadline_position = deadline_queue_absent;
    std::multimap<peer_key, entry*>::iterator peer_position{};
    link_index link = 0;
    host_number next_hop{};
    std::optional<socket_number> listener;         // accepted by it
    bool told = false;                             // the application knows of it
    bool ready = false;                            // in ready_
    std::optional<std::uint64_t> notice_position;  // in noticed_
    bool released = false;
  };
  struct listener {
    spp_config config;
    std::size_t half_open = 0;
  };

  result<void, drop_reason> accept(instant now, const datagram& arrived);
  result<void, drop_reason> accept_spp(instant now, const datagram& arrived, const idp_packet& idp);
  result<void, drop_reason> accept_error(const idp_packet& idp);
  result<void, drop_reason> accept_opening(instant now, const datagram& arrived, const idp_packet& idp,
                                           const spp_packet& opening);
  result<void, drop_reason> hand_to(instant now, entry& found, const datagram& arrived, const idp_packet& idp,
                                    const spp_packet& spp);
  void answer_with_error(instant now, const datagram& offending, drop_reason why);
  bool error_permitted(instant now, host_number to);
  entry* find_opening(const xns_address& source, socket_number local, std::uint16_t source_id);
  std::optional<std::uint16_t> fresh_id(instant now, const xns_address& peer);
  std::optional<socket_number> fresh_socket();
  bool socket_bound(socket_number socket) const { return listeners_.contains(socket) || socket_uses_.contains(socket); }
  entry& add(const spp_config& config, const xns_address& local, const xns_address& peer, std::uint16_t id);
  void make_ready(entry& changed);
  void after_change(entry& changed);
  void note_notices(entry& changed);
  void remove(instant now, entry& finished);
  void fill(packet& out, const entry& from, const outgoing_packet& what) const;

  host_config config_;
  host_statistics statistics_;
  std::map<socket_number, listener> listeners_;
  std::map<socket_number, std::size_t> socket_uses_;  // by connections
  std::unordered_map<connection_handle, std::unique_ptr<entry>> entries_;
  std::unordered_map<std::uint16_t, entry*> by_id_;  // every connection id of ours is unique in this host
  std::multimap<peer_key, entry*> by_peer_;          // by the peer as it was first known: finds repeated openings
  std::bitset<65536> ids_taken_;                     // live or quarantined
  std::deque<std::pair<instant, std::uint16_t>> quarantined_;  // ids, by the time they are free again
  connection_handle last_handle_ = 0;
  std::uint64_t ids_drawn_ = 0;
  std::uint16_t next_ephemeral_ = 3000;
  deadline_queue<entry> deadlines_;
  number_ring<entry*> ready_;
  std::deque<packet> errors_;                // Error packets to send
  number_ring<entry*> noticed_;              // connections that have something to tell; nothing where one has gone
  std::array<instant, 64> error_buckets_{};  // until when each bucket's budget is spent
};

}  // namespace seqwire
