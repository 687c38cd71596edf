#include "lab/qlog/qlog_recording.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "dissector/analysis/decode.hpp"
#include "lab/qlog/connection_notes.hpp"
#include "lab/qlog/qlog_event.hpp"
#include "protocol/base/sequence.hpp"
#include "protocol/wire/catalogue.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Numbers behind the newest for which it is remembered that they were sent: more than can be in flight.
constexpr std::int64_t remembered = 65536;

// Packets of one direction of one connection: which number each has, and which was sent before.
struct numbered_packets {
  struct transmission {
    std::uint64_t times = 0;
    std::uint64_t last_id = 0;
  };
  std::int64_t next = 0;
  std::map<std::int64_t, transmission> sent;

  std::int64_t number_of(std::uint16_t sequence) {
    const std::int64_t number = unwrap(sequence, static_cast<packet_number>(next));
    next = std::max(next, number + 1);
    sent.erase(sent.begin(), sent.lower_bound(next - remembered));
    return number;
  }
};

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

// One host's file in the making: notes and packets in the order of time.
class host_events {
 public:
  host_events(const std::string& path, const std::string& notes, const std::string& host, const std::string& title,
              instant origin)
      : file_(path, [](octets_view written) { return written.size(); }), notes_(notes), origin_(origin) {
    json trace = {{"title", "host " + host},
                  {"vantage_point", {{"name", host}, {"type", "unknown"}}},
                  {"common_fields",
                   {{"time_format", "relative_to_epoch"},
                    {"reference_time", {{"clock_type", "monotonic"}, {"epoch", "unknown"}}},
                    {"protocol_types", {"SPP"}}}},
                  {"event_schemas", {qlog_event_schema}}};
    std::string text = trace.dump(-1, ' ', false, json::error_handler_t::replace);
    text.pop_back();  // the events follow
    append(
        "{\"file_schema\":\"urn:ietf:params:qlog:file:contained\",\"serialization_format\":\"application/qlog+json\","
        "\"title\":" +
        json(title).dump(-1, ' ', false, json::error_handler_t::replace) + ",\"traces\":[\n" + text + ",\"events\":[");
    read_note();
  }

  void on_packet(const captured_packet& packet, link_type type) {
    const duration at = std::max(packet.at - origin_, duration{});
    while (note_ && (note_->at < at || (note_->at == at && note_->before_packets))) write_note();
    const auto frame = decode_frame(type, packet.frame);
    if (!frame) return;
    const bool out = packet.direction == capture_direction::out;
    const std::string group = qlog_group(frame->header.source(), frame->header.destination());
    json data = {{"raw", {{"length", frame->packet.size()}}}};
    const layout_description* const layout = layout_of(frame->header.packet_type);
    data["protocol"] =
        layout != nullptr ? json(std::string(layout->name)) : json(static_cast<int>(frame->header.packet_type));
    if (packet.packet_id) data["packet_id"] = *packet.packet_id;
    if (out && !packet.comments.empty()) data["fate"] = packet.comments.front();
    if (!frame->checksum_right) data["checksum_right"] = false;
    if (const auto sequenced = decode_sequenced(*frame)) add_sequenced(data, at, group, packet, *sequenced);
    write(at, out ? "packet_sent" : "packet_received", group, data);
  }

  std::optional<std::string> close() {
    while (note_) write_note();
    append("\n]}]}\n");
    file_.close();
    return file_.error();
  }

 private:
  void add_sequenced(json& data, duration at, const std::string& group, const captured_packet& packet,
                     const sequenced_packet_view& view) {
    data["header"] = header_of(view.header);
    data["data_octets"] = view.body.size();
    if (view.header.system || view.fault != form_fault::none || data.contains("checksum_right")) return;
    const bool out = packet.direction == capture_direction::out;
    numbered_packets& numbers = (out ? sent_ : received_)[group];
    const std::int64_t number = numbers.number_of(view.header.sequence);
    data["number"] = number;
    if (!out || number < 0) return;
    numbered_packets::transmission& copies = numbers.sent[number];
    if (copies.times > 0) {
      write(at, "packet_lost", group, {{"number", number}, {"packet_id", copies.last_id}});
      data["transmission"] = copies.times + 1;
    }
    ++copies.times;
    copies.last_id = packet.packet_id.value_or(0);
  }

  void read_note() {
    note_.reset();
    for (std::string line; !note_ && std::getline(notes_, line);) note_ = connection_notes::parse(line);
  }
  void write_note() {
    append_event(note_->event);
    read_note();
  }
  void write(duration at, const char* name, const std::string& group, const json& data) {
    append_event(fmt::format("{{\"time\":{},\"name\":\"seqwire:{}\",\"group_id\":\"{}\",\"data\":{}}}", qlog_time(at),
                             name, group, data.dump(-1, ' ', false, json::error_handler_t::replace)));
  }
  void append_event(const std::string& event) {
    append((any_ ? ",\n" : "\n") + event);
    any_ = true;
  }
  void append(const std::string& text) {
    if (octet* const room = file_.append(text.size())) std::memcpy(room, text.data(), text.size());
  }

  output_file file_;
  std::ifstream notes_;
  std::optional<connection_note> note_;
  instant origin_;
  bool any_ = false;
  // By group.
  std::map<std::string, numbered_packets> sent_;
  std::map<std::string, numbered_packets> received_;
};

}  // namespace

// The program that a host runs, and somebody who looks over its shoulder.
class qlog_recording::watch final : public application {
 public:
  watch(const std::string& path, std::string name, application& program, instant origin)
      : host_name(std::move(name)), began(origin), notes(path, origin), program_(program) {}

  // Before the program acts: what has ended is still there to be looked at. It is asked again when packets have left.
  bool step(instant now, host& on) override {
    notes.look(now, on.sequenced());
    return program_.step(now, on);
  }
  std::optional<instant> next_wake() const override { return program_.next_wake(); }
  bool finished() const override { return program_.finished(); }
  void leave() override { program_.leave(); }

  const std::string host_name;
  const instant began;
  connection_notes notes;

 private:
  application& program_;
};

std::string qlog_name(const std::string& host) { return host + qlog_extension; }
std::string qlog_notes_name(const std::string& host) { return host + qlog_notes_extension; }

qlog_recording::qlog_recording(std::string folder) : folder_(std::move(folder)) {}
qlog_recording::~qlog_recording() = default;

application& qlog_recording::watched(const std::string& host, application& program, instant origin) {
  const std::string path = (fs::path(folder_) / qlog_notes_name(host)).string();
  watches_.push_back(std::make_unique<watch>(path, host, program, origin));
  return *watches_.back();
}

std::vector<std::string> qlog_recording::finish(const std::string& capture, const std::string& title) {
  std::vector<std::string> not_written;
  if (watches_.empty()) return not_written;
  const auto path = [&](const std::string& name) { return (fs::path(folder_) / name).string(); };
  std::map<std::string, std::unique_ptr<host_events>> files;
  for (const auto& each : watches_) {
    if (auto error = each->notes.close()) not_written.push_back(*std::move(error));
    files[each->host_name] = std::make_unique<host_events>(
        path(qlog_name(each->host_name)), path(qlog_notes_name(each->host_name)), each->host_name, title, each->began);
  }
  auto reader = capture_reader::open(capture);
  if (!reader) not_written.push_back(to_string(reader.error()));
  while (reader) {
    const auto next = reader->next();
    if (!next) not_written.push_back(to_string(next.error()));
    if (!next || *next == nullptr) break;
    const capture_interface& at = reader->interfaces()[(*next)->interface];
    const std::string host = at.name.substr(0, at.name.find('-'));
    if (const auto found = files.find(host); found != files.end()) found->second->on_packet(**next, at.type);
  }
  for (const auto& [host, file] : files) {
    if (auto error = file->close()) not_written.push_back(*std::move(error));
    std::error_code ignored;
    fs::remove(path(qlog_notes_name(host)), ignored);
  }
  return not_written;  // hosts may still refer to their programs
}

}  // namespace seqwire
