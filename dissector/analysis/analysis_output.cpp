// What analyze found, as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dissector/analysis/analyze.hpp"

namespace seqwire {
namespace {

constexpr std::array<std::string_view, resend_causes> cause_names{"fast", "repair", "timeout", "unknown"};

std::string_view name_of(vantage where) {
  switch (where) {
    case vantage::own_emission: return "leaving";
    case vantage::own_arrival: return "arriving";
    case vantage::path: break;
  }
  return "passing";
}

std::string text_of(const speaker& end) {
  return fmt::format("{}:{} id {:#06x}", to_string(end.host), static_cast<unsigned>(end.socket), end.id);
}

std::string milliseconds(std::int64_t nanoseconds) {
  return fmt::format("{:.3f}", static_cast<double>(nanoseconds) / 1e6);
}

void add_row(std::string& to, std::string_view name, const std::string& one, const std::string& other) {
  to += fmt::format("    {:<36}{:>20}{:>20}\n", name, one, other);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.2f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string quantiles_text(const distribution& of) {
  if (of.count() == 0) return "-";
  return fmt::format("{} / {} / {} / {} ({})", milliseconds(of.minimum()), milliseconds(of.quantile(0.5)),
                     milliseconds(of.quantile(0.95)), milliseconds(of.maximum()), of.count());
}

void add_view(std::string& to, const view_summary& view) {
  const direction_summary& a = view.sides[0];
  const direction_summary& b = view.sides[1];
  const auto count = [&](std::string_view name, std::uint64_t one, std::uint64_t other) {
    add_row(to, name, fmt::format("{}", one), fmt::format("{}", other));
  };
  const auto where = [](const direction_summary& side) {
    return std::string(side.where ? name_of(*side.where) : "not seen");
  };
  to += fmt::format("  at {}\n", view.name);
  add_row(to, "", "first to second", "second to first");
  add_row(to, "seen", where(a), where(b));
  count("packets", a.packets, b.packets);
  count("  octets", a.octets, b.octets);
  count("  system packets", a.system_packets, b.system_packets);
  count("numbers", a.data_packets, b.data_packets);
  count("  octets of data", a.data_octets, b.data_octets);
  count("  records", a.records, b.records);
  count("  attentions", a.attentions, b.attentions);
  count("  never seen", a.unseen, b.unseen);
  count("sent again", a.resent_in_all(), b.resent_in_all());
  if (a.resent_in_all() + b.resent_in_all() != 0) {
    for (std::size_t i = 0; i < resend_causes; ++i)
      if (a.resent[i] + b.resent[i] != 0) count(fmt::format("  {}", cause_names[i]), a.resent[i], b.resent[i]);
    count("  needless", a.needless, b.needless);
  }
  count("doubled by the network", a.copied, b.copied);
  add_row(to, "  share of the packets", percent(a.copied, a.packets), percent(b.copied, b.packets));
  count("repeated, undecided which", a.repeated, b.repeated);
  if (a.lost + b.lost != 0) count("lost, as the link says", a.lost, b.lost);
  count("out of order", a.late_by.count(), b.late_by.count());
  add_row(to, "  by numbers (median, most)", fmt::format("{}, {}", a.late_by.quantile(0.5), a.late_by.maximum()),
          fmt::format("{}, {}", b.late_by.quantile(0.5), b.late_by.maximum()));
  count("repeated acknowledgements of it", a.repeated_acknowledgements, b.repeated_acknowledgements);
  add_row(to, "packets in flight (mean, most)", fmt::format("{:.1f}, {}", a.in_flight.mean(), a.in_flight.maximum()),
          fmt::format("{:.1f}, {}", b.in_flight.mean(), b.in_flight.maximum()));
  count("  used the last allowed number", a.allocation_full, b.allocation_full);
  add_row(to, "data, octets per second", fmt::format("{:.0f}", a.data_rate()), fmt::format("{:.0f}", b.data_rate()));
  to += "    answered after, ms (min / median / 95 % / max, samples)\n";
  to += fmt::format("      first to second  {}\n", quantiles_text(a.round_trip));
  to += fmt::format("      second to first  {}\n", quantiles_text(b.round_trip));
}

nlohmann::json json_of(const distribution& of) {
  if (of.count() == 0) return {{"count", 0}};
  return {{"count", of.count()},      {"min", of.minimum()},      {"p50", of.quantile(0.5)}, {"p90", of.quantile(0.9)},
          {"p95", of.quantile(0.95)}, {"p99", of.quantile(0.99)}, {"max", of.maximum()},     {"mean", of.mean()}};
}

nlohmann::json json_of(const speaker& end) {
  return {{"host", to_string(end.host)}, {"socket", static_cast<unsigned>(end.socket)}, {"id", end.id}};
}

nlohmann::json json_of(const direction_summary& of) {
  nlohmann::json resent = nlohmann::json::object();
  for (std::size_t i = 0; i < resend_causes; ++i) resent[std::string(cause_names[i])] = of.resent[i];
  return {{"seen", of.where ? nlohmann::json(name_of(*of.where)) : nlohmann::json(nullptr)},
          {"packets", of.packets},
          {"octets", of.octets},
          {"system_packets", of.system_packets},
          {"attentions", of.attentions},
          {"data_packets", of.data_packets},
          {"data_octets", of.data_octets},
          {"records", of.records},
          {"unseen", of.unseen},
          {"resent", std::move(resent)},
          {"needless", of.needless},
          {"copied", of.copied},
          {"repeated", of.repeated},
          {"lost", of.lost},
          {"late_by", json_of(of.late_by)},
          {"round_trip_ns", json_of(of.round_trip)},
          {"in_flight", json_of(of.in_flight)},
          {"allocation_full", of.allocation_full},
          {"repeated_acknowledgements", of.repeated_acknowledgements},
          {"close_request", of.close_request},
          {"close_reply", of.close_reply},
          {"first_ns", of.first ? nlohmann::json(of.first->nanoseconds) : nlohmann::json(nullptr)},
          {"last_ns", of.last.nanoseconds},
          {"octets_per_second", of.data_rate()}};
}

}  // namespace

std::string render_text(const analysis& of) {
  std::string text = fmt::format("{} frames, {} sequenced packets, {} connections", of.frames, of.sequenced_packets,
                                 of.connections.size());
  if (of.wrong_checksums != 0) text += fmt::format(", {} wrong checksums", of.wrong_checksums);
  if (of.malformed != 0) text += fmt::format(", {} malformed", of.malformed);
  if (of.unanswered_openings != 0) text += fmt::format(", {} openings without answer", of.unanswered_openings);
  text += '\n';
  std::size_t number = 0;
  for (const connection_summary& each : of.connections) {
    text += fmt::format("\nconnection {}: {} to {}, {}{}\n", number++, text_of(each.sides[0]), text_of(each.sides[1]),
                        each.ending(), each.opening_seen ? "" : ", opening not seen");
    for (const view_summary& view : each.views) add_view(text, view);
  }
  for (const std::string& hole : of.holes) text += fmt::format("\nnot whole: {}\n", hole);
  return text;
}

nlohmann::json to_json(const analysis& of) {
  nlohmann::json connections = nlohmann::json::array();
  for (const connection_summary& each : of.connections) {
    nlohmann::json views = nlohmann::json::array();
    for (const view_summary& view : each.views)
      views.push_back({{"interface", view.name},
                       {"file", view.file},
                       {"first_to_second", json_of(view.sides[0])},
                       {"second_to_first", json_of(view.sides[1])}});
    connections.push_back({{"first", json_of(each.sides[0])},
                           {"second", json_of(each.sides[1])},
                           {"opening_seen", each.opening_seen},
                           {"ending", each.ending()},
                           {"views", std::move(views)}});
  }
  return {{"schema", "seqwire.analysis/1"},
          {"files", of.files},
          {"frames", of.frames},
          {"sequenced_packets", of.sequenced_packets},
          {"wrong_checksums", of.wrong_checksums},
          {"malformed", of.malformed},
          {"unanswered_openings", of.unanswered_openings},
          {"holes", of.holes},
          {"connections", std::move(connections)}};
}

}  // namespace seqwire
