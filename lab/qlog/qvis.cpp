#include "lab/qlog/qvis.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "lab/qlog/qlog_event.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "protocol/base/sequence.hpp"

namespace seqwire {
namespace {

using nlohmann::json;

// What becomes of a packet, the same at both ends.
struct exported_packet {
  std::uint64_t number = 0;
  json frames = json::array();
};

// One direction of one connection, at its sender.
struct sending_end {
  std::uint64_t transmissions = 0;
  std::uint64_t octets = 0;                       // of data, each counted once
  std::map<std::int64_t, std::uint64_t> offsets;  // by number
};

// At whoever receives: the ids of the packets that came, by number, until they are acknowledged.
struct receiving_end {
  std::int64_t acknowledged = 0;
  std::multimap<std::int64_t, std::uint64_t> arrived;
};

struct host_file {
  std::string name;
  json trace;
};

bool is(const json& event, const char* name) { return event.at("name").get<std::string>() == name; }

json ranges_of(std::vector<std::uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  json ranges = json::array();
  for (const std::uint64_t each : numbers) {
    if (!ranges.empty() && ranges.back()[1].get<std::uint64_t>() + 1 == each) ranges.back()[1] = each;
    else ranges.push_back({each, each});
  }
  return ranges;
}

class exporter {
 public:
  explicit exporter(std::vector<host_file> files) : files_(std::move(files)) {}

  json run() {
    for (const host_file& file : files_)
      for (const json& event : file.trace.at("events"))
        if (is(event, "seqwire:packet_sent")) number(file, event);
    for (const host_file& file : files_)
      for (const json& event : file.trace.at("events")) note_acknowledgements(file, event);
    json traces = json::array();
    for (const host_file& file : files_) add_traces(traces, file);
    return {{"qlog_version", "0.3"}, {"qlog_format", "JSON"}, {"title", "seqwire"}, {"traces", std::move(traces)}};
  }

 private:
  using connection_end = std::pair<std::string, std::string>;  // host, group

  static connection_end end_of(const host_file& file, const json& event) {
    return {file.name, event.at("group_id").get<std::string>()};
  }

  void number(const host_file& file, const json& event) {
    const json& data = event.at("data");
    const connection_end at = end_of(file, event);
    openers_.emplace(at.second, file.name);
    sending_end& end = sending_[at];
    exported_packet& packet = packets_[data.at("packet_id").get<std::uint64_t>()];
    packet.number = end.transmissions++;
    if (!data.contains("number")) return;
    const auto number = data.at("number").get<std::int64_t>();
    const auto length = data.at("data_octets").get<std::uint64_t>();
    const auto [place, fresh] = end.offsets.emplace(number, end.octets);
    if (fresh) end.octets += length;
    packet.frames.push_back(
        {{"frame_type", "stream"}, {"stream_id", 0}, {"offset", place->second}, {"length", length}});
  }

  void note_acknowledgements(const host_file& file, const json& event) {
    const bool sent = is(event, "seqwire:packet_sent");
    if (!sent && !is(event, "seqwire:packet_received")) return;
    const json& data = event.at("data");
    if (!data.contains("header")) return;
    receiving_end& end = receiving_[end_of(file, event)];
    const auto id = data.at("packet_id").get<std::uint64_t>();
    if (!sent) {
      if (data.contains("number")) end.arrived.emplace(data.at("number").get<std::int64_t>(), id);
      return;
    }
    const auto acknowledge = data.at("header").at("acknowledgement").get<std::uint16_t>();
    end.acknowledged = std::max(end.acknowledged, unwrap(acknowledge, static_cast<packet_number>(end.acknowledged)));
    std::vector<std::uint64_t> numbers;
    const auto until = end.arrived.lower_bound(end.acknowledged);
    for (auto each = end.arrived.begin(); each != until; ++each)
      if (const auto found = packets_.find(each->second); found != packets_.end())
        numbers.push_back(found->second.number);
    end.arrived.erase(end.arrived.begin(), until);
    json& frames = packets_.at(id).frames;
    if (!numbers.empty())
      frames.push_back({{"frame_type", "ack"}, {"ack_delay", 0}, {"acked_ranges", ranges_of(std::move(numbers))}});
    if (frames.empty()) frames.push_back({{"frame_type", "ping"}});
  }

  void add_traces(json& traces, const host_file& file) {
    std::map<std::string, json> events;  // by group
    std::map<std::string, std::uint64_t> packet_data;
    for (const json& event : file.trace.at("events")) {
      const auto group = event.at("group_id").get<std::string>();
      if (auto translated = translate(event, packet_data[group])) {
        (*translated)["time"] = event.at("time");
        events[group].push_back(*std::move(translated));
      }
    }
    for (auto& [group, list] : events) {
      const auto opener = openers_.find(group);
      const bool client = opener != openers_.end() && opener->second == file.name;
      traces.push_back({{"title", file.name + ": " + group},
                        {"vantage_point", {{"name", file.name}, {"type", client ? "client" : "server"}}},
                        {"common_fields", {{"time_format", "relative"}, {"reference_time", 0}}},
                        {"events", std::move(list)}});
    }
  }

  std::optional<json> translate(const json& event, std::uint64_t& packet_data) {
    const json& data = event.at("data");
    if (is(event, "seqwire:packet_sent")) return packet("transport:packet_sent", data);
    if (is(event, "seqwire:packet_received")) return packet("transport:packet_received", data);
    if (is(event, "seqwire:packet_lost")) {
      const auto found = packets_.find(data.at("packet_id").get<std::uint64_t>());
      if (found == packets_.end()) return std::nullopt;
      return json{{"name", "recovery:packet_lost"}, {"data", {{"header", header(found->second.number)}}}};
    }
    if (is(event, "seqwire:connection_state_updated"))
      return json{{"name", "connectivity:connection_state_updated"}, {"data", data}};
    if (is(event, "seqwire:timer_expired"))
      return json{{"name", "recovery:loss_timer_updated"},
                  {"data", {{"event_type", "expired"}, {"timer_type", data.at("timer")}}}};
    if (is(event, "seqwire:metrics_updated")) return metrics(data, packet_data);
    return std::nullopt;
  }

  static json header(std::uint64_t number) { return {{"packet_type", "1RTT"}, {"packet_number", number}}; }

  // One whose sender is in no file has no number that anybody could compare.
  std::optional<json> packet(const char* name, const json& data) {
    const auto found = packets_.find(data.at("packet_id").get<std::uint64_t>());
    if (found == packets_.end()) return std::nullopt;
    return json{
        {"name", name},
        {"data",
         {{"header", header(found->second.number)}, {"raw", data.at("raw")}, {"frames", found->second.frames}}}};
  }

  // Windows count octets there.
  static std::optional<json> metrics(const json& data, std::uint64_t& packet_data) {
    packet_data = data.value("packet_data", packet_data);
    json out = json::object();
    for (const auto& [ours, theirs] :
         {std::pair{"congestion_window", "congestion_window"}, {"in_flight", "bytes_in_flight"}})
      if (data.contains(ours)) out[theirs] = data.at(ours).get<std::uint64_t>() * packet_data;
    for (const auto& [ours, theirs] : {std::pair{"latest_round_trip", "latest_rtt"},
                                       {"smoothed_round_trip", "smoothed_rtt"},
                                       {"minimum_round_trip", "min_rtt"}})
      if (data.contains(ours)) out[theirs] = data.at(ours);
    if (out.empty()) return std::nullopt;
    return json{{"name", "recovery:metrics_updated"}, {"data", std::move(out)}};
  }

  std::vector<host_file> files_;
  std::map<std::string, std::string> openers_;  // by group: the host that sent first
  std::map<connection_end, sending_end> sending_;
  std::map<connection_end, receiving_end> receiving_;
  std::map<std::uint64_t, exported_packet> packets_;  // by packet id
};

result<host_file, std::string> read_host_file(const std::string& path) {
  const auto refuse = [&](const std::string& what) { return failure(printable(path) + ": " + what); };
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return refuse("cannot be read: " + error.message());
  if (size > maximum_qlog_size) return refuse("the file is too large; expected at most 1 GiB; got more");
  std::ifstream file(path, std::ios::binary);
  const json whole = json::parse(file, nullptr, false);
  if (whole.is_discarded() || !whole.is_object()) return refuse("not a whole qlog file");
  const json* const traces = whole.contains("traces") ? &whole["traces"] : nullptr;
  if (traces == nullptr || !traces->is_array() || traces->size() != 1 || !traces->front().is_object() ||
      !traces->front().contains("events"))
    return refuse("not a qlog of seqwire's; expected one trace with events");
  const json& trace = traces->front();
  if (trace.value("event_schemas", json()) != json::array({qlog_event_schema}))
    return refuse("not a qlog of seqwire's; expected events of " + std::string(qlog_event_schema));
  return host_file{trace.at("vantage_point").at("name").get<std::string>(), trace};
}

}  // namespace

result<json, std::string> to_qvis(const std::vector<std::string>& files) {
  std::vector<host_file> hosts;
  std::string at;
  try {
    for (const std::string& path : files) {
      at = path;
      auto host = read_host_file(path);
      if (!host) return failure(host.error());
      hosts.push_back(*std::move(host));
    }
    if (files.size() > 1) at = "the files";
    return exporter(std::move(hosts)).run();
  } catch (const json::exception& wrong) {  // an event without what its kind has
    return failure(printable(at) + ": an event that is not ours: " + printable(wrong.what()));
  }
}

}  // namespace seqwire
