// The page carries its story whole, and nothing from a capture gets out of it.
#include "dissector/report/page.hpp"

#include <cmath>
#include <limits>

#include "page_support.hpp"

namespace seqwire {
namespace {

using namespace report_pages;

story one_packet(const std::string& interface, const std::string& file) {
  story told;
  told.told.files = {file};
  told.told.connections.emplace_back().views.push_back({.name = interface, .file = 0, .sides = {}});
  told.connections.emplace_back().views.emplace_back().sightings.push_back({.at = 5,
                                                                            .frame = {0, 9},
                                                                            .what = event_kind::resent,
                                                                            .cause = resend_cause::timeout,
                                                                            .lost = true,
                                                                            .number = 7,
                                                                            .repeats = 3,
                                                                            .packet = packet_key{0, 1234}});
  return told;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(page_test)

BOOST_AUTO_TEST_CASE(report_page__sightings_as_columns) {
  const story told = one_packet("a", "a.pcapng");
  const auto data = story_in(report_page({told, {}, {}}));
  BOOST_TEST(data.at("schema") == "seqwire.report/1");
  const auto& view = data.at("connections").at(0).at("views").at(0);
  BOOST_TEST(view.at("at").at(0) == 5);
  BOOST_TEST(view.at("frame").at(0) == 9);
  BOOST_TEST(view.at("number").at(0) == 7);
  BOOST_TEST(view.at("repeats").at(0) == 3);
  BOOST_TEST(view.at("packet").at(0) == 0);  // the first of the connection's
  const int mark = view.at("mark").at(0).get<int>();
  BOOST_TEST((mark & 7) == static_cast<int>(event_kind::resent));
  BOOST_TEST((mark >> 3 & 3) == static_cast<int>(resend_cause::timeout));
  BOOST_TEST((mark & 64) != 0);
}

BOOST_AUTO_TEST_CASE(report_page__no_text_of_a_capture_becomes_markup) {
  const std::string hostile = "</script><script>alert(1)</script><!--";
  const story told = one_packet(hostile, hostile + "\xff");
  run_folder run;
  run.series.push_back({hostile, {0}, {std::numeric_limits<double>::quiet_NaN()}});
  const std::string page = report_page({told, {}, run});
  BOOST_TEST(page.find("alert(1)<") == std::string::npos);
  BOOST_TEST(page.find("<script>alert") == std::string::npos);
  const auto data = story_in(page);
  BOOST_TEST(data.at("series").at(0).at("name") == hostile);
  BOOST_TEST(data.at("series").at(0).at("value").at(0).is_null());
  BOOST_TEST(data.at("analysis").at("connections").at(0).at("views").at(0).at("interface") == hostile);
}

BOOST_AUTO_TEST_CASE(report_page__needs_nothing_beside_it) {
  const story told = one_packet("a", "a.pcapng");
  const std::string page = report_page({told, {}, {}});
  for (const char* outside : {"src=", "href=\"http", "@import", "url(", "fetch(", "{{"})
    BOOST_TEST(page.find(outside) == std::string::npos, outside);
  BOOST_TEST(page.find("Content-Security-Policy") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(report_page__windows_go_to_the_end_that_told_them) {
  story told = one_packet("a", "a.pcapng");
  connection_summary& summary = told.told.connections[0];
  summary.sides[0] = {host_number{0x0200'0000'000a}, socket_number{3000}, 77};
  summary.sides[1] = {host_number{0x0200'0000'000b}, socket_number{3001}, 88};
  run_folder run;
  run.ends.push_back({88, "1.02000000000a:3000 1.02000000000b:3001", {{"congestion_window", {1}, {4}}}});
  run.ends.push_back({77, "1.02000000000c:3000 1.02000000000b:3001", {{"congestion_window", {1}, {5}}}});
  const auto data = story_in(report_page({told, {}, run}));
  const auto& passages = data.at("connections").at(0).at("passages");
  BOOST_TEST(passages.at(0).at("metrics").empty());  // the id is its own, the host another
  BOOST_TEST(passages.at(1).at("metrics").at(0).at("value").at(0) == 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
