// Hosts and routers joined by links, in virtual time: the whole experiment, with its capture. Each link joins two hosts
// and is a network of its own. Everything random comes from the seed; a link or a host more changes nothing for the
// others. Declared first, then built, then run.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/node.hpp"

namespace seqwire {

/// A host before it is built.
struct simulated_host {
  std::string name;                // in captures
  host_number number{};            // on each of its links
  application* program = nullptr;  // outlives the internetwork; nullptr: none, as on a router
  bool forwards = false;           // a router
  // As in host_config; `link` counts this host's links in the order in which they were added.
  bool tells_routes = true;
  std::vector<given_route> routes{};
  std::optional<host_number> gateway{};
};

/// A network of two hosts before it is built.
struct simulated_connection {
  std::size_t a = 0;          // hosts, in the order in which they were added
  std::size_t b = 0;          // not a
  network_number network{1};  // of its own
  std::size_t mtu = 1500;     // octets, as link_capabilities
  // Each direction by itself.
  channel_settings a_to_b;
  channel_settings b_to_a;
};

/// No copy of a packet arrives later than this after it entered the link.
duration packet_life(const simulated_connection& link);

/// Hosts and links in one virtual time, which begins at 0.
class internetwork {
 public:
  /// `capture` may be nullptr.
  internetwork(std::uint64_t seed, capture_writer* capture) : random_(seed), capture_(capture) {}
  internetwork(const internetwork&) = delete;
  internetwork& operator=(const internetwork&) = delete;

  /// Its index: 0, 1, ...
  std::size_t add(simulated_host host);
  /// Its index: 0, 1, ...; both hosts have been added.
  std::size_t add(simulated_connection link);
  /// After this nothing can be added. Every host has at least one link.
  void build();

  /// Runs until nothing moves any more, the limit, or `stopped`, asked before every event, says true. A router's
  /// updates move for ever.
  void run(duration limit, const std::function<bool()>& stopped = {});
  /// Runs until every program has finished and its host has no connection left, the limit, or `stopped`. True: they
  /// have.
  bool run_until_finished(duration limit, const std::function<bool()>& stopped = {});

  host& on(std::size_t index) { return nodes_[index]->on(); }         // after build()
  channel& a_to_b(std::size_t link) { return *links_[link].a_to_b; }  // after build()
  channel& b_to_a(std::size_t link) { return *links_[link].b_to_a; }  // after build()
  schedule& time() { return schedule_; }                              // for whoever lets it go on step by step
  /// Of everything that moved so far; the same for the same run on every machine.
  std::uint64_t fingerprint() const { return trace_.value(); }

 private:
  struct built_link {
    std::unique_ptr<simulated_link> at_a;
    std::unique_ptr<simulated_link> at_b;
    std::unique_ptr<channel> a_to_b;
    std::unique_ptr<channel> b_to_a;
  };

  void build_link(std::size_t index);
  void build_host(std::size_t index);
  std::unique_ptr<simulated_link> end_of(std::size_t link, std::size_t host);
  duration longest_life() const;
  void begin();
  bool finished() const;

  random_stream random_;
  capture_writer* capture_;
  std::vector<simulated_host> hosts_;
  std::vector<simulated_connection> connections_;
  std::vector<std::vector<std::size_t>> links_at_;  // of each host
  duration longest_life_{};
  schedule schedule_;
  std::uint64_t packet_ids_ = 1;
  trace_fingerprint trace_;
  std::vector<built_link> links_;
  std::vector<std::unique_ptr<node>> nodes_;
};

}  // namespace seqwire
