#include "tests/canaries/conversation.hpp"

#include <algorithm>

namespace seqwire::test {

void conversation::complain(rule_id rule, std::string sentence) {
  complaints_.try_emplace(std::string(row_of(rule).name), std::move(sentence));
}

conversation::dialog* conversation::find(connection_handle handle) {
  for (dialog& each : dialogs_)
    if (each.handle == handle) return &each;
  return nullptr;
}

bool conversation::open_next(instant now, host& on) {
  if (!plan_.opens_to || dialogs_.size() == plan_.scripts.size() || now < next_open_ || now > plan_.opens_until)
    return false;
  if (!dialogs_.empty() && dialogs_.back().terminal_events == 0) return false;
  const auto handle = on.sequenced().connect(now, *plan_.opens_to, plan_.config, plan_.socket);
  require(handle.has_value());
  dialogs_.push_back({.handle = *handle, .number = dialogs_.size(), .started = now});
  return true;
}

void conversation::take_event(instant now, host& on, const host_event& event) {
  spp_connection* const connection = on.sequenced().find(event.connection);
  dialog* in = find(event.connection);
  if (in == nullptr && event.what == connection_notice::opened && dialogs_.size() < plan_.scripts.size()) {
    dialogs_.push_back({.handle = event.connection, .number = dialogs_.size(), .started = now});
    in = &dialogs_.back();
  }
  if (in == nullptr) {  // more connections than were asked for: the journal shows that they had no part in this
    if (connection != nullptr) connection->abort();
    on.sequenced().release(event.connection);
    return;
  }
  if (in->terminal_events > 0) complain(rule_id::one_terminal_event, "something is told after the connection's end");
  if (connection == nullptr) return;
  switch (event.what) {
    case connection_notice::opened:
      in->opened = true;
      in->local = connection->local();
      in->peer = connection->peer();
      in->local_id = connection->local_id();
      in->peer_id = connection->peer_id();
      journal_.opened(in->handle, in->local, in->peer, in->local_id, in->peer_id);
      return;
    case connection_notice::attention:
      while (const auto value = connection->take_attention())
        journal_.delivered(in->handle, {in->attentions_delivered++, 1, sha256_hexadecimal({&*value, 1}), 0, true});
      return;
    case connection_notice::writable: in->blocked = false; return;
    case connection_notice::ended:
      while (read(*connection, *in)) continue;
      if (++in->terminal_events == 1) {
        in->ended_at = now;
        in->status = connection->status();
        in->statistics = connection->statistics();
        if (in->opened) journal_.ended(in->handle, name_of(in->status));
      }
      next_open_ = now + plan_.rest;
      ended_.push_back(in->handle);
      return;
    case connection_notice::record:
    case connection_notice::peer_closing: return;
  }
}

bool conversation::submit_one(spp_connection& connection, dialog& in, const letter& what) {
  const slice contents = slice::copy_of(what.contents);
  const send_status status = what.attention ? connection.send_attention(what.contents.front())
                                            : connection.send(contents, what.datastream_type);
  in.blocked = status == send_status::would_block;
  if (status == send_status::closed) {
    in.next_letter = plan_.scripts[in.number].letters.size();  // the peer was faster: nothing more can be said
    return false;
  }
  if (status != send_status::accepted) return false;
  journal_.submitted(in.handle, {what.attention ? in.attentions_submitted++ : in.submitted++, contents.size(),
                                 sha256_hexadecimal(contents.view()), what.datastream_type, what.attention});
  return true;
}

bool conversation::submit(instant now, spp_connection& connection, dialog& in) {
  const script& part = plan_.scripts[in.number];
  bool accepted = false;
  while (!in.blocked && in.next_letter < part.letters.size() &&
         in.started + part.letters[in.next_letter].not_before <= now) {
    if (!submit_one(connection, in, part.letters[in.next_letter])) break;
    ++in.next_letter;
    accepted = true;
  }
  if (in.next_letter == part.letters.size() && part.closes && !in.closed) {
    in.closed = accepted = true;
    connection.close();
  }
  if (in.closed) try_after_close(connection, in);
  return accepted;
}

// Nothing may be accepted now; what is accepted all the same is owed to the peer, and the journal says so.
void conversation::try_after_close(spp_connection& connection, dialog& in) {
  static const letter postscript{.contents = {'p', 's'}, .datastream_type = 9};
  if (in.broke_in || connection.status() != end_status::none) return;
  in.broke_in = submit_one(connection, in, postscript);
  if (in.broke_in) complain(rule_id::application_interface, "a record is accepted after close()");
}

bool conversation::read(spp_connection& connection, dialog& in) {
  const auto record = connection.take_record();
  if (!record) return false;
  journal_.delivered(in.handle, {in.delivered++, record->size, sha256_hexadecimal(record->flatten().view()),
                                 record->datastream_type, false});
  return true;
}

bool conversation::act(instant now, host& on, dialog& in) {
  spp_connection* const connection = on.sequenced().find(in.handle);
  if (connection == nullptr || in.terminal_events > 0) return false;
  const auto aborts_at = plan_.scripts[in.number].aborts_at;
  if (aborts_at && *aborts_at <= now && connection->status() == end_status::none) {
    connection->abort();
    return true;
  }
  bool did = false;
  const bool reads = now < plan_.reads_not_from || now >= plan_.reads_not_until;
  while (in.opened && reads && read(*connection, in)) did = true;
  return (in.opened && submit(now, *connection, in)) || did;
}

bool conversation::step(instant now, host& on) {
  now_ = now;
  bool did = false;
  if (!begun_) {
    begun_ = did = true;
    if (!plan_.opens_to) require(on.sequenced().listen(plan_.socket, plan_.config));
  }
  did = open_next(now, on) || did;
  while (const auto event = on.sequenced().poll_event()) {
    take_event(now, on, *event);
    did = true;
  }
  // Only now: what is told after the end must be heard.
  for (const connection_handle each : std::exchange(ended_, {})) on.sequenced().release(each);
  for (dialog& each : dialogs_) did = act(now, on, each) || did;
  return did;
}

std::optional<instant> conversation::next_wake() const {
  instant next = instant::never();
  const auto consider = [&](instant when) {
    if (when > now_) next = std::min(next, when);
  };
  if (plan_.opens_to && dialogs_.size() < plan_.scripts.size()) consider(next_open_);
  consider(plan_.reads_not_until);
  for (const dialog& each : dialogs_) {
    if (each.terminal_events > 0) continue;
    const script& part = plan_.scripts[each.number];
    if (part.aborts_at) consider(*part.aborts_at);
    if (each.next_letter < part.letters.size()) consider(each.started + part.letters[each.next_letter].not_before);
  }
  return next == instant::never() ? std::nullopt : std::optional(next);
}

bool conversation::finished() const {
  return std::all_of(dialogs_.begin(), dialogs_.end(), [](const dialog& each) { return each.terminal_events > 0; });
}

}  // namespace seqwire::test
