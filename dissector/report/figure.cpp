#include "dissector/report/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace seqwire {
namespace {

constexpr double paper_width = 800, paper_height = 500;
constexpr double margin_left = 80, margin_right = 20, margin_top = 72, margin_bottom = 50;

story_line numbers_of(const view_story& view, std::size_t side, event_kind what) {
  story_line line;
  for (const sighting& seen : view.sightings)
    if (seen.side == side && seen.what == what) line.add(seen.at, seen.number);
  return line;
}

story_line lost_numbers(const view_story& view, std::size_t side) {
  story_line line;
  for (const sighting& seen : view.sightings)
    if (seen.side == side && seen.lost && seen.what != event_kind::system) line.add(seen.at, seen.number);
  return line;
}

std::string name_of(const speaker& end) {
  return fmt::format("{}:{}", to_string(end.host), static_cast<unsigned>(end.socket));
}

// Quotes and brackets of names that stand in a capture.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char each : text) {
    if (each == '&') result += "&amp;";
    else if (each == '<') result += "&lt;";
    else if (each == '>') result += "&gt;";
    else result += each;
  }
  return result;
}

struct span_of_values {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double length() const { return high - low; }
};

// 1, 2 or 5 times a power of ten, such that there are at most `most` of them in the span.
double tick_step(double span, int most) {
  double step = std::pow(10, std::floor(std::log10(span / most)));
  for (const double factor : {2.0, 2.5, 2.0})
    if (span / step > most) step *= factor;
  return step;
}

// Where a figure's points lie on the paper.
struct paper {
  span_of_values time, value;
  double unit_size;

  explicit paper(const figure& drawn) : unit_size(drawn.unit_size) {
    for (const figure_layer& layer : drawn.layers)
      for (std::size_t i = 0; i < layer.points.at.size(); ++i) {
        time.add(static_cast<double>(layer.points.at[i]) / 1e9);
        value.add(static_cast<double>(layer.points.value[i]) / unit_size);
      }
    if (unit_size != 1) value.add(0);
    if (time.length() <= 0) time.high = time.low + 1e-3;
    value.high += std::max(value.length() * 0.03, 1e-3);
  }
  double x(std::int64_t at) const {
    return margin_left +
           (static_cast<double>(at) / 1e9 - time.low) / time.length() * (paper_width - margin_left - margin_right);
  }
  double y(std::int64_t of) const { return y_of(static_cast<double>(of) / unit_size); }
  double y_of(double of) const {
    return paper_height - margin_bottom -
           (of - value.low) / value.length() * (paper_height - margin_top - margin_bottom);
  }
};

void append_axes(std::string& to, const figure& drawn, const paper& on) {
  const double down = paper_height - margin_bottom;
  const double time_step = tick_step(on.time.length(), 8), value_step = tick_step(on.value.length(), 8);
  for (double at = std::ceil(on.time.low / time_step) * time_step; at <= on.time.high; at += time_step) {
    const double x = margin_left + (at - on.time.low) / on.time.length() * (paper_width - margin_left - margin_right);
    to += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {1}V{2}\"/><text x=\"{0:.1f}\" y=\"{3}\" "
        "text-anchor=\"middle\">{4:.6g}</text>\n",
        x, margin_top, down, down + 18, std::abs(at) < time_step / 2 ? 0.0 : at);
  }
  for (double of = std::ceil(on.value.low / value_step) * value_step; of <= on.value.high; of += value_step)
    to += fmt::format(
        "<path class=\"grid\" d=\"M{0} {1:.1f}H{2}\"/><text x=\"{3}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5:.6g}</text>\n",
        margin_left, on.y_of(of), paper_width - margin_right, margin_left - 8, on.y_of(of) + 4,
        std::abs(of) < value_step / 2 ? 0.0 : of);
  to += fmt::format("<path class=\"axis\" d=\"M{0} {1}V{2}H{3}\"/>\n", margin_left, margin_top, down,
                    paper_width - margin_right);
  to += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">time, s</text>\n", paper_width - margin_right,
                    paper_height - 8);
  to += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", 8, margin_top - 10, drawn.unit);
}

std::string shape(figure_mark mark, double x, double y, double next_y) {
  const double middle = (y + next_y) / 2;
  switch (mark) {
    case figure_mark::tick: return fmt::format("M{:.2f} {:.2f}V{:.2f}", x, y, std::min(next_y, y - 0.5));
    case figure_mark::flag:
      return fmt::format("M{0:.2f} {1:.2f}V{2:.2f}m-3 -5h6l-3 5z", x, y, std::min(next_y, y - 0.5));
    case figure_mark::cross: return fmt::format("M{:.2f} {:.2f}l6 6m0 -6l-6 6", x - 3, middle - 3);
    case figure_mark::ring: return fmt::format("M{:.2f} {:.2f}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0", x - 3, middle);
    case figure_mark::dot:
    case figure_mark::step: break;
  }
  return fmt::format("M{:.2f} {:.2f}h2v2h-2z", x - 1, y - 1);
}

// Of points that fall on the same quarter of a unit only the first is drawn.
std::string path_of(const figure_layer& layer, const paper& on) {
  std::string path;
  double last_x = -1, last_y = -1;
  for (std::size_t i = 0; i < layer.points.at.size(); ++i) {
    const double x = std::round(on.x(layer.points.at[i]) * 4) / 4, y = std::round(on.y(layer.points.value[i]) * 4) / 4;
    if (x == last_x && y == last_y) continue;
    if (layer.mark != figure_mark::step) path += shape(layer.mark, x, y, on.y(layer.points.value[i] + 1));
    else path += path.empty() ? fmt::format("M{:.2f} {:.2f}", x, y) : fmt::format("H{:.2f}V{:.2f}", x, y);
    last_x = x;
    last_y = y;
  }
  return path;
}

void append_xplot(std::string& to, const figure_layer& layer, double unit_size) {
  const auto at = [&](std::size_t i) { return static_cast<double>(layer.points.at[i]) / 1e9; };
  const auto value = [&](std::size_t i) { return static_cast<double>(layer.points.value[i]) / unit_size; };
  const auto out = std::back_inserter(to);
  fmt::format_to(out, "{}\n", layer.xplot_colour);
  for (std::size_t i = 0; i < layer.points.at.size(); ++i) {
    switch (layer.mark) {
      case figure_mark::tick:
        fmt::format_to(out, "darrow {0:.9f} {1:.9g}\nuarrow {0:.9f} {2:.9g}\nline {0:.9f} {1:.9g} {0:.9f} {2:.9g}\n",
                       at(i), value(i), value(i) + 1);
        break;
      case figure_mark::flag:
        fmt::format_to(out, "line {0:.9f} {1:.9g} {0:.9f} {2:.9g}\natext {0:.9f} {2:.9g}\nR\n", at(i), value(i),
                       value(i) + 1);
        break;
      case figure_mark::cross: fmt::format_to(out, "x {:.9f} {:.9g}\n", at(i), value(i)); break;
      case figure_mark::ring: fmt::format_to(out, "diamond {:.9f} {:.9g}\n", at(i), value(i)); break;
      case figure_mark::dot: fmt::format_to(out, "dot {:.9f} {:.9g}\n", at(i), value(i)); break;
      case figure_mark::step:
        if (i == 0) break;
        fmt::format_to(out, "line {0:.9f} {1:.9g} {2:.9f} {1:.9g}\nline {2:.9f} {1:.9g} {2:.9f} {3:.9g}\n", at(i - 1),
                       value(i - 1), at(i), value(i));
        break;
    }
  }
}

}  // namespace

std::vector<figure> figures_of(const story& drawn, std::size_t connection, std::size_t side) {
  const connection_story& shown = drawn.connections.at(connection);
  const connection_summary& told = drawn.told.connections.at(connection);
  const passage_story& passage = shown.passages[side];
  const std::size_t at = passage.from.value_or(0);
  const view_story& view = shown.views.at(at);
  const std::string who = fmt::format("{} to {}", name_of(told.sides[side]), name_of(told.sides[1 - side]));
  const std::string where = fmt::format("{}, at {}", who, told.views[at].name);
  constexpr double millisecond = 1e6;
  const auto values = [](std::string_view name, std::string_view colour, std::string_view xplot, story_line points) {
    return figure_layer{name, figure_mark::dot, colour, xplot, std::move(points)};
  };
  std::vector<figure> all;
  all.push_back({"time-sequence",
                 where,
                 "packet number",
                 1,
                 {{"allowed up to", figure_mark::step, "#c77700", "yellow", view.allowed[side]},
                  {"acknowledged below", figure_mark::step, "#1a7f37", "green", view.acknowledged[side]},
                  {"data", figure_mark::tick, "#2f6db5", "white", numbers_of(view, side, event_kind::data)},
                  {"sent again", figure_mark::flag, "#d1495b", "red", numbers_of(view, side, event_kind::resent)},
                  {"doubled", figure_mark::ring, "#8250df", "purple", numbers_of(view, side, event_kind::copied)},
                  {"undecided", figure_mark::ring, "#9a6700", "orange", numbers_of(view, side, event_kind::repeated)},
                  {"lost", figure_mark::cross, "#1d2329", "pink", lost_numbers(view, side)}}});
  all.push_back({"round-trip",
                 where,
                 "ms from here and back",
                 millisecond,
                 {values("round trip", "#2f6db5", "white", view.round_trip[side])}});
  all.push_back({"delay", who, "ms on the way", millisecond, {values("one way", "#c77700", "white", passage.delay)}});
  all.push_back({"latency",
                 who,
                 "ms from the first packet of a record",
                 millisecond,
                 {values("record", "#8250df", "white", passage.latency)}});
  for (figure& each : all)
    std::erase_if(each.layers, [](const figure_layer& layer) { return layer.points.at.empty(); });
  std::erase_if(all, [](const figure& each) { return each.layers.empty(); });
  return all;
}

std::string svg_text(const figure& drawn) {
  const paper on(drawn);
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n"
      "<title>{2}: {3}</title>\n"
      "<style>text{{font:12px sans-serif;fill:#1d2329}} path{{fill:none;stroke-width:1.2}} "
      ".grid{{stroke:#d9dee3}} .axis{{stroke:#1d2329}} .title{{font-weight:bold}}</style>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n"
      "<text class=\"title\" x=\"{4}\" y=\"20\">{3}</text>\n",
      paper_width, paper_height, drawn.name, escaped(drawn.title), margin_left);
  append_axes(text, drawn, on);
  double key = margin_left;
  for (const figure_layer& layer : drawn.layers) {
    text += fmt::format("<path stroke=\"{}\" d=\"{}\"/>\n", layer.colour, path_of(layer, on));
    text += fmt::format(
        "<rect x=\"{0}\" y=\"31\" width=\"10\" height=\"10\" fill=\"{1}\"/><text x=\"{2}\" "
        "y=\"40\">{3}</text>\n",
        key, layer.colour, key + 14, layer.name);
    key += 34 + 6.5 * static_cast<double>(layer.name.size());
  }
  return text + "</svg>\n";
}

std::string xplot_text(const figure& drawn) {
  std::string text = fmt::format("timeval double\ntitle\n{}\nxlabel\ntime\nylabel\n{}\n", drawn.title, drawn.unit);
  for (const figure_layer& layer : drawn.layers) append_xplot(text, layer, drawn.unit_size);
  return text + "go\n";
}

}  // namespace seqwire
