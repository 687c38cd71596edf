// The network that links make: its hosts, which of them pass packets on, and the ways between them, the shortest in
// links and of equal ones the first in the links' order. Each link is a network of its own, and a host is known by its
// address on its first one. Knows neither what links do to packets nor who sends them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lab/scenario/topology.hpp"

namespace seqwire {

/// Hosts and links by index: links as given, hosts in the order in which links name them.
class network_map {
 public:
  /// Of no links a map of nothing.
  explicit network_map(std::span<const joined_hosts> links = {});

  std::size_t links() const { return ends_.size(); }                           // how many there are
  std::size_t hosts() const { return names_.size(); }                          // how many there are
  const std::string& name_of(std::size_t host) const { return names_[host]; }  // as links name it
  std::optional<std::size_t> find(std::string_view name) const;                // the host of this name
  /// In ascending order; never empty.
  std::span<const std::size_t> links_at(std::size_t host) const { return at_[host]; }
  /// A host on more than one link passes packets on.
  bool forwards(std::size_t host) const { return at_[host].size() > 1; }
  std::size_t a_of(std::size_t link) const { return ends_[link].a; }  // the host from which its a_to_b goes
  std::size_t b_of(std::size_t link) const { return ends_[link].b; }  // the other one
  /// The host at the other end of a link of this one.
  std::size_t across(std::size_t link, std::size_t host) const { return a_of(link) == host ? b_of(link) : a_of(link); }

  /// The link of `host` by which it reaches the network that `link` is; nothing: it cannot.
  std::optional<std::size_t> way(std::size_t host, std::size_t link) const;
  /// The links that a packet crosses, in order, to the address of another host; nothing: there is no way.
  std::optional<std::vector<std::size_t>> path(std::size_t from, std::size_t to) const;

 private:
  struct ends {
    std::size_t a;
    std::size_t b;
  };

  std::size_t number_of(const std::string& name);
  void find_ways(std::size_t router);

  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> numbers_;  // for looking up; never gone through in its order
  std::vector<ends> ends_;
  std::vector<std::vector<std::size_t>> at_;
  // Of each router for each link: its own link that leads there. Other hosts have one link only.
  std::unordered_map<std::size_t, std::vector<std::size_t>> ways_;
};

}  // namespace seqwire
