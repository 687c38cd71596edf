#include "lab/transfer.hpp"

#include <algorithm>
#include <utility>

namespace seqwire {
namespace {

constexpr duration route_patience = 5_s;  // a router's next news may be some seconds away

}  // namespace

transfer_program::flow& transfer_program::added(std::string label, const spp_config& config) {
  flow& next = flows_.emplace_back();
  next.number = flows_.size() - 1;
  next.result.label = std::move(label);
  next.config = std::make_unique<spp_config>(config);
  return next;
}

void transfer_program::add(outgoing_flow given) {
  if (given.type == flow_type::datagram) {
    datagrams_.emplace(flows_.size() + datagrams_.size(), make_datagram_end(std::move(given), origin_));
    return;
  }
  flow& next = added(std::move(given.label), given.config);
  next.outgoing = true;
  next.has_responses = given.has_responses;
  next.to = given.to;
  next.start = given.start;
  next.due_from = origin_ + given.start;
  next.source = std::move(given.source);
  next.due = std::move(given.due);
}

void transfer_program::add(incoming_flow given) {
  if (given.type == flow_type::datagram) {
    datagrams_.emplace(flows_.size() + datagrams_.size(), make_datagram_end(std::move(given), origin_));
    return;
  }
  if (given.type == flow_type::stream) given.config.delivery = record_delivery::packets;
  flow& next = added(std::move(given.label), given.config);
  next.listens_on = given.socket;
  next.source = std::move(given.responses);
  next.sink = std::move(given.sink);
  next.due = std::move(given.due);
}

void transfer_program::begin(instant now, host& on) {
  begun_ = true;
  transport_ = &on.sequenced();
  if (other_) {
    own_transport_ = other_->make(on);
    on.attach(other_->type, *own_transport_);
    transport_ = own_transport_.get();
  }
  // In the order of all flows: a fresh socket must not be one that a flow behind it listens on.
  auto on_connection = flows_.begin();
  for (std::size_t place = 0; place < flows_.size() + datagrams_.size(); ++place) {
    if (const auto found = datagrams_.find(place); found != datagrams_.end()) {
      found->second->begin(on);
      continue;
    }
    flow& each = *on_connection++;
    if (!each.outgoing) {
      require(transport_->listen(each.listens_on, *std::exchange(each.config, nullptr)));
      listening_.emplace(each.listens_on, &each);
    } else {
      open(now, on, each);
      if (!each.connection && !each.ended) unopened_.push_back(&each);
    }
  }
}

// Where no way is known routers are asked for one; false while they have not answered.
bool transfer_program::open(instant now, host& on, flow& of) {
  of.connection = transport_->connect(now, of.to, *of.config);
  if (of.connection) {
    by_connection_.emplace(*of.connection, &of);
    of.config.reset();
    return true;
  }
  if (of.unreachable_at == instant::never())
    of.unreachable_at = now + std::min(of.config->open_timeout, route_patience);
  if (now < of.unreachable_at) {
    if (now < of.ask_at) return false;
    on.routing().ask(of.to.network);
    of.ask_at = now + 1_s;
    return true;
  }
  end(of);
  of.result.status = end_status::unreachable;
  return true;
}

bool transfer_program::open_all(instant now, host& on) {
  bool did = false;
  for (flow* each : unopened_) did = open(now, on, *each) || did;
  std::erase_if(unopened_, [](const flow* each) { return each->connection || each->ended; });
  return did;
}

void transfer_program::end(flow& each) {
  if (!std::exchange(each.ended, true)) ++ended_;
}

transfer_program::flow* transfer_program::find(const host_event& event) {
  if (const auto known = by_connection_.find(event.connection); known != by_connection_.end()) return known->second;
  if (event.what != connection_notice::opened || !event.listener) return nullptr;
  const auto awaited = listening_.find(*event.listener);
  if (awaited == listening_.end()) return nullptr;
  flow* const found = awaited->second;
  listening_.erase(awaited);
  found->connection = event.connection;
  by_connection_.emplace(event.connection, found);
  return found;
}

void transfer_program::look_at(flow& each) {
  if (!std::exchange(each.looked_at, true)) ready_.push_back(&each);
}

void transfer_program::wait_until(flow& each, instant due) {
  if (each.waits_until == due) return;
  if (each.waits_until != instant::never()) due_.erase({each.waits_until, each.number});
  each.waits_until = due;
  if (due != instant::never()) due_.emplace(due, each.number);
}

instant transfer_program::next_due(const flow& of) const {
  if (!of.pending || !of.pending->due) return origin_ + of.start;
  return of.due_from + *of.pending->due;
}

// Fills the connection's send buffer; true when something was accepted.
bool transfer_program::submit(instant now, flow& of) {
  if (!of.result.opened || of.ended) return false;
  if (!of.outgoing) return respond(of);
  bool did = false;
  while (has_more(of) && now >= next_due(of)) {
    if (of.pending) {
      if (!submit_pending(now, of)) break;
      did = true;
    } else if ((of.pending = of.source())) {
      of.name_sent = of.pending->name.empty();
    } else {
      of.source_dry = did = true;
      transport_->close(*of.connection);
    }
  }
  return did;
}

// In the order of flows, whatever order things happened in.
bool transfer_program::submit_ready(instant now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    flow& each = flows_[due_.begin()->second];
    wait_until(each, instant::never());
    look_at(each);
  }
  std::vector<flow*> looked_at = std::exchange(ready_, {});
  std::sort(looked_at.begin(), looked_at.end(),
            [](const flow* one, const flow* other) { return one->number < other->number; });
  bool did = false;
  for (flow* each : looked_at) {
    each->looked_at = false;
    did = submit(now, *each) || did;
    wait_until(*each, has_more(*each) && next_due(*each) > now ? next_due(*each) : instant::never());
  }
  return did;
}

bool transfer_program::submit_pending(instant now, flow& of) {
  if (!of.name_sent) {
    if (!submit_one(of, slice::copy_of(view_of(of.pending->name)), name_type)) return false;
    of.name_sent = true;
  }
  if (!submit_one(of, of.pending->contents, contents_type)) return false;
  note_submitted(now, of);
  of.pending.reset();
  return true;
}

void transfer_program::note_submitted(instant now, flow& of) {
  if (of.result.records++ == 0) of.result.first_at = now - origin_;
  of.result.octets += of.pending->contents.size();
  const instant due = of.pending->due ? next_due(of) : now;
  if (of.due) of.due->push_back(due);
  of.request_due = due;
  of.awaits_response = of.has_responses;
}

bool transfer_program::respond(flow& of) {
  bool did = false;
  for (; of.owed_responses > 0 && !of.source_dry; --of.owed_responses) {
    if (!of.pending) of.pending = of.source();
    if (!of.pending || !submit_one(of, of.pending->contents, contents_type)) break;
    of.pending.reset();
    ++of.result.responses;
    did = true;
  }
  return did;
}

bool transfer_program::submit_one(flow& of, const slice& contents, std::uint8_t type) {
  const send_status sent = transport_->send_record(*of.connection, contents, type);
  if (sent == send_status::too_big) {  // it can never be sent: what was accepted before still is
    of.too_long = true;
    of.result.missing = of.pending->name;
    of.source_dry = true;
    transport_->close(*of.connection);
  }
  if (sent != send_status::accepted) return false;
  if (journal_ != nullptr) {
    std::string digest = sha256_hexadecimal(contents.view());
    journal_->submitted(*of.connection, {of.submitted, contents.size(), digest, type});
    note_digest(of, std::move(digest), type, of.outgoing);
  }
  ++of.submitted;
  return true;
}

void transfer_program::note_digest(flow& of, std::string digest, std::uint8_t type, bool forward) {
  if (forward && type == contents_type) of.digests.push_back(std::move(digest));
}

// Of a stream's records the parts count as they come.
void transfer_program::deliver(instant now, flow& of) {
  while (const auto part = transport_->take_record(*of.connection)) {
    if (part->attention) continue;
    if (!of.outgoing && part->datastream_type == contents_type) {
      if (of.result.records == 0 && !of.arriving) of.result.first_at = now - origin_;
      of.result.octets += part->size;
      of.result.last_at = now - origin_;
    }
    if (part->end_of_message && !of.arriving) {
      take_record(now, of, *part);
      continue;
    }
    if (!of.arriving) of.arriving = std::make_unique<received_record>();
    for (const slice& piece : part->pieces) of.arriving->pieces.push_back(piece);
    of.arriving->size += part->size;
    of.arriving->datastream_type = part->datastream_type;
    if (part->end_of_message) take_record(now, of, *std::exchange(of.arriving, nullptr));
  }
}

void transfer_program::take_record(instant now, flow& of, const received_record& record) {
  if (journal_ != nullptr) {
    std::string digest = sha256_hexadecimal(record.flatten().view());
    journal_->delivered(*of.connection, {of.delivered, record.size, digest, record.datastream_type});
    note_digest(of, std::move(digest), record.datastream_type, !of.outgoing);
  }
  ++of.delivered;
  if (record.datastream_type == name_type) {
    const slice name = record.flatten();
    of.incoming_name.assign(reinterpret_cast<const char*>(name.data()), name.size());
  } else if (of.outgoing) {
    take_response(now, of);
  } else {
    take_contents(now, of, record);
  }
}

void transfer_program::take_contents(instant now, flow& of, const received_record& contents) {
  ++of.result.records;
  if (of.due && !of.due->empty()) of.result.latencies.add(now - of.due->pop_front());
  if (of.source) ++of.owed_responses;
  if (of.sink) of.sink(of.incoming_name, contents);
  of.incoming_name.clear();
}

void transfer_program::take_response(instant now, flow& of) {
  if (!std::exchange(of.awaits_response, false)) return;
  ++of.result.responses;
  of.result.latencies.add(now - of.request_due);
  of.due_from = now;
}

void transfer_program::take_event(instant now, const host_event& event) {
  flow* const found = find(event);
  if (found == nullptr) {  // a connection more than this program wants: it may go
    transport_->abort(event.connection);
    transport_->release(event.connection);
    return;
  }
  look_at(*found);
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
      end(*found);
      by_connection_.erase(event.connection);
      if (!found->outgoing) found->result.missing = found->incoming_name;
      ended_as = transport_->status(event.connection);
      found->result.status = found->too_long ? end_status::record_too_long : ended_as;
      if (found->outgoing) found->result.last_at = now - origin_;
      // A journal tells of connections that opened; without that there was none to end.
      if (journal_ != nullptr && found->result.opened) journal_->ended(event.connection, name_of(ended_as));
      found->statistics = std::make_unique<spp_statistics>(transport_->statistics(event.connection));
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
  did = open_all(now, on) || did;
  while (const auto event = transport_->poll_event()) {
    take_event(now, *event);
    did = true;
  }
  did = submit_ready(now) || did;
  for (auto& [place, each] : datagrams_) did = each->step(now, on) || did;
  return did;
}

std::optional<instant> transfer_program::next_wake() const {
  instant next = instant::never();
  for (const flow* each : unopened_) next = std::min({next, each->unreachable_at, each->ask_at});
  if (!due_.empty()) next = std::min(next, due_.begin()->first);
  for (const auto& [place, each] : datagrams_) next = std::min(next, each->next_wake().value_or(instant::never()));
  if (next == instant::never()) return std::nullopt;
  return next;
}

bool transfer_program::finished() const {
  return begun_ && ended_ == flows_.size() &&
         std::all_of(datagrams_.begin(), datagrams_.end(), [](const auto& each) { return each.second->finished(); });
}

std::vector<flow_result> transfer_program::results(bool with_digests) const {
  std::vector<flow_result> results;
  for (const flow& each : flows_) {
    flow_result& result = results.emplace_back();
    static_cast<flow_progress&>(result) = each.result;
    if (each.statistics) result.statistics = *each.statistics;
    if (with_digests) result.digests = each.digests;
    if (!each.connection || each.ended) continue;
    result.statistics = transport_->statistics(*each.connection);
    result.stands = transport_->information(*each.connection);
  }
  for (const auto& [place, each] : datagrams_)  // ascending: all places before this one are taken
    results.insert(results.begin() + static_cast<std::ptrdiff_t>(place), each->result());
  return results;
}

void transfer_program::abort() {
  for (flow& each : flows_)
    if (each.connection && !each.ended) transport_->abort(*each.connection);
  for (auto& [place, each] : datagrams_) each->abort();
}

}  // namespace seqwire
