// The Time protocol of XNS: a client of Packet Exchange that tells the time of day, which time zone the answering
// machine is in and when its summer time begins and ends (protocol sheet 6.4). Seconds count from 1901-01-01 00:00 UTC
// in 32 bits, until 2037-02-06.
#pragma once

#include "protocol/wire/exchange.hpp"

namespace seqwire {

/// Where a machine that knows the time answers.
inline constexpr socket_number time_socket{8};
inline constexpr std::uint16_t time_version = 2;  // the only one there is
/// 1970-01-01 00:00 UTC, counted from 1901.
inline constexpr std::uint32_t unix_epoch_since_1901 = 2177452800;

/// What the packet is; a response carries a time_of_day.
enum class time_operation : std::uint16_t { request = 1, response = 2 };

struct time_operation_values {
  static constexpr std::array<named_value, 2> rows{{{1, "Request"}, {2, "Response"}}};
};

struct time_header {
  std::uint16_t version;
  time_operation operation;

  bool operator==(const time_header&) const = default;
};

using time_layout =
    layout<time_header, "xns_time", "Time Protocol header (Time Protocol, Xerox System Integration Standard)",
           field<&time_header::version, 16, "Of the protocol: 2">,
           field<&time_header::operation, 16, "Request or response; a response has the time behind it",
                 role::next_header, time_operation_values>>;

enum class zone_direction : std::uint16_t { west = 0, east = 1 };  // of a time zone from Greenwich

struct zone_direction_values {
  static constexpr std::array<named_value, 2> rows{{{0, "West"}, {1, "East"}}};
};

struct time_of_day {
  std::uint32_t seconds;
  zone_direction direction;
  std::uint16_t offset_hours;
  std::uint16_t offset_minutes;
  std::uint16_t summer_time_begin;
  std::uint16_t summer_time_end;
  std::uint16_t error_known;
  std::uint32_t error;

  bool operator==(const time_of_day&) const = default;
};

using time_of_day_layout =
    layout<time_of_day, "xns_time_of_day",
           "Time of day in a Time response (Time Protocol, Xerox System Integration Standard)",
           field<&time_of_day::seconds, 32, "Since 1901-01-01 00:00 UTC">,
           field<&time_of_day::direction, 16, "Of the time zone from Greenwich", role::none, zone_direction_values>,
           field<&time_of_day::offset_hours, 16, "Of the time zone, hours">,
           field<&time_of_day::offset_minutes, 16, "Of the time zone, minutes">,
           field<&time_of_day::summer_time_begin, 16, "Day of the year before which summer time begins; 0: none">,
           field<&time_of_day::summer_time_end, 16, "Day of the year before which summer time ends; 0: none">,
           field<&time_of_day::error_known, 16, "1: the error is known">,
           field<&time_of_day::error, 32, "By how much the time may be wrong, milliseconds">>;

static_assert(time_layout::octets + time_of_day_layout::octets == 24);

/// What the data of an exchange says: a request has no time. Nothing: too short, another version or operation.
struct time_packet {
  time_header header;               // its version is time_version
  std::optional<time_of_day> time;  // in a response always
};
/// From the data of a Packet Exchange packet (client type 1).
std::optional<time_packet> parse_time(octets_view exchange_data);

/// The data of a request, and of a response.
octets time_request();
octets time_response(const time_of_day& time);  // every field as given

}  // namespace seqwire
