#include "protocol/wire/time_of_day.hpp"

namespace seqwire {

std::optional<time_packet> parse_time(octets_view exchange_data) {
  if (exchange_data.size() < time_layout::octets) return std::nullopt;
  time_packet packet{time_layout::decode(exchange_data.data()), std::nullopt};
  if (packet.header.version != time_version) return std::nullopt;
  if (packet.header.operation == time_operation::request) return packet;
  if (packet.header.operation != time_operation::response ||
      exchange_data.size() < time_layout::octets + time_of_day_layout::octets)
    return std::nullopt;
  packet.time = time_of_day_layout::decode(exchange_data.data() + time_layout::octets);
  return packet;
}

octets time_request() {
  octets data(time_layout::octets);
  time_layout::encode({time_version, time_operation::request}, data.data());
  return data;
}

octets time_response(const time_of_day& time) {
  octets data(time_layout::octets + time_of_day_layout::octets);
  time_layout::encode({time_version, time_operation::response}, data.data());
  time_of_day_layout::encode(time, data.data() + time_layout::octets);
  return data;
}

}  // namespace seqwire
