// The engine of lockstep: stop and wait. It keeps seqwire's contract: it is told packets and the time, and is asked for
// packets, a deadline and events; it never reads a clock and never calls out. That is why it runs in the simulator and
// on the wire without a change.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "lockstep_header.hpp"
#include "protocol/host/host.hpp"
#include "protocol/spp/round_trip.hpp"

namespace lockstep {

using namespace seqwire;

class engine final : public record_transport {
 public:
  explicit engine(host& on) : host_(on) {}

  // --- packets and time ---
  result<void, drop_reason> on_packet(instant now, const datagram& arrived, const idp_packet& idp) override;
  result<void, drop_reason> on_error(instant now, const error_packet& error) override;
  std::size_t poll_transmit(instant now, std::span<packet> out) override;
  std::optional<instant> next_timeout() const override;
  void on_timeout(instant now) override;
  bool idle() const override { return connections_.empty(); }

  // --- records ---
  bool listen(socket_number socket, const spp_config& config, std::size_t backlog) override;
  std::optional<connection_handle> connect(instant now, const xns_address& to, const spp_config& config,
                                           std::optional<socket_number> from) override;
  std::optional<host_event> poll_event() override;
  send_status send_record(connection_handle on, slice contents, std::uint8_t type) override;
  std::optional<received_record> take_record(connection_handle on) override;
  void close(connection_handle which) override;
  void abort(connection_handle which) override { end(connections_.at(which), end_status::local_abort); }
  connection_identity identity(connection_handle of) const override { return connections_.at(of).who; }
  end_status status(connection_handle of) const override { return connections_.at(of).status; }
  spp_statistics statistics(connection_handle of) const override { return connections_.at(of).counted; }
  void release(connection_handle which) override;

 private:
  struct piece {  // of a record: what one packet carries
    slice contents;
    std::uint8_t type = 0;
    bool last = true;
  };
  struct connection {
    connection_handle handle = 0;
    connection_identity who;
    spp_config config;
    way onward;
    std::optional<socket_number> listener;
    end_status status = end_status::none;
    bool opened = false;
    bool released = false;
    bool close_asked = false;
    spp_statistics counted;
    // Sending: the front of the queue is under way; nothing else ever is.
    std::deque<piece> queue;
    std::uint16_t number = 0;  // of the front
    instant send_at = instant::never();
    instant first_sent{}, given_up = instant::never();
    int attempts = 0;
    round_trip_estimator trip{{}};
    // Receiving
    std::uint16_t expected = 0;
    received_record assembling;
    std::deque<received_record> records;
    bool control_due = false;
    instant linger_until{};  // answers until then, when it has ended
    bool finished = false;   // and not any more
  };
  struct held_number final : port_user {
    held_number() : port_user(kind::sequenced) {}
    spp_config config;
    bool accepts = false;
  };

  connection& add(const xns_address& local, const xns_address& peer, const spp_config& config, way onward);
  held_number* hold(socket_number number);
  connection* find(const header& arrived, const idp_header& idp);
  void on_acknowledgement(instant now, connection& of, std::uint16_t expected);
  void on_data(instant now, connection& to, const header& arrived, slice body);
  void tell(const connection& of, connection_notice what) { events_.push_back({of.handle, what, of.listener}); }
  void end(connection& which, end_status how);
  void begin_sending(instant now, connection& on);
  packet make_packet(const connection& from, bool control) const;

  host& host_;
  std::map<connection_handle, connection> connections_;
  std::map<socket_number, held_number> numbers_;
  std::deque<host_event> events_;
  connection_handle last_handle_ = 0;
  std::uint16_t last_id_ = 0;
};

}  // namespace lockstep
