// The hand-written parts of the report's page, and the drawing library that it carries, as CMake puts them into the
// program.
#pragma once

#include <string_view>

namespace seqwire {

// page/report.html, page/report.css and page/report.js; uplot/ as its release has it.
extern const std::string_view page_html;
extern const std::string_view page_style;
extern const std::string_view page_script;
extern const std::string_view uplot_style;
extern const std::string_view uplot_script;

}  // namespace seqwire
