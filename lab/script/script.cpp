#include "lab/script/script.hpp"

#include <algorithm>
#include <cctype>

namespace seqwire {
namespace {

struct named_error {
  std::string_view name;
  std::errc value;
};

constexpr named_error errors[] = {
    {"address_in_use", std::errc::address_in_use},
    {"address_not_available", std::errc::address_not_available},
    {"already_connected", std::errc::already_connected},
    {"argument_out_of_domain", std::errc::argument_out_of_domain},
    {"bad_message", std::errc::bad_message},
    {"broken_pipe", std::errc::broken_pipe},
    {"connection_aborted", std::errc::connection_aborted},
    {"connection_already_in_progress", std::errc::connection_already_in_progress},
    {"connection_refused", std::errc::connection_refused},
    {"connection_reset", std::errc::connection_reset},
    {"destination_address_required", std::errc::destination_address_required},
    {"interrupted", std::errc::interrupted},
    {"invalid_argument", std::errc::invalid_argument},
    {"io_error", std::errc::io_error},
    {"message_size", std::errc::message_size},
    {"network_unreachable", std::errc::network_unreachable},
    {"no_buffer_space", std::errc::no_buffer_space},
    {"not_connected", std::errc::not_connected},
    {"operation_in_progress", std::errc::operation_in_progress},
    {"operation_not_permitted", std::errc::operation_not_permitted},
    {"operation_not_supported", std::errc::operation_not_supported},
    {"operation_would_block", std::errc::operation_would_block},
    {"permission_denied", std::errc::permission_denied},
    {"protocol_error", std::errc::protocol_error},
    {"timed_out", std::errc::timed_out},
    {"too_many_files_open", std::errc::too_many_files_open},
};

struct named_counter {
  std::string name;
  script_counter counter;
};

std::vector<named_counter> make_counters() {
  using information = connection_information;
  std::vector<named_counter> all = {
      {"received", &host_statistics::received},
      {"accepted", &host_statistics::accepted},
      {"sent", &host_statistics::sent},
      {"errors_sent", &host_statistics::errors_sent},
      {"errors_suppressed", &host_statistics::errors_suppressed},
      {"echoes_answered", &host_statistics::echoes_answered},
      {"dropped", [](const host& of) { return of.statistics().drops.total(); }},
      {"connections", [](const host& of) { return std::uint64_t{of.sequenced().connections()}; }},
      {"packets_sent", &spp_statistics::packets_sent},
      {"data_packets_sent", &spp_statistics::data_packets_sent},
      {"retransmissions", &spp_statistics::retransmissions},
      {"fast_retransmissions", &spp_statistics::fast_retransmissions},
      {"timeouts", &spp_statistics::timeouts},
      {"probes", &spp_statistics::probes},
      {"keepalives", &spp_statistics::keepalives},
      {"packets_received", &spp_statistics::packets_received},
      {"records_sent", &spp_statistics::records_sent},
      {"records_delivered", &spp_statistics::records_delivered},
      {"octets_sent", &spp_statistics::octets_sent},
      {"octets_delivered", &spp_statistics::octets_delivered},
      {"out_of_order", &spp_statistics::out_of_order},
      {"duplicate_acknowledgements", &spp_statistics::duplicate_acknowledgements},
      {"excess_acknowledgements", &spp_statistics::excess_acknowledgements},
      {"round_trip_samples", &spp_statistics::round_trip_samples},
      {"in_flight", [](const information& of) { return std::uint64_t{of.in_flight}; }},
      {"window", [](const information& of) { return std::uint64_t{of.window}; }},
      {"permitted", [](const information& of) { return std::uint64_t{of.permitted}; }},
      {"queued_octets", [](const information& of) { return std::uint64_t{of.queued_octets}; }},
      {"unread_packets", [](const information& of) { return std::uint64_t{of.unread_packets}; }},
      {"timeout_ms", [](const information& of) { return static_cast<std::uint64_t>(of.timeout / 1_ms); }},
  };
  for (std::size_t reason = 0; reason < drop_reason_count; ++reason)
    all.push_back({"drop." + as_word(name_of(static_cast<drop_reason>(reason))), static_cast<drop_reason>(reason)});
  return all;
}

const std::vector<named_counter>& counters() {
  static const std::vector<named_counter> all = make_counters();
  return all;
}

}  // namespace

const written_field* written_header::find(role meaning) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const written_field& each) { return each.field->meaning == meaning; });
  return found == fields.end() ? nullptr : &*found;
}

std::string to_string(const script_place& at) { return at.file + ":" + std::to_string(at.line); }

std::optional<std::errc> find_error(std::string_view name) {
  for (const named_error& each : errors)
    if (each.name == name) return each.value;
  return std::nullopt;
}

std::string name_of_error(const std::error_code& error) {
  for (const named_error& each : errors)
    if (error == each.value) return std::string(each.name);
  return as_word(error.message());
}

std::vector<std::string> error_names() {
  std::vector<std::string> names;
  for (const named_error& each : errors) names.emplace_back(each.name);
  return names;
}

std::optional<script_counter> find_counter(std::string_view name) {
  for (const named_counter& each : counters())
    if (each.name == name) return each.counter;
  return std::nullopt;
}

bool is_of_connection(const script_counter& counter) {
  return std::holds_alternative<std::uint64_t spp_statistics::*>(counter) ||
         std::holds_alternative<std::uint64_t (*)(const connection_information&)>(counter);
}

std::vector<std::string> counter_names() {
  std::vector<std::string> names;
  for (const named_counter& each : counters()) names.push_back(each.name);
  return names;
}

std::string as_word(std::string_view name) {
  std::string word;
  for (const char each : name)
    word += std::isalnum(static_cast<unsigned char>(each)) != 0
                ? static_cast<char>(std::tolower(static_cast<unsigned char>(each)))
                : '_';
  return word;
}

}  // namespace seqwire
