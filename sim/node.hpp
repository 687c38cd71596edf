// A simulated node: a host, its application and its ends of links, driven by the schedule instead of by epoll.
#pragma once

#include <vector>

#include "protocol/base/number_ring.hpp"
#include "protocol/host/application.hpp"
#include "protocol/host/drive.hpp"
#include "rawio/capture/capture.hpp"
#include "sim/channel.hpp"
#include "sim/trace_fingerprint.hpp"

namespace seqwire {

/// Where a node's packets are recorded; no writer: nowhere. Those that leave and those that arrive mark the trace.
struct vantage_point {
  capture_writer* writer = nullptr;    // outlives the node
  std::size_t interface = 0;           // of the capture, which has been declared there
  trace_fingerprint* trace = nullptr;  // outlives the node; nullptr: none
};

/// A node's end of a link: hands packets to a channel and keeps what arrives until the host is driven.
class simulated_link final : public link {
 public:
  /// Packet ids are drawn from a counter that all links of a run share.
  simulated_link(link_capabilities capabilities, vantage_point watched, std::uint64_t& packet_ids)
      : capabilities_(capabilities), watched_(watched), packet_ids_(packet_ids), packets_(capabilities.mtu) {}

  void attach(channel& out) { out_ = &out; }  // where it sends to; before anything is sent
  /// What a channel delivers at this end.
  void arrive(instant now, const channel_frame& frame);

  /// As given.
  link_capabilities capabilities() const override { return capabilities_; }
  std::size_t receive(instant now, std::span<datagram> to) override;
  std::size_t transmit(instant now, std::span<const packet> packets) override;

 private:
  void record(instant now, capture_direction direction, std::uint64_t packet_id, host_number from, host_number to,
              octets_view contents, std::string_view comment);

  link_capabilities capabilities_;
  vantage_point watched_;
  std::uint64_t& packet_ids_;
  // Acknowledgements and the like would hold a whole MTU each.
  slice_pool small_packets_{128};
  slice_pool packets_;
  channel* out_ = nullptr;
  number_ring<datagram> arrived_;
};

/// A host in virtual time: drives it at once when something arrives, and at its deadlines.
class node final : public actor {
 public:
  /// Everything outlives the node; `program` may be nullptr.
  node(schedule& time, const host_config& config, std::vector<link*> links, application* program);
  ~node() override {
    if (application_ != nullptr) application_->leave();
  }

  /// Something arrived or is due: drives the host and its application until neither has anything to do now. Where
  /// `only` is given, nothing has arrived on other links.
  void run(instant now, std::optional<link_index> only = {});
  void on_event(instant now, std::uint64_t token) override;

  // The host itself, for programs and for looking.
  host& on() { return host_; }
  const host& on() const { return host_; }

 private:
  void wake_at(std::optional<instant> when);

  schedule& schedule_;
  host host_;
  std::vector<link*> links_;
  driver driver_;
  application* application_;
  instant wake_at_ = instant::never();  // the earliest wake that is scheduled
};

}  // namespace seqwire
