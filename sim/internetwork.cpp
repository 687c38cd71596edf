#include "sim/internetwork.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "protocol/host/forwarder.hpp"
#include "sim/classifier.hpp"

namespace seqwire {

duration packet_life(const simulated_connection& link) {
  return std::max(frame_life(link.a_to_b, link.mtu), frame_life(link.b_to_a, link.mtu));
}

std::size_t internetwork::add(simulated_host host) {
  require(nodes_.empty());
  hosts_.push_back(std::move(host));
  links_at_.emplace_back();
  return hosts_.size() - 1;
}

std::size_t internetwork::add(simulated_connection link) {
  require(nodes_.empty() && link.a < hosts_.size() && link.b < hosts_.size() && link.a != link.b);
  links_at_[link.a].push_back(connections_.size());
  links_at_[link.b].push_back(connections_.size());
  connections_.push_back(std::move(link));
  return connections_.size() - 1;
}

void internetwork::build() {
  require(nodes_.empty());
  links_.resize(connections_.size());
  for (std::size_t link = 0; link < connections_.size(); ++link) build_link(link);
  longest_life_ = longest_life();
  for (std::size_t host = 0; host < hosts_.size(); ++host) build_host(host);
}

std::unique_ptr<simulated_link> internetwork::end_of(std::size_t link, std::size_t host) {
  const simulated_connection& of = connections_[link];
  vantage_point watched{.writer = capture_, .trace = &trace_};
  if (capture_ != nullptr) {
    const bool only_one = links_at_[host].size() == 1;
    const std::string& name = hosts_[host].name;
    const std::string place = only_one ? "" : " on link " + std::to_string(link);
    watched.interface = capture_->add_interface(
        {.name = only_one ? name : name + "-" + std::to_string(link),
         .description = (hosts_[host].forwards ? "router " : "host ") + name + place + ", simulated"});
  }
  const link_capabilities capabilities{.host = hosts_[host].number, .mtu = of.mtu, .packet_life = packet_life(of)};
  return std::make_unique<simulated_link>(capabilities, watched, packet_ids_);
}

void internetwork::build_link(std::size_t index) {
  const simulated_connection& of = connections_[index];
  built_link& link = links_[index];
  const random_stream random = random_.fork("link " + std::to_string(index));
  const auto deliver = [this, index](std::unique_ptr<simulated_link>& to, std::size_t host) {
    const std::vector<std::size_t>& links = links_at_[host];
    const auto among_its_own = static_cast<link_index>(std::find(links.begin(), links.end(), index) - links.begin());
    return [this, &to, host, among_its_own](instant now, const channel_frame& frame) {
      to->arrive(now, frame);
      nodes_[host]->run(now, among_its_own);
    };
  };
  const channel_hooks hooks{.classify = classify_packet};
  link.a_to_b = std::make_unique<channel>(schedule_, of.a_to_b, random.fork("a to b"), deliver(link.at_b, of.b), hooks);
  link.b_to_a = std::make_unique<channel>(schedule_, of.b_to_a, random.fork("b to a"), deliver(link.at_a, of.a), hooks);
  link.at_a = end_of(index, of.a);
  link.at_b = end_of(index, of.b);
  link.at_a->attach(*link.a_to_b);
  link.at_b->attach(*link.b_to_a);
}

// Of a packet that crosses as many links as the hop count allows, and the slowest ones at that.
duration internetwork::longest_life() const {
  std::vector<duration> lives;
  for (const simulated_connection& each : connections_) lives.push_back(packet_life(each));
  std::sort(lives.begin(), lives.end(), std::greater<>());
  lives.resize(std::min<std::size_t>(lives.size(), forwarder::maximum_hops + 1));
  return std::accumulate(lives.begin(), lives.end(), duration{});
}

void internetwork::build_host(std::size_t index) {
  const simulated_host& of = hosts_[index];
  require(!links_at_[index].empty());
  host_config config;
  config.secret = make_hash_key(random_.fork("secret").fork(static_cast<std::uint64_t>(of.number)));
  config.forwards = of.forwards;
  config.tells_routes = of.tells_routes;
  config.routes = of.routes;
  config.gateway = of.gateway;
  config.id_quarantine = longest_life_ * 2;
  std::vector<link*> ends;
  for (const std::size_t link : links_at_[index]) {
    const simulated_connection& each = connections_[link];
    if (ends.empty()) {
      config.network = each.network;
      config.host = of.number;
      config.mtu = each.mtu;
    } else {
      config.further.push_back({each.network, of.number, each.mtu});
    }
    ends.push_back(each.a == index ? links_[link].at_a.get() : links_[link].at_b.get());
  }
  nodes_.push_back(std::make_unique<node>(schedule_, config, std::move(ends), of.program));
}

bool internetwork::finished() const {
  for (std::size_t index = 0; index < nodes_.size(); ++index) {
    const application* const program = hosts_[index].program;
    if (program == nullptr) continue;
    if (!program->finished() || !nodes_[index]->on().idle()) return false;
  }
  return true;
}

// Those that were added last begin: listeners, so that the first opening finds one.
void internetwork::begin() {
  for (auto each = nodes_.rbegin(); each != nodes_.rend(); ++each) (*each)->run(schedule_.now());
}

void internetwork::run(duration limit, const std::function<bool()>& stopped) {
  const instant end = instant{} + limit;
  begin();
  while (schedule_.next_at() <= end && !(stopped && stopped())) schedule_.run_next();
}

bool internetwork::run_until_finished(duration limit, const std::function<bool()>& stopped) {
  const instant end = instant{} + limit;
  begin();
  while (!finished() && schedule_.next_at() <= end && !(stopped && stopped())) schedule_.run_next();
  return finished();
}

}  // namespace seqwire
