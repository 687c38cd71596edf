// Figures are valid SVG and what xplot reads, with every point where it belongs.
#include "dissector/report/figure.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <regex>
#include <sstream>

namespace seqwire {
namespace {

// Three packets, of which the second is lost and sent again; a round trip of 40 ms for the last.
story small_story() {
  story told;
  told.told.files = {"a.pcapng"};
  connection_summary& summary = told.told.connections.emplace_back();
  summary.views.push_back({.name = "a<b>&", .file = 0, .sides = {}});
  connection_story& connection = told.connections.emplace_back();
  connection.passages[0].from = 0;
  view_story& view = connection.views.emplace_back();
  for (std::int64_t number = 0; number < 3; ++number)
    view.sightings.push_back({.at = number * 1'000'000'000, .frame = {}, .what = event_kind::data, .number = number});
  view.sightings[1].lost = true;
  view.sightings.push_back(
      {.at = 3'000'000'000, .frame = {}, .what = event_kind::resent, .side = 0, .number = 1, .packet = {}});
  view.acknowledged[0].add(0, 0);
  view.acknowledged[0].add(4'000'000'000, 3);
  view.round_trip[0].add(4'000'000'000, 40'000'000);
  return told;
}

const figure& named(const std::vector<figure>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const figure& each) { return each.name == name; });
  BOOST_REQUIRE(found != all.end());
  return *found;
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(figure_test)

BOOST_AUTO_TEST_CASE(figures_of__only_what_has_a_point) {
  const auto all = figures_of(small_story(), 0, 0);
  BOOST_REQUIRE(all.size() == 2u);
  const figure& sequence = named(all, "time-sequence");
  std::vector<std::string_view> names;
  for (const figure_layer& layer : sequence.layers) names.push_back(layer.name);
  const std::vector<std::string_view> expected{"acknowledged below", "data", "sent again", "lost"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(sequence.layers[1].points.at.size() == 3u);
  BOOST_TEST(sequence.layers[3].points.value.front() == 1);
  BOOST_TEST(figures_of(small_story(), 0, 1).empty());
}

BOOST_AUTO_TEST_CASE(svg_text__stands_by_itself_and_names_are_no_markup) {
  const std::string text = svg_text(named(figures_of(small_story(), 0, 0), "time-sequence"));
  BOOST_TEST(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  BOOST_TEST(text.ends_with("</svg>\n"));
  BOOST_TEST(text.find("a<b>&,") == std::string::npos);
  BOOST_TEST(text.find("a&lt;b&gt;&amp;") != std::string::npos);
  BOOST_TEST(text.find("href") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(svg_text__later_is_further_right_and_higher_numbers_are_higher) {
  const std::string text = svg_text(named(figures_of(small_story(), 0, 0), "time-sequence"));
  std::smatch path;
  BOOST_REQUIRE(std::regex_search(text, path, std::regex("stroke=\"#2f6db5\" d=\"([^\"]+)\"")));
  const std::string marks = path[1].str();
  BOOST_TEST(count_of(marks, "M") == 3u);
  double before_x = -1, before_y = 1e9;
  std::istringstream each(marks);
  for (char letter = 0; each >> letter;) {
    if (letter != 'M') continue;
    double x = 0, y = 0;
    each >> x >> y;
    BOOST_TEST(x > before_x);
    BOOST_TEST(y < before_y);
    before_x = x;
    before_y = y;
  }
}

BOOST_AUTO_TEST_CASE(svg_text__what_falls_together_is_drawn_once) {
  story crowded = small_story();
  auto& sightings = crowded.connections[0].views[0].sightings;
  for (std::int64_t i = 0; i < 200'000; ++i)
    sightings.push_back({.at = 4'000'000'000 + i, .frame = {}, .what = event_kind::data, .number = 3});
  BOOST_TEST(svg_text(named(figures_of(crowded, 0, 0), "time-sequence")).size() < 20'000u);
}

BOOST_AUTO_TEST_CASE(xplot_text__has_the_marks_of_tcptrace) {
  const auto all = figures_of(small_story(), 0, 0);
  const std::string text = xplot_text(named(all, "time-sequence"));
  BOOST_TEST(text.starts_with("timeval double\ntitle\n"));
  BOOST_TEST(text.ends_with("go\n"));
  BOOST_TEST(text.find("\natext 3.000000000 2\nR\n") != std::string::npos, text);
  BOOST_TEST(text.find("\nx 1.000000000 1\n") != std::string::npos, text);
  BOOST_TEST(text.find("line 0.000000000 0 4.000000000 0\nline 4.000000000 0 4.000000000 3\n") != std::string::npos,
             text);
  BOOST_TEST(xplot_text(named(all, "round-trip")).find("dot 4.000000000 40\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
