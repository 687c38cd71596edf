// seqwire sweep: every combination of a scenario's keys times many seeds, and what came of it as mean and interval.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "lab/command/command.hpp"
#include "lab/command/revision.hpp"
#include "lab/command/sweep_options.hpp"
#include "lab/files.hpp"
#include "lab/scenario/units.hpp"
#include "lab/sweep/export.hpp"
#include "lab/sweep/progress_line.hpp"
#include "lab/sweep/sweep.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/interrupt_flag.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

struct sweep_run_options : sweep_options {
  std::string shard;
  bool list_measures = false;
};

struct merge_options {
  std::string out;
  std::vector<std::string> shards;
  bool mix_revisions = false;
  bool json = false;
};

unsigned jobs_of(const sweep_run_options& options) {
  if (options.jobs.empty()) return std::max(1u, std::thread::hardware_concurrency());
  return static_cast<unsigned>(count_in("--jobs", options.jobs, 1, 1024));
}

sweep_shard shard_in(const sweep_run_options& options) {
  if (options.shard.empty()) return {};
  const std::size_t slash = std::min(options.shard.find('/'), options.shard.size());
  const auto of = parse_count(options.shard.substr(std::min(slash + 1, options.shard.size())), 1, 100'000);
  const auto number = parse_count(options.shard.substr(0, slash), 1, of ? *of : 1);
  if (!of || !number) throw usage_error("--shard: expected NUMBER/SHARDS such as 1/8, from 1; got " + options.shard);
  return {*number, *of};
}

int list_measures(bool as_json) {
  if (!as_json) {
    print_data(describe_measures());
    return exit_holds;
  }
  scenario smallest;
  smallest.flows.emplace_back();
  nlohmann::json list = nlohmann::json::array();
  for (const chosen_measure& each : all_measures(smallest))
    list.push_back({{"name", each.name}, {"unit", each.row->unit}, {"meaning", each.row->meaning}});
  print_data(json_text({{"schema", "seqwire.measures/1"}, {"measures", std::move(list)}}));
  return exit_holds;
}

int show_points(const study& of, const sweep_settings& settings, bool as_json) {
  nlohmann::json points = nlohmann::json::array();
  std::string text;
  std::uint64_t mine = 0;
  for (std::size_t number = 0; number < of.points.size(); ++number) {
    const study_point& point = of.points[number];
    if (shard_of(of.keys, point.values, settings.shard.of) != settings.shard.number - 1) continue;
    ++mine;
    text += fmt::format("  {:>6}  {}\n", number, describe_point(of.keys, point.values));
    nlohmann::json values = nlohmann::json::object();
    for (std::size_t i = 0; i < of.keys.size(); ++i) values[of.keys[i]] = point.values[i];
    points.push_back({{"point", number}, {"settings", std::move(values)}});
  }
  const std::string limit = settings.rule.narrow_enough ? "at most " : "";
  text += fmt::format("{} with {}{}: {}{}\n", counted(mine, "point"), limit, counted(settings.rule.seeds, "seed"),
                      limit, counted(mine * settings.rule.seeds, "run"));
  if (as_json)
    text = json_text({{"schema", "seqwire.points/1"}, {"seeds", settings.rule.seeds}, {"points", std::move(points)}});
  print_data(text);
  return exit_holds;
}

// What came of it, in both forms; the exit code. `whole`: no point may lack runs.
int conclude(const results_store& store, const std::string& folder, bool whole, bool as_json) {
  const sweep_summary summary = export_results(store, folder);
  std::string text = render_text(store.header(), summary);
  if (summary.judged > 0)
    text += fmt::format("  verdict: {} of {} hold\n", summary.judged - summary.broken, counted(summary.judged, "run"));
  text += fmt::format("  written: {}/{}, {} and {} beside it\n", printable(folder), results_csv_name, summary_csv_name,
                      results_name);
  print_data(as_json ? json_text(to_json(store.header(), summary)) : text);
  const auto complain = [](const std::string& what) { std::fputs(("seqwire: error: " + what + '\n').c_str(), stderr); };
  if (summary.broken > 0) {
    complain(fmt::format("{} of {} do not hold", summary.broken, counted(summary.judged, "run")));
    return exit_check_failed;
  }
  if (!whole || summary.points_missing() == 0) return exit_holds;
  complain(fmt::format("{} of {} lack runs: a shard is missing, or has not come to its end", summary.points_missing(),
                       counted(summary.points.size(), "point")));
  return exit_inconclusive;
}

// With the bar, which is gone when this returns.
results_store run_shown(const study& of, const sweep_settings& settings) {
  const interrupt_flag asked;
  progress_line line;
  return run_sweep(
      of, settings, [&] { return asked.signal(); }, [&](const sweep_progress& now) { line.show(now); });
}

int sweep(const sweep_run_options& options) {
  if (options.list_measures) return list_measures(options.json);
  require_folder_or_nothing("--out", options.out);
  study of = study_of(options);
  sweep_settings settings;
  settings.folder = options.out;
  settings.revision = program_revision();
  settings.rule = rule_of(options, of);
  settings.jobs = jobs_of(options);
  settings.shard = shard_in(options);
  settings.verify = options.verify;
  settings.resume = options.resume;
  settings.mix_revisions = options.mix_revisions;
  if (options.dry_run) return show_points(of, settings, options.json);

  for (study_point& point : of.points) prepare_files(point.runs, options.out);
  const files_of_caller as_caller;
  require_writable(options.out);
  try {
    const results_store store = run_shown(of, settings);
    return conclude(store, options.out, options.shard.empty(), options.json);
  } catch (const sweep_refusal& refused) {
    throw usage_error(std::string("--out: ") + refused.what());
  } catch (const interrupted& by) {
    std::fputs(fmt::format("seqwire: interrupted by signal {}; what has ended is in {}/{}; the same command with "
                           "--resume runs the rest\n",
                           by.signal(), printable(options.out), results_name)
                   .c_str(),
               stderr);
    return 128 + by.signal();
  }
}

int merge(const merge_options& options) {
  require_folder_or_nothing("OUT", options.out);
  const files_of_caller as_caller;
  require_writable(options.out);
  try {
    const results_store store = merge_shards(options.out, options.shards, options.mix_revisions);
    return conclude(store, options.out, true, options.json);
  } catch (const sweep_refusal& refused) {
    throw usage_error(refused.what());
  }
}

void add_merge(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<merge_options>();
  CLI::App* command = to.add_subcommand("merge", "Put the results of shards together");
  command->add_option("out", options->out, "Folder for the whole")->type_name("OUT")->required();
  command->add_option("shards", options->shards, "Folders of the shards")->type_name("SHARD")->required();
  command->add_flag("--mix-revisions", options->mix_revisions, "Also of different revisions of seqwire");
  command->add_flag("--json", options->json, "Print the summary as JSON");
  command->footer(
      "Exit code 4: runs are missing; the files hold what there is.\n\n"
      "Examples:\n  seqwire sweep merge whole shard1 shard2\n  seqwire sweep merge whole shards/*");
  command->callback([options, &chosen] { chosen = [options] { return merge(*options); }; });
}

}  // namespace

std::uint64_t count_in(const std::string& option, const std::string& text, std::uint64_t least, std::uint64_t most) {
  const auto count = parse_count(text, least, most);
  if (!count) throw usage_error(fmt::format("{}: expected {}; got {}", option, count.error().expected, text));
  return *count;
}

study study_of(const sweep_options& options) {
  if (options.path.empty()) throw usage_error("expected a study; got none (seqwire sweep --help shows what it takes)");
  std::vector<std::string> overrides = options.set;
  if (options.seed) overrides.push_back("scenario.seed=" + std::to_string(*options.seed));
  auto made = read_study(options.path, overrides);
  if (!made) throw usage_error(made.error().message);
  return *std::move(made);
}

stopping_rule rule_of(const sweep_options& options, const study& of) {
  stopping_rule rule;
  rule.seeds = options.seeds.empty() ? of.seeds : count_in("--seeds", options.seeds, 1, maximum_seeds);
  if (!options.until_ci.empty()) {
    const auto narrow = parse_probability(options.until_ci);
    if (!narrow || !(*narrow > 0))
      throw usage_error("--until-ci: expected a share of the mean such as 2%; got " + options.until_ci);
    rule.narrow_enough = *narrow;
  }
  if (options.measure.empty()) return rule;
  if (!rule.narrow_enough) throw usage_error("--measure: expected with --until-ci only");
  std::string names;
  for (std::size_t i = 0; i < of.measures.size(); ++i) {
    if (of.measures[i].name == options.measure) {
      rule.measure = i;
      return rule;
    }
    names += (i == 0 ? "" : ", ") + of.measures[i].name;
  }
  throw usage_error(fmt::format("--measure: expected one that the study has ({}); got {}", names, options.measure));
}

void add_study_options(CLI::App& to, sweep_options& options) {
  to.add_option("study", options.path, "Study (TOML)")->type_name("FILE");
  to.add_option("--seeds", options.seeds, "Runs of each point, instead of the study's")->type_name("NUMBER");
  to.add_option("--until-ci", options.until_ci,
                "Of each point only as many runs as make the 95 % interval of a measure so narrow: its half-width in "
                "parts of the mean")
      ->type_name("SHARE");
  to.add_option("--measure", options.measure, "The measure for --until-ci; the study's first unless given")
      ->type_name("NAME");
  to.add_flag("--resume", options.resume, "Run only what is missing in --out");
  to.add_flag("--mix-revisions", options.mix_revisions, "Also when results there are of another revision");
  to.add_flag("--verify", options.verify, "Keep and judge the files of each run, in runs beside the results");
  add_seed(to, options.seed, "Of the first run of each point, instead of the scenario's");
  add_repeatable(to, "--set", options.set, "Change a key of the scenario, e.g. flow.0.records=1000")
      ->type_name("KEY=VALUE");
  to.add_option("--out", options.out, "Folder for the results")->type_name("DIR")->capture_default_str();
  to.add_flag("--dry-run", options.dry_run, "Show what would run, and run nothing");
  to.add_flag("--json", options.json, "Print the summary, or what is shown instead, as JSON");
}

void add_sweep(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<sweep_run_options>();
  CLI::App* command =
      to.add_subcommand("sweep", "Run a study: a scenario with a table [sweep], every point many times");
  command->require_subcommand(0, 1);
  add_study_options(*command, *options);
  command->add_option("--jobs", options->jobs, "Runs at a time; unless given as many as there are processors")
      ->type_name("NUMBER");
  command
      ->add_option("--shard", options->shard, "Only this part of the points, e.g. 1/8; seqwire sweep merge joins them")
      ->type_name("NUMBER/SHARDS");
  command->add_flag("--measures", options->list_measures, "List what can be measured, and run nothing");
  command->footer(
      "The results do not depend on --jobs, nor on how a study is cut into shards. Ctrl-C keeps what has ended.\n\n"
      "Examples:\n  seqwire sweep examples/scenarios/loss-window.toml --until-ci 2%\n"
      "  seqwire sweep study.toml --shard 1/8 --out shard1");
  add_merge(*command, chosen);
  add_sweep_submit(*command, chosen);
  command->callback([options, command, &chosen] {
    if (command->get_subcommands().empty()) chosen = [options] { return sweep(*options); };
  });
}

}  // namespace seqwire
