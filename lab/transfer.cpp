#include "lab/transfer.hpp"

#include <algorithm>

namespace seqwire {

void transfer_program::add(outgoing_flow added) {
  flow next;
  next.outgoing = true;
  next.result.label = added.label;
  next.out = std::move(added);
  flows_.push_back(std::move(next));
}

void transfer_program::add(incoming_flow added) {
  flow next;
  next.result.label = added.label;
  next.in = std::move(added);
  flows_.push_back(std::move(next));
}

void transfer_program::begin(instant now, host& on) {
  begun_ = true;
  for (flow& each : flows_) {
    if (each.outgoing) {
      each.connection = on.sequenced().connect(now, each.out.to, each.out.config);
      require(each.connection.has_value());
    } else {
      require(on.sequenced().listen(each.in.socket, each.in.config));
    }
  }
}

transfer_program::flow* transfer_program::find(const host_event& event) {
  for (flow& each : flows_)
    if (each.connection == event.connection) return &each;
  if (event.what != connection_notice::opened || !event.listener) return nullptr;
  for (flow& each : flows_)
    if (!each.outgoing && each.in.socket == *event.listener && !each.connection) {
      each.connection = event.connection;
      return &each;
    }
  return nullptr;
}

bool transfer_program::submit_one(spp_connection& connection, flow& of, const slice& contents, std::uint8_t type) {
  const send_status sent = connection.send(contents, type);
  if (sent == send_status::too_big) {  // it can never be sent: what was accepted before still is
    of.too_long = true;
    of.source_dry = true;
    connection.close();
  }
  if (sent != send_status::accepted) return false;
  if (journal_ != nullptr) {
    std::string digest = sha256_hexadecimal(contents.view());
    journal_->submitted(*of.connection, {of.submitted, contents.size(), digest, type});
    note_digest(of, std::move(digest), type);
  }
  ++of.submitted;
  return true;
}

void transfer_program::note_digest(flow& of, std::string digest, std::uint8_t type) {
  if (type == contents_type) of.result.digests.push_back(std::move(digest));
}

// Fills the connection's send buffer; true when something was accepted.
bool transfer_program::submit(instant now, host& on, flow& of) {
  if (!of.outgoing || !of.result.opened || of.ended || of.source_dry || now < origin_ + of.out.start) return false;
  spp_connection& connection = *on.sequenced().find(*of.connection);
  bool accepted = false;
  for (;;) {
    if (!of.pending) {
      of.pending = of.out.source();
      of.name_sent = !of.pending || of.pending->name.empty();
    }
    if (!of.pending) {
      of.source_dry = true;
      connection.close();
      return true;
    }
    if (!of.name_sent) {
      if (!submit_one(connection, of, slice::copy_of(view_of(of.pending->name)), name_type)) return accepted;
      of.name_sent = true;
    }
    if (!submit_one(connection, of, of.pending->contents, contents_type)) return accepted;
    if (of.result.records++ == 0) of.result.first_at = now - origin_;
    of.result.octets += of.pending->contents.size();
    of.pending.reset();
    accepted = true;
  }
}

void transfer_program::deliver(instant now, host& on, flow& of) {
  spp_connection& connection = *on.sequenced().find(*of.connection);
  while (const auto record = connection.take_record()) {
    if (journal_ != nullptr) {
      std::string digest = sha256_hexadecimal(record->flatten().view());
      journal_->delivered(*of.connection, {of.delivered, record->size, digest, record->datastream_type});
      note_digest(of, std::move(digest), record->datastream_type);
    }
    ++of.delivered;
    if (record->datastream_type == name_type) {
      const slice name = record->flatten();
      of.incoming_name.assign(reinterpret_cast<const char*>(name.data()), name.size());
      continue;
    }
    if (of.result.records++ == 0) of.result.first_at = now - origin_;
    of.result.octets += record->size;
    of.result.last_at = now - origin_;
    if (!of.outgoing && of.in.sink) of.in.sink(of.incoming_name, *record);
    of.incoming_name.clear();
  }
}

void transfer_program::take_event(instant now, host& on, const host_event& event) {
  flow* const found = find(event);
  spp_connection* const connection = on.sequenced().find(event.connection);
  if (found == nullptr || connection == nullptr) {
    // A connection more than this program wants: it may go.
    if (connection != nullptr) connection->abort();
    on.sequenced().release(event.connection);
    return;
  }
  switch (event.what) {
    case connection_notice::opened:
      found->result.opened = true;
      if (journal_ != nullptr)
        journal_->opened(event.connection, connection->local(), connection->peer(), connection->local_id(),
                         connection->peer_id());
      return;
    case connection_notice::record: return deliver(now, on, *found);
    case connection_notice::ended:
      deliver(now, on, *found);
      found->ended = true;
      found->result.status = found->too_long ? end_status::record_too_long : connection->status();
      if (found->outgoing) found->result.last_at = now - origin_;
      // A journal tells of connections that opened; without that there was none to end.
      if (journal_ != nullptr && found->result.opened) journal_->ended(event.connection, name_of(connection->status()));
      found->result.statistics = connection->statistics();
      on.sequenced().release(event.connection);
      return;
    case connection_notice::attention:
    case connection_notice::writable:
    case connection_notice::peer_closing: return;
  }
}

bool transfer_program::step(instant now, host& on) {
  now_ = now;
  bool did = !begun_;
  if (!begun_) begin(now, on);
  while (const auto event = on.sequenced().poll_event()) {
    take_event(now, on, *event);
    did = true;
  }
  for (flow& each : flows_) did = submit(now, on, each) || did;
  return did;
}

std::optional<instant> transfer_program::next_wake() const {
  std::optional<instant> next;
  for (const flow& each : flows_)
    if (each.outgoing && origin_ + each.out.start > now_ && (!next || origin_ + each.out.start < *next))
      next = origin_ + each.out.start;
  return next;
}

bool transfer_program::finished() const {
  return begun_ && std::all_of(flows_.begin(), flows_.end(), [](const flow& each) { return each.ended; });
}

std::vector<flow_result> transfer_program::results() const {
  std::vector<flow_result> results;
  for (const flow& each : flows_) results.push_back(each.result);
  return results;
}

void transfer_program::abort(host& on) {
  for (flow& each : flows_)
    if (each.connection && !each.ended)
      if (spp_connection* connection = on.sequenced().find(*each.connection)) connection->abort();
}

}  // namespace seqwire
