// seqwire link: links in the words of other tools.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "lab/command/command.hpp"
#include "lab/command/link_options.hpp"
#include "lab/scenario/netem.hpp"

namespace seqwire {
namespace {

struct netem_options {
  std::vector<std::string> words;
  link_options link;
};

int translate_from_netem(const netem_options& options) {
  const std::string words = fmt::format("{}", fmt::join(options.words, " "));
  auto link = from_netem(words);
  if (!link) throw usage_error("netem: " + link.error().message);
  scenario made;
  made.links.front().a_to_b = made.links.front().b_to_a = std::move(*link);
  print_data(link_to_toml(made));
  return exit_holds;
}

int translate_to_netem(const netem_options& options) {
  const scenario link = options.link.parse();
  const auto one_way = to_netem(link.links.front().a_to_b);
  const auto other_way = to_netem(link.links.front().b_to_a);
  for (const auto& each : {one_way, other_way})
    if (!each) throw usage_error(each.error().message);
  print_data(*one_way == *other_way ? *one_way + "\n" : fmt::format("a_to_b: {}\nb_to_a: {}\n", *one_way, *other_way));
  return exit_holds;
}

}  // namespace

void add_link(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<netem_options>();
  CLI::App* group = to.add_subcommand("link", "Translate links from and to the arguments of Linux's netem");
  group->require_subcommand(1);
  group->footer("Examples:\n  seqwire link from-netem delay 20ms 5ms loss 1%\n  seqwire link to-netem --delay 20ms");

  CLI::App* from = group->add_subcommand("from-netem", "Print the [link] of a scenario for arguments of netem");
  from->add_option("words", options->words, "What stands behind netem, e.g. delay 20ms loss 1%; tc in front may stay")
      ->required()
      ->type_name("WORD");
  from->footer(
      "netem's limit counts frames under way, too; here it is the queue of a limited rate.\n\n"
      "Examples:\n  seqwire link from-netem delay 20ms 5ms distribution normal loss gemodel 1% 20%\n"
      "  seqwire link from-netem rate 10mbit limit 100");
  from->callback([options, &chosen] { chosen = [options] { return translate_from_netem(*options); }; });

  CLI::App* into = group->add_subcommand("to-netem", "Print the arguments of netem for a link");
  options->link.add_to(*into);
  into->footer(
      "Examples:\n  seqwire link to-netem --delay 20ms --loss 1%\n"
      "  seqwire link to-netem --rate 10Mbit/s --set b_to_a.gilbert_elliott='1% 20%'");
  into->callback([options, &chosen] { chosen = [options] { return translate_to_netem(*options); }; });
}

}  // namespace seqwire
