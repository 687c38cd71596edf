#include "lab/wire/input_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lab/host_plan.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "lab/wire/live_host.hpp"
#include "rawio/capture/journal.hpp"

namespace seqwire {
namespace {

constexpr const char* first_line_of_inputs = "seqwire-inputs 3";
enum record_kind : std::uint8_t { kind_wake = 'w', kind_receive = 'r', kind_transmit = 't', kind_submit = 's' };
constexpr std::size_t digest_digits = 64;
constexpr std::size_t longest_text = 64 * 1024;  // more than any path of a file

// Not a secret: the hash only has to differ when octets differ.
std::uint64_t fingerprint(const packet& of) {
  octets whole(of.size());
  of.copy_to(whole.data());
  return keyed_hash({}, whole);
}

// Fills the room of one record from the front. Nothing happens where there is no room: the disk is full.
class record_cursor {
 public:
  explicit record_cursor(octet* room) : at_(room) {}
  template <class Number>
  void put(Number value) {
    static_assert(std::endian::native == std::endian::little, "the log is little-endian");
    put(octets_view(reinterpret_cast<const octet*>(&value), sizeof value));
  }
  void put(octets_view contents) {
    if (at_ != nullptr) at_ = std::copy(contents.begin(), contents.end(), at_);
  }

 private:
  octet* at_;
};

// A record in the log: SHA-256, name. Empty: there were no more.
std::string describe(const std::optional<named_record>& record) {
  return record ? sha256_hexadecimal(record->contents.view()) + record->name : std::string();
}

nlohmann::json header_to_json(const input_log_header& header) {
  nlohmann::json links = nlohmann::json::array();
  for (const link_capabilities& each : header.links)
    links.push_back({{"address", static_cast<std::uint64_t>(each.host)},
                     {"mtu", each.mtu},
                     {"packet_life_ns", each.packet_life.nanoseconds}});
  return {{"host", header.host},
          {"origin_ns", header.origin.nanoseconds},
          {"links", std::move(links)},
          {"scenario", to_toml(header.plan.ran)}};
}

// Reads the log's records in order; `cut` once the file ended inside one.
class log_records {
 public:
  explicit log_records(const std::string& path) : file_(path, std::ios::binary) {}
  std::istream& stream() { return file_; }
  bool cut() const { return cut_; }

  // The next record's kind without taking it; nothing at the end.
  std::optional<std::uint8_t> peek() {
    const int next = file_.peek();
    if (next == std::char_traits<char>::eof()) return std::nullopt;
    return static_cast<std::uint8_t>(next);
  }
  template <class Number>
  Number take() {
    Number value{};
    file_.read(reinterpret_cast<char*>(&value), sizeof value);
    if (!file_) cut_ = true;
    return value;
  }
  std::string take_text(std::size_t size) {
    if (size > longest_text) cut_ = true;
    std::string text(cut_ ? 0 : size, '\0');
    file_.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file_) cut_ = true;
    return text;
  }
  slice take_octets(std::size_t size) {
    octets contents(size);
    file_.read(reinterpret_cast<char*>(contents.data()), static_cast<std::streamsize>(size));
    if (!file_) cut_ = true;
    return slice::owning(std::move(contents));
  }

 private:
  std::ifstream file_;
  bool cut_ = false;
};

// Answers as the log says the real link did, and compares what it is given to send.
class replayed_link final : public link {
 public:
  replayed_link(link_capabilities capabilities, link_index index, log_records& log, rerun_outcome& outcome)
      : capabilities_(capabilities), index_(index), log_(log), outcome_(outcome) {}
  link_capabilities capabilities() const override { return capabilities_; }

  std::size_t receive(instant, std::span<datagram> to) override {
    if (!expect(kind_receive, "asked for datagrams")) return 0;
    const auto count = log_.take<std::uint32_t>();
    if (count > to.size()) {
      outcome_.difference = "a batch of datagrams is larger than the engine asks for";
      return 0;
    }
    for (std::uint32_t i = 0; i < count && !log_.cut(); ++i) {
      to[i].previous_hop = host_number{log_.take<std::uint64_t>()};
      to[i].contents = log_.take_octets(log_.take<std::uint16_t>());
      ++outcome_.datagrams;
    }
    return log_.cut() ? 0 : count;
  }

  std::size_t transmit(instant, std::span<const packet> packets) override {
    if (!expect(kind_transmit, "sent packets")) return packets.size();
    const auto offered = log_.take<std::uint32_t>();
    const auto taken = log_.take<std::uint32_t>();
    if (log_.cut()) return packets.size();
    if (offered != packets.size() || taken > offered)
      outcome_.difference = "offered " + std::to_string(packets.size()) + " packets where the run offered " +
                            std::to_string(offered) + ", after " + std::to_string(outcome_.packets) + " packets";
    for (std::uint32_t i = 0; i < taken && i < packets.size() && !log_.cut(); ++i) {
      const auto logged = log_.take<std::uint64_t>();
      if (!log_.cut() && logged != fingerprint(packets[i]) && outcome_.difference.empty())
        outcome_.difference = "packet " + std::to_string(outcome_.packets) + " differs";
      ++outcome_.packets;
    }
    return std::min<std::size_t>(taken, packets.size());
  }

 private:
  bool expect(record_kind kind, const char* what) {
    if (log_.cut() || !outcome_.difference.empty()) return false;
    const auto next = log_.peek();
    if (!next) return false;
    if (*next != kind) {
      outcome_.difference = std::string("the engine ") + what + " where the run did not, after " +
                            std::to_string(outcome_.packets) + " packets";
      return false;
    }
    log_.take<std::uint8_t>();
    if (const auto at = log_.take<std::uint32_t>(); at != index_ && !log_.cut())
      outcome_.difference = fmt::format("the engine {} at link {} where the run did at link {}, after {} packets", what,
                                        index_, at, outcome_.packets);
    return !log_.cut() && outcome_.difference.empty();
  }

  link_capabilities capabilities_;
  link_index index_;
  log_records& log_;
  rerun_outcome& outcome_;
};

// The files are not those of the run; what() says which.
struct changed_files : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "folder/name", or the file itself where the flow sends one.
std::string path_of(const flow_settings& flow, std::string_view name) {
  return name.empty() || !std::filesystem::is_directory(flow.files)
             ? flow.files
             : (std::filesystem::path(flow.files) / name).string();
}

// Hands out the records of the repetition as long as they are those of the run. Throws changed_files.
record_source replayed_records(log_records& log, const flow_settings& flow, record_source records) {
  return [&log, flow, records = std::move(records)]() -> std::optional<named_record> {
    auto record = records();
    if (log.cut() || log.peek() != kind_submit) return record;  // another difference came before, and will be told
    log.take<std::uint8_t>();
    const std::string logged = log.take_text(log.take<std::uint32_t>());
    const std::string now = describe(record);
    if (log.cut() || logged == now) return record;
    if (flow.files.empty()) throw changed_files("made-up records differ from the run's");
    if (logged.empty()) throw changed_files(path_of(flow, record->name) + ": the run did not send this file");
    const std::string name = logged.substr(std::min(digest_digits, logged.size()));
    if (now.empty() || record->name != name)
      throw changed_files(path_of(flow, name) + ": the run sent this file; expected it again, got " +
                          (now.empty() ? "no more files" : path_of(flow, record->name)));
    throw changed_files(path_of(flow, name) + " differs from the run's (SHA-256 " + logged.substr(0, digest_digits) +
                        " then, " + now.substr(0, digest_digits) + " now)");
  };
}

result<input_log_header, std::string> read_header(log_records& log, const std::string& path) {
  std::string line;
  if (!std::getline(log.stream(), line) || line != first_line_of_inputs)
    return failure(path + ":1: not an input log; expected \"" + first_line_of_inputs + "\"");
  if (!std::getline(log.stream(), line)) return failure(path + ":2: the header is missing");
  const nlohmann::json said = nlohmann::json::parse(line, nullptr, false);
  try {
    input_log_header header;
    header.host = said.at("host").get<std::string>();
    header.origin = {said.at("origin_ns").get<std::int64_t>()};
    for (const nlohmann::json& each : said.at("links")) {
      link_capabilities link;
      link.host = host_number{each.at("address").get<std::uint64_t>()};
      link.mtu = each.at("mtu").get<std::size_t>();
      link.packet_life = {each.at("packet_life_ns").get<std::int64_t>()};
      if (is_group(link.host)) return failure(path + ":2: an address is a group; expected single hosts");
      // A run fills these in before it logs; a log made by hand must not do without.
      if (link.mtu < spp_overhead + 2 || link.mtu > 65535 || link.packet_life < duration{})
        return failure(path + ":2: the header is not what it should be: a link's MTU or packet life");
      header.links.push_back(link);
    }
    auto ran = parse_scenario(said.at("scenario").get<std::string>(), path, {});
    if (!ran) return failure(ran.error().message);
    header.plan = planned(std::move(*ran));
    if (!header.plan.map.find(header.host))
      return failure(path + ":2: no such host; expected one of the scenario's, got " + printable(header.host));
    const std::size_t links = header.plan.map.links_at(*header.plan.map.find(header.host)).size();
    if (header.links.size() != links)
      return failure(fmt::format("{}:2: expected {} links, as the scenario's {} has; got {}", path, links,
                                 printable(header.host), header.links.size()));
    return header;
  } catch (const nlohmann::json::exception& error) {
    return failure(path + ":2: the header is not what it should be: " + error.what());
  }
}

// Drives the host again at every instant of the log. Throws changed_files, std::system_error naming a file.
void repeat(log_records& log, const input_log_header& header, rerun_outcome& outcome) {
  const std::size_t host = *header.plan.map.find(header.host);
  std::vector<std::unique_ptr<replayed_link>> replayed;
  std::vector<link*> links;
  for (const link_capabilities& each : header.links) {
    replayed.push_back(std::make_unique<replayed_link>(each, static_cast<link_index>(replayed.size()), log, outcome));
    links.push_back(replayed.back().get());
  }
  transfer_program program(nullptr, header.origin);
  const auto address_of = [&](std::size_t other) { return address_of_host(header.plan.map, other); };
  add_flows(program, header.plan, host, address_of, [&](const flow_settings& flow, record_source records) {
    return replayed_records(log, flow, std::move(records));
  });
  live_host again(config_of_host(header.plan, host, header.links), links, program);
  instant latest = header.origin;  // the engine's contract: time never goes back
  while (outcome.difference.empty() && !log.cut()) {
    const auto kind = log.peek();
    if (!kind) break;
    if (*kind != kind_wake) {
      outcome.difference =
          "the run went on where the repetition stopped, after " + std::to_string(outcome.packets) + " packets";
      break;
    }
    log.take<std::uint8_t>();
    const instant now{log.take<std::int64_t>()};
    if (log.cut()) break;
    if (now < latest) {
      outcome.difference = "the log's time goes back, after " + std::to_string(outcome.packets) + " packets";
      break;
    }
    latest = now;
    ++outcome.wakes;
    again.run(now);
  }
}

}  // namespace

input_log_writer::input_log_writer(const std::string& path, const input_log_header& header)
    : file_(path, [](octets_view written) { return written.size(); }) {
  const std::string lines = std::string(first_line_of_inputs) + '\n' + header_to_json(header).dump() + '\n';
  record_cursor(file_.append(lines.size())).put(view_of(lines));
}

void input_log_writer::woken(instant now) {
  record_cursor to(file_.append(1 + 8));
  to.put<std::uint8_t>(kind_wake);
  to.put(now.nanoseconds);
}

void input_log_writer::received(link_index link, std::span<const datagram> arrived) {
  std::size_t size = 1 + 4 + 4;
  for (const datagram& each : arrived) size += 8 + 2 + each.contents.size();
  record_cursor to(file_.append(size));
  to.put<std::uint8_t>(kind_receive);
  to.put(link);
  to.put(static_cast<std::uint32_t>(arrived.size()));
  for (const datagram& each : arrived) {
    to.put(static_cast<std::uint64_t>(each.previous_hop));
    to.put(static_cast<std::uint16_t>(each.contents.size()));
    to.put(each.contents.view());
  }
}

void input_log_writer::transmitted(link_index link, std::span<const packet> offered, std::size_t taken) {
  record_cursor to(file_.append(1 + 4 + 4 + 4 + 8 * taken));
  to.put<std::uint8_t>(kind_transmit);
  to.put(link);
  to.put(static_cast<std::uint32_t>(offered.size()));
  to.put(static_cast<std::uint32_t>(taken));
  for (const packet& each : offered.first(taken)) to.put(fingerprint(each));
}

void input_log_writer::submitted(const std::optional<named_record>& record) {
  const std::string described = describe(record);
  record_cursor to(file_.append(1 + 4 + described.size()));
  to.put<std::uint8_t>(kind_submit);
  to.put(static_cast<std::uint32_t>(described.size()));
  to.put(view_of(described));
}

std::optional<std::string> input_log_writer::close() {
  file_.close();
  return file_.error();
}

record_watch logged_records(input_log_writer& log) {
  return [&log](const flow_settings&, record_source records) -> record_source {
    return [&log, records = std::move(records)] {
      auto record = records();
      log.submitted(record);
      return record;
    };
  };
}

std::size_t logged_link::receive(instant now, std::span<datagram> to) {
  const std::size_t count = inner_.receive(now, to);
  log_.received(index_, to.first(count));
  return count;
}

std::size_t logged_link::transmit(instant now, std::span<const packet> packets) {
  const std::size_t taken = inner_.transmit(now, packets);
  log_.transmitted(index_, packets, taken);
  return taken;
}

result<rerun_outcome, std::string> rerun(const std::string& path) {
  log_records log(path);
  if (!log.stream()) return failure(path + ": cannot be read: " + std::generic_category().message(errno));
  try {
    const auto header = read_header(log, path);
    if (!header) return failure(header.error());
    rerun_outcome outcome;
    outcome.host = header->host;
    repeat(log, *header, outcome);
    outcome.cut_short = log.cut();
    return outcome;
  } catch (const changed_files& error) {
    return failure(std::string(error.what()));
  } catch (const std::system_error& error) {  // a file that the scenario names
    return failure(std::string(error.what()));
  }
}

}  // namespace seqwire
