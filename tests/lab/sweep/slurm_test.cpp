// The scripts mean what the settings say, whatever is in names and paths. The cluster: tests/slurm.
#include "lab/sweep/slurm.hpp"

#include "tests/command_runner.hpp"

using namespace seqwire;
using namespace seqwire::command_runner;

namespace {

// A program that says its arguments, one in a line, and stands under a name that is hard to write.
struct odd_place {
  odd_place() {
    settings.command = folder.path("it's \"a\" $program");
    write_whole(settings.command, "#!/bin/sh\nprintf \"<%s>\\\\n\" \"$@\"\n");
    fs::permissions(settings.command, fs::perms::owner_all);
    settings.study = folder.path("a study's.toml");
    settings.name = "a study's\n#SBATCH --evil";
    settings.folder = folder.path("out put");
    settings.shards = 12;
    settings.jobs = 3;
    settings.arguments = {"--set", "scenario.name='; rm -rf $HOME `x`\\"};
  }
  std::string said_by(const std::string& script) const {
    write_whole(folder.path("script"), script);
    const ended_command ended = running_command({"bash", folder.path("script")},
                                                {.folder = folder.path(), .environment = {"SLURM_ARRAY_TASK_ID=7"}})
                                    .finish();
    BOOST_TEST(ended.exit_code == 0, ended.err);
    return ended.out;
  }
  temporary_folder folder;
  slurm_settings settings;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(slurm_test, odd_place)

BOOST_AUTO_TEST_CASE(shard_script__hands_on_every_word_as_it_is) {
  BOOST_TEST(said_by(shard_script(settings)) ==
             "<sweep>\n<" + settings.study +
                 ">\n<--shard>\n<7/12>\n<--out>\n<shards/7>\n<--resume>\n<--jobs>\n<3>\n<--set>\n"
                 "<scenario.name='; rm -rf $HOME `x`\\>\n");
}

BOOST_AUTO_TEST_CASE(merge_script__takes_the_shards_that_there_are) {
  write_whole(folder.path("shards/1/results.sqlite"), "");
  write_whole(folder.path("shards/9/results.sqlite"), "");
  settings.json = true;
  settings.arguments.emplace_back("--mix-revisions");
  BOOST_TEST(said_by(merge_script(settings)) ==
             "<sweep>\n<merge>\n<" + settings.folder +
                 ">\n<shards/1/results.sqlite>\n<shards/9/results.sqlite>\n<--json>\n<--mix-revisions>\n");
}

BOOST_AUTO_TEST_CASE(scripts__ask_for_what_the_settings_say) {
  const std::string script = shard_script(settings);
  for (const char* line :
       {"#SBATCH --array=1-12\n", "#SBATCH --cpus-per-task=3\n", "#SBATCH --output=slurm/shard-%a.log\n",
        "#SBATCH --job-name=seqwire-a-study-s--SBATCH---evil\n"})
    BOOST_TEST(script.find(line) != std::string::npos, line);
}

BOOST_AUTO_TEST_SUITE_END()
