#include "lab/wire/perf.hpp"

#include <nlohmann/json.hpp>

namespace seqwire {
namespace {

constexpr std::uint8_t data_type = 0;
constexpr std::uint8_t word_type = 1;
constexpr std::size_t longest_word = 4096;
constexpr std::size_t perf_piece_octets = 64 << 10;
constexpr const char* end_word = "end";

// A whole number of this object within the bounds; nothing otherwise.
std::optional<std::int64_t> number_of(const nlohmann::json& object, const char* key, std::int64_t most) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(most))
    return std::nullopt;
  const auto number = found->get<std::int64_t>();
  return number < 0 || number > most ? std::nullopt : std::optional(number);
}

constexpr std::int64_t any = std::int64_t{1} << 62;

std::string text_of(const octets& word) { return {word.begin(), word.end()}; }

}  // namespace

std::string to_text(const perf_request& request) {
  return nlohmann::json({{"schema", "seqwire.perf.request/1"},
                         {"round_trips", request.round_trips},
                         {"reverse", request.reverse},
                         {"record_octets", request.record_octets},
                         {"nanoseconds", request.length.nanoseconds}})
      .dump();
}

result<perf_request, std::string> parse_perf_request(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object() || object.value("schema", nlohmann::json()) != "seqwire.perf.request/1")
    return failure(std::string("a request of seqwire perf"));
  const auto flag = [&](const char* key) { return object.value(key, nlohmann::json()) == true; };
  const auto octets_of = number_of(object, "record_octets", longest_perf_record);
  const auto length = number_of(object, "nanoseconds", longest_perf.nanoseconds);
  if (!octets_of || *octets_of == 0 || !length)
    return failure(std::string("a record size and a duration within bounds"));
  return perf_request{.round_trips = flag("round_trips"),
                      .reverse = flag("reverse") && !flag("round_trips"),
                      .record_octets = static_cast<std::size_t>(*octets_of),
                      .length = {*length}};
}

std::string to_text(const perf_figures& figures) {
  return nlohmann::json({{"records", figures.records},
                         {"octets", figures.octets},
                         {"nanoseconds", figures.took.nanoseconds},
                         {"processor_nanoseconds", figures.processor.nanoseconds},
                         {"retransmissions", figures.retransmissions}})
      .dump();
}

result<perf_figures, std::string> parse_perf_figures(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return failure(std::string("figures of seqwire perf"));
  const auto records = number_of(object, "records", any), octets_of = number_of(object, "octets", any);
  const auto took = number_of(object, "nanoseconds", any), processor = number_of(object, "processor_nanoseconds", any);
  const auto again = number_of(object, "retransmissions", any);
  if (!records || !octets_of || !took || !processor || !again) return failure(std::string("five whole numbers"));
  return perf_figures{static_cast<std::uint64_t>(*records),
                      static_cast<std::uint64_t>(*octets_of),
                      {*took},
                      {*processor},
                      static_cast<std::uint64_t>(*again)};
}

// --- perf_flow ---

perf_flow::perf_flow(std::unique_ptr<socket> with, std::optional<perf_request> asks)
    : socket_(std::move(with)),
      is_client_(asks.has_value()),
      request_(asks.value_or(perf_request{})),
      buffer_(perf_piece_octets) {
  require(socket_->set(socket_option::keep_remainder, true).has_value());
  if (asks) to_say_ = to_text(*asks);
}

// Nothing at a client, which is told of silence by its connection.
std::optional<instant> perf_flow::loses_patience() const {
  if (is_client_ || !first_step_ || phase_ == phase::over) return std::nullopt;
  if (phase_ == phase::asking) return *first_step_ + patience_for_request;
  return std::min(heard_at_ + longest_rest, began_ + request_.length + longest_overrun);
}

// Packets that are no answers to our own keepalives: of a long record on a slow path nothing else is to be seen.
void perf_flow::note_arrivals(instant now) {
  const auto statistics = socket_->statistics();
  if (!statistics) return;
  const std::uint64_t arrivals =
      statistics->packets_received - std::min(statistics->keepalives, statistics->packets_received);
  if (arrivals <= arrivals_) return;
  arrivals_ = arrivals;
  heard_at_ = now;
}

std::optional<instant> perf_flow::next_wake() const {
  const instant first = std::min(ends_at().value_or(instant::never()), loses_patience().value_or(instant::never()));
  if (first == instant::never()) return std::nullopt;
  return first;
}

// When this end stops the data; nothing: it does not, or is not to yet.
std::optional<instant> perf_flow::ends_at() const {
  const bool ends_it = is_client_ || !request_.round_trips;
  if (phase_ != phase::running || !sends() || !ends_it || awaits_echo_) return std::nullopt;
  return began_ + request_.length;
}

void perf_flow::fail(std::errc why) {
  why_ = std::make_error_code(why);
  phase_ = phase::over;
}

void perf_flow::begin(instant now, duration processor) {
  phase_ = phase::running;
  began_ = now;
  processor_began_ = processor;
  data_.assign(request_.record_octets, octet{0x5a});
}

void perf_flow::stop(instant now, duration processor) {
  ours_.took = now - began_;
  ours_.processor = processor - processor_began_;
  const auto statistics = socket_->statistics();
  if (statistics) ours_.retransmissions = statistics->retransmissions;
  phase_ = phase::ending;
}

bool perf_flow::step(instant now, duration processor) {
  if (!first_step_) first_step_ = heard_at_ = now;
  if (const auto limit = loses_patience(); limit && now >= *limit) {
    note_arrivals(now);
    if (now >= *loses_patience()) {
      static_cast<void>(socket_->set(socket_option::linger, duration{}));  // it may not hold memory for longer either
      fail(std::errc::timed_out);
      return true;
    }
  }
  return advance(now, processor);
}

bool perf_flow::advance(instant now, duration processor) {
  if (phase_ == phase::over) return false;
  if (!to_say_.empty()) {
    if (!says(to_say_)) return receive_some(now, processor);
    to_say_.clear();
    if (is_client_ && phase_ == phase::asking) begin(now, processor);
    return true;
  }
  if (const auto end = ends_at(); end && now >= *end) {
    stop(now, processor);
    to_say_ = is_client_ ? end_word : to_text(ours_);
    if (!is_client_) phase_ = phase::closing;
    return true;
  }
  if (phase_ == phase::closing && !is_client_) return receive_some(now, processor);
  if (phase_ == phase::closing) {
    static_cast<void>(socket_->shutdown(socket::direction::both));  // may have ended by now
    phase_ = phase::over;
    return true;
  }
  return send_data(now) || receive_some(now, processor);
}

bool perf_flow::says(const std::string& text) {
  const auto sent = socket_->send(view_of(text), {.do_not_wait = true, .datastream_type = word_type});
  if (!sent && sent.error() != std::errc::operation_would_block && phase_ != phase::over) {
    why_ = sent.error();
    phase_ = phase::over;
  }
  return sent.has_value();
}

bool perf_flow::send_data(instant now) {
  if (phase_ != phase::running || !sends()) return false;
  if (request_.round_trips && (is_client_ ? awaits_echo_ : echoes_due_ == 0)) return false;
  const auto sent = socket_->send(octets_view(data_), {.do_not_wait = true, .datastream_type = data_type});
  if (!sent && sent.error() == std::errc::operation_would_block) return false;
  if (!sent) {
    why_ = sent.error();
    phase_ = phase::over;
    return true;
  }
  if (request_.round_trips) {
    if (is_client_) {
      awaits_echo_ = true;
      asked_at_ = now;
      return true;
    }
    --echoes_due_;
  }
  ++ours_.records;
  ours_.octets += *sent;
  return true;
}

bool perf_flow::receive_some(instant now, duration processor) {
  const auto got = socket_->receive(std::span<octet>(buffer_), {.do_not_wait = true});
  if (!got && got.error() == std::errc::operation_would_block) return false;
  if (!got) {
    why_ = got.error();
    phase_ = phase::over;
    return true;
  }
  if (got->end) {
    const bool in_time = phase_ == phase::closing;
    phase_ = phase::over;
    if (!in_time) why_ = std::make_error_code(std::errc::connection_reset);
    return true;
  }
  if (got->datastream_type == word_type) {
    incoming_.insert(incoming_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(got->size));
    if (incoming_.size() > longest_word) fail(std::errc::protocol_error);
    else if (got->end_of_record) hear(now, processor);
    return true;
  }
  if (phase_ == phase::asking) fail(std::errc::protocol_error);
  if (phase_ != phase::running) return true;  // what was still on its way
  if (request_.round_trips && got->end_of_record) {
    if (!is_client_) {
      if (++echoes_due_ > 1) fail(std::errc::protocol_error);  // nobody asks again before the answer
    } else if (awaits_echo_) {
      awaits_echo_ = false;
      round_trips_.add(now - asked_at_);
      ++ours_.records;
      ours_.octets += request_.record_octets;
    }
  }
  if (request_.round_trips) return true;
  ours_.octets += got->size;
  if (got->end_of_record) ++ours_.records;
  return true;
}

// A whole word of the other end.
void perf_flow::hear(instant now, duration processor) {
  const std::string word = text_of(incoming_);
  incoming_.clear();
  if (!is_client_ && phase_ == phase::asking) {
    const auto asked = parse_perf_request(word);
    if (!asked) return fail(std::errc::protocol_error);
    request_ = *asked;
    return begin(now, processor);
  }
  if (!is_client_) {
    if (word != end_word || phase_ != phase::running || ends_at()) return fail(std::errc::protocol_error);
    stop(now, processor);
    to_say_ = to_text(ours_);
    phase_ = phase::closing;
    return;
  }
  const auto figures = parse_perf_figures(word);
  if (!figures || phase_ == phase::asking) return fail(std::errc::protocol_error);
  if (phase_ == phase::running) stop(now, processor);
  theirs_ = *figures;
  phase_ = phase::closing;
}

}  // namespace seqwire
