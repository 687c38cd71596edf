#include "dissector/analysis/annotated_copy.hpp"

#include <filesystem>

#include "tests/dissector/analysis/story.hpp"

using namespace seqwire;
using namespace seqwire::stories;

namespace {

struct judged_capture {
  judged_capture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "seqwire-test-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    write();
  }
  ~judged_capture() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  std::string path(const char* name) const { return folder / name; }
  std::vector<std::string> captures() const { return {path("run.pcapng")}; }
  verdict judge(const std::string& of) const {
    auto judged = verify_files(std::vector<std::string>{of}, {});
    BOOST_REQUIRE(judged.has_value());
    return *judged;
  }
  static std::vector<captured_packet> packets_of(const std::string& of) {
    auto opened = capture_reader::open(of);
    BOOST_REQUIRE(opened.has_value());
    std::vector<captured_packet> all;
    for (auto next = opened->next(); next && *next != nullptr; next = opened->next()) all.push_back(**next);
    return all;
  }

  std::filesystem::path folder;

 private:
  // Packet 0 is sent again with other data: I06. The last frame is cut by the capture, the one before it lost.
  void write() const {
    const story frames;
    capture_writer writer(path("run.pcapng"), {});
    writer.add_interface({.name = "a", .description = "sender", .snap_length = 60});
    writer.add_interface({.name = "b", .description = {}});
    std::uint64_t id = 0;
    const auto leaves = [&](const segment& what, std::string_view comment = {}, std::size_t length = 0) {
      writer.write({.interface = what.from == 'a' ? 0u : 1u,
                    .at = instant{1'000'000 * static_cast<std::int64_t>(++id)},
                    .direction = capture_direction::out,
                    .packet_id = id,
                    .dropped_before = id == 6 ? 3u : 0u,
                    .comment = comment,
                    .original_length = length},
                   frames.frame_of(what));
    };
    leaves({.from = 'a', .system = true, .end_of_message = false, .destination_id = 0});
    leaves(system('b', 0, 0));
    leaves(data('a', 0, "x"), "lost: by chance");
    leaves(data('a', 0, "y"), "corrupted: bit 3");
    leaves(system('b', 0, 1));
    leaves(data('a', 1, "a long text that the interface cuts"), {}, 99);
    writer.write_statistics(0, instant{9'000'000}, {.received = 7, .dropped = 3});
    writer.close();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(annotated_copy_test, judged_capture)

BOOST_AUTO_TEST_CASE(write_annotated_copy__says_at_the_frame_what_is_wrong_with_it) {
  const verdict judged = judge(path("run.pcapng"));
  BOOST_REQUIRE(name_of(judged.row("I06")->outcome) == "violated");
  const auto written = write_annotated_copy(judged, 0, path("run.pcapng"), path("copy.pcapng"));
  BOOST_REQUIRE(written.has_value());
  const auto copied = packets_of(path("copy.pcapng"));
  BOOST_REQUIRE(copied.size() == 6u);
  const finding& found = judged.row("I06")->first.at(0);
  BOOST_REQUIRE(found.frames.back().number == 4u);
  const std::vector<std::string> expected{"corrupted: bit 3", "verify: violated I06 immutability: " + found.sentence};
  BOOST_TEST(std::vector(copied[3].comments.begin(), copied[3].comments.begin() + 2) == expected);
  BOOST_TEST(copied[2].comments.front() == "lost: by chance");
  BOOST_TEST(copied[0].comments.empty());
  std::size_t commented = 0;
  for (const captured_packet& each : copied)
    commented += std::any_of(each.comments.begin(), each.comments.end(),
                             [](const std::string& comment) { return comment.starts_with(annotation_prefix); });
  BOOST_TEST(*written == commented);
}

BOOST_AUTO_TEST_CASE(write_annotated_copy__everything_else_stays) {
  const verdict judged = judge(path("run.pcapng"));
  BOOST_REQUIRE(write_annotated_copy(judged, 0, path("run.pcapng"), path("copy.pcapng")).has_value());
  const auto original = packets_of(path("run.pcapng")), copied = packets_of(path("copy.pcapng"));
  BOOST_REQUIRE(copied.size() == original.size());
  for (std::size_t i = 0; i < copied.size(); ++i) {
    BOOST_TEST(copied[i].interface == original[i].interface);
    BOOST_TEST((copied[i].at == original[i].at));
    BOOST_TEST((copied[i].direction == original[i].direction));
    BOOST_TEST((copied[i].packet_id == original[i].packet_id));
    BOOST_TEST(copied[i].dropped_before == original[i].dropped_before);
    BOOST_TEST(copied[i].original_length == original[i].original_length);
    BOOST_TEST(copied[i].frame == original[i].frame, boost::test_tools::per_element());
  }
  BOOST_TEST(copied.back().original_length == 99u);
  BOOST_TEST(copied.back().frame.size() == 60u);
  BOOST_TEST(copied.back().dropped_before == 3u);
  auto reader = capture_reader::open(path("copy.pcapng"));
  while (*reader->next() != nullptr) continue;
  BOOST_TEST(reader->interfaces().size() == 2u);
  BOOST_TEST(reader->interfaces()[0].name == "a");
  BOOST_TEST(reader->interfaces()[0].description == "sender");
  BOOST_TEST(reader->interfaces()[0].snap_length == 60u);
  BOOST_TEST(reader->statistics()[0].dropped == 3u);
}

BOOST_AUTO_TEST_CASE(write_annotated_copy__is_judged_as_the_original) {
  const verdict judged = judge(path("run.pcapng"));
  BOOST_REQUIRE(write_annotated_copy(judged, 0, path("run.pcapng"), path("copy.pcapng")).has_value());
  const verdict again = judge(path("copy.pcapng"));
  for (std::size_t i = 0; i < rule_count; ++i) {
    BOOST_TEST(name_of(again.rules[i].outcome) == name_of(judged.rules[i].outcome), row_of(judged.rules[i].rule).name);
    BOOST_TEST(again.rules[i].violations == judged.rules[i].violations);
  }
  BOOST_TEST(again.holes.size() == judged.holes.size());
}

BOOST_AUTO_TEST_CASE(write_annotated_copy__what_cannot_be_written_is_one_line_and_leaves_nothing) {
  const verdict judged = judge(path("run.pcapng"));
  const auto nowhere = write_annotated_copy(judged, 0, path("run.pcapng"), path("no/such/copy.pcapng"));
  BOOST_REQUIRE(!nowhere.has_value());
  BOOST_TEST(nowhere.error().find("no/such/copy.pcapng") != std::string::npos, nowhere.error());
  const auto gone = write_annotated_copy(judged, 0, path("gone.pcapng"), path("copy.pcapng"));
  BOOST_REQUIRE(!gone.has_value());
  BOOST_TEST(!std::filesystem::exists(path("copy.pcapng")));
}

BOOST_AUTO_TEST_SUITE_END()
