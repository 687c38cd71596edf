#include "lab/sweep/slurm.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "lab/scenario/scenario_text.hpp"
#include "lab/wire/interrupted.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

constexpr const char* script_folder = "slurm";
constexpr const char* output_name = "slurm/merge.out";
constexpr const char* complaints_name = "slurm/merge.err";

// A word for the shell, whatever is in it.
std::string quoted(const std::string& word) {
  std::string made = "'";
  for (const char each : word) made += each == '\'' ? "'\\''" : std::string(1, each);
  return made + "'";
}

std::string quoted(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& each : words) line += ' ' + quoted(each);
  return line;
}

// What a job may be called: it stands in a line that sbatch reads.
std::string job_name(const std::string& study) {
  std::string name = "seqwire-" + study.substr(0, 64);
  const auto plain = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           each == '-' || each == '_' || each == '.';
  };
  std::replace_if(
      name.begin(), name.end(), [&](char each) { return !plain(each); }, '-');
  return name;
}

struct command_result {
  int status = -1;
  std::string output;
};

// Runs a line of shell; both of its outputs together.
command_result run_line(const std::string& line) {
  FILE* const pipe = ::popen((line + " 2>&1").c_str(), "re");
  if (pipe == nullptr) throw std::system_error(errno, std::generic_category(), "cannot run a shell");
  command_result result;
  std::array<char, 4096> block;
  for (;;) {
    const std::size_t got = std::fread(block.data(), 1, block.size(), pipe);
    result.output.append(block.data(), got);
    if (got == block.size()) continue;
    if (std::ferror(pipe) == 0 || errno != EINTR) break;
    std::clearerr(pipe);  // a signal came between, which the caller will notice
  }
  const int status = ::pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  while (result.output.ends_with('\n')) result.output.pop_back();
  return result;
}

void write_script(const fs::path& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The number of the job: "17", or "17;cluster".
std::string submitted(const std::string& line) {
  const command_result result = run_line(line);
  const std::string number = result.output.substr(0, result.output.find(';'));
  const bool is_number = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  if (result.status == 0 && is_number) return number;
  throw slurm_error("sbatch refused: " + printable(result.output, 500));
}

// "ExitCode=4:0" in what scontrol says of a job.
std::string value_of(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name + '=');
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 1;
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

struct job_state {
  std::string state;  // as Slurm calls it
  std::string exit;   // "code:signal"
};

// The controller knows a job for some minutes after its end; from then on accounting does, where there is any.
std::optional<job_state> state_of(const std::string& job) {
  const command_result now = run_line("scontrol --oneliner show job " + job);
  if (now.status == 0) return job_state{value_of(now.output, "JobState"), value_of(now.output, "ExitCode")};
  const command_result then =
      run_line("sacct --noheader --allocations --parsable2 --format=State,ExitCode --jobs=" + job);
  const std::size_t bar = then.output.find('|');
  if (then.status != 0 || bar == std::string::npos) return std::nullopt;
  return job_state{then.output.substr(0, bar), then.output.substr(bar + 1)};
}

bool has_ended(const std::string& state) {
  constexpr std::array<std::string_view, 7> going{"PENDING",  "RUNNING",   "COMPLETING", "CONFIGURING",
                                                  "REQUEUED", "SUSPENDED", "STOPPED"};
  return std::find(going.begin(), going.end(), state) == going.end();
}

int exit_code_of(const job_state& of) {
  int code = 1;
  const std::string number = of.exit.substr(0, of.exit.find(':'));
  std::from_chars(number.data(), number.data() + number.size(), code);
  // A job that somebody else ended has an exit code of 0.
  return code == 0 && of.state != "COMPLETED" ? 1 : code;
}

slurm_progress progress_of(const std::string& job) {
  slurm_progress progress;
  const std::string states = run_line("squeue --noheader --array --format=%T --jobs=" + job).output;
  for (std::size_t at = 0; at < states.size();) {
    const std::size_t end = std::min(states.find('\n', at), states.size());
    const std::string state = states.substr(at, end - at);
    if (state == "PENDING" || state == "REQUEUED") ++progress.waiting;
    if (state == "RUNNING" || state == "COMPLETING" || state == "CONFIGURING") ++progress.running;
    at = end + 1;
  }
  return progress;
}

std::string submission(const slurm_settings& settings, const std::string& more, const std::string& script) {
  return fmt::format("cd {} && sbatch --parsable{}{} {}/{}", quoted(settings.folder), more, quoted(settings.sbatch),
                     script_folder, script);
}

}  // namespace

std::string shard_script(const slurm_settings& settings) {
  return fmt::format(
      "#!/bin/bash\n"
      "# One shard of a study. In the folder above: sbatch {0}/shards.sh\n"
      "#SBATCH --job-name={1}\n"
      "#SBATCH --array=1-{2}\n"
      "#SBATCH --cpus-per-task={3}\n"
      "#SBATCH --output={0}/shard-%a.log\n"
      "exec {4} sweep {5} --shard \"$SLURM_ARRAY_TASK_ID/{2}\" --out \"shards/$SLURM_ARRAY_TASK_ID\" --resume "
      "--jobs {3}{6}\n",
      script_folder, job_name(settings.name), settings.shards, settings.jobs, quoted(settings.command),
      quoted(settings.study), quoted(settings.arguments));
}

std::string merge_script(const slurm_settings& settings) {
  const bool mixes =
      std::find(settings.arguments.begin(), settings.arguments.end(), "--mix-revisions") != settings.arguments.end();
  return fmt::format(
      "#!/bin/bash\n"
      "# The shards put together, once all have ended. In the folder above:\n"
      "# sbatch --dependency=afterany:NUMBER {0}/merge.sh\n"
      "#SBATCH --job-name={1}-merge\n"
      "#SBATCH --output={2}\n"
      "#SBATCH --error={3}\n"
      "exec {4} sweep merge {5} shards/*/results.sqlite{6}{7}\n",
      script_folder, job_name(settings.name), output_name, complaints_name, quoted(settings.command),
      quoted(settings.folder), settings.json ? " --json" : "", mixes ? " --mix-revisions" : "");
}

slurm_jobs submit(const slurm_settings& settings) {
  const fs::path folder(settings.folder);
  fs::create_directories(folder / script_folder);
  fs::create_directories(folder / "shards");
  for (const char* name : {output_name, complaints_name}) fs::remove(folder / name);
  write_script(folder / script_folder / "shards.sh", shard_script(settings));
  write_script(folder / script_folder / "merge.sh", merge_script(settings));
  slurm_jobs jobs;
  jobs.shards = submitted(submission(settings, "", "shards.sh"));
  // After any end of the shards: what a failed one lacks is told by the merge.
  jobs.merge = submitted(submission(settings, " --dependency=afterany:" + jobs.shards, "merge.sh"));
  return jobs;
}

int follow(const slurm_jobs& jobs, const stop_question& stop,
           const std::function<void(const slurm_progress&)>& progress) {
  constexpr long longest_wait = 5'000'000'000;
  for (long wait = 100'000'000;; wait = std::min(wait * 3 / 2, longest_wait)) {
    const auto merge = state_of(jobs.merge);
    if (const int signal = stop(); signal != 0) throw interrupted(signal);
    if (!merge) throw slurm_error("Slurm knows nothing of job " + jobs.merge + " any more");
    if (has_ended(merge->state)) return exit_code_of(*merge);
    progress(progress_of(jobs.shards));
    const timespec pause{wait / 1'000'000'000, wait % 1'000'000'000};
    ::nanosleep(&pause, nullptr);  // a signal ends it
  }
}

std::string merge_output(const slurm_settings& settings) { return text_of(fs::path(settings.folder) / output_name); }
std::string merge_complaints(const slurm_settings& settings) {
  return text_of(fs::path(settings.folder) / complaints_name);
}

}  // namespace seqwire
