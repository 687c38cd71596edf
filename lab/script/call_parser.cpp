#include "lab/script/call_parser.hpp"

#include <fmt/format.h>

#include <array>

#include "lab/scenario/units.hpp"

namespace seqwire {
namespace {

constexpr std::array<std::string_view, 14> call_words = {"socket", "bind",    "listen", "accept", "connect",
                                                         "send",   "receive", "set",    "get",    "shutdown",
                                                         "close",  "poll",    "local",  "peer"};
constexpr std::uint64_t most_room = 16u << 20;

// A word that switches something on.
struct flag {
  std::string_view word;
  bool* on;
};

class call_parser {
 public:
  call_parser(socket_call call, script_line& line, script_names& names) : line_(line), names_(names) {
    event_.call = call;
  }

  call_event parse() {
    arguments();
    if (event_.call == socket_call::receive) expected_message();
    else if (event_.call == socket_call::get) expected_value();
    else if (event_.call == socket_call::poll) expected_readiness();
    else if (event_.call == socket_call::local || event_.call == socket_call::peer) expected_address();
    else expected_result();
    line_.expect_end();
    return std::move(event_);
  }

 private:
  void arguments() {
    event_.socket = line_.take_name("the name of a socket");
    if (event_.call == socket_call::socket) return new_socket();
    if (!line_.failed() && !names_.sockets.contains(event_.socket))
      return line_.fail("a socket", "one that an earlier line opens", event_.socket);
    switch (event_.call) {
      case socket_call::bind: event_.address = address({local_network, host_number{}, {}}); break;
      case socket_call::listen: event_.number = line_.take_number("a backlog", 0, 65'535); break;
      case socket_call::accept:
        if (!line_.take_if("as")) line_.fail("accept", "\"as\" and a name for the new socket", line_.peek());
        event_.made = line_.take_name("a name for the new socket");
        names_.sockets.insert(event_.made);
        break;
      case socket_call::connect: event_.address = address({network_number{1}, script_peer, {}}); break;
      case socket_call::send: sent(); break;
      case socket_call::receive: received(); break;
      case socket_call::set: value_to_set(); break;
      case socket_call::get: option(); break;
      case socket_call::shutdown: direction(); break;
      default: break;
    }
  }

  void new_socket() {
    names_.sockets.insert(event_.socket);
    const std::string type = line_.take("the type of a socket");
    if (type == "stream") event_.type = socket_type::stream;
    else if (type == "datagram") event_.type = socket_type::datagram;
    else if (type == "raw") event_.type = socket_type::raw;
    else if (type == "sequenced_packet") event_.type = socket_type::sequenced_packet;
    else line_.fail("the type of a socket", "stream, datagram, raw or sequenced_packet", type);
    if (!line_.ends() && line_.peek() != "=")
      event_.only = static_cast<packet_type>(line_.take_number("a packet type", 0, 255));
  }

  // A number of `elsewhere`'s host, a whole address, or nobody's.
  xns_address address(xns_address elsewhere) {
    const std::string text = line_.take("a socket number or an address");
    if (line_.failed()) return elsewhere;
    if (text == "nobody") return {};
    if (const auto number = parse_script_number(text); number && *number <= 65'535) {
      elsewhere.socket = static_cast<socket_number>(*number);
      return elsewhere;
    }
    const auto whole = parse_address(text);
    if (!whole) line_.fail("an address", "a socket number, or " + whole.error().expected, text);
    return whole.value_or(elsewhere);
  }

  void flags(std::initializer_list<flag> known) {
    for (bool found = true; found;) {
      found = false;
      for (const flag& each : known)
        if (line_.take_if(each.word)) *each.on = found = true;
    }
  }

  // "type=5" gives "5".
  std::optional<std::string> setting(std::string_view name) {
    if (!line_.peek().starts_with(std::string(name) + "=")) return std::nullopt;
    return line_.take("a setting").substr(name.size() + 1);
  }

  std::uint64_t number_of(const std::string& text, std::uint64_t most) {
    const auto value = parse_script_number(text);
    if (!value || *value > most) line_.fail("a number", fmt::format("one from 0 to {}", most), text);
    return value.value_or(0);
  }

  xns_address address_of(const std::string& text) {
    const auto number = parse_script_number(text);
    if (number && *number <= 65'535) return {network_number{1}, script_peer, static_cast<socket_number>(*number)};
    const auto whole = parse_address(text);
    if (!whole) line_.fail("an address", "a socket number, or " + whole.error().expected, text);
    return whole.value_or(xns_address{});
  }

  void sent() {
    event_.contents = contents_parser(line_, names_, false).message();
    if (event_.contents.headers.empty() && event_.contents.data.what == written_data::kind::unsaid)
      line_.fail("send", "what to send", line_.ends() ? "the end of the line" : line_.peek());
    flags({{"out_of_band", &event_.sending.out_of_band}, {"end_of_record", &event_.sending.end_of_record}});
    while (!line_.ends() && line_.peek() != "=")
      if (const auto type = setting("type"))
        event_.sending.datastream_type = static_cast<std::uint8_t>(number_of(*type, 255));
      else if (const auto to = setting("to")) event_.sending.to = address_of(*to);
      else return line_.fail("send", "out_of_band, end_of_record, type=NUMBER or to=ADDRESS", line_.peek());
  }

  void received() {
    event_.number = 65'536;
    if (parse_script_number(line_.peek())) event_.number = line_.take_number("octets of room", 0, most_room);
    receive_options& how = event_.receiving;
    flags({{"peek", &how.peek}, {"out_of_band", &how.out_of_band}, {"wait_all", &how.wait_all}});
  }

  void option() {
    const std::string name = line_.take("an option");
    if (line_.failed()) return;
    std::vector<std::string> known;
    for (const option_description& row : option_table()) {
      known.emplace_back(row.name);
      if (row.name == name) {
        event_.option = row.which;
        return;
      }
    }
    line_.fail("no such option", with_suggestion("an option of docs/options.md", name, known), name);
  }

  void value_to_set() {
    option();
    value();
  }

  // Of the kind that the option has, unless it is to be refused for that: then whatever it looks like.
  void value() {
    if (line_.failed()) return;
    const option_kind kind = describe(event_.option).kind;
    if (kind == option_kind::header) {
      event_.contents = contents_parser(line_, names_, false).message();
      return;
    }
    const std::string text = line_.take("a value");
    if (kind == option_kind::name) event_.value = text;
    else if (text == "true" || text == "false") event_.value = text == "true";
    else if (const auto number = parse_script_number(text); number && kind == option_kind::number)
      event_.value = static_cast<std::int64_t>(*number);
    else if (text == "background") event_.value = -1_ns;
    else if (const auto span = parse_duration(text)) event_.value = *span;
    else line_.fail(describe(event_.option).name, "a value: true, false, a number, a duration or background", text);
  }

  void direction() {
    const std::string text = line_.take("a direction");
    if (text == "both") event_.direction = socket::direction::both;
    else if (text == "sending") event_.direction = socket::direction::sending;
    else if (text == "receiving") event_.direction = socket::direction::receiving;
    else line_.fail("shutdown", "both, sending or receiving", text);
  }

  // "= name of an error" of any call; false: what comes is something else.
  bool expected_error() {
    const auto error = find_error(line_.peek());
    if (!error) return false;
    event_.error = error;
    line_.take("an error");
    return true;
  }

  void expected_result() {
    if (!line_.take_if("=")) return;
    if (line_.take_if("ok") || expected_error()) return;
    if (event_.call == socket_call::send && parse_script_number(line_.peek()))
      event_.count = line_.take_number("octets", 0, most_room);
    else unknown_result("ok");
  }

  void unknown_result(std::string_view or_else) {
    const std::string word(line_.peek());
    line_.fail("the result", with_suggestion(fmt::format("{} or the name of an error", or_else), word, error_names()),
               line_.quoted_next() ? "a quoted text" : word);
  }

  void equals() {
    if (!line_.take_if("=")) line_.fail("this call", "= and its result", line_.peek());
  }

  void expected_message() {
    equals();
    if (expected_error()) return;
    seqwire::expected_message& message = event_.message;
    if (line_.take_if("end")) {
      message.end = true;
      return;
    }
    message.contents = contents_parser(line_, names_, true).message();
    if (message.contents.headers.empty() && message.contents.data.what == written_data::kind::unsaid)
      return unknown_result("what is received, end");
    flags({{"end_of_record", &message.end_of_record},
           {"truncated", &message.truncated},
           {"at_mark", &message.at_mark},
           {"attention", &message.attention}});
    while (!line_.ends())
      if (const auto type = setting("type")) message.datastream_type = number_of(*type, 255);
      else if (const auto size = setting("true_size")) message.true_size = number_of(*size, most_room);
      else if (const auto from = setting("from")) message.from = address_of(*from);
      else
        return line_.fail("receive",
                          "end_of_record, truncated, at_mark, attention, type=, true_size= or from=", line_.peek());
  }

  void expected_value() {
    equals();
    if (expected_error()) return;
    if (describe(event_.option).kind == option_kind::header)
      event_.contents = contents_parser(line_, names_, true).message();
    else value();
  }

  void expected_readiness() {
    equals();
    readiness& is = event_.ready;
    if (line_.take_if("nothing")) return;
    if (line_.ends()) line_.fail("poll", "nothing, or readable, writable, attention, error, ended", "the line's end");
    flags({{"readable", &is.readable},
           {"writable", &is.writable},
           {"attention", &is.attention},
           {"error", &is.error},
           {"ended", &is.ended}});
  }

  void expected_address() {
    equals();
    if (expected_error()) return;
    const host_number host = event_.call == socket_call::local ? script_host : script_peer;
    event_.address = address({network_number{1}, host, {}});
  }

  script_line& line_;
  script_names& names_;
  call_event event_;
};

}  // namespace

std::optional<socket_call> find_call(std::string_view word) {
  for (std::size_t index = 0; index < call_words.size(); ++index)
    if (call_words[index] == word) return static_cast<socket_call>(index);
  return std::nullopt;
}

std::vector<std::string> call_names() { return {call_words.begin(), call_words.end()}; }

call_event parse_call(socket_call call, script_line& line, script_names& names) {
  return call_parser(call, line, names).parse();
}

}  // namespace seqwire
