#include "lab/script/script_program.hpp"

#include <fmt/format.h>

#include "lab/scenario/units.hpp"

namespace seqwire {
namespace {

using outcome = script_program::outcome;

std::string expected_result(const call_event& event) {
  if (event.error) return name_of_error(std::make_error_code(*event.error));
  return event.count ? fmt::format("{}", *event.count) : "ok";
}

template <class Value>
std::string result_of(const socket_result<Value>& actual) {
  return actual ? "ok" : name_of_error(actual.error());
}

void compare(outcome& to, std::string_view what, std::string_view expected, std::string_view got) {
  if (expected != got) to.wrong.push_back(fmt::format("{}: expected {}, got {}", what, expected, got));
}

outcome plain(const call_event& event, const socket_result<void>& actual) {
  outcome made{result_of(actual), {}};
  compare(made, "result", expected_result(event), made.got);
  return made;
}

struct named_flag {
  std::string_view name;
  bool set;
};

std::string words_of(std::initializer_list<named_flag> flags, std::string_view otherwise = "") {
  std::string words;
  for (const named_flag& each : flags)
    if (each.set) words += (words.empty() ? "" : " ") + std::string(each.name);
  return words.empty() ? std::string(otherwise) : words;
}

std::string words_of(const readiness& is) {
  return words_of({{"readable", is.readable},
                   {"writable", is.writable},
                   {"attention", is.attention},
                   {"error", is.error},
                   {"ended", is.ended}},
                  "nothing");
}

// A call may have bound the socket.
std::string words_of(const option_value& value) {
  if (const bool* const yes = std::get_if<bool>(&value)) return *yes ? "true" : "false";
  if (const std::int64_t* const number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const duration* const span = std::get_if<duration>(&value))
    return *span < duration{} ? "background" : print_duration(*span);
  if (const std::string* const name = std::get_if<std::string>(&value)) return *name;
  return data_in_words(std::get<octets>(value));
}

}  // namespace

socket* script_program::find(const std::string& name) const {
  const auto found = sockets_.find(name);
  return found == sockets_.end() ? nullptr : found->second.get();
}

outcome script_program::call(const call_event& event) {
  if (event.call == socket_call::socket) return open(event);
  socket* const on = find(event.socket);
  if (on == nullptr) return {"no socket", {fmt::format("the socket {} is not open", event.socket)}};
  switch (event.call) {
    case socket_call::bind: {
      const auto bound = on->bind(event.address);
      if (bound) packets_.set_our_socket(on->local().socket);
      return plain(event, bound);
    }
    case socket_call::listen: return plain(event, on->listen(event.number));
    case socket_call::accept: return accept(event);
    case socket_call::connect: return plain(event, on->connect(event.address));
    case socket_call::send: return send(event);
    case socket_call::receive: return receive(event);
    case socket_call::set: return set(event);
    case socket_call::get: return get(event);
    case socket_call::shutdown: return plain(event, on->shutdown(event.direction));
    case socket_call::close: sockets_.erase(event.socket); return {"ok", {}};
    case socket_call::poll: return poll(event);
    case socket_call::local: return compare_address(event, on->local());
    case socket_call::peer: return compare_address(event, on->peer());
    case socket_call::socket: break;
  }
  return {};
}

outcome script_program::open(const call_event& event) {
  auto made = endpoint_.open(event.type, event.only);
  outcome result{result_of(made), {}};
  compare(result, "result", expected_result(event), result.got);
  if (!made) return result;
  static_cast<void>((*made)->set(socket_option::non_blocking, true));
  sockets_[event.socket] = std::move(*made);
  return result;
}

outcome script_program::accept(const call_event& event) {
  auto made = find(event.socket)->accept();
  outcome result{result_of(made), {}};
  compare(result, "result", expected_result(event), result.got);
  if (!made) return result;
  static_cast<void>((*made)->set(socket_option::non_blocking, true));
  sockets_[event.made] = std::move(*made);
  return result;
}

outcome script_program::send(const call_event& event) {
  const octets message = packets_.message(event.contents);
  const auto sent = find(event.socket)->send(octets_view(message), event.sending);
  outcome made{sent ? fmt::format("{}", *sent) : name_of_error(sent.error()), {}};
  const std::uint64_t count = event.count.value_or(message.size());
  compare(made, "result", event.error ? expected_result(event) : fmt::format("{}", count), made.got);
  return made;
}

outcome script_program::receive(const call_event& event) {
  octets room(event.number);
  const auto got = find(event.socket)->receive(std::span<octet>(room), event.receiving);
  const expected_message& expected = event.message;
  outcome made;
  if (!got || event.error) {
    made.got = result_of(got);
    if (got) made.got = data_in_words(octets_view(room).first(got->size));
    compare(made, "result", event.error ? expected_result(event) : "a message", made.got);
    return made;
  }
  const octets_view contents = octets_view(room).first(got->size);
  const std::string flags = words_of({{"end", got->end},
                                      {"end_of_record", got->end_of_record},
                                      {"truncated", got->truncated},
                                      {"at_mark", got->at_mark},
                                      {"attention", got->attention}});
  made.got = fmt::format("{} {}", data_in_words(contents), flags);
  made.wrong = packets_.compare_message(expected.contents, contents);
  compare(made, "flags",
          words_of({{"end", expected.end},
                    {"end_of_record", expected.end_of_record},
                    {"truncated", expected.truncated},
                    {"at_mark", expected.at_mark},
                    {"attention", expected.attention}}),
          flags);
  if (expected.true_size)
    compare(made, "true_size", fmt::format("{}", *expected.true_size), fmt::format("{}", got->true_size));
  if (expected.datastream_type)
    compare(made, "type", fmt::format("{}", *expected.datastream_type),
            got->datastream_type ? fmt::format("{}", *got->datastream_type) : "none");
  if (expected.from) compare(made, "from", to_string(*expected.from), got->from ? to_string(*got->from) : "nobody");
  return made;
}

outcome script_program::set(const call_event& event) {
  const option_value value = event.value ? *event.value : option_value(packets_.message(event.contents));
  return plain(event, find(event.socket)->set(event.option, value));
}

outcome script_program::get(const call_event& event) {
  const auto got = find(event.socket)->get(event.option);
  outcome made;
  if (!got || event.error) {
    made.got = got ? words_of(*got) : name_of_error(got.error());
    compare(made, "result", event.error ? expected_result(event) : "a value", made.got);
    return made;
  }
  made.got = words_of(*got);
  if (!event.value) made.wrong = packets_.compare_message(event.contents, std::get<octets>(*got));
  else compare(made, "value", words_of(*event.value), made.got);
  return made;
}

outcome script_program::poll(const call_event& event) {
  endpoint::poll_entry entry{find(event.socket), {true, true, true, true, true}, {}};
  static_cast<void>(endpoint_.poll({&entry, 1}, duration{}));
  outcome made{words_of(entry.is), {}};
  compare(made, "ready", words_of(event.ready), made.got);
  return made;
}

outcome script_program::compare_address(const call_event& event, const socket_result<xns_address>& actual) {
  outcome made{actual ? to_string(*actual) : name_of_error(actual.error()), {}};
  compare(made, "address", event.error ? expected_result(event) : to_string(event.address), made.got);
  return made;
}

}  // namespace seqwire
