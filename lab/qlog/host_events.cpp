#include "lab/qlog/host_events.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "lab/qlog/qlog_event.hpp"
#include "protocol/base/sequence.hpp"
#include "protocol/wire/catalogue.hpp"

namespace seqwire {
namespace {

using nlohmann::json;

// Numbers behind the newest for which it is remembered that they were sent: more than can be in flight.
constexpr std::int64_t remembered = 65536;

json header_of(const sequenced_header& header) {
  return {{"system", header.system},
          {"acknowledgement_request", header.acknowledgement_request},
          {"attention", header.attention},
          {"end_of_record", header.end_of_record},
          {"datastream_type", header.datastream_type},
          {"source_connection", header.source_connection},
          {"destination_connection", header.destination_connection},
          {"sequence", header.sequence},
          {"acknowledgement", header.acknowledgement},
          {"allocation", header.allocation}};
}

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json vantage_point_of(const host_events::source& of) {
  if (!of.between) return {{"name", of.name}, {"type", "unknown"}};
  return {{"name", of.name}, {"type", "network"}, {"flow", "client"}};
}

}  // namespace

std::int64_t host_events::numbered_packets::number_of(std::uint16_t sequence) {
  const std::int64_t number = next ? unwrap(sequence, static_cast<packet_number>(*next)) : sequence;
  next = std::max(next.value_or(0), number + 1);
  sent.erase(sent.begin(), sent.lower_bound(*next - remembered));
  return number;
}

host_events::host_events(const std::string& path, const source& of)
    : file_(path, [](octets_view written) { return written.size(); }), origin_(of.origin), between_(of.between) {
  if (!of.notes.empty()) notes_.open(of.notes);
  json trace = {{"title", (of.between ? "vantage point " : "host ") + of.name},
                {"vantage_point", vantage_point_of(of)},
                {"common_fields",
                 {{"time_format", "relative_to_epoch"},
                  {"reference_time", {{"clock_type", "monotonic"}, {"epoch", "unknown"}}},
                  {"protocol_types", {"SPP"}}}},
                {"event_schemas", {qlog_event_schema}}};
  std::string text = text_of(trace);
  text.pop_back();  // the events follow
  append(
      "{\"file_schema\":\"urn:ietf:params:qlog:file:contained\",\"serialization_format\":\"application/qlog+json\","
      "\"title\":" +
      text_of(of.title) + ",\"traces\":[\n" + text + ",\"events\":[");
  read_note();
}

bool host_events::is_sent(const captured_packet& packet, const std::string& group, const xns_address& from) {
  if (!between_) return packet.direction == capture_direction::out;
  if (heard_first_.size() >= most_groups)
    heard_first_.clear();  // no capture of a laboratory: its directions begin anew
  return heard_first_.try_emplace(group, from).first->second == from;
}

void host_events::on_packet(const captured_packet& packet, link_type type) {
  const duration at = std::max(packet.at - origin_, duration{});
  while (note_ && (note_->at < at || (note_->at == at && note_->before_packets))) write_note();
  const auto frame = decode_frame(type, packet.frame);
  if (!frame) return;
  const std::string group = qlog_group(frame->header.source(), frame->header.destination());
  const bool out = is_sent(packet, group, frame->header.source());
  json data = {{"raw", {{"length", frame->packet.size()}}}};
  const layout_description* const layout = layout_of(frame->header.packet_type);
  data["protocol"] =
      layout != nullptr ? json(std::string(layout->name)) : json(static_cast<int>(frame->header.packet_type));
  if (packet.packet_id) data["packet_id"] = *packet.packet_id;
  if (out && !packet.comments.empty()) data["fate"] = packet.comments.front();
  if (!frame->checksum_right) data["checksum_right"] = false;
  if (const auto sequenced = decode_sequenced(*frame)) add_sequenced(data, at, group, out, *sequenced);
  write(at, out ? "packet_sent" : "packet_received", group, data);
}

std::optional<std::string> host_events::close() {
  while (note_) write_note();
  append("\n]}]}\n");
  file_.close();
  return file_.error();
}

void host_events::add_sequenced(json& data, duration at, const std::string& group, bool out,
                                const sequenced_packet_view& view) {
  data["header"] = header_of(view.header);
  data["data_octets"] = view.body.size();
  if (view.header.system || view.fault != form_fault::none || data.contains("checksum_right")) return;
  auto& directions = out ? sent_ : received_;
  if (directions.size() >= most_groups && !directions.contains(group)) return;
  numbered_packets& numbers = directions[group];
  const std::int64_t number = numbers.number_of(view.header.sequence);
  data["number"] = number;
  if (!out || number < 0) return;
  numbered_packets::transmission& copies = numbers.sent[number];
  if (copies.times > 0) {
    write(at, "packet_lost", group, {{"number", number}, {"packet_id", copies.last_id}});
    data["transmission"] = copies.times + 1;
  }
  ++copies.times;
  copies.last_id = data.value("packet_id", std::uint64_t{0});
}

void host_events::read_note() {
  note_.reset();
  for (std::string line; !note_ && std::getline(notes_, line);) note_ = connection_notes::parse(line);
}

void host_events::write_note() {
  append_event(note_->event);
  read_note();
}

void host_events::write(duration at, const char* name, const std::string& group, const json& data) {
  append_event(fmt::format("{{\"time\":{},\"name\":\"seqwire:{}\",\"group_id\":\"{}\",\"data\":{}}}", qlog_time(at),
                           name, group, text_of(data)));
}

void host_events::append_event(const std::string& event) {
  append((any_ ? ",\n" : "\n") + event);
  any_ = true;
}

void host_events::append(const std::string& text) {
  if (octet* const room = file_.append(text.size())) std::memcpy(room, text.data(), text.size());
}

}  // namespace seqwire
