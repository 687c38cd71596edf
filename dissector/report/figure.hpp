// Figures for papers and for xplot: the plots of the report's page, one direction of a connection each, as SVG that any
// program places and as the text that xplot reads. What is drawn closer together than a figure resolves is drawn once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dissector/report/story.hpp"

namespace seqwire {

/// How the points of a layer are drawn; the same on the page.
enum class figure_mark : std::uint8_t {
  tick,   // a packet number: from it to the next one
  flag,   // a packet number that was sent again
  cross,  // a packet number that was lost
  ring,   // a packet number that the network doubled
  dot,    // a value
  step,   // a value that holds until the next one
};

/// Points of one kind.
struct figure_layer {
  std::string_view name;                // for the key
  figure_mark mark = figure_mark::dot;  // of each point
  std::string_view colour;              // as CSS writes it
  std::string_view xplot_colour;        // as xplot names it
  story_line points;                    // nanoseconds; values in the figure's unit
};

/// One plot over time.
struct figure {
  std::string name;                  // "time-sequence", for the names of files
  std::string title;                 // who to whom, and where it was seen
  std::string_view unit;             // of the values
  double unit_size = 1;              // a value is this many of the points'
  std::vector<figure_layer> layers;  // those that have points; the first is drawn first
};

/// What the story has to draw of packets that `side` of a connection sends: time and sequence, round trips, delay,
/// latency of records; only those that have a point.
std::vector<figure> figures_of(const story& drawn, std::size_t connection, std::size_t side);

std::string svg_text(const figure& drawn);    // a document of its own, 800 by 500
std::string xplot_text(const figure& drawn);  // as tcptrace writes its graphs

}  // namespace seqwire
