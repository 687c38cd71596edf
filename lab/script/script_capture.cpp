#include "lab/script/script_capture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "dissector/analysis/verify.hpp"
#include "protocol/wire/ethernet.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {
namespace {

const capture_interface at_host{.name = "host", .description = "the host that the script tests"};
const capture_interface at_peer{.name = "peer", .description = "the peer that the script plays"};

ethernet_header header_of(const script_outcome& run, const script_frame& frame) {
  return {frame.out ? run.peer : run.host, frame.out ? run.host : run.peer};
}

capture_direction direction_of(const script_outcome& run, const script_frame& frame) {
  return frame.out != run.recorded_at_peer ? capture_direction::out : capture_direction::in;
}

}  // namespace

void write_script_capture(const std::string& path, const script& text, const script_outcome& outcome) {
  capture_writer writer(path, {.comment = fmt::format("script {}, seed {}", text.name, outcome.seed)});
  writer.add_interface(outcome.recorded_at_peer ? at_peer : at_host);
  for (const script_frame& each : outcome.frames)
    writer.write({.at = each.at, .direction = direction_of(outcome, each), .comment = each.comment},
                 encode(header_of(outcome, each)), each.contents);
  writer.close();
  if (const auto error = writer.error()) throw std::system_error(std::make_error_code(std::errc::io_error), *error);
}

std::vector<std::string> broken_rules(const script& text, const script_outcome& outcome) {
  verifier judge;
  judge.begin_capture(text.name);
  for (const script_frame& each : outcome.frames) {
    captured_packet packet;
    packet.at = each.at;
    packet.direction = direction_of(outcome, each);
    packet.frame.resize(ethernet_header_octets + each.contents.size());
    ethernet_layout::encode(header_of(outcome, each), packet.frame.data());
    std::copy(each.contents.begin(), each.contents.end(), packet.frame.begin() + ethernet_header_octets);
    packet.original_length = packet.frame.size();
    judge.on_packet(packet, at_host);
  }
  std::vector<std::string> broken;
  for (const rule_verdict& row : judge.finish().rules) {
    const rule_row& rule = row_of(row.rule);
    const bool peers =
        std::find(text.broken_by_peer.begin(), text.broken_by_peer.end(), rule.number) != text.broken_by_peer.end();
    if (row.outcome != rule_outcome::violated || peers) continue;
    broken.push_back(fmt::format("{} {}: {}", rule.number, rule.name,
                                 row.first.empty() ? std::string() : row.first.front().sentence));
  }
  return broken;
}

}  // namespace seqwire
