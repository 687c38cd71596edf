// Every example does on the simulator what it says, the same each time, and is short enough to be read.
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/command_runner.hpp"

using namespace seqwire::command_runner;

namespace {

const std::map<std::string, std::string> outputs{
    {"echo", "[a record]\n[]\n[another one]\n"},
    {"chat",
     "Ann to Ben: How long have you kept record boundaries?\nBen to Ann: Since 1981.\nAnn to Ben: What gets lost?\n"
     "Ben to Ann: One packet in ten.\nAnn to Ben: And how do I get it?\nBen to Ann: In order, and once.\n"},
    {"file_transfer", "received-sent.bin: 3000000 octets\n"},
    {"packet_group",
     "packet 0, type 7: one message\npacket 1, type 7: of three\npacket 2, type 7, end of message: packets\n"
     "packet 3, type 42, end of message: the default header's type\n"},
    {"attention", "attention: !\nrecord 1\nrecord 2\n(here it was sent) record 3\n"},
    {"time_client",
     "0 seconds since 1970, says 1.02000000000b:8\n1 seconds since 1970, says 1.02000000000b:8\n"
     "3 seconds since 1970, says 1.02000000000b:8\n"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(examples_test)

BOOST_AUTO_TEST_CASE(examples__do_on_the_simulator_what_they_say) {
  const temporary_folder folder;
  std::string file(3'000'000, 'x');
  for (std::size_t i = 0; i < file.size(); i += 7) file[i] = static_cast<char>(i / 7);
  write_whole(folder.path("sent.bin"), file);
  for (const auto& [name, output] : outputs)
    for (const char* time : {"first", "second"}) {
      const ended_command ended =
          running_command({std::string(SEQWIRE_EXAMPLES) + "/" + name},
                          {.folder = folder.path(), .environment = {"FILE=" + folder.path("sent.bin")}})
              .finish();
      BOOST_TEST(ended.exit_code == 0, name << ", " << time << " time: " << ended.err);
      BOOST_TEST(ended.out == output, name << ", " << time << " time, said:\n" << ended.out);
    }
  BOOST_TEST(digest_of(folder.path("received-sent.bin")) == digest_of(folder.path("sent.bin")));
}

BOOST_AUTO_TEST_CASE(examples__all_of_them_are_tested_and_short) {
  for (const auto& file : fs::directory_iterator(std::string(SEQWIRE_SOURCE_DIR) + "/examples")) {
    if (file.path().extension() != ".cpp") continue;
    BOOST_TEST(outputs.contains(file.path().stem().string()), file.path().string());
    const std::string text = read_whole(file.path().string());
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') < 100, file.path().string());
  }
}

BOOST_AUTO_TEST_CASE(run_example__says_how_it_is_used) {
  const ended_command ended = running_command({std::string(SEQWIRE_EXAMPLES) + "/echo", "--nonsense"}).finish();
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(ended.err.find("usage: ") == 0u, ended.err);
}

BOOST_AUTO_TEST_SUITE_END()
