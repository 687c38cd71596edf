// Files that the command reads: missing, foreign, cut, edited. And what `verify` says of them by its exit code.
#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

namespace seqwire {
namespace {

using namespace command_runner;

// A small demo on the simulator whose files the tests may spoil.
struct recorded_run {
  recorded_run() {
    write_whole(folder.path("files/one"), std::string(20'000, 'x'));
    write_whole(folder.path("files/two"), "a short one");
    write_whole(folder.path("files/zero"), "");
    const ended_command ran =
        seqwire_command({"demo", folder.path("files"), "--only", "sim", "--out", folder.path("run")});
    BOOST_REQUIRE_MESSAGE(ran.exit_code == 0, ran.err << ran.out);
  }
  std::string file(const char* name) const { return folder.path(std::string("run/simulator/") + name); }
  std::vector<std::string> verify(const std::string& capture_file, const std::string& b) const {
    return {"verify", capture_file, "--journal", journal_a, "--journal", b};
  }

  temporary_folder folder;
  std::string capture = file("capture.pcapng");
  std::string journal_a = file("a.journal.ndjson");
  std::string journal_b = file("b.journal.ndjson");
  std::string spoilt = folder.path("spoilt");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(input_test, recorded_run)

BOOST_AUTO_TEST_CASE(verify__holds_for_what_the_demo_recorded) {
  const ended_command ended = seqwire_command(verify(capture, journal_b));
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.err == "");
  BOOST_TEST(ended.out.find("holds: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(verify__json_carries_its_schema_and_every_rule) {
  auto words = verify(capture, journal_b);
  words.push_back("--json");
  const auto object = nlohmann::json::parse(seqwire_command(words).out);
  BOOST_TEST(object.at("schema").get<std::string>().starts_with("seqwire."));
  BOOST_TEST(object.at("rules").size() >= 25u);
}

BOOST_AUTO_TEST_CASE(verify__an_edited_journal_is_found) {
  const std::string honest = read_whole(journal_b);
  const auto digest = honest.find("\"sha256\":\"", honest.find("\"event\":\"delivered\"")) + 10;
  std::string lie = honest;
  lie[digest] = lie[digest] == 'f' ? '0' : 'f';
  write_whole(spoilt, lie);
  const ended_command ended = seqwire_command(verify(capture, spoilt));
  BOOST_TEST(ended.exit_code == 3, ended.out);
  BOOST_TEST(ended.out.find("violated") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(verify__an_edited_capture_is_found) {
  // The payload of the short record, wherever it stands: what left is not what arrived, or not what the journals say.
  std::string whole = read_whole(capture);
  std::size_t changed = 0;
  for (auto at = whole.find("a short one"); at != std::string::npos; at = whole.find("a short one", at + 1), ++changed)
    whole[at] = 'A';
  BOOST_TEST(changed >= 2u);
  write_whole(spoilt, whole);
  const ended_command ended = seqwire_command(verify(spoilt, journal_b));
  BOOST_TEST(ended.exit_code == 3, ended.out);
}

BOOST_AUTO_TEST_CASE(verify__a_cut_capture_is_inconclusive_or_refused_but_never_held) {
  const std::string whole = read_whole(capture);
  for (std::size_t length = 0; length < whole.size(); length += whole.size() / 37 + 1) {
    write_whole(spoilt, std::string_view(whole).substr(0, length));
    const ended_command ended = seqwire_command(verify(spoilt, journal_b));
    // Cut exactly between two blocks it may be a whole capture of less: then the journals tell.
    BOOST_TEST((ended.exit_code == 4 || ended.exit_code == 2),
               "cut at " << length << ": " << ended.exit_code << ended.out);
  }
}

// Packed by gzip itself.
BOOST_AUTO_TEST_CASE(verify__a_compressed_capture_is_the_same_and_a_cut_one_is_inconclusive) {
  const std::string packed = folder.path("capture.pcapng.gz");
  BOOST_REQUIRE_EQUAL(std::system(("gzip -c " + capture + " > " + packed).c_str()), 0);
  const ended_command plain = seqwire_command({"analyze", capture, "--json"});
  const ended_command analyzed = seqwire_command({"analyze", packed, "--json"});
  BOOST_TEST(analyzed.exit_code == 0, analyzed.err);
  BOOST_TEST(nlohmann::json::parse(analyzed.out).at("connections") ==
             nlohmann::json::parse(plain.out).at("connections"));
  BOOST_TEST(seqwire_command(verify(packed, journal_b)).exit_code == 0);

  const std::string whole = read_whole(packed);
  write_whole(spoilt, std::string_view(whole).substr(0, whole.size() / 2));
  const ended_command cut = seqwire_command(verify(spoilt, journal_b));
  BOOST_TEST(cut.exit_code == 4, cut.out);
  BOOST_TEST(cut.out.find("the file ends in the middle of what gzip compressed") != std::string::npos, cut.out);
}

BOOST_AUTO_TEST_CASE(verify__foreign_files_are_refused_in_one_line) {
  write_whole(spoilt, "");
  expect_complaint(seqwire_command({"verify", spoilt}), 2, "the file is empty");
  write_whole(spoilt, "This is no capture, however long it may be. It says nothing about packets.");
  expect_complaint(seqwire_command({"verify", spoilt}), 2, "not a capture");
  expect_complaint(seqwire_command({"verify", folder.path("missing")}), 2,
                   "missing: cannot be opened: No such file or directory");
  expect_complaint(seqwire_command({"verify", folder.path()}), 2, "Is a directory");
  expect_complaint(seqwire_command({"verify", capture, "--journal", capture}), 2, "capture.pcapng");
  expect_complaint(seqwire_command({"verify", capture, "--journal", folder.path("missing")}), 2, "missing");
}

BOOST_AUTO_TEST_CASE(run__scenario_files_that_are_none) {
  const std::string out = folder.path("out");
  const auto run = [&](std::string_view text) {
    write_whole(spoilt, text);
    return seqwire_command({"run", spoilt, "--out", out});
  };
  expect_complaint(run(""), 2, "flow");
  expect_complaint(run("[scenario]\nsed = 3\n"), 2, ":2:1: unknown key in [scenario]; expected seed");
  expect_complaint(run("[link]\nloss = \"101%\"\n[[flow]]\n"), 2, ":2:");
  expect_complaint(run("[link\n"), 2, ":1:");
  expect_complaint(run(std::string_view("\0\0\0", 3)), 2, "a NUL octet in the file");
  expect_complaint(run("[[flow]]\nfiles = \"/no/such/file\"\n"), 2, "/no/such/file");
  expect_complaint(seqwire_command({"run", folder.path("missing.toml"), "--out", out}), 2, "No such file");
  expect_complaint(seqwire_command({"run", folder.path(), "--out", out}), 2, "Is a directory");
  BOOST_TEST(!fs::exists(out));
}

BOOST_AUTO_TEST_CASE(run__keys_can_be_set_from_outside) {
  write_whole(spoilt, "[scenario]\nname = \"small\"\n[[flow]]\nrecords = 3\n");
  const ended_command ended = seqwire_command({"run", spoilt, "--seed", "9", "--set", "flow.0.records=5", "--set",
                                               "link.delay=3ms", "--json", "--out", folder.path("out")});
  BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err);
  const auto object = nlohmann::json::parse(ended.out);
  BOOST_TEST(object.at("seed").get<std::uint64_t>() == 9u);
  BOOST_TEST(object.at("files").at("sent").get<int>() == 5);
  BOOST_TEST(object == nlohmann::json::parse(read_whole(folder.path("out/summary.json"))));
}

BOOST_AUTO_TEST_CASE(rerun__foreign_files_are_refused_in_one_line) {
  expect_complaint(seqwire_command({"rerun", folder.path("missing")}), 2, "No such file");
  expect_complaint(seqwire_command({"rerun", capture}), 2, "not an input log");
  write_whole(spoilt, "seqwire-inputs 3\n{}\n");
  expect_complaint(seqwire_command({"rerun", spoilt}), 2, ":2: ");
  write_whole(spoilt, "seqwire-inputs 3\n");
  expect_complaint(seqwire_command({"rerun", spoilt}), 2, ":2: ");
}

BOOST_AUTO_TEST_CASE(demo__a_path_with_nothing_there) {
  expect_complaint(seqwire_command({"demo", folder.path("missing"), "--out", folder.path("out")}), 2,
                   "expected a file or a folder");
  BOOST_TEST(!fs::exists(folder.path("out")));
}

BOOST_AUTO_TEST_CASE(demo__a_folder_without_files) {
  fs::create_directories(folder.path("empty/of/all"));
  write_whole(folder.path("empty/.hidden"), "x");
  for (const char* only : {"sim", "wire"})
    expect_complaint(seqwire_command({"demo", folder.path("empty"), "--only", only, "--out", folder.path("empty/out")}),
                     2, "expected a folder with files; got none");
  BOOST_TEST(!fs::exists(folder.path("empty/out")));
}

BOOST_AUTO_TEST_CASE(demo__a_folder_that_holds_its_own_output) {
  const auto demo = [&](const std::string& out) {
    return seqwire_command({"demo", folder.path("files"), "--only", "sim", "--json", "--out", out});
  };
  // The second time there is a first one's output.
  for (const std::string out : {"files/out", "files/out", "files/./out/"}) {
    const ended_command ended = demo(folder.path(out));
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err);
    const auto files = nlohmann::json::parse(ended.out).at("simulator").at("files");
    BOOST_TEST(files.at("asked").get<int>() == 3);
    BOOST_TEST(files.at("sent").get<int>() == 3);
  }
  expect_complaint(demo(folder.path("files")), 2, "--out: expected another folder than the one to send");
}

BOOST_AUTO_TEST_CASE(run__into_the_folder_of_the_files_to_send) {
  write_whole(spoilt, "[[flow]]\nfiles = \"" + folder.path("files/one") + "\"\n");
  expect_complaint(seqwire_command({"run", spoilt, "--out", folder.path("files")}), 2,
                   "--out: expected another folder");
  BOOST_TEST(!fs::exists(folder.path("files/capture.pcapng")));
}

BOOST_AUTO_TEST_CASE(send__what_it_writes_is_nothing_that_it_reads) {
  const auto send = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"send", folder.path("files"), "--interface", "none0", "--to", "1.02000000000b:3000"});
    return seqwire_command(more);
  };
  fs::create_hard_link(folder.path("files/two"), folder.path("other name"));
  for (const char* option : {"--record", "--journal"}) {
    expect_complaint(send({option, folder.path("files/one")}), 2, "expected a file of its own");
    expect_complaint(send({option, folder.path("other name")}), 2, "which is to be sent");
  }
  expect_complaint(send({"--record", folder.path("x"), "--journal", folder.path("files/../x")}), 2,
                   "which is --record's");
  expect_complaint(send({"--record", "-", "--journal", "-"}), 2, "which is --record's");
  BOOST_TEST(read_whole(folder.path("files/two")) == "a short one");
}

BOOST_AUTO_TEST_CASE(receive__what_it_writes_is_nothing_that_it_receives) {
  const auto receive = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"receive", "--interface", "none0", "--socket", "3000", "--out"});
    return seqwire_command(more);
  };
  const std::string inbox = folder.path("inbox");
  expect_complaint(receive({inbox, "--record", inbox + "/deep/x"}), 2, "--record: expected a file outside");
  expect_complaint(receive({inbox + "/", "--journal", inbox + "/x"}), 2, "--journal: expected a file outside");
  expect_complaint(receive({"-", "--record", "-"}), 2, "--record: expected a file of its own");
  BOOST_TEST(!fs::exists(inbox));
}

BOOST_AUTO_TEST_CASE(send__a_path_with_nothing_there_and_names_that_clash) {
  const auto send = [&](std::vector<std::string> paths) {
    paths.insert(paths.begin(), {"send", "--interface", "none0", "--to", "1.02000000000b:3000"});
    return seqwire_command(paths);
  };
  expect_complaint(send({folder.path("missing")}), 2, "got nothing there");
  write_whole(folder.path("other/one"), "another");
  expect_complaint(send({folder.path("files/one"), folder.path("other/one")}), 2, "would arrive as one");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
