#include "lab/wire/bridge_service.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lab/wire/bridge_control.hpp"
#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

nlohmann::json direction_to_json(const channel_statistics& counted) {
  nlohmann::json impairments = nlohmann::json::object();
  for (const impairment_count& each : counted.impairments) impairments[std::string(each.name)] = each.frames;
  return {{"frames", counted.offered},
          {"delivered", counted.delivered},
          {"octets", counted.octets_delivered},
          {"lost", counted.lost},
          {"queue_full", counted.queue_full},
          {"overflow", counted.overflow},
          {"dropped_early", counted.dropped_early},
          {"dropped_late", counted.dropped_late},
          {"marked", counted.marked},
          {"impairments", std::move(impairments)},
          {"held_back", counted.reordered},
          {"overtaken", counted.overtaken},
          {"duplicated", counted.duplicated},
          {"corrupted", counted.corrupted},
          {"dropped_by_list", counted.dropped_by_list}};
}

}  // namespace

bridge_outcome run_bridge(const std::string& interface_a, const std::string& interface_b, const scenario& link,
                          const std::function<void()>& ready) {
  raw_port port_a(interface_a);
  raw_port port_b(interface_b);
  drop_privileges();
  const link_settings& joined = link.links.front();
  bridge between(port_a, port_b, joined.a_to_b, joined.b_to_a, link.seed, clock_now(), nullptr);
  scenario in_force = link;
  bridge_control control(interface_a, interface_b, [&](const std::vector<std::string>& assignments) -> std::string {
    scenario wanted = in_force;
    for (const std::string& each : assignments)
      if (const auto done = set_key(wanted, "link." + each); !done) return done.error().message;
    in_force = std::move(wanted);
    between.change(in_force.links.front().a_to_b, in_force.links.front().b_to_a);
    return {};
  });
  event_loop loop;
  instant next_housekeeping{};
  std::string gone;
  const auto turn = [&] {
    const instant now = clock_now();
    auto due = between.run(now);
    if (now >= next_housekeeping) {
      next_housekeeping = now + housekeeping;
      for (raw_port* port : {&port_a, &port_b})
        if (port->check_state() == link_state::gone) gone = "interface " + port->interface().name + " is gone";
      if (!gone.empty()) loop.stop();
    }
    loop.set_deadline(due && *due < next_housekeeping ? *due : next_housekeeping);
  };
  loop.add(port_a.descriptor(), turn);
  loop.add(port_b.descriptor(), turn);
  loop.add(control.descriptor_number(), [&] {
    between.run(clock_now());  // changes begin now, and not when a frame last came
    control.serve();
    turn();
  });
  loop.on_deadline(turn);
  turn();
  if (ready) ready();
  loop.run();

  bridge_outcome outcome;
  outcome.a_to_b = between.a_to_b().statistics();
  outcome.b_to_a = between.b_to_a().statistics();
  outcome.refused_frames = between.refused_frames();
  outcome.receive_drops = port_a.receive_drops() + port_b.receive_drops();
  outcome.unfinished_checksums = port_a.unfinished_checksums() + port_b.unfinished_checksums();
  outcome.stopped_by_signal = loop.stopped_by_signal();
  outcome.trouble = gone;
  return outcome;
}

nlohmann::json to_json(const bridge_outcome& outcome) {
  return {{"schema", "seqwire.bridge/1"},
          {"a_to_b", direction_to_json(outcome.a_to_b)},
          {"b_to_a", direction_to_json(outcome.b_to_a)},
          {"refused_frames", outcome.refused_frames},
          {"receive_drops", outcome.receive_drops},
          {"unfinished_checksums", outcome.unfinished_checksums}};
}

std::string render_text(const bridge_outcome& outcome) {
  std::string table = fmt::format("  {:<20}{:>12}{:>12}\n", "frames", "a to b", "b to a");
  const auto row = [&](const char* name, std::uint64_t channel_statistics::*count) {
    table += fmt::format("  {:<20}{:>12}{:>12}\n", name, outcome.a_to_b.*count, outcome.b_to_a.*count);
  };
  row("taken in", &channel_statistics::offered);
  row("delivered", &channel_statistics::delivered);
  row("lost", &channel_statistics::lost);
  row("queue full", &channel_statistics::queue_full);
  row("overflow", &channel_statistics::overflow);
  row("dropped by list", &channel_statistics::dropped_by_list);
  row("dropped early", &channel_statistics::dropped_early);
  row("waited too long", &channel_statistics::dropped_late);
  row("marked", &channel_statistics::marked);
  row("held back", &channel_statistics::reordered);
  row("duplicated", &channel_statistics::duplicated);
  row("corrupted", &channel_statistics::corrupted);
  if (outcome.receive_drops + outcome.refused_frames != 0)
    table += fmt::format("  not by intent: {} never seen, {} not taken by an interface\n", outcome.receive_drops,
                         outcome.refused_frames);
  if (outcome.unfinished_checksums != 0)
    table += fmt::format("  {} frames had checksums that only hardware finishes: turn offloads off\n",
                         outcome.unfinished_checksums);
  return table;
}

}  // namespace seqwire
