#include "lab/wire/live_host.hpp"

namespace seqwire {

host_config live_host_config(const link_capabilities& on, network_number network, std::uint64_t seed) {
  host_config config;
  config.network = network;
  config.host = on.host;
  config.secret = make_hash_key(random_stream(seed).fork("secret").fork(static_cast<std::uint64_t>(on.host)));
  config.mtu = on.mtu;
  config.id_quarantine = on.packet_life * 2;
  return config;
}

}  // namespace seqwire
