// A link that records what passes it: the capture at one end's own vantage point, stamped with the time that the engine
// was told. And the Ethernet frame of a packet or a datagram, as a capture shows it.
#pragma once

#include "protocol/host/link.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// The Ethernet header in front of an IDP packet.
std::array<octet, 14> ethernet_header(host_number destination, host_number source);

class recorder final : public link {
 public:
  /// Adds one interface to the capture. Both outlive the recorder.
  recorder(link& inner, capture_writer& writer, const std::string& interface_name);

  link_capabilities capabilities() const override { return inner_.capabilities(); }
  std::size_t receive(instant now, std::span<datagram> to) override;
  std::size_t transmit(instant now, std::span<const packet> packets) override;

 private:
  link& inner_;
  capture_writer& writer_;
  std::size_t interface_;
};

}  // namespace seqwire
