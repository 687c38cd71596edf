// SPP on a host: its connections and listeners, which packet is for which of them, and connection ids that nobody can
// guess and that are not used again too soon. A packet is found by our connection id; an opening, which carries none,
// by its addresses (protocol sheet, sections 4.2 and 5). What a connection does is protocol/spp's business.
#pragma once

#include <bitset>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "protocol/base/number_ring.hpp"
#include "protocol/host/deadline_queue.hpp"
#include "protocol/host/host_config.hpp"
#include "protocol/host/port_table.hpp"
#include "protocol/host/record_transport.hpp"
#include "protocol/host/routing_protocol.hpp"
#include "protocol/spp/connection.hpp"

namespace seqwire {

/// The connections of a host: who listens, who is half open, and which packet is whose.
class spp_protocol final : public record_transport {
 public:
  /// All but the profile outlive it.
  spp_protocol(const host_config& config, port_table& ports, routing_protocol& routing,
               const spp_profile& profile = classic_profile);
  ~spp_protocol() override;

  // --- packet_protocol ---
  result<void, drop_reason> on_packet(instant now, const datagram& arrived, const idp_packet& idp) override;
  result<void, drop_reason> on_error(instant now, const error_packet& error) override;
  std::size_t poll_transmit(instant now, std::span<packet> out) override;
  std::optional<instant> next_timeout() const override;
  void on_timeout(instant now) override;
  bool idle() const override { return entries_.empty(); }

  // --- record_transport ---
  send_status send_record(connection_handle on, slice contents, std::uint8_t datastream_type) override;
  std::optional<received_record> take_record(connection_handle on) override;
  void close(connection_handle which) override;
  void abort(connection_handle which) override;
  connection_identity identity(connection_handle of) const override;
  end_status status(connection_handle of) const override;
  spp_statistics statistics(connection_handle of) const override;
  connection_information information(connection_handle of) const override;

  // --- what applications do ---
  /// Holds this number without accepting anything yet. False: it is taken.
  bool bind(socket_number socket);
  /// Accepts connections on this number, each with this configuration. False: it is taken, by others than bind().
  /// No more than `backlog` wait at a time until the application says accepted(). Further ones are refused by Error 3;
  /// those that were answered before (half open, bounded by host_config) wait outside.
  bool listen(socket_number socket, const spp_config& config,
              std::size_t backlog = std::numeric_limits<std::size_t>::max()) override;
  /// Another backlog for a number that listens; who waits stays.
  void set_backlog(socket_number socket, std::size_t backlog);
  /// The application took one of those that wait: there is room in the backlog again.
  void accepted(socket_number socket);
  /// Gives the number back, of bind() or listen(); connections that were accepted or opened stay.
  void unbind(socket_number socket);
  /// Opens a connection from a fresh socket (or the one given). Nothing: no socket or no connection id is free, or
  /// there is no way to that network. Of packet_data 0 the connection makes what fills our link or, beyond routers,
  /// the classic 534 octets, which every one of them passes on.
  std::optional<connection_handle> connect(instant now, const xns_address& to, const spp_config& config,
                                           std::optional<socket_number> from = std::nullopt) override;
  /// The connection, or nullptr after release(). Whatever is called on it, its packets leave with the next
  /// poll_transmit(). Valid until release().
  spp_connection* find(connection_handle handle);
  const spp_connection* find(connection_handle handle) const;  // for looking
  /// The application is done with it: it tells nothing more, drops what still arrives for the application, and is
  /// forgotten at once when finished, else as soon as it is. close() or abort() it first.
  void release(connection_handle handle) override;
  /// What happened; the connection that first had something to tell comes first.
  std::optional<host_event> poll_event() override;

  /// Connections that still have something to do or have not been released.
  std::size_t connections() const { return entries_.size(); }
  /// These, in the order in which they were made.
  std::vector<connection_handle> handles() const;
  /// A number that connections are accepted on.
  struct accepting_number {
    socket_number socket{};     // never 0
    std::size_t backlog = 0;    // of listen()
    std::size_t waiting = 0;    // open, and not yet accepted()
    std::size_t half_open = 0;  // answered, and not yet known to exist
  };
  /// In the order of the numbers.
  std::vector<accepting_number> accepting() const;
  /// What they hold of what has arrived, and the bound; without sockets whose records may be longer than that: each of
  /// those has a memory of its own, of one such record, for all its connections.
  const connection_memory& receiving() const { return *memory_; }
  /// What all of them hold of what is to be sent or on its way, and the bound.
  const connection_memory& sending() const { return sending_; }

 private:
  struct receive_memory final : connection_memory {
    explicit receive_memory(std::size_t limit) : connection_memory{limit} {}
    instant room_made_at{};  // when one of its connections was last ended for the others
  };
  struct entry final : port_user {
    entry(const spp_protocol& whose, connection_handle the_handle, const spp_config& config, const xns_address& local,
          const xns_address& peer, std::uint16_t id, std::shared_ptr<receive_memory> the_memory,
          connection_memory& sending)
        : port_user(kind::sequenced),
          of(whose),
          handle(the_handle),
          memory(std::move(the_memory)),
          connection(config, local, peer, id, memory.get(), &sending) {}
    const spp_protocol& of;  // several profiles may share the host's numbers
    connection_handle handle;
    std::shared_ptr<receive_memory> memory;
    spp_connection connection;
    std::size_t deadline_position = deadline_queue_absent;
    port_table::place port{};  // under the peer as it was first known: finds repeated openings
    way onward{};
    std::uint64_t routes_seen = 0;                 // their version when `onward` was chosen
    std::optional<socket_number> listener;         // accepted by it
    bool told = false;                             // the application knows of it
    bool ready = false;                            // in ready_
    std::optional<std::uint64_t> notice_position;  // in noticed_
    bool released = false;
    instant answered_at{};  // as a listener's
  };
  struct listener final : port_user {
    listener() : port_user(kind::sequenced) {}
    bool accepting = false;
    std::shared_ptr<const spp_config> config;  // thousands listen alike, and share it
    std::shared_ptr<receive_memory> memory;    // of its connections
    std::size_t backlog = 0;
    std::size_t waiting = 0;                // open, and not yet accepted()
    std::set<connection_handle> half_open;  // answered, and not yet known to exist; the oldest first
    std::map<host_number, std::set<connection_handle>> half_open_by_host;
    port_table::place port{};

    bool full() const { return waiting >= backlog; }
    void add_half_open(host_number peer, connection_handle handle);
    bool remove_half_open(host_number peer, connection_handle handle);  // false: it is not half open
  };

  result<void, drop_reason> on_opening(instant now, const datagram& arrived, const idp_packet& idp,
                                       const spp_packet& opening);
  result<void, drop_reason> hand_to(instant now, entry& found, const datagram& arrived, const idp_packet& idp,
                                    const spp_packet& spp);
  entry* find_opening(const xns_address& source, socket_number local, std::uint16_t source_id);
  std::optional<std::uint16_t> fresh_id(instant now, const xns_address& peer);
  void follow_routes(entry& sends) const;
  std::shared_ptr<receive_memory> memory_for(const spp_config& config) const;
  entry& add(spp_config config, const xns_address& local, const xns_address& peer, std::uint16_t id,
             std::shared_ptr<receive_memory> memory);
  void make_ready(entry& changed);
  void after_change(entry& changed);
  void note_notices(entry& changed);
  static void discard_input(entry& released);
  bool make_place(instant now, listener& at, host_number opener);
  void forget_half_open(listener& at, connection_handle oldest);
  void make_room(instant now, receive_memory& in);
  void no_longer_half_open(const entry& changed);
  void remove(instant now, entry& finished);
  void fill(packet& out, const entry& from, const outgoing_packet& what) const;

  const host_config& config_;
  port_table& ports_;
  routing_protocol& routing_;
  const spp_profile profile_;
  connection_memory sending_;                     // of all connections; before them, whose shares refer to it
  const std::shared_ptr<receive_memory> memory_;  // of all connections but those of sockets that have their own
  std::map<socket_number, listener> listeners_;
  std::shared_ptr<const spp_config> listened_with_;  // by the latest of them
  std::unordered_map<connection_handle, std::unique_ptr<entry>> entries_;
  std::unordered_map<std::uint16_t, entry*> by_id_;            // every connection id of ours is unique in this host
  std::bitset<65536> ids_taken_;                               // live or quarantined
  std::deque<std::pair<instant, std::uint16_t>> quarantined_;  // ids, by the time they are free again
  connection_handle last_handle_ = 0;
  std::uint64_t ids_drawn_ = 0;
  deadline_queue<entry> deadlines_;
  number_ring<entry*> ready_;
  number_ring<entry*> noticed_;  // connections that have something to tell; nothing where one has gone
};

}  // namespace seqwire
