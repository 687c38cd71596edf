// What analyze found, as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dissector/analysis/analyze.hpp"

namespace seqwire {
namespace {

constexpr std::array<std::string_view, resend_causes> cause_names{"fast", "repair", "timeout", "unknown"};

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

std::string delays_text(const std::optional<crossing>& of) {
  if (!of || of->arrived == 0) return "-";
  const auto at = [&](std::int64_t above) { return milliseconds(of->least_delay + above); };
  const distribution& above = of->delay_above_least;
  return fmt::format("{} / {} / {} / {} ({})", at(0), at(above.quantile(0.5)), at(above.quantile(0.95)),
                     at(above.maximum()), above.count());
}

std::string losses_text(const loss_model& of) {
  switch (of.kind) {
    case loss_kind::none_lost: return "none";
    case loss_kind::undecided: return "too few to tell";
    case loss_kind::independent: return "each on its own";
    case loss_kind::gilbert:
    case loss_kind::gilbert_elliott: break;
  }
  return fmt::format("bursts, mean {:.1f}", of.burst());
}

std::string parameters_text(const loss_model& of) {
  const auto share = [](double value) { return fmt::format("{:.2f} %", 100 * value); };
  if (of.kind == loss_kind::independent) return share(of.lost_in_good);
  if (of.kind == loss_kind::gilbert) return share(of.to_bad) + ", " + share(of.to_good);
  if (of.kind != loss_kind::gilbert_elliott) return "-";
  return fmt::format("{}, {}, {}, {}", share(of.to_bad), share(of.to_good), share(of.lost_in_bad),
                     share(of.lost_in_good));
}

void add_crossing(std::string& to, const crossing_summary& of, const std::vector<view_summary>& views) {
  const auto row = [&](std::string_view name, const std::function<std::string(const crossing&)>& text) {
    const auto cell = [&](std::size_t side) { return of.sides[side] ? text(*of.sides[side]) : std::string("-"); };
    add_row(to, name, cell(0), cell(1));
  };
  to += fmt::format("  between {} and {}{}\n", views[of.first].name, views[of.second].name,
                    of.one_clock ? "" : ", by two clocks");
  add_row(to, "", "first to second", "second to first");
  row("sent", [](const crossing& way) { return fmt::format("{}", way.sent); });
  row("  lost", [](const crossing& way) { return fmt::format("{}", way.lost()); });
  row("  share", [](const crossing& way) { return percent(way.lost(), way.sent); });
  row("  losses", [](const crossing& way) { return losses_text(way.losses); });
  row("  doubled", [](const crossing& way) { return fmt::format("{}", way.copied); });
  row("  out of order", [](const crossing& way) { return fmt::format("{}", way.late_by.count()); });
  row("    by places (median, most)",
      [](const crossing& way) { return fmt::format("{}, {}", way.late_by.quantile(0.5), way.late_by.maximum()); });
  row("arrived, not seen when sent", [](const crossing& way) { return fmt::format("{}", way.unexpected); });
  row("rate, bits per second", [](const crossing& way) { return way.rate ? fmt::format("{}", *way.rate) : "-"; });
  to += fmt::format("    one way, ms (min / median / 95 % / max, samples){}\n",
                    of.one_clock ? "" : ", with the difference of the clocks");
  to += fmt::format("      first to second  {}\n", delays_text(of.sides[0]));
  to += fmt::format("      second to first  {}\n", delays_text(of.sides[1]));
  for (std::size_t side = 0; side < 2; ++side)
    if (of.sides[side] && of.sides[side]->losses.kind > loss_kind::undecided)
      to += fmt::format("    {} losses {}: {}\n", name_of(of.sides[side]->losses.kind),
                        side == 0 ? "first to second" : "second to first", parameters_text(of.sides[side]->losses));
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

nlohmann::json json_of(const loss_model& of) {
  nlohmann::json made{{"model", name_of(of.kind)}, {"packets", of.packets}, {"lost", of.lost}};
  if (of.kind <= loss_kind::undecided) return made;
  made["advantage"] = of.advantage;
  if (of.kind == loss_kind::independent) {
    made["loss"] = of.lost_in_good;
    return made;
  }
  made["to_bad"] = of.to_bad;
  made["to_good"] = of.to_good;
  made["lost_in_bad"] = of.lost_in_bad;
  made["lost_in_good"] = of.lost_in_good;
  return made;
}

nlohmann::json json_of(const std::optional<crossing>& of) {
  if (!of) return nullptr;
  return {{"sent", of->sent},
          {"arrived", of->arrived},
          {"lost", of->lost()},
          {"copied", of->copied},
          {"unexpected", of->unexpected},
          {"least_delay_ns", of->arrived == 0 ? nlohmann::json() : nlohmann::json(of->least_delay)},
          {"delay_above_least_ns", json_of(of->delay_above_least)},
          {"late_by", json_of(of->late_by)},
          {"rate", of->rate ? nlohmann::json(*of->rate) : nlohmann::json()},
          {"losses", json_of(of->losses)}};
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
    text += fmt::format("\nconnection {}: {} to {}, {}{}\n", number++, to_string(each.sides[0]),
                        to_string(each.sides[1]), each.ending(), each.opening_seen ? "" : ", opening not seen");
    for (const view_summary& view : each.views) add_view(text, view);
    for (const crossing_summary& crossed : each.crossings) add_crossing(text, crossed, each.views);
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
    nlohmann::json crossings = nlohmann::json::array();
    for (const crossing_summary& crossed : each.crossings)
      crossings.push_back({{"first", crossed.first},
                           {"second", crossed.second},
                           {"one_clock", crossed.one_clock},
                           {"first_to_second", json_of(crossed.sides[0])},
                           {"second_to_first", json_of(crossed.sides[1])}});
    connections.push_back({{"first", json_of(each.sides[0])},
                           {"second", json_of(each.sides[1])},
                           {"opening_seen", each.opening_seen},
                           {"ending", each.ending()},
                           {"views", std::move(views)},
                           {"crossings", std::move(crossings)}});
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
