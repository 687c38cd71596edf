// seqwire wireshark: the Wireshark dissector of the headers that this program knows.
#include "dissector/wireshark/lua_dissector.hpp"
#include "lab/command/command.hpp"

namespace seqwire {

void add_wireshark(CLI::App& to, command_body& chosen) {
  CLI::App* group = to.add_subcommand("wireshark", "Write the Wireshark dissector of this program's headers");
  group->require_subcommand(1);
  group->footer("Example:\n  seqwire wireshark generate > seqwire.lua");
  CLI::App* generate = group->add_subcommand("generate", "Print the dissector as one Lua file");
  generate->footer(
      "Examples:\n  seqwire wireshark generate > ~/.local/lib/wireshark/plugins/seqwire.lua\n"
      "  tshark -X lua_script:seqwire.lua -r capture.pcapng");
  generate->callback([&chosen] {
    chosen = [] {
      print_data(lua_dissector(catalogue()));
      return int{exit_holds};
    };
  });
}

}  // namespace seqwire
