#include "lab/replay/answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/base/keyed_hash.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {

sent_answer answer_reader::read(instant at, std::uint64_t frame, const sequenced_packet_view& packet) {
  sent_answer read{.at = at, .frame = frame, .header = packet.header};
  read.number = absolute(packet.header.sequence, next_);
  read.acknowledgement = absolute(packet.header.acknowledgement, acknowledged_);
  read.allocation = absolute(packet.header.allocation, read.acknowledgement);
  read.body_hash = keyed_hash({}, packet.body);
  read.octets = static_cast<std::uint32_t>(packet.body.size());
  if (!packet.header.system) next_ = std::max(next_, read.number + 1);
  acknowledged_ = std::max(acknowledged_, read.acknowledgement);
  return read;
}

std::string to_string(const sent_answer& of) {
  const sequenced_header& header = of.header;
  const bool opening = header.destination_connection == 0;
  std::string text;
  if (header.system) text = fmt::format("{}, next {}", opening ? "opening" : "system", of.number);
  else if (header.datastream_type == close_request_type) text = fmt::format("close request {}", of.number);
  else if (header.datastream_type == close_reply_type) text = fmt::format("close reply {}", of.number);
  else text = fmt::format("data {}, {} octets, type {}", of.number, of.octets, header.datastream_type);
  if (header.end_of_record) text += ", end of message";
  if (header.attention) text += ", attention";
  if (header.acknowledgement_request && !opening && header.system) text += ", asks";
  return text + fmt::format(", acknowledges below {}, allows {}", of.acknowledgement, of.allocation);
}

}  // namespace seqwire
