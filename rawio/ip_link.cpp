#include "rawio/ip_link.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace seqwire {
namespace {

constexpr std::size_t ip_header_octets = 20;
constexpr int time_to_live = 255;  // 4.3BSD's

std::string name_at(std::uint32_t local) { return "IPv4 " + ipv4_text(local) + " protocol 22"; }

}  // namespace

ip_link::ip_link(std::uint32_t local, const ipv4_link_options& options)
    : ipv4_link(
          [&] {
            carrier on{.name = name_at(local), .local = {local, 0}, .header_octets = ip_header_octets};
            on.socket = open_ipv4_socket(on.name, SOCK_RAW, IPPROTO_IDP, on.local, options.buffer_octets);
            ::setsockopt(on.socket.number(), IPPROTO_IP, IP_TTL, &time_to_live, sizeof time_to_live);
            on.shows_ip_header = true;
            on.can_be_found = true;
            on.own = derived_host({local, first_derived_port});
            return on;
          }(),
          options),
      claim_(name_at(local)) {}

}  // namespace seqwire
