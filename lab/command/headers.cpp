// seqwire headers: the header chapter of the documentation, from the layouts.
#include <cstdio>
#include <memory>

#include "lab/command/command.hpp"
#include "protocol/wire/print.hpp"

namespace seqwire {

void add_headers(CLI::App& to, command_body& chosen) {
  CLI::App* command = to.add_subcommand("headers", "Print every header with its bit diagram and fields (Markdown)");
  command->footer("Examples:\n  seqwire headers\n  seqwire headers > docs/headers.md");
  command->callback([&chosen] {
    chosen = [] {
      print_data(header_chapter(catalogue()));
      return static_cast<int>(exit_holds);
    };
  });
}

}  // namespace seqwire
