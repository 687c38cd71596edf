#include "lab/wire/input_log.hpp"

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lab/experiment.hpp"
#include "lab/wire/live_host.hpp"

namespace seqwire {
namespace {

constexpr const char* first_line = "seqwire-inputs 1";
enum record_kind : std::uint8_t { kind_wake = 'w', kind_receive = 'r', kind_transmit = 't' };

// Not a secret: the hash only has to differ when octets differ.
std::uint64_t fingerprint(const packet& of) {
  octets whole(of.size());
  of.copy_to(whole.data());
  return keyed_hash({}, whole);
}

template <class Number>
void put(std::ostream& to, Number value) {
  to.write(reinterpret_cast<const char*>(&value), sizeof value);
}

nlohmann::json header_to_json(const input_log_header& header) {
  return {{"host", std::string(1, header.host)},
          {"origin_ns", header.origin.nanoseconds},
          {"network", static_cast<std::uint32_t>(header.network)},
          {"peer", static_cast<std::uint64_t>(header.peer)},
          {"address", static_cast<std::uint64_t>(header.link.host)},
          {"mtu", header.link.mtu},
          {"packet_life_ns", header.link.packet_life.nanoseconds},
          {"scenario", to_toml(header.ran)}};
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
  replayed_link(link_capabilities capabilities, log_records& log, rerun_outcome& outcome)
      : capabilities_(capabilities), log_(log), outcome_(outcome) {}
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
    return true;
  }

  link_capabilities capabilities_;
  log_records& log_;
  rerun_outcome& outcome_;
};

result<input_log_header, std::string> read_header(log_records& log, const std::string& path) {
  std::string line;
  if (!std::getline(log.stream(), line) || line != first_line)
    return failure(path + ":1: error: not an input log; expected \"" + first_line + "\"");
  if (!std::getline(log.stream(), line)) return failure(path + ":2: error: the header is missing");
  const nlohmann::json said = nlohmann::json::parse(line, nullptr, false);
  try {
    input_log_header header;
    header.host = said.at("host").get<std::string>() == "b" ? 'b' : 'a';
    header.origin = {said.at("origin_ns").get<std::int64_t>()};
    header.network = network_number{said.at("network").get<std::uint32_t>()};
    header.peer = host_number{said.at("peer").get<std::uint64_t>()};
    header.link.host = host_number{said.at("address").get<std::uint64_t>()};
    if (is_group(header.link.host) || is_group(header.peer))
      return failure(path + ":2: error: an address is a group; expected single hosts");
    header.link.mtu = said.at("mtu").get<std::size_t>();
    header.link.packet_life = {said.at("packet_life_ns").get<std::int64_t>()};
    auto ran = parse_scenario(said.at("scenario").get<std::string>(), path, {});
    if (!ran) return failure(ran.error().message);
    // A run fills these in before it logs; a log made by hand must not do without.
    if (header.link.mtu < spp_overhead + 2 || header.link.mtu > 65535 || header.link.packet_life < duration{})
      return failure(path + ":2: error: the header is not what it should be: the link's MTU or packet life");
    header.ran = completed(std::move(*ran), header.link.packet_life);
    return header;
  } catch (const nlohmann::json::exception& error) {
    return failure(path + ":2: error: the header is not what it should be: " + error.what());
  }
}

}  // namespace

input_log_writer::input_log_writer(const std::string& path, const input_log_header& header)
    : path_(path), file_(path, std::ios::binary | std::ios::trunc) {
  if (!file_) throw std::system_error(errno, std::generic_category(), "cannot write " + path);
  file_ << first_line << '\n' << header_to_json(header).dump() << '\n';
}

void input_log_writer::woken(instant now) {
  put<std::uint8_t>(file_, kind_wake);
  put(file_, now.nanoseconds);
}

void input_log_writer::received(std::span<const datagram> arrived) {
  put<std::uint8_t>(file_, kind_receive);
  put(file_, static_cast<std::uint32_t>(arrived.size()));
  for (const datagram& each : arrived) {
    put(file_, static_cast<std::uint64_t>(each.previous_hop));
    put(file_, static_cast<std::uint16_t>(each.contents.size()));
    file_.write(reinterpret_cast<const char*>(each.contents.data()),
                static_cast<std::streamsize>(each.contents.size()));
  }
}

void input_log_writer::transmitted(std::span<const packet> offered, std::size_t taken) {
  put<std::uint8_t>(file_, kind_transmit);
  put(file_, static_cast<std::uint32_t>(offered.size()));
  put(file_, static_cast<std::uint32_t>(taken));
  for (const packet& each : offered.first(taken)) put(file_, fingerprint(each));
}

std::optional<std::string> input_log_writer::close() {
  file_.close();
  if (file_) return std::nullopt;
  return "cannot write " + path_ + ": " + std::generic_category().message(errno != 0 ? errno : EIO);
}

std::size_t logged_link::receive(instant now, std::span<datagram> to) {
  const std::size_t count = inner_.receive(now, to);
  log_.received(to.first(count));
  return count;
}

std::size_t logged_link::transmit(instant now, std::span<const packet> packets) {
  const std::size_t taken = inner_.transmit(now, packets);
  log_.transmitted(packets, taken);
  return taken;
}

result<rerun_outcome, std::string> rerun(const std::string& path) {
  log_records log(path);
  if (!log.stream()) return failure(path + ": error: cannot be read: " + std::generic_category().message(errno));
  const auto header = read_header(log, path);
  if (!header) return failure(header.error());

  rerun_outcome outcome;
  outcome.host = header->host;
  replayed_link replayed(header->link, log, outcome);
  transfer_program program(nullptr, header->origin);
  add_flows(program, header->ran, header->host, header->network, header->peer);
  live_host again(live_host_config(header->link, header->network, header->ran.seed), replayed, program);
  instant latest = header->origin;  // the engine's contract: time never goes back
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
  outcome.cut_short = log.cut();
  return outcome;
}

}  // namespace seqwire
