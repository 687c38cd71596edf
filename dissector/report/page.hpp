// The report: one HTML page that needs nothing beside it, neither files nor a network. It holds the story as JSON
// (schema seqwire.report/1), and what draws it: page/ in this folder and uPlot (uplot/, MIT).
#pragma once

#include "dissector/analysis/verdict.hpp"
#include "dissector/report/run_folder.hpp"
#include "dissector/report/story.hpp"

namespace seqwire {

/// What a page is made of.
struct page_contents {
  const story& drawn;     // what the page shows
  const verdict& judged;  // of the same captures
  const run_folder& run;  // captures as drawn.told.files
};

/// The whole page, UTF-8. Text from captures stands in it only as data.
std::string report_page(const page_contents& of);

}  // namespace seqwire
