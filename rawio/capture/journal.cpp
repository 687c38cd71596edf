// Journals, written and read. The reader is strict: a verdict rests on it, so an unknown key, a missing one or a number
// out of range is an error with its line. One line is one write's whole unit, so a killed process cuts at most one
// line.
#include "rawio/capture/journal.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "protocol/base/require.hpp"
#include "rawio/capture/file.hpp"

namespace seqwire {
namespace {

using nlohmann::json;

constexpr std::size_t longest_line = 64 * 1024;
constexpr std::size_t sha256_digits = 2 * crypto_hash_sha256_BYTES;

// A text from outside (a status may quote the peer) as a JSON string; octets that are no UTF-8 are replaced.
std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_sha256(std::string_view text) {
  return text.size() == sha256_digits && std::all_of(text.begin(), text.end(), [](char digit) {
           return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
         });
}

}  // namespace

struct journal_writer::state {
  explicit state(const std::string& path) : file(path, whole_lines) {}

  template <class... Values>
  void line(fmt::format_string<Values...> format, Values&&... values) {
    text.clear();
    fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
    text += '\n';
    if (octet* const room = file.append(text.size())) std::memcpy(room, text.data(), text.size());
  }

  void record(std::string_view event, std::uint64_t connection, const journal_record& record) {
    require(is_sha256(record.sha256));
    line(
        R"({{"event":"{}","connection":{},"record":{},"octets":{},"sha256":"{}","datastream_type":{},"attention":{}}})",
        event, connection, record.number, record.octets, record.sha256, record.datastream_type, record.attention);
  }

  output_file file;
  std::string text;  // the line in the making, its memory used again
};

journal_writer::journal_writer(const std::string& path, std::string_view end) : state_(std::make_unique<state>(path)) {
  state_->line(R"({{"journal":"seqwire","version":1,"end":{}}})", json_string(end));
  flush();
}

journal_writer::~journal_writer() = default;

void journal_writer::opened(std::uint64_t connection, const xns_address& local, const xns_address& peer,
                            std::uint16_t local_id, std::uint16_t peer_id) {
  state_->line(R"({{"event":"open","connection":{},"local":"{}","peer":"{}","local_id":{},"peer_id":{}}})", connection,
               to_string(local), to_string(peer), local_id, peer_id);
}

void journal_writer::submitted(std::uint64_t connection, const journal_record& record) {
  state_->record("submitted", connection, record);
}

void journal_writer::delivered(std::uint64_t connection, const journal_record& record) {
  state_->record("delivered", connection, record);
}

void journal_writer::ended(std::uint64_t connection, std::string_view status) {
  require(!status.empty());
  state_->line(R"({{"event":"ended","connection":{},"status":{}}})", connection, json_string(status));
}

void journal_writer::flush() { state_->file.flush(); }
void journal_writer::close() { state_->file.close(); }
std::optional<std::string> journal_writer::error() const { return state_->file.error(); }

namespace {

// One line taken apart key by key. Whoever reads it names every key there may be; the first fault is kept.
class line_reader {
 public:
  explicit line_reader(octets_view line) : object_(json::parse(line.begin(), line.end(), nullptr, false)) {
    if (!object_.is_object()) fail("a JSON object", object_.is_discarded() ? "something else" : shown(object_));
  }

  std::uint64_t number(const char* key, std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max()) {
    const json* const value = take(key);
    if (value == nullptr) return 0;
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() > maximum) {
      fail(fmt::format("\"{}\" from 0 to {}", key, maximum), shown(*value));
      return 0;
    }
    return value->get<std::uint64_t>();
  }

  std::uint16_t number_u16(const char* key) { return static_cast<std::uint16_t>(number(key, 0xffff)); }

  bool boolean(const char* key) {
    const json* const value = take(key);
    if (value == nullptr || value->is_boolean()) return value != nullptr && value->get<bool>();
    fail(fmt::format("\"{}\" true or false", key), shown(*value));
    return false;
  }

  std::string text(const char* key) {
    const json* const value = take(key);
    if (value == nullptr || value->is_string()) return value == nullptr ? "" : value->get<std::string>();
    fail(fmt::format("\"{}\" as a string", key), shown(*value));
    return "";
  }

  xns_address address(const char* key) {
    const std::string written = text(key);
    if (fault_) return {};
    const auto parsed = parse_address(written);
    if (parsed) return *parsed;
    fail(fmt::format("\"{}\" as {}", key, parsed.error().expected), json_string(written));
    return {};
  }

  std::string sha256(const char* key) {
    std::string digits = text(key);
    if (!is_sha256(digits))
      fail(fmt::format("\"{}\" as {} lower-case hexadecimal digits", key, sha256_digits), json_string(digits));
    return digits;
  }

  void fail(std::string_view expected, std::string_view got) {
    if (!fault_) fault_ = fmt::format("expected {}; got {}", expected, got.substr(0, 100));
  }

  /// After the last key: nothing may be left.
  std::optional<std::string> finish() {
    if (!fault_ && !object_.empty()) fail("no further key", json_string(object_.begin().key()));
    return std::move(fault_);
  }

 private:
  static std::string shown(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

  const json* take(const char* key) {
    if (fault_) return nullptr;
    const auto found = object_.find(key);
    if (found == object_.end()) {
      fail(fmt::format("the key \"{}\"", key), "none");
      return nullptr;
    }
    taken_ = std::move(*found);
    object_.erase(found);
    return &taken_;
  }

  json object_;
  json taken_;
  std::optional<std::string> fault_;
};

class journal_builder {
 public:
  /// Takes one line; what is wrong with it, or nothing.
  std::optional<std::string> add(octets_view text) {
    line_reader line(text);
    if (std::exchange(first_, false)) add_heading(line);
    else add_event(line);
    return line.finish();
  }

  bool has_heading() const { return !first_; }
  journal finish() { return std::move(journal_); }

 private:
  void add_heading(line_reader& line) {
    if (const std::string name = line.text("journal"); name != "seqwire")
      line.fail("\"journal\" to be \"seqwire\"", json_string(name));
    if (const std::uint64_t version = line.number("version"); version != 1)
      line.fail("\"version\" 1", std::to_string(version));
    journal_.end = line.text("end");
  }

  void add_event(line_reader& line) {
    const std::string event = line.text("event");
    const std::uint64_t number = line.number("connection");
    if (event == "open") return open(line, number);
    const auto found = places_.find(number);
    if (found == places_.end()) return line.fail("an event of a connection opened before", std::to_string(number));
    journal_connection& connection = journal_.connections[found->second];
    if (event == "submitted") connection.submitted.push_back(read_record(line));
    else if (event == "delivered") connection.delivered.push_back(read_record(line));
    else if (event == "ended") end(line, connection);
    else line.fail("\"event\" open, submitted, delivered or ended", json_string(event));
  }

  void open(line_reader& line, std::uint64_t number) {
    if (!places_.emplace(number, journal_.connections.size()).second)
      line.fail("a new connection number", std::to_string(number));
    journal_connection connection;
    connection.connection = number;
    connection.local = line.address("local");
    connection.peer = line.address("peer");
    connection.local_id = line.number_u16("local_id");
    connection.peer_id = line.number_u16("peer_id");
    journal_.connections.push_back(std::move(connection));
  }

  static journal_record read_record(line_reader& line) {
    journal_record record;
    record.number = line.number("record");
    record.octets = line.number("octets");
    record.sha256 = line.sha256("sha256");
    record.datastream_type = static_cast<std::uint8_t>(line.number("datastream_type", 0xff));
    record.attention = line.boolean("attention");
    return record;
  }

  static void end(line_reader& line, journal_connection& connection) {
    if (!connection.status.empty()) line.fail("one end of a connection", "a second one");
    connection.status = line.text("status");
    if (connection.status.empty()) line.fail("a \"status\" in words", "an empty one");
  }

  journal journal_;
  std::unordered_map<std::uint64_t, std::size_t> places_;  // connection number to index
  bool first_ = true;
};

}  // namespace

result<journal, journal_error> read_journal(const std::string& path) {
  const auto refuse = [&](std::uint64_t line, std::string what) {
    return failure(journal_error{path, line, std::move(what)});
  };
  auto file = input_file::open(path);
  if (!file) return refuse(0, file.error());
  file->unpack_if_packed();
  journal_builder builder;
  for (std::uint64_t line = 1;; ++line) {
    octets_view ahead = file->peek(longest_line);
    if (file->failed()) return refuse(line, file->error());
    ahead = ahead.first(std::min(ahead.size(), longest_line));
    const auto newline = std::find(ahead.begin(), ahead.end(), octet{'\n'});
    if (newline == ahead.end()) {
      if (ahead.size() == longest_line)
        return refuse(line, fmt::format("expected a line of less than {} octets; got a longer one", longest_line));
      break;  // the end, or a line that its writer did not live to finish
    }
    const auto size = static_cast<std::size_t>(newline - ahead.begin());
    if (auto fault = builder.add(ahead.first(size))) return refuse(line, std::move(*fault));
    file->skip(size + 1);
  }
  if (!builder.has_heading()) return refuse(1, "expected a journal's first line; got none");
  return builder.finish();
}

std::string sha256_hexadecimal(octets_view contents) {
  std::array<octet, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), contents.data(), contents.size());
  std::array<char, sha256_digits + 1> digits;
  sodium_bin2hex(digits.data(), digits.size(), hash.data(), hash.size());
  return {digits.data(), sha256_digits};
}

sha256_digest sha256_from_hexadecimal(std::string_view digits) {
  static_assert(std::tuple_size_v<sha256_digest> == crypto_hash_sha256_BYTES);
  require(is_sha256(digits));
  sha256_digest digest;
  const int status =
      sodium_hex2bin(digest.data(), digest.size(), digits.data(), digits.size(), nullptr, nullptr, nullptr);
  require(status == 0);
  return digest;
}

struct sha256_stream::state {
  crypto_hash_sha256_state hash;
};

sha256_stream::sha256_stream() : state_(std::make_unique<state>()) { crypto_hash_sha256_init(&state_->hash); }
sha256_stream::~sha256_stream() = default;
sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;

void sha256_stream::append(octets_view contents) {
  crypto_hash_sha256_update(&state_->hash, contents.data(), contents.size());
}

sha256_digest sha256_stream::finish() {
  sha256_digest digest;
  crypto_hash_sha256_final(&state_->hash, digest.data());
  crypto_hash_sha256_init(&state_->hash);
  return digest;
}

}  // namespace seqwire
