// What runs on both hosts of a canary's world: a program that sends records and attentions, stops reading now and then,
// closes with data still queued, tries to send after that, may abort, and opens several connections one after another.
// It writes the journal and notices what only an application can notice (reliability rules I22 and I40).
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "dissector/analysis/rules.hpp"
#include "protocol/host/application.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire::test {

/// What is broken, by the rule's name, with a sentence for people.
using complaints = std::map<std::string, std::string>;

struct letter {
  octets contents;
  std::uint8_t datastream_type = 0;
  bool attention = false;
  duration not_before{};  // from the connection's start
};

/// One end's part in one connection.
struct script {
  std::vector<letter> letters;
  bool closes = true;  // by itself, when all letters are accepted
  std::optional<instant> aborts_at{};
};

struct conversation_plan {
  spp_config config;
  std::optional<xns_address> opens_to;        // nothing: listens
  socket_number socket{};                     // opens from or listens on
  std::vector<script> scripts;                // one for each connection, in order
  duration rest{};                            // between two connections
  instant opens_until = instant::never();     // no new connection after this
  instant reads_not_from = instant::never();  // the reader takes nothing from here ...
  instant reads_not_until{};                  // ... until here
};

class conversation final : public application {
 public:
  struct dialog {
    connection_handle handle = 0;
    std::size_t number = 0;  // of the script
    instant started{};
    std::size_t next_letter = 0;
    bool opened = false;
    bool closed = false;
    bool broke_in = false;  // a record was accepted after the close
    bool blocked = false;   // would-block, and not yet writable
    int terminal_events = 0;
    instant ended_at{};
    end_status status = end_status::none;
    std::uint64_t submitted = 0;
    std::uint64_t delivered = 0;
    std::uint64_t attentions_submitted = 0;
    std::uint64_t attentions_delivered = 0;
    std::uint16_t local_id = 0;
    std::uint16_t peer_id = 0;
    xns_address local{};
    xns_address peer{};
    spp_statistics statistics{};  // of the connection, once it has ended
  };

  conversation(conversation_plan plan, journal_writer& journal) : plan_(std::move(plan)), journal_(journal) {}

  bool step(instant now, host& on) override;
  std::optional<instant> next_wake() const override;
  bool finished() const override;

  /// Every connection that there was, in order.
  const std::deque<dialog>& dialogs() const { return dialogs_; }
  const conversation_plan& plan() const { return plan_; }
  const complaints& complained() const { return complaints_; }

 private:
  bool open_next(instant now, host& on);
  void take_event(instant now, host& on, const host_event& event);
  bool act(instant now, host& on, dialog& in);
  bool submit(instant now, spp_connection& connection, dialog& in);
  bool submit_one(spp_connection& connection, dialog& in, const letter& what);
  void try_after_close(spp_connection& connection, dialog& in);
  bool read(spp_connection& connection, dialog& in);
  dialog* find(connection_handle handle);
  void complain(rule_id rule, std::string sentence);

  conversation_plan plan_;
  journal_writer& journal_;
  std::deque<dialog> dialogs_;
  complaints complaints_;
  bool begun_ = false;
  instant now_{};
  instant next_open_{};
  std::vector<connection_handle> ended_;  // to be released
};

}  // namespace seqwire::test
