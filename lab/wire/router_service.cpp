#include "lab/wire/router_service.hpp"

#include "lab/wire/live_status.hpp"
#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

// A router runs nothing of its own.
class no_program final : public application {
 public:
  bool step(instant, host&) override { return false; }
  bool finished() const override { return false; }
};

host_config config_of(const std::vector<router_port>& ports, std::uint64_t seed) {
  host_config config = live_host_config(ports.front().link->capabilities(), ports.front().network, seed);
  for (std::size_t i = 1; i < ports.size(); ++i) {
    const link_capabilities can = ports[i].link->capabilities();
    config.further.push_back({ports[i].network, can.host, can.mtu});
  }
  config.forwards = true;
  return config;
}

}  // namespace

router_outcome run_router(std::vector<router_port> ports, std::uint64_t seed,
                          const std::function<void(const host& router)>& watch) {
  live_status status;
  drop_privileges();
  std::vector<link*> links;
  for (const router_port& each : ports) links.push_back(each.link.get());
  no_program program;
  live_host router(config_of(ports, seed), links, program);
  router_outcome outcome;
  event_loop loop;
  instant next_housekeeping{};
  const auto turn = [&] {
    const instant now = clock_now();
    const auto due = router.run(now);
    if (now >= next_housekeeping) {
      next_housekeeping = now + housekeeping;
      for (const router_port& each : ports)
        if (each.link->check_state() == link_state::gone) outcome.gone = each.link->name();
      if (!outcome.gone.empty()) loop.stop();
      watch(router.on());
    }
    loop.set_deadline(due && *due < next_housekeeping ? *due : next_housekeeping);
  };
  for (const router_port& each : ports) loop.add(each.link->descriptor(), turn);
  if (status.descriptor_number() >= 0)
    loop.add(status.descriptor_number(), [&] {
      std::vector<live_link*> watched;
      for (const router_port& each : ports) watched.push_back(each.link.get());
      status.serve(router.on(), watched);
    });
  loop.on_deadline(turn);
  loop.set_deadline(instant{});
  loop.run();
  outcome.signal = loop.stopped_by_signal();
  outcome.counters = router.on().statistics();
  outcome.routes = router.on().routing().routes();
  return outcome;
}

}  // namespace seqwire
