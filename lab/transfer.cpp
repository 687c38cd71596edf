#include "lab/transfer.hpp"

#include <algorithm>

namespace seqwire {
namespace {

constexpr duration route_patience = 5_s;  // a router's next news may be some seconds away

}  // namespace

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
  transport_ = &on.sequenced();
  if (other_) {
    own_transport_ = other_->make(on);
    on.attach(other_->type, *own_transport_);
    transport_ = own_transport_.get();
  }
  for (flow& each : flows_) {
    if (each.outgoing) {
      open(now, on, each);
    } else {
      require(transport_->listen(each.in.socket, each.in.config));
    }
  }
}

// Where no way is known routers are asked for one; false while they have not answered.
bool transfer_program::open(instant now, host& on, flow& of) {
  of.connection = transport_->connect(now, of.out.to, of.out.config);
  if (of.connection) return true;
  if (of.unreachable_at == instant::never())
    of.unreachable_at = now + std::min(of.out.config.open_timeout, route_patience);
  if (now < of.unreachable_at) {
    if (now < of.ask_at) return false;
    on.routing().ask();
    of.ask_at = now + 1_s;
    return true;
  }
  of.ended = true;
  of.result.status = end_status::unreachable;
  return true;
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

bool transfer_program::submit_one(flow& of, const slice& contents, std::uint8_t type) {
  const send_status sent = transport_->send_record(*of.connection, contents, type);
  if (sent == send_status::too_big) {  // it can never be sent: what was accepted before still is
    of.too_long = true;
    of.source_dry = true;
    transport_->close(*of.connection);
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
  if (type == contents_type) of.digests.push_back(std::move(digest));
}

// Fills the connection's send buffer; true when something was accepted.
bool transfer_program::submit(instant now, flow& of) {
  if (!of.outgoing || !of.result.opened || of.ended || of.source_dry || now < origin_ + of.out.start) return false;
  bool accepted = false;
  for (;;) {
    if (!of.pending) {
      of.pending = of.out.source();
      of.name_sent = !of.pending || of.pending->name.empty();
    }
    if (!of.pending) {
      of.source_dry = true;
      transport_->close(*of.connection);
      return true;
    }
    if (!of.name_sent) {
      if (!submit_one(of, slice::copy_of(view_of(of.pending->name)), name_type)) return accepted;
      of.name_sent = true;
    }
    if (!submit_one(of, of.pending->contents, contents_type)) return accepted;
    if (of.result.records++ == 0) of.result.first_at = now - origin_;
    of.result.octets += of.pending->contents.size();
    of.pending.reset();
    accepted = true;
  }
}

void transfer_program::deliver(instant now, flow& of) {
  while (const auto record = transport_->take_record(*of.connection)) {
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

void transfer_program::take_event(instant now, const host_event& event) {
  flow* const found = find(event);
  if (found == nullptr) {  // a connection more than this program wants: it may go
    transport_->abort(event.connection);
    transport_->release(event.connection);
    return;
  }
  const connection_identity who = transport_->identity(event.connection);
  end_status ended_as = end_status::none;
  switch (event.what) {
    case connection_notice::opened:
      found->result.opened = true;
      if (journal_ != nullptr) journal_->opened(event.connection, who.local, who.peer, who.local_id, who.peer_id);
      return;
    case connection_notice::record: return deliver(now, *found);
    case connection_notice::ended:
      deliver(now, *found);
      found->ended = true;
      ended_as = transport_->status(event.connection);
      found->result.status = found->too_long ? end_status::record_too_long : ended_as;
      if (found->outgoing) found->result.last_at = now - origin_;
      // A journal tells of connections that opened; without that there was none to end.
      if (journal_ != nullptr && found->result.opened) journal_->ended(event.connection, name_of(ended_as));
      found->result.statistics = transport_->statistics(event.connection);
      transport_->release(event.connection);
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
  for (flow& each : flows_)
    if (each.outgoing && !each.connection && !each.ended) did = open(now, on, each) || did;
  while (const auto event = transport_->poll_event()) {
    take_event(now, *event);
    did = true;
  }
  for (flow& each : flows_) did = submit(now, each) || did;
  return did;
}

std::optional<instant> transfer_program::next_wake() const {
  instant next = instant::never();
  for (const flow& each : flows_)
    if (each.outgoing && !each.connection && !each.ended) next = std::min({next, each.unreachable_at, each.ask_at});
    else if (each.outgoing && origin_ + each.out.start > now_) next = std::min(next, origin_ + each.out.start);
  if (next == instant::never()) return std::nullopt;
  return next;
}

bool transfer_program::finished() const {
  return begun_ && std::all_of(flows_.begin(), flows_.end(), [](const flow& each) { return each.ended; });
}

std::vector<flow_result> transfer_program::results(bool with_digests) const {
  std::vector<flow_result> results;
  for (const flow& each : flows_) {
    results.push_back(each.result);
    if (with_digests) results.back().digests = each.digests;
    if (!each.connection || each.ended) continue;
    results.back().statistics = transport_->statistics(*each.connection);
    results.back().stands = transport_->information(*each.connection);
  }
  return results;
}

void transfer_program::abort() {
  for (flow& each : flows_)
    if (each.connection && !each.ended) transport_->abort(*each.connection);
}

}  // namespace seqwire
