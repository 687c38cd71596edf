// Reproduces the Tahoe and New-Reno columns of Fall & Floyd 1996 from papers/fall_floyd_1996: every number is measured
// from the capture that the run leaves. The table in that folder's README must be what this test measures.
#include <stdlib.h>

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "dissector/analysis/decode.hpp"
#include "lab/experiment.hpp"
#include "protocol/base/sequence.hpp"

using namespace seqwire;
namespace fs = std::filesystem;

namespace {

const fs::path folder = fs::path(SEQWIRE_SOURCE_DIR) / "papers" / "fall_floyd_1996";

struct published_row {
  std::string sender;
  std::vector<int> lost;
  std::map<int, double> retransmitted_at;  // seconds, by packet
  std::int64_t acknowledged_at_4s = 0;
  std::int64_t acknowledged_at_6s = 0;
  double time_tolerance = 0;
  std::int64_t count_tolerance = 0;
};

std::vector<published_row> read_published() {
  std::ifstream file(folder / "published.csv");
  BOOST_REQUIRE(file);
  std::vector<published_row> rows;
  std::string line;
  bool past_head = false;
  while (std::getline(file, line)) {
    if (line.empty() || line.front() == '#' || !std::exchange(past_head, true)) continue;
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    BOOST_REQUIRE_EQUAL(cells.size(), 7u);
    published_row row{
        cells[0], {}, {}, std::stoll(cells[3]), std::stoll(cells[4]), std::stod(cells[5]), std::stoll(cells[6])};
    std::stringstream lost(cells[1]);
    for (int number; lost >> number;) row.lost.push_back(number);
    std::stringstream times(cells[2]);
    for (std::string pair; times >> pair;)
      row.retransmitted_at[std::stoi(pair)] = std::stod(pair.substr(pair.find(':') + 1));
    rows.push_back(row);
  }
  return rows;
}

struct measured_row {
  std::map<int, double> retransmitted_at;  // first retransmission of each packet
  std::int64_t acknowledged_at_4s = -1;
  std::int64_t acknowledged_at_6s = -1;
  double longest_silence = 0;  // of the sender, from the first data packet on
};

// The paper's times are of arrival at r1; a full packet takes 1.04 ms on the access link.
constexpr double access_link = 0.00104;

measured_row measure(const std::string& capture) {
  auto reader = capture_reader::open(capture);
  BOOST_REQUIRE(reader.has_value());
  measured_row found;
  std::map<int, int> sent;
  double last_sent = -1;
  for (;;) {
    const auto next = reader->next();
    BOOST_REQUIRE(next.has_value());
    if (*next == nullptr) return found;
    const captured_packet& packet = **next;
    if (packet.direction != capture_direction::out) continue;
    const auto frame = decode_frame(link_type::ethernet, packet.frame);
    BOOST_REQUIRE(frame.has_value());
    const auto spp = decode_sequenced(*frame);
    BOOST_REQUIRE(spp.has_value());
    const double at = packet.at.seconds();
    if (packet.interface == 0 && !spp->header.system) {
      const int number = spp->header.sequence;
      if (sent[number]++ == 1) found.retransmitted_at[number] = at + access_link;
      if (last_sent >= 0) found.longest_silence = std::max(found.longest_silence, at - last_sent);
      last_sent = at;
    } else if (packet.interface == 1) {
      const std::int64_t highest = std::int64_t{spp->header.acknowledgement} - 1;
      if (at <= 4) found.acknowledged_at_4s = std::max(found.acknowledged_at_4s, highest);
      found.acknowledged_at_6s = std::max(found.acknowledged_at_6s, highest);
    }
  }
}

measured_row run(const published_row& row) {
  const std::string name = row.sender + "_" + std::to_string(row.lost.size()) + ".toml";
  const auto from = read_scenario((folder / name).string(), {});
  BOOST_REQUIRE_MESSAGE(from.has_value(), name);
  char directory[] = "/tmp/seqwire-paper-XXXXXX";
  BOOST_REQUIRE(mkdtemp(directory) != nullptr);
  const experiment_report report = run_on_simulator(*from, directory);
  BOOST_TEST(report.holds(), name << ": " << render_text(*report.judged));
  const measured_row measured = measure(std::string(directory) + "/" + capture_name);
  fs::remove_all(directory);
  return measured;
}

// One line of the README's table.
std::string table_line(const published_row& row, const measured_row& ours) {
  std::string lost;
  std::string published;
  std::string times;
  for (const int number : row.lost) {
    lost += (lost.empty() ? "" : " ") + std::to_string(number);
    published += fmt::format("{}{} @{:.3f}", published.empty() ? "" : ", ", number, row.retransmitted_at.at(number));
    const auto at = ours.retransmitted_at.find(number);
    times += times.empty() ? "" : ", ";
    times += at == ours.retransmitted_at.end() ? "never" : fmt::format("{} @{:.3f}", number, at->second);
  }
  return fmt::format("| {} | {} | {} | {} | {} / {} | {} / {} | ±{} |", row.sender, lost, published, times,
                     row.acknowledged_at_4s, ours.acknowledged_at_4s, row.acknowledged_at_6s, ours.acknowledged_at_6s,
                     row.count_tolerance);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fall_floyd_1996_test)

BOOST_AUTO_TEST_CASE(every_row__within_tolerance_and_in_the_table) {
  std::ifstream file(folder / "README.md");
  const std::string readme((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto rows = read_published();
  BOOST_REQUIRE_EQUAL(rows.size(), 8u);
  for (const published_row& row : rows) {
    BOOST_TEST_CONTEXT(row.sender << ", " << row.lost.size() << " lost") {
      const measured_row ours = run(row);
      for (const auto& [number, at] : row.retransmitted_at) {
        BOOST_TEST_REQUIRE(ours.retransmitted_at.contains(number), "packet " << number << " is never retransmitted");
        BOOST_TEST(std::abs(ours.retransmitted_at.at(number) - at) <= row.time_tolerance,
                   "packet " << number << ": published " << at << ", ours " << ours.retransmitted_at.at(number));
      }
      BOOST_TEST(std::abs(ours.acknowledged_at_4s - row.acknowledged_at_4s) <= row.count_tolerance);
      BOOST_TEST(std::abs(ours.acknowledged_at_6s - row.acknowledged_at_6s) <= row.count_tolerance);
      BOOST_TEST(ours.longest_silence < 0.5, "neither sender times out in any of these");
      const std::string line = table_line(row, ours);
      BOOST_TEST(readme.find(line) != std::string::npos, "papers/fall_floyd_1996/README.md lacks\n" << line);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
