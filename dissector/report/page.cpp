#include "dissector/report/page.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "dissector/report/page_parts.hpp"

namespace seqwire {
namespace {

// Numbers as a JSON array; of `differences`, each but the first is what it differs by from the one before, which makes
// long columns short.
class column {
 public:
  explicit column(bool differences) : differences_(differences) {}
  void add(std::int64_t value) {
    if (!text_.empty()) text_ += ',';
    fmt::format_to(std::back_inserter(text_), "{}", differences_ ? value - before_ : value);
    before_ = value;
  }
  std::string text() const { return '[' + text_ + ']'; }

 private:
  bool differences_;
  std::int64_t before_ = 0;
  std::string text_;
};

std::string text_of(const nlohmann::json& object) {
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string text_of(const story_line& line) {
  column at(true), value(true);
  for (std::size_t i = 0; i < line.at.size(); ++i) {
    at.add(line.at[i]);
    value.add(line.value[i]);
  }
  return fmt::format(R"({{"at":{},"value":{}}})", at.text(), value.text());
}

using packet_indices = std::map<packet_key, std::int64_t>;

// page/report.js takes `mark` apart again.
std::int64_t mark_of(const sighting& seen) {
  return static_cast<std::int64_t>(seen.what) | static_cast<std::int64_t>(seen.cause) << 3 | seen.side << 5 |
         seen.lost << 6 | seen.end_of_record << 7 | seen.attention << 8;
}

std::string text_of(const view_story& view, packet_indices& packets) {
  column at(true), frame(true), number(true), packet(true);
  column mark(false), type(false), acknowledgement(false), allocation(false), octets(false), repeats(false);
  for (const sighting& seen : view.sightings) {
    at.add(seen.at);
    frame.add(static_cast<std::int64_t>(seen.frame.number));
    mark.add(mark_of(seen));
    type.add(seen.datastream_type);
    number.add(seen.number);
    acknowledgement.add(seen.acknowledgement);
    allocation.add(seen.allocation);
    octets.add(seen.data_octets);
    repeats.add(static_cast<std::int64_t>(seen.repeats));
    packet.add(seen.packet ? packets.try_emplace(*seen.packet, packets.size()).first->second : -1);
  }
  std::string text = fmt::format(
      R"({{"at":{},"frame":{},"mark":{},"type":{},"number":{},"acknowledgement":{},"allocation":{},"octets":{},)"
      R"("repeats":{},"packet":{},"sides":[)",
      at.text(), frame.text(), mark.text(), type.text(), number.text(), acknowledgement.text(), allocation.text(),
      octets.text(), repeats.text(), packet.text());
  for (std::size_t side = 0; side < 2; ++side)
    text += fmt::format(R"({}{{"acknowledged":{},"allowed":{},"round_trip":{}}})", side == 0 ? "" : ",",
                        text_of(view.acknowledged[side]), text_of(view.allowed[side]), text_of(view.round_trip[side]));
  return text + "]}";
}

std::string text_of(const measured_series& series) {
  std::string at, value;
  for (std::size_t i = 0; i < series.at.size(); ++i) {
    at += fmt::format("{}{:.9g}", i == 0 ? "" : ",", series.at[i]);
    value += (i == 0 ? "" : ",") + (std::isfinite(series.value[i]) ? fmt::format("{:.9g}", series.value[i]) : "null");
  }
  return fmt::format(R"({{"name":{},"at":[{}],"value":[{}]}})", text_of(nlohmann::json(series.name)), at, value);
}

std::string text_of(const std::vector<measured_series>& all) {
  std::string text = "[";
  for (const measured_series& each : all) text += (&each == all.data() ? "" : ",") + text_of(each);
  return text + ']';
}

// What the end that sends in this direction told of itself: the ids are the same, and qlog names its host.
std::string metrics_of(const run_folder& run, const speaker& sender) {
  const std::string name = fmt::format("{}:{}", to_string(sender.host), static_cast<unsigned>(sender.socket));
  for (const end_metrics& end : run.ends)
    if (end.id == sender.id && end.group.find(name) != std::string::npos) return text_of(end.metrics);
  return "[]";
}

std::string text_of(const connection_story& drawn, const connection_summary& told, const run_folder& run) {
  packet_indices packets;
  std::string text = R"({"views":[)";
  for (const view_story& view : drawn.views) text += (&view == drawn.views.data() ? "" : ",") + text_of(view, packets);
  text += R"(],"passages":[)";
  const auto index = [](const std::optional<std::size_t>& view) { return view ? fmt::format("{}", *view) : "null"; };
  for (std::size_t side = 0; side < 2; ++side) {
    const passage_story& passage = drawn.passages[side];
    text += fmt::format(R"({}{{"from":{},"to":{},"delay":{},"latency":{},"metrics":{}}})", side == 0 ? "" : ",",
                        index(passage.from), index(passage.to), text_of(passage.delay), text_of(passage.latency),
                        metrics_of(run, told.sides[side]));
  }
  return text + "]}";
}

std::string json_of(const page_contents& of) {
  std::string text = fmt::format(
      R"({{"schema":"seqwire.report/1","begin_ns":{},"length_ns":{},"analysis":{},"verdict":{},"series":{},)"
      R"("connections":[)",
      of.drawn.begin.nanoseconds, of.drawn.length, text_of(to_json(of.drawn.told)), text_of(to_json(of.judged)),
      text_of(of.run.series));
  for (std::size_t i = 0; i < of.drawn.connections.size(); ++i)
    text += (i == 0 ? "" : ",") + text_of(of.drawn.connections[i], of.drawn.told.connections[i], of.run);
  return text + "]}";
}

// No text of a capture may end the element that it stands in.
std::string within_script(std::string text) {
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at))
    text.replace(at, 1, "\\u003c");
  return text;
}

}  // namespace

std::string report_page(const page_contents& of) {
  const std::map<std::string_view, std::string> parts{{"uplot style", std::string(uplot_style)},
                                                      {"style", std::string(page_style)},
                                                      {"uplot script", std::string(uplot_script)},
                                                      {"story", within_script(json_of(of))},
                                                      {"script", std::string(page_script)}};
  std::string page;
  std::string_view rest = page_html;
  for (std::size_t begin = rest.find("{{"); begin != std::string_view::npos; begin = rest.find("{{")) {
    const std::size_t end = rest.find("}}", begin);
    page += rest.substr(0, begin);
    page += parts.at(rest.substr(begin + 2, end - begin - 2));
    rest = rest.substr(end + 2);
  }
  return page.append(rest);
}

}  // namespace seqwire
