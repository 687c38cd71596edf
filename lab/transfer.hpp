// Moving named records between two hosts: what `demo`, `run`, `send` and `receive` have in common. A program that runs
// on a host in either world; each file is one record of datastream type 0, and its name travels before it as a record
// of type 1. Both ends write journals of what they submitted and what was delivered to them; datagram flows, which
// promise nothing, have none.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "lab/flow.hpp"
#include "lab/protocols.hpp"
#include "lab/workload/datagram_flow.hpp"
#include "protocol/host/application.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire {

/// Datastream types of the transfer.
inline constexpr std::uint8_t contents_type = 0;
inline constexpr std::uint8_t name_type = 1;  // octets as the file system has them

/// The program of a host; flows are added before it runs. A step looks only at flows for which something has happened
/// or become due, so that one flow costs as much beside ten thousand others as alone.
class transfer_program final : public application {
 public:
  /// Times of flows and results count from `origin`. `record_of` may be nullptr: no journal.
  explicit transfer_program(journal_writer* record_of, instant origin = {}) : journal_(record_of), origin_(origin) {}

  /// Speaks this protocol instead of the host's SPP; nothing: SPP.
  void speak(std::optional<record_protocol> other) { other_ = std::move(other); }
  // Before the first step().
  void add(outgoing_flow flow);
  void add(incoming_flow flow);

  bool step(instant now, host& on) override;
  std::optional<instant> next_wake() const override;
  /// Every flow has ended.
  bool finished() const override;

  /// In the order in which flows were added; what has not ended as far as it came. While the host lives. Digests of
  /// many records are long: they can be left out.
  std::vector<flow_result> results(bool with_digests = true) const;
  /// Ends every connection at once; the results say "local abort".
  void abort();

 private:
  struct flow {
    std::size_t number = 0;  // in the order of flows_
    // As outgoing_flow or incoming_flow had it.
    bool outgoing = false;
    bool has_responses = false;
    socket_number listens_on{};
    xns_address to;
    duration start{};
    record_source source;  // of records or of responses
    record_sink sink;
    std::shared_ptr<due_instants> due;
    std::unique_ptr<spp_config> config;  // until the engine has it

    flow_progress result;
    std::unique_ptr<spp_statistics> statistics;  // of a connection that has ended
    std::vector<std::string> digests;            // of the contents records, in order
    std::optional<connection_handle> connection;
    instant unreachable_at = instant::never();  // while no way to its network is known
    instant ask_at{};                           // routers, again
    std::optional<named_record> pending;        // accepted from the source, not yet by the connection
    bool name_sent = false;
    bool source_dry = false;
    instant due_from{};                      // where due times count from
    bool awaits_response = false;            // and sends nothing before
    instant request_due{};                   // of the request that was sent last
    bool looked_at = false;                  // is in ready_
    instant waits_until = instant::never();  // its entry in due_; never: it has none
    std::uint64_t owed_responses = 0;
    std::unique_ptr<received_record> arriving;  // as far as it has come; nothing has: nullptr
    bool too_long = false;                      // a record was longer than the connection takes
    bool ended = false;
    std::string incoming_name;
    std::uint64_t submitted = 0;  // journal numbers
    std::uint64_t delivered = 0;
  };

  void begin(instant now, host& on);
  bool open(instant now, host& on, flow& of);
  bool open_all(instant now, host& on);
  bool submit_ready(instant now);
  bool has_more(const flow& of) const { return of.outgoing && !of.ended && !of.source_dry && !of.awaits_response; }
  instant next_due(const flow& of) const;
  flow& added(std::string label, const spp_config& config);
  void look_at(flow& each);
  void wait_until(flow& each, instant due);
  void end(flow& each);
  bool submit(instant now, flow& of);
  bool respond(flow& of);
  bool submit_pending(instant now, flow& of);
  bool submit_one(flow& of, const slice& contents, std::uint8_t type);
  void note_submitted(instant now, flow& of);
  void note_digest(flow& of, std::string digest, std::uint8_t type, bool forward);
  void deliver(instant now, flow& of);
  void take_record(instant now, flow& of, const received_record& record);
  void take_contents(instant now, flow& of, const received_record& contents);
  void take_response(instant now, flow& of);
  void take_event(instant now, const host_event& event);
  flow* find(const host_event& event);

  journal_writer* journal_;
  instant origin_;
  std::deque<flow> flows_;       // on connections; they stay where they are
  std::vector<flow*> unopened_;  // that want a connection, in order
  std::map<connection_handle, flow*> by_connection_;
  std::map<socket_number, flow*> listening_;                        // whose connection has not come
  std::vector<flow*> ready_;                                        // something has happened that may let them submit
  std::set<std::pair<instant, std::size_t>> due_;                   // what waits for nothing but the time, by number
  std::size_t ended_ = 0;                                           // of flows_
  std::map<std::size_t, std::unique_ptr<datagram_end>> datagrams_;  // by their place among all flows
  std::optional<record_protocol> other_;
  std::unique_ptr<record_transport> own_transport_;  // the host's, if `other_` is nothing
  record_transport* transport_ = nullptr;
  bool begun_ = false;
  instant now_{};
};

}  // namespace seqwire
