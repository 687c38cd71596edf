// Moving named records between two hosts: what `demo`, `run`, `send` and `receive` have in common. A program that runs
// on a host in either world; each file is one record of datastream type 0, and its name travels before it as a record
// of type 1. Both ends write journals of what they submitted and what was delivered to them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lab/protocols.hpp"
#include "protocol/host/application.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire {

/// Datastream types of the transfer.
inline constexpr std::uint8_t contents_type = 0;
inline constexpr std::uint8_t name_type = 1;  // octets as the file system has them

/// A record with the name it travels under; an empty name is not sent.
struct named_record {
  std::string name;  // relative; '/' between its parts
  slice contents;    // the whole file
};

/// Hands out records one at a time; nothing: there are no more.
using record_source = std::function<std::optional<named_record>()>;
/// Takes a record that was delivered. An empty name: none was sent for it.
using record_sink = std::function<void(const std::string& name, const received_record& contents)>;

/// What became of one flow at one end.
struct flow_result {
  std::string label;                     // of outgoing_flow or incoming_flow
  bool opened = false;                   // ever
  end_status status = end_status::none;  // none: it has not ended
  std::uint64_t records = 0;             // contents records submitted or delivered
  std::uint64_t octets = 0;              // of these
  duration first_at{};                   // first record submitted or delivered, from the run's origin
  duration last_at{};                    // last record delivered; for a sender the end of the connection
  spp_statistics statistics;             // of the connection
  connection_information stands;         // while it is open
  std::vector<std::string> digests;      // SHA-256 of each contents record, in order; with a journal only
};

/// A flow that this host opens, and whose records it sends.
struct outgoing_flow {
  std::string label;     // for results
  xns_address to;        // where the receiver listens
  spp_config config;     // of the connection
  duration start{};      // when records begin, from the run's origin; the connection opens at once
  record_source source;  // asked whenever the connection has room
};

/// A flow that this host receives: the first connection to its socket.
struct incoming_flow {
  std::string label;       // for results
  socket_number socket{};  // to listen on
  spp_config config;       // of the connection
  record_sink sink;        // may be empty
};

/// The program of a host; flows are added before it runs.
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
    bool outgoing = false;
    outgoing_flow out;
    incoming_flow in;
    flow_result result;                // without digests
    std::vector<std::string> digests;  // of the contents records, in order
    std::optional<connection_handle> connection;
    instant unreachable_at = instant::never();  // while no way to its network is known
    instant ask_at{};                           // routers, again
    std::optional<named_record> pending;        // accepted from the source, not yet by the connection
    bool name_sent = false;
    bool source_dry = false;
    bool too_long = false;  // a record was longer than the connection takes
    bool ended = false;
    std::string incoming_name;
    std::uint64_t submitted = 0;  // journal numbers
    std::uint64_t delivered = 0;
  };

  void begin(instant now, host& on);
  bool open(instant now, host& on, flow& of);
  bool submit(instant now, flow& of);
  bool submit_one(flow& of, const slice& contents, std::uint8_t type);
  void note_digest(flow& of, std::string digest, std::uint8_t type);
  void deliver(instant now, flow& of);
  void take_event(instant now, const host_event& event);
  flow* find(const host_event& event);

  journal_writer* journal_;
  instant origin_;
  std::vector<flow> flows_;
  std::optional<record_protocol> other_;
  std::unique_ptr<record_transport> own_transport_;  // the host's, if `other_` is nothing
  record_transport* transport_ = nullptr;
  bool begun_ = false;
  instant now_{};
};

}  // namespace seqwire
