// seqwire link: links in the words of other tools, and links that captures show.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "lab/command/command.hpp"
#include "lab/command/link_options.hpp"
#include "lab/scenario/captured_link.hpp"
#include "lab/scenario/netem.hpp"
#include "rawio/interrupt_flag.hpp"

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

struct capture_options {
  std::vector<std::string> captures;
  std::optional<std::size_t> connection;
};

// The last crossing of a connection is the one from end to end.
const crossing_summary* whole_way(const connection_summary& of) {
  return of.crossings.empty() ? nullptr : &of.crossings.back();
}

std::uint64_t packets_of(const connection_summary& of) {
  std::uint64_t packets = 0;
  if (const crossing_summary* const way = whole_way(of))
    for (const auto& side : way->sides) packets += side ? side->sent : 0;
  return packets;
}

const connection_summary& chosen_connection(const analysis& of, const capture_options& options) {
  const auto number = options.connection;
  if (number && *number >= of.connections.size())
    throw usage_error(
        fmt::format("--connection: expected one of {}, counted from 0; got {}", of.connections.size(), *number));
  const auto most = number ? of.connections.begin() + static_cast<std::ptrdiff_t>(*number)
                           : std::max_element(of.connections.begin(), of.connections.end(),
                                              [](const connection_summary& left, const connection_summary& right) {
                                                return packets_of(left) < packets_of(right);
                                              });
  if (most == of.connections.end() || whole_way(*most) == nullptr)
    throw usage_error(fmt::format("{}: expected a connection that is seen at two vantage points; got none",
                                  fmt::join(options.captures, ", ")));
  return *most;
}

int translate_from_capture(const capture_options& options) {
  require_readable(options.captures);
  const interrupt_flag asked;
  const auto found = analyze_files(options.captures, {}, {.stopped = [&] { return asked.signal() != 0; }});
  if (asked.signal() != 0) return 128 + asked.signal();
  if (!found) throw usage_error(found.error());
  const connection_summary& chosen = chosen_connection(*found, options);
  for (const std::string& hole : found->holes) std::fputs(fmt::format("seqwire: warning: {}\n", hole).c_str(), stderr);
  print_data(describe_link(*whole_way(chosen), chosen) + link_to_toml(link_of(*whole_way(chosen))));
  return exit_holds;
}

}  // namespace

void add_link(CLI::App& to, command_body& chosen) {
  auto options = std::make_shared<netem_options>();
  CLI::App* group =
      to.add_subcommand("link", "Translate links from and to the arguments of Linux's netem, and from captures");
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

  auto seen = std::make_shared<capture_options>();
  CLI::App* shown = group->add_subcommand("from-capture", "Print the [link] that does what captures show");
  shown->add_option("captures", seen->captures, "One capture of both ends, or one of each")
      ->required()
      ->expected(1, 2)
      ->type_name("FILE");
  shown->add_option("--connection", seen->connection, "As analyze counts them; otherwise the one with the most packets")
      ->type_name("NUMBER");
  shown->footer(
      "Rate, delay, loss model, duplication and reordering of both directions, as analyze tells them between the two "
      "vantage points.\n\n"
      "Examples:\n  seqwire link from-capture seqwire-run/capture.pcapng\n"
      "  seqwire link from-capture at-a.pcapng at-b.pcapng > link.toml");
  shown->callback([seen, &chosen] { chosen = [seen] { return translate_from_capture(*seen); }; });

  CLI::App* into = group->add_subcommand("to-netem", "Print the arguments of netem for a link");
  options->link.add_to(*into);
  into->footer(
      "Examples:\n  seqwire link to-netem --delay 20ms --loss 1%\n"
      "  seqwire link to-netem --rate 10Mbit/s --set b_to_a.gilbert_elliott='1% 20%'");
  into->callback([options, &chosen] { chosen = [options] { return translate_to_netem(*options); }; });
}

}  // namespace seqwire
