#include "protocol/wire/time_of_day.hpp"

namespace seqwire {

result<time_packet, drop_reason> parse_time(octets_view exchange_data) {
  if (exchange_data.size() < time_layout::octets) return failure(drop_reason::time_malformed);
  time_packet packet{time_layout::decode(exchange_data.data()), std::nullopt};
  if (packet.header.version != time_version) return failure(drop_reason::time_malformed);
  if (packet.header.operation == time_operation::request) return packet;
  if (packet.header.operation != time_operation::response ||
      exchange_data.size() < time_layout::octets + time_of_day_layout::octets)
    return failure(drop_reason::time_malformed);
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
