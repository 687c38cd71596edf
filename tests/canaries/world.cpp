#include "tests/canaries/world.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "dissector/analysis/verify.hpp"
#include "protocol/spp/fault.hpp"
#include "sim/simulation.hpp"

namespace seqwire {
fault armed_fault = fault::none;
}

namespace seqwire::test {
namespace {

constexpr socket_number opening_socket{2500};
constexpr socket_number listening_socket{3000};
constexpr duration longest_timeout = 4_s;
// Reliability rule I30: what must have happened this long after the last fault.
constexpr duration healing_time = longest_timeout * 2 + 10_s;
constexpr host_number intruder_host{0x020000000666};
constexpr std::uint64_t intruder_packet_ids = std::uint64_t{1} << 40;

// Draws in the order in which they are asked for.
class dice {
 public:
  explicit dice(random_stream from) : from_(from) {}
  std::uint64_t below(std::uint64_t bound) { return from_.below(bound, next_++); }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  double up_to(double most) { return from_.uniform(next_++) * most; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  duration milliseconds(std::int64_t low, std::int64_t high) { return duration{between(low, high) * 1'000'000}; }
  octets contents(std::size_t size) {
    octets made(size);
    for (octet& each : made) each = static_cast<octet>(below(256));
    return made;
  }

 private:
  random_stream from_;
  std::uint64_t next_ = 0;
};

struct world_plan {
  landscape where{};
  simulation_settings link;
  conversation_plan a;
  conversation_plan b;
  instant heals_at{};                    // the last fault ends here
  instant down_from = instant::never();  // the link from b to a; in `severed` both, for good
  instant down_until{};
  bool intruder = false;
};

script some_script(dice& from, std::int64_t records, bool attentions) {
  script made;
  duration at{};
  for (std::int64_t i = 0; i < records; ++i) {
    static constexpr std::int64_t longest[] = {0, 1, 40, 1000, 4000};
    at += from.milliseconds(0, 20);
    if (attentions && from.one_in(8)) made.letters.push_back({from.contents(1), 0, true, at});
    const auto size = static_cast<std::size_t>(from.between(0, longest[from.below(5)]));
    made.letters.push_back({from.contents(size), static_cast<std::uint8_t>(from.below(4)), false, at});
  }
  return made;
}

spp_config some_config(dice& from) {
  spp_config config;
  static constexpr const char* senders[] = {"fixed", "tahoe", "newreno"};
  config.sender = senders[from.below(3)];
  config.acknowledgement = from.one_in(2) ? "immediate" : "delayed";
  config.window = static_cast<packet_count>(from.between(2, 40));
  config.allocation = static_cast<packet_count>(from.between(2, 40));
  config.packet_data = static_cast<std::size_t>(from.between(20, 534));
  config.send_buffer = static_cast<std::size_t>(from.between(500, 20'000));
  config.maximum_timeout = longest_timeout;
  return config;
}

channel_settings some_weather(dice& from, double strength) {
  channel_settings made;
  made.delay = from.milliseconds(2, 30);
  made.loss = from.up_to(0.15 * strength);
  made.reordering = from.up_to(0.3 * strength);
  made.reordering_delay = from.milliseconds(1, 60);
  made.duplication = from.up_to(0.1 * strength);
  made.duplication_delay = from.milliseconds(1, 60);
  made.corruption = from.up_to(0.05 * strength);
  return made;
}

void plan_weather(world_plan& plan, dice& from) {
  plan.link.a_to_b = some_weather(from, 1);
  plan.link.b_to_a = some_weather(from, 1);
  plan.heals_at = instant{} + 4_s;
  plan.intruder = true;
  for (conversation_plan* each : {&plan.a, &plan.b}) {
    each->config = some_config(from);
    each->scripts = {some_script(from, from.between(5, 60), true)};
    each->reads_not_from = instant{} + from.milliseconds(100, 500);
    each->reads_not_until = each->reads_not_from + from.milliseconds(0, 1500);
  }
  if (!from.one_in(4)) return;
  plan.a.scripts[0].aborts_at = instant{} + from.milliseconds(50, 1500);
  for (conversation_plan* each : {&plan.a, &plan.b})  // nobody tells b; it may have nothing to ask either
    each->config.open_timeout = each->config.give_up = 10_s;
}

void plan_slow_reader(world_plan& plan, dice& from) {
  plan.link.a_to_b.delay = plan.link.b_to_a.delay = from.milliseconds(2, 30);
  for (conversation_plan* each : {&plan.a, &plan.b}) {
    each->config = some_config(from);
    each->config.allocation = static_cast<packet_count>(from.between(1, 6));
    each->config.acknowledgement = "immediate";
    each->config.packet_data = 534;
  }
  script& flood = plan.a.scripts.emplace_back();
  for (int i = 0; i < 40; ++i) flood.letters.push_back({from.contents(100), 0, false, {}});
  plan.b.scripts.emplace_back().closes = false;
  plan.b.reads_not_from = instant{};
  plan.b.reads_not_until = instant{} + from.milliseconds(500, 2000);
  plan.down_from = plan.b.reads_not_until + duration{-1'000'000};
  plan.heals_at = plan.down_until = plan.b.reads_not_until + from.milliseconds(1, 300);
}

void plan_incarnations(world_plan& plan, dice& from) {
  plan.link.a_to_b = some_weather(from, 0.3);
  plan.link.b_to_a = some_weather(from, 0.3);
  plan.heals_at = instant{} + 30_s;
  plan.a.opens_until = plan.heals_at;
  plan.a.rest = from.milliseconds(0, 300);
  for (conversation_plan* each : {&plan.a, &plan.b}) {
    each->config = some_config(from);
    for (int i = 0; i < 7; ++i) each->scripts.push_back(some_script(from, from.between(0, 6), false));
  }
}

void plan_severed(world_plan& plan, dice& from) {
  plan.link.a_to_b.delay = plan.link.b_to_a.delay = from.milliseconds(2, 30);
  const bool while_opening = from.one_in(4);
  plan.heals_at = plan.down_from =
      instant{} + (while_opening ? from.milliseconds(1, 100) : from.milliseconds(150, 600));
  plan.down_until = instant::never();
  for (conversation_plan* each : {&plan.a, &plan.b}) {
    each->config = some_config(from);
    each->config.open_timeout = each->config.give_up = 10_s;
    each->scripts = {some_script(from, 60, true)};
  }
}

void plan_wrap(world_plan& plan, dice& from) {
  plan.link.a_to_b.delay = plan.link.b_to_a.delay = 500_us;
  plan.link.a_to_b.duplication = 0.01;
  plan.link.a_to_b.duplication_delay = from.milliseconds(40, 60);
  plan.heals_at = instant{} + 60_s;
  for (conversation_plan* each : {&plan.a, &plan.b}) {
    each->config.window = each->config.allocation = 2000;
    each->config.packet_data = 1;
    each->config.acknowledgement = "delayed";
  }
  script& flood = plan.a.scripts.emplace_back();
  for (int i = 0; i < 90; ++i) flood.letters.push_back({from.contents(900), 0, false, {}});
  plan.b.scripts.emplace_back().closes = false;
}

world_plan plan_of(landscape where, std::uint64_t seed) {
  dice from(random_stream(seed).fork("canary").fork(name_of(where)));
  world_plan plan;
  plan.where = where;
  plan.link.seed = seed;
  switch (where) {
    case landscape::weather: plan_weather(plan, from); break;
    case landscape::slow_reader: plan_slow_reader(plan, from); break;
    case landscape::incarnations: plan_incarnations(plan, from); break;
    case landscape::severed: plan_severed(plan, from); break;
    case landscape::wrap: plan_wrap(plan, from); break;
  }
  plan.a.opens_to = xns_address{simulation::network, simulation::host_b, listening_socket};
  plan.a.socket = opening_socket;
  plan.b.socket = listening_socket;
  plan.a.config.packet_life = plan.b.config.packet_life = packet_life(plan.link);
  plan.link.time_limit = plan.heals_at - instant{} + healing_time + 30_s;
  return plan;
}

// A folder that goes with its object.
class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "seqwire-canary-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class world final : public actor {
 public:
  explicit world(const world_plan& plan);
  outcome run();

 private:
  enum moment : std::uint64_t { heals, goes_down, comes_up, must_be_done, intrudes };

  void on_event(instant now, std::uint64_t token) override;
  void intrude(instant now, bool towards_b);
  void record_intrusion(instant now, bool towards_b, host_number to, std::uint64_t ordinal, octets_view whole);
  void check_progress(instant now);
  void check_give_up(const conversation& program);
  void check_end(const conversation& program, host& on, const channel& arrivals, std::uint64_t intrusions);
  void complain(rule_id rule, std::string sentence);

  world_plan plan_;
  temporary_folder folder_;
  journal_writer journal_a_{folder_.file("a.ndjson"), "a"};
  journal_writer journal_b_{folder_.file("b.ndjson"), "b"};
  capture_writer capture_{folder_.file("capture.pcapng"), {}};
  conversation a_;
  conversation b_;
  simulation simulation_;
  std::size_t intruder_interface_;
  std::uint64_t intrusions_ = 0;
  std::uint64_t intrusions_at_a_ = 0;
  std::uint64_t intrusions_at_b_ = 0;
  outcome outcome_;
};

world::world(const world_plan& plan)
    : plan_(plan),
      a_(plan.a, journal_a_),
      b_(plan.b, journal_b_),
      simulation_(plan.link, a_, b_, &capture_),
      intruder_interface_(capture_.add_interface({.name = "intruder", .description = "a third host"})) {
  schedule& time = simulation_.time();
  time.at(plan_.heals_at, *this, heals);
  time.at(plan_.heals_at + healing_time, *this, must_be_done);
  if (plan_.down_from != instant::never()) time.at(plan_.down_from, *this, goes_down);
  if (plan_.down_until != instant::never() && plan_.down_from != instant::never())
    time.at(plan_.down_until, *this, comes_up);
  if (plan_.intruder)
    for (int i = 1; i <= 40; ++i) time.at(instant{} + 37_ms * i, *this, intrudes);
}

void world::on_event(instant now, std::uint64_t token) {
  switch (static_cast<moment>(token)) {
    case heals:
      simulation_.a_to_b().heal();
      simulation_.b_to_a().heal();
      return;
    case goes_down:
      simulation_.b_to_a().set_down(true);
      if (plan_.where == landscape::severed) simulation_.a_to_b().set_down(true);
      return;
    case comes_up: simulation_.b_to_a().set_down(false); return;
    case must_be_done: return check_progress(now);
    case intrudes: return intrude(now, intrusions_ % 2 == 0);
  }
}

// A third host forges a packet that fits in everything but one connection id.
void world::intrude(instant now, bool towards_b) {
  const std::uint64_t ordinal = intrusions_++;
  const conversation& forged = towards_b ? a_ : b_;
  if (forged.dialogs().empty() || !forged.dialogs().front().opened || forged.dialogs().front().terminal_events > 0)
    return;
  const conversation::dialog& victim = forged.dialogs().front();
  const spp_connection* const connection =
      (towards_b ? simulation_.a() : simulation_.b()).sequenced().find(victim.handle);
  if (connection == nullptr) return;
  const spp_statistics& known = connection->statistics();
  spp_header header{};
  header.send_acknowledgement = header.end_of_message = true;
  const bool wrong_source = ordinal % 3 != 0;
  header.source_connection = static_cast<std::uint16_t>(victim.local_id ^ (wrong_source ? 0x0100 : 0));
  header.destination_connection = static_cast<std::uint16_t>(victim.peer_id ^ (wrong_source ? 0 : 0x0100));
  header.sequence = static_cast<std::uint16_t>(known.data_packets_sent - known.retransmissions);
  header.allocation = 100;
  octets data(spp_layout::octets);
  spp_layout::encode(header, data.data());
  const octets_view evil = view_of("evil");
  data.insert(data.end(), evil.begin(), evil.end());
  idp_header outer{};
  outer.packet_type = packet_type::sequenced_packet;
  outer.destination_network = victim.peer.network;
  outer.destination_host = victim.peer.host;
  outer.destination_socket = victim.peer.socket;
  outer.source_network = victim.local.network;
  outer.source_host = victim.local.host;
  outer.source_socket = victim.local.socket;
  octets whole;
  append_idp(whole, outer, data);
  record_intrusion(now, towards_b, victim.peer.host, ordinal, whole);
  // I16: nothing of the connection may change, in whatever state it is.
  host& attacked = towards_b ? simulation_.b() : simulation_.a();
  const std::uint64_t accepted = attacked.statistics().accepted;
  const auto deadline = attacked.next_timeout();
  attacked.on_datagram(now, {.previous_hop = intruder_host, .contents = slice::owning(std::move(whole))});
  ++(towards_b ? intrusions_at_b_ : intrusions_at_a_);
  if (attacked.statistics().accepted != accepted || attacked.next_timeout() != deadline)
    complain(rule_id::connection_match, "a packet with a wrong connection id is accepted, or moves a timer");
}

// The forged packet leaves the intruder's own vantage point and arrives at the victim's, at once.
void world::record_intrusion(instant now, bool towards_b, host_number to, std::uint64_t ordinal, octets_view whole) {
  octet ethernet[14];
  store_u48(ethernet, static_cast<std::uint64_t>(to));
  store_u48(ethernet + 6, static_cast<std::uint64_t>(intruder_host));
  store_u16(ethernet + 12, 0x0600);
  const std::uint64_t id = intruder_packet_ids + ordinal;
  capture_.write({.interface = intruder_interface_, .at = now, .direction = capture_direction::out, .packet_id = id},
                 ethernet, whole);
  capture_.write({.interface = towards_b ? std::size_t{1} : std::size_t{0},
                  .at = now,
                  .direction = capture_direction::in,
                  .packet_id = id},
                 ethernet, whole);
}

void world::complain(rule_id rule, std::string sentence) {
  outcome_.broken.try_emplace(std::string(row_of(rule).name), std::move(sentence));
}

// I30, and I31 where nothing but the window's update was ever lost; I32 where the path is dead.
void world::check_progress(instant now) {
  if (plan_.where == landscape::severed) {
    check_give_up(a_);
    check_give_up(b_);
    return;
  }
  const bool gone = plan_.a.scripts[0].aborts_at.has_value();
  const auto done = [&](const conversation& program) {
    const auto& all = program.dialogs();
    return std::all_of(all.begin(), all.end(), [&](const conversation::dialog& each) {
      return each.terminal_events > 0 && (gone || each.status == end_status::closed_gracefully);
    });
  };
  if (done(a_) && done(b_)) return;
  for (const conversation* program : {&a_, &b_})
    for (const conversation::dialog& each : program->dialogs())
      if (each.blocked && each.terminal_events == 0)
        complain(rule_id::application_interface, "would-block was said, and writable never");
  complain(plan_.where == landscape::slow_reader ? rule_id::fairness_to_the_reader : rule_id::progress_after_heal,
           fmt::format("{:.1f} s after the last fault a connection has not closed", (now - plan_.heals_at).seconds()));
}

void world::check_give_up(const conversation& program) {
  for (const conversation::dialog& each : program.dialogs()) {
    const duration after = each.ended_at - plan_.down_from;
    const duration bound = program.plan().config.give_up;
    if (each.terminal_events != 1)
      complain(rule_id::give_up_bound, fmt::format("a dead path is not given up within {:.0f} s", bound.seconds()));
    else if (each.status == end_status::timed_out && (after < bound - 1_s || after > bound + 1_s))
      complain(rule_id::give_up_bound, fmt::format("a dead path is given up after {:.1f} s", after.seconds()));
  }
}

void world::check_end(const conversation& program, host& on, const channel& arrivals, std::uint64_t intrusions) {
  for (const auto& [rule, sentence] : program.complained()) outcome_.broken.try_emplace(rule, sentence);
  const host_statistics& counted = on.statistics();
  const channel_statistics& carried = arrivals.statistics();
  if (counted.received != counted.accepted + counted.drops.total() ||
      counted.received != carried.delivered + intrusions)
    complain(rule_id::counters_add_up,
             fmt::format("{} delivered, {} received, of these {} accepted and {} dropped",
                         carried.delivered + intrusions, counted.received, counted.accepted, counted.drops.total()));
  if (carried.offered + carried.duplicated != carried.delivered + carried.not_delivered())
    complain(rule_id::conservation, "the channel lost or made frames that it does not count");
  if (on.sequenced().connections() != 0)
    complain(rule_id::memory_bound,
             fmt::format("{} connections remain when all have ended", on.sequenced().connections()));
  const duration fastest = simulation_.a_to_b().settings().delay + simulation_.b_to_a().settings().delay;
  for (const conversation::dialog& each : program.dialogs())
    if (each.statistics.round_trip_samples > 0 && each.statistics.round_trip_minimum < fastest)
      complain(rule_id::statistics_against_ghost, "a round trip is shorter than the path");
}

outcome world::run() {
  simulation_.run();
  check_end(a_, simulation_.a(), simulation_.b_to_a(), intrusions_at_a_);
  check_end(b_, simulation_.b(), simulation_.a_to_b(), intrusions_at_b_);
  capture_.close();
  journal_a_.close();
  journal_b_.close();
  const std::string captures[] = {folder_.file("capture.pcapng")};
  const std::string journals[] = {folder_.file("a.ndjson"), folder_.file("b.ndjson")};
  auto judged = verify_files(captures, journals);
  require(judged.has_value());
  outcome_.judged = std::move(*judged);
  for (const rule_verdict& row : outcome_.judged.rules)
    if (row.outcome == rule_outcome::violated)
      outcome_.broken.try_emplace(std::string(row_of(row.rule).name), row.first.front().sentence);
  return std::move(outcome_);
}

}  // namespace

std::string_view name_of(landscape where) {
  switch (where) {
    case landscape::weather: return "weather";
    case landscape::slow_reader: return "slow reader";
    case landscape::incarnations: return "incarnations";
    case landscape::severed: return "severed";
    case landscape::wrap: return "wrap";
  }
  return "";
}

outcome run_world(landscape where, std::uint64_t seed) { return world(plan_of(where, seed)).run(); }

}  // namespace seqwire::test
