#include "dissector/wireshark/profile.hpp"

#include <fmt/format.h>

#include <array>

namespace seqwire {
namespace {

// What must not happen is dark, what the network did is red to yellow, what the ends agree on is pale.
constexpr std::array<colouring_rule, 12> rules{{
    {"Broken rule",
     "seqwire.checksum_bad || seqwire.length_mismatch || seqwire.spp.refused || seqwire.spp.changed || "
     "seqwire.spp.ack_regress || seqwire.spp.allocation_shrunk || seqwire.spp.window_violation",
     0x8b0000, 0xffffff},
    {"Stray packet",
     "seqwire.error_packet || seqwire.spp.wrong_ids || seqwire.spp.after_close || seqwire.spp.ids_reused || "
     "seqwire.spp.opening_again",
     0x4b2a5e, 0xffffff},
    {"Spurious retransmission", "seqwire.spp.spurious_retransmission", 0xf2994a, 0x000000},
    {"Retransmission", "seqwire.spp.retransmission", 0xf4b6b6, 0x000000},
    {"Network duplicate", "seqwire.spp.network_duplicate", 0xe3c9f2, 0x000000},
    {"Retransmission or network duplicate", "seqwire.spp.repeated", 0xf0c8dc, 0x000000},
    {"Gap or reordering", "seqwire.spp.gap || seqwire.spp.out_of_order || seqwire.spp.ack_of_unsent", 0xffe08a,
     0x000000},
    {"Stalled", "seqwire.spp.zero_allocation || seqwire.spp.allocation_full || seqwire.spp.probe", 0x9fc5e8, 0x000000},
    {"Duplicate acknowledgement", "seqwire.spp.duplicate_ack", 0xfff4c2, 0x000000},
    {"Attention", "seqwire.spp.attention", 0x00695c, 0xffffff},
    {"Opening or close",
     "seqwire.spp.state == \"opening\" || seqwire.spp.state == \"answered\" || seqwire.spp.close_request || "
     "seqwire.spp.close_reply",
     0xcfd8dc, 0x000000},
    {"Permission", "seqwire.spp.allocation_update || seqwire.spp.probe_answer", 0xd9ead3, 0x000000},
}};

constexpr std::array<filter_button, 7> buttons{{
    {"Retransmissions", "seqwire.spp.retransmission", "The sender sent the packet again"},
    {"Undecided", "seqwire.spp.repeated", "Sent again, or doubled by the network: this capture cannot tell"},
    {"Lost or late", "seqwire.spp.gap || seqwire.spp.out_of_order", "Numbers that were missing, and came later"},
    {"Stalled", "seqwire.spp.zero_allocation || seqwire.spp.allocation_full || seqwire.spp.probe",
     "The receiver permits nothing more"},
    {"Records", "seqwire.spp.record", "A record is complete with this packet"},
    {"Sent here", "frame.packet_flags_direction == 2", "Only packets that the capturing interface sent"},
    {"Broken rules", "_ws.expert.severity == error", "What must not happen"},
}};

constexpr std::array<list_column, 13> columns{{
    {"No.", "%m"},
    {"Time", "%t"},
    {"Seen by", "%Cus:frame.interface_name:0:L"},
    {"Source", "%s"},
    {"Destination", "%d"},
    {"Protocol", "%p"},
    {"Stream", "%Cus:seqwire.spp.stream:0:R"},
    {"Number", "%Cus:seqwire.spp.number:0:R"},
    {"In flight", "%Cus:seqwire.spp.packets_in_flight:0:R"},
    {"Round trip", "%Cus:seqwire.spp.ack_rtt:0:R"},
    {"State", "%Cus:seqwire.spp.state:0:L"},
    {"Length", "%L"},
    {"Info", "%i"},
}};

std::string preferences() {
  std::string text = "gui.column.format:";
  for (const list_column& column : columns)
    text += fmt::format("{}\n\t\"{}\", \"{}\"", &column == columns.data() ? "" : ",", column.title, column.format);
  return text + "\nseqwire.checksum: TRUE\n";
}

// Wireshark writes 16 bits for each of red, green and blue.
std::string colour(std::uint32_t rgb) {
  const auto wide = [rgb](unsigned shift) { return (rgb >> shift & 0xff) * 0x101; };
  return fmt::format("[{},{},{}]", wide(16), wide(8), wide(0));
}

std::string colour_filters() {
  std::string text;
  for (const colouring_rule& rule : rules)
    text += fmt::format("@{}@{}@{}{}\n", rule.name, rule.filter, colour(rule.background), colour(rule.foreground));
  return text;
}

std::string display_filter_buttons() {
  std::string text;
  for (const filter_button& button : buttons)
    text += fmt::format("\"TRUE\",\"{}\",\"{}\",\"{}\"\n", button.label, button.filter, button.meaning);
  return text;
}

}  // namespace

std::span<const colouring_rule> colouring_rules() { return rules; }
std::span<const filter_button> filter_buttons() { return buttons; }
std::span<const list_column> list_columns() { return columns; }

std::vector<profile_file> wireshark_profile() {
  return {{"preferences", preferences()},
          {"colorfilters", colour_filters()},
          {"dfilter_buttons", display_filter_buttons()}};
}

}  // namespace seqwire
