// A link that records what passes it: the capture at one end's own vantage point, stamped with the time that the engine
// was told. And the Ethernet frame of a packet or a datagram, as a capture shows it: the link below keeps the header to
// itself.
#pragma once

#include "protocol/host/link.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// The whole frame of a packet that `source` sends. Both use `room`'s memory again; the view is valid until it changes.
octets_view ethernet_frame(const packet& leaving, host_number source, octets& room);
/// The whole frame of a datagram as it reached `destination`; one that was sent to a group shows the host instead.
octets_view ethernet_frame(const datagram& arrived, host_number destination, octets& room);

/// A link around a link that writes down what passes, at the instants that it is told.
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
  octets room_;
};

}  // namespace seqwire
