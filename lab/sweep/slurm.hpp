// A study on a Slurm cluster: a job array of shards and a job behind it that merges them, written as scripts, submitted
// with Slurm's own commands and followed until the merge has ended. Nothing of ours runs in between; whoever knows
// Slurm can submit the scripts by hand. Needs a folder that every node sees under the same path.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "lab/experiment.hpp"

namespace seqwire {

/// What is submitted.
struct slurm_settings {
  std::string command;                 // the program's path
  std::string study;                   // its path
  std::string name;                    // of the jobs
  std::string folder;                  // for everything that comes of it
  std::uint64_t shards = 1;            // elements of the array
  unsigned jobs = 1;                   // runs at a time in each shard
  std::vector<std::string> arguments;  // for each shard's sweep beside the above
  std::vector<std::string> sbatch;     // further options for both jobs, such as --partition=short
  bool json = false;                   // how the merge speaks
};

/// What Slurm refused, in its own words.
class slurm_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The job array, and the merge; both are submitted in the settings' folder.
std::string shard_script(const slurm_settings& settings);
std::string merge_script(const slurm_settings& settings);  // waits for all shards

/// Job numbers, as Slurm gave them.
struct slurm_jobs {
  std::string shards;  // of the array
  std::string merge;   // of the job behind it
};

/// Writes the scripts to folder/slurm and submits them. Throws slurm_error and std::system_error.
slurm_jobs submit(const slurm_settings& settings);

/// Shards that have not ended.
struct slurm_progress {
  std::uint64_t waiting = 0;  // shards
  std::uint64_t running = 0;  // shards
};

/// Waits until the merge has ended, and returns its exit code; 1 when it ended by something else than itself, such as a
/// time limit. Throws interrupted when `stop` says so; the jobs go on. Throws slurm_error when Slurm forgot the merge.
int follow(const slurm_jobs& jobs, const stop_question& stop,
           const std::function<void(const slurm_progress&)>& progress);

/// What the merge said on standard output and standard error.
std::string merge_output(const slurm_settings& settings);
std::string merge_complaints(const slurm_settings& settings);  // the latter

}  // namespace seqwire
