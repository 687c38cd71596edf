// seqwire verify as its users meet it: damaged captures, captures that still grow, annotated copies.
#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

struct recorded_run {
  recorded_run() {
    write_whole(folder.path("lossy.toml"), "[link]\ndelay = \"20ms\"\nloss = \"5%\"\n[[flow]]\nrecords = 100\n");
    BOOST_REQUIRE(seqwire_command({"run", "lossy.toml", "--out", "out"}, {.folder = folder.path()}).exit_code == 0);
    whole = read_whole(folder.path("out/capture.pcapng"));
  }
  ended_command verify(std::vector<std::string> more) const {
    more.insert(more.begin(), "verify");
    return seqwire_command(more, {.folder = folder.path()});
  }
  // The capture with the length of a block in its middle broken; returns the block's place.
  std::size_t damage() const {
    std::string damaged = whole;
    std::size_t place = 0;
    while (place < whole.size() / 2) place += load_u32_little(place + 4);
    damaged[place + 4] = 1;
    write_whole(folder.path("damaged.pcapng"), damaged);
    return place;
  }
  std::size_t load_u32_little(std::size_t at) const {
    std::uint32_t value = 0;
    std::memcpy(&value, whole.data() + at, sizeof value);
    return value;
  }

  temporary_folder folder;
  std::string whole;
};

// Written by this process and not by those that it starts.
class growing_capture {
 public:
  explicit growing_capture(const std::string& path)
      : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    BOOST_REQUIRE(file_);
  }
  void write(std::string_view octets) const {
    BOOST_REQUIRE(::write(file_.number(), octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  }
  void close() { file_.close(); }

 private:
  descriptor file_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verify_test, recorded_run)

BOOST_AUTO_TEST_CASE(verify__damage_is_refused_and_left_out_on_request) {
  const std::string place = std::to_string(damage());
  expect_complaint(verify({"damaged.pcapng"}), 2, "damaged.pcapng: octet " + place + ": block length ");
  const ended_command salvaged = verify({"--salvage", "damaged.pcapng"});
  BOOST_TEST(salvaged.exit_code == 4, salvaged.err);
  BOOST_TEST(salvaged.out.find("left out: damaged.pcapng: octet " + place + ": block length ") != std::string::npos,
             salvaged.out);
  BOOST_TEST(salvaged.out.find("violated") == std::string::npos, salvaged.out);
  BOOST_TEST(verify({"--salvage", "out/capture.pcapng"}).out == verify({"out/capture.pcapng"}).out);
}

BOOST_AUTO_TEST_CASE(verify__a_capture_that_still_grows_is_judged_as_far_as_it_goes) {
  std::size_t place = 0;
  while (place < whole.size() / 2) place += load_u32_little(place + 4);
  for (const std::size_t inside : {1u, 11u, 13u, 40u}) {  // of the next block
    write_whole(folder.path("growing.pcapng"), whole.substr(0, place + inside));
    const ended_command judged = verify({"growing.pcapng"});
    BOOST_TEST(judged.exit_code == 4, judged.err);
    BOOST_TEST(
        judged.out.find("growing.pcapng: octet " + std::to_string(place) + ": the file ends ") != std::string::npos,
        judged.out);
    BOOST_TEST(judged.out.find("violated") == std::string::npos, judged.out);
  }
}

BOOST_AUTO_TEST_CASE(annotate__copies_under_their_own_names) {
  fs::create_directories(folder.path("more"));
  fs::copy_file(folder.path("out/capture.pcapng"), folder.path("more/other.pcap"));  // by its contents, not its name
  const ended_command judged = verify({"more/other.pcap", "--annotate", "judged"});
  BOOST_TEST(judged.exit_code == 0, judged.err);
  BOOST_TEST(judged.err == "seqwire: judged/other.pcapng: 0 frames with comments\n");
  BOOST_TEST(verify({"judged/other.pcapng"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(annotate__refuses_what_would_replace_a_capture) {
  expect_complaint(verify({"out/capture.pcapng", "--annotate", "out"}), 2,
                   "--annotate: expected another folder than that of out/capture.pcapng; got out");
  expect_complaint(verify({"out/capture.pcapng", "lossy.toml", "--annotate", "lossy.toml"}), 2, "--annotate");
  write_whole(folder.path("second/capture.pcapng"), whole);
  expect_complaint(verify({"out/capture.pcapng", "second/capture.pcapng", "--annotate", "judged"}), 2,
                   "--annotate: expected captures of different names; got two for judged/capture.pcapng");
  BOOST_TEST(!fs::exists(folder.path("judged")));
  BOOST_TEST(read_whole(folder.path("out/capture.pcapng")) == whole);
}

BOOST_AUTO_TEST_CASE(verify__follows_a_capture_until_its_writer_has_closed_it) {
  growing_capture writer(folder.path("growing.pcapng"));
  writer.write(std::string_view(whole).substr(0, whole.size() / 2));
  running_command following({SEQWIRE_COMMAND, "verify", "--follow", "growing.pcapng"}, {.folder = folder.path()});
  running_command analyzing({SEQWIRE_COMMAND, "analyze", "--follow", "growing.pcapng"}, {.folder = folder.path()});
  writer.write(std::string_view(whole).substr(whole.size() / 2));
  writer.close();
  const ended_command judged = following.finish();
  BOOST_TEST(judged.exit_code == 0, judged.err << judged.out);
  const ended_command at_once = verify({"growing.pcapng"});
  BOOST_TEST(judged.out == at_once.out);
  BOOST_TEST(analyzing.finish().out == seqwire_command({"analyze", "growing.pcapng"}, {.folder = folder.path()}).out);
}

BOOST_AUTO_TEST_CASE(verify__a_signal_ends_what_it_follows_with_a_verdict) {
  growing_capture writer(folder.path("growing.pcapng"));
  std::size_t place = 0;
  while (place < whole.size() / 2) place += load_u32_little(place + 4);
  writer.write(std::string_view(whole).substr(0, place));
  running_command following({SEQWIRE_COMMAND, "verify", "--follow", "growing.pcapng"}, {.folder = folder.path()});
  BOOST_REQUIRE(following.wait_for("waiting for more of growing.pcapng; Ctrl-C ends it"));
  following.signal(SIGINT);
  const ended_command judged = following.finish();
  BOOST_TEST(judged.exit_code == 0, judged.err << judged.out);
  BOOST_TEST(judged.out.find("holds") != std::string::npos, judged.out);
}

BOOST_AUTO_TEST_CASE(verify__follows_one_capture_and_no_journal) {
  expect_complaint(verify({"--follow", "out/capture.pcapng", "out/capture.pcapng"}), 2,
                   "--follow: expected one capture; got 2");
  expect_complaint(verify({"--follow", "out/capture.pcapng", "--journal", "out/a.journal.ndjson"}), 2,
                   "--follow: expected no --journal, which are read before the capture; got some");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
