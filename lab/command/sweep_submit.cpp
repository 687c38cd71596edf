// seqwire sweep submit: a study on a cluster that somebody else runs.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "lab/command/sweep_options.hpp"
#include "lab/sweep/export.hpp"
#include "lab/sweep/results_store.hpp"
#include "lab/sweep/slurm.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

struct submit_options : sweep_options {
  std::string engine = "slurm";
  std::string shards;
  std::string partition;
  std::vector<std::string> sbatch;
};

// What each shard is told beside its number: the options that change what runs.
std::vector<std::string> arguments_of(const submit_options& options) {
  std::vector<std::string> words;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  add("--seeds", options.seeds);
  add("--until-ci", options.until_ci);
  add("--measure", options.measure);
  if (options.seed) add("--seed", std::to_string(*options.seed));
  for (const std::string& each : options.set) add("--set", each);
  if (options.verify) words.emplace_back("--verify");
  if (options.mix_revisions) words.emplace_back("--mix-revisions");
  return words;
}

slurm_settings settings_of(const submit_options& options) {
  const study of = study_of(options);
  static_cast<void>(rule_of(options, of));
  slurm_settings settings;
  settings.command = fs::read_symlink("/proc/self/exe").string();
  settings.study = fs::absolute(options.path).string();
  settings.name = of.name;
  settings.folder = fs::absolute(options.out).string();
  settings.shards = count_in("--shards", options.shards, 1, 100'000);
  settings.jobs = options.jobs.empty() ? 1 : static_cast<unsigned>(count_in("--jobs", options.jobs, 1, 1024));
  settings.arguments = arguments_of(options);
  if (!options.partition.empty()) settings.sbatch.push_back("--partition=" + options.partition);
  settings.sbatch.insert(settings.sbatch.end(), options.sbatch.begin(), options.sbatch.end());
  settings.json = options.json;
  return settings;
}

// A merge that was there before is made anew from what its shards hold.
void make_room(const slurm_settings& settings, bool resume) {
  const fs::path folder(settings.folder);
  const bool there = fs::exists(folder / results_name) || fs::exists(folder / "shards");
  if (there && !resume)
    throw usage_error(fmt::format("--out: expected a folder without results; got {} (--resume runs what is missing)",
                                  settings.folder));
  for (const char* name : {results_name, results_csv_name, summary_csv_name}) fs::remove(folder / name);
}

void show(const slurm_progress& now, std::uint64_t shards) {
  const std::uint64_t open = now.waiting + now.running;
  std::fputs(fmt::format("\r\x1b[K{} of {} shards have ended, {} running", shards - std::min(open, shards), shards,
                         now.running)
                 .c_str(),
             stderr);
}

int submit_study(const submit_options& options) {
  require_folder_or_nothing("--out", options.out);
  const slurm_settings settings = settings_of(options);
  if (options.dry_run) {
    print_data(fmt::format("# {0}/slurm/shards.sh\n{1}\n# {0}/slurm/merge.sh\n{2}", settings.folder,
                           shard_script(settings), merge_script(settings)));
    return exit_holds;
  }
  make_room(settings, options.resume);
  const interrupt_flag asked;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const slurm_jobs jobs = submit(settings);
  std::fputs(fmt::format("seqwire: {} are job {}, their merge is job {}\n", counted(settings.shards, "shard"),
                         jobs.shards, jobs.merge)
                 .c_str(),
             stderr);
  try {
    const int code = follow(
        jobs, [&] { return asked.signal(); },
        [&](const slurm_progress& now) {
          if (terminal) show(now, settings.shards);
        });
    if (terminal) std::fputs("\r\x1b[K", stderr);
    std::fputs(merge_complaints(settings).c_str(), stderr);
    print_data(merge_output(settings));
    return code;
  } catch (const interrupted& by) {
    std::fputs(fmt::format("{}seqwire: interrupted by signal {}; the jobs go on: squeue --jobs={},{} shows them\n",
                           terminal ? "\r\x1b[K" : "", by.signal(), jobs.shards, jobs.merge)
                   .c_str(),
               stderr);
    return 128 + by.signal();
  }
}

}  // namespace

void add_sweep_submit(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<submit_options>();
  CLI::App* command = to.add_subcommand("submit", "Run a study on a cluster: shards as a job array, then their merge");
  add_study_options(*command, *options);
  command->add_option("--engine", options->engine, "What runs the jobs")
      ->check(CLI::IsMember({"slurm"}))
      ->capture_default_str();
  command->add_option("--shards", options->shards, "Jobs of the array")->type_name("NUMBER")->required();
  command->add_option("--jobs", options->jobs, "Runs at a time, and processors, of each shard; 1 unless given")
      ->type_name("NUMBER");
  command->add_option("--partition", options->partition, "Slurm's partition")->type_name("NAME");
  add_repeatable(*command, "--sbatch", options->sbatch, "A further option of sbatch, e.g. --sbatch=--time=60")
      ->type_name("OPTION");
  command->footer(
      "Every node must see the program, the study and --out under the same paths. The exit code is the merge's.\n"
      "Ctrl-C ends the following only; the jobs go on.\n\n"
      "Examples:\n  seqwire sweep submit study.toml --engine slurm --shards 100 --out study\n"
      "  seqwire sweep submit study.toml --shards 8 --jobs 4 --partition short --sbatch=--time=60 --dry-run");
  command->callback([options, &chosen] { chosen = [options] { return submit_study(*options); }; });
}

}  // namespace seqwire
