// seqwire bench: speed and memory, side by side in one run.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "lab/command/command.hpp"

#ifdef SEQWIRE_WITH_BENCH

#include "bench/bench.hpp"

namespace seqwire {

void add_bench(CLI::App& to, command_body& chosen) {
  struct bench_command {
    std::string only;
    double seconds = 0.4;
    bool json = false;
  };
  auto options = std::make_shared<bench_command>();
  CLI::App* command = to.add_subcommand("bench",
                                        "Measure the readers of captures, the simulator, the engine, connections, "
                                        "sockets, scripts, the codec, the recorder and the wire, beside what to "
                                        "compare them with");
  command->add_flag("--json", options->json, "Print every round as JSON");
  command->add_option("--only", options->only, "One topic")->check(CLI::IsMember(bench::topic_names()));
  const auto take_seconds = [options](const std::string& text) {
    char* end = nullptr;
    const double seconds = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(seconds >= 0.01 && seconds <= 60))
      throw CLI::ValidationError("--seconds", "expected a number from 0.01 to 60; got " + text);
    options->seconds = seconds;
  };
  command->add_option_function<std::string>("--seconds", take_seconds, "Length of each of the rounds, about")
      ->type_name("NUMBER")
      ->default_str("0.4");
  command->footer("Examples:\n  seqwire bench\n  seqwire bench --only engine --seconds 2");
  command->callback([options, &chosen] {
    chosen = [options] {
      const auto rows = bench::run_bench(
          {.only = options->only, .round = duration{static_cast<std::int64_t>(options->seconds * 1e9)}});
      print_data(options->json ? bench::render_json(rows) : bench::render_text(rows));
      return int{exit_holds};
    };
  });
}

}  // namespace seqwire

#else

namespace seqwire {

constexpr const char* how_to_get_it =
    "cmake -S . -B build -DSEQWIRE_BUILD_BENCH=ON && cmake --build build --target seqwire";

void add_bench(CLI::App& to, command_body& chosen) {
  CLI::App* command = to.add_subcommand("bench", "Measure speed and memory (not in this build)");
  command->allow_extras();
  command->footer(std::string("This program was built without its benchmarks. In the project's folder:\n  ") +
                  how_to_get_it + "\n\nExamples, then:\n  seqwire bench\n  seqwire bench --only engine --seconds 2");
  command->callback([&chosen] {
    chosen = [] {
      std::fputs(("seqwire: error: this program was built without its benchmarks; in the project's folder: " +
                  std::string(how_to_get_it) + '\n')
                     .c_str(),
                 stderr);
      return int{exit_could_not_run};
    };
  });
}

}  // namespace seqwire

#endif
