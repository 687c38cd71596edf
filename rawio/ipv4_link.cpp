#include "rawio/ipv4_link.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "protocol/wire/idp.hpp"
#include "rawio/namespace.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

// More would often be cut into fragments on the way, and would need more buffer than an unprivileged socket gets.
constexpr std::size_t usual_ip_mtu = 1500;
constexpr std::size_t least_ip_header = 20;
constexpr std::size_t longest_ip_header = 60;
constexpr std::uint8_t idp_in_ip = 22;
constexpr duration near_packet_life = 100_ms;  // one segment, as on Ethernet
constexpr duration routed_packet_life = 60_s;

// Of the interface that has the address; nothing for no certain interface.
std::optional<std::size_t> mtu_at(std::uint32_t address) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return std::nullopt;
  std::optional<std::size_t> found;
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
    sockaddr_in has{};
    std::memcpy(&has, each->ifa_addr, sizeof has);
    if (ntohl(has.sin_addr.s_addr) != address) continue;
    ifreq request{};
    std::strncpy(request.ifr_name, each->ifa_name, IFNAMSIZ - 1);
    const descriptor asking(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (asking && ::ioctl(asking.number(), SIOCGIFMTU, &request) == 0)
      found = static_cast<std::size_t>(request.ifr_mtu);
  }
  ::freeifaddrs(all);
  return found;
}

bool is_for_later(int code) { return code == EAGAIN || code == ENOBUFS || code == EINTR || code == ENOMEM; }

// Where the IDP packet begins behind the IP header, options included; nothing when that header cannot be.
std::optional<std::size_t> end_of_ip_header(octets_view whole) {
  if (whole.size() < least_ip_header || whole[0] >> 4 != 4 || whole[9] != idp_in_ip) return std::nullopt;
  const std::size_t size = std::size_t{whole[0] & 0x0fu} * 4;
  if (size < least_ip_header || size > whole.size()) return std::nullopt;
  return size;
}

}  // namespace

struct ipv4_link::receive_slots {
  explicit receive_slots(std::size_t largest) : pool(largest) {
    drafts.reserve(batch);
    for (std::size_t i = 0; i < batch; ++i) {
      drafts.push_back(pool.open());
      messages[i].msg_hdr.msg_name = &names[i];
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
  void renew(std::size_t i) {
    pieces[i] = {drafts[i].data(), drafts[i].capacity()};
    messages[i].msg_hdr.msg_namelen = sizeof names[i];
    messages[i].msg_hdr.msg_flags = 0;
  }

  slice_pool pool;
  std::vector<slice_pool::draft> drafts;
  std::array<sockaddr_in, batch> names{};
  std::array<iovec, batch> pieces{};
  std::array<mmsghdr, batch> messages{};
};

struct ipv4_link::transmit_slots {
  void fill(std::size_t i, const packet& leaving, const ipv4_endpoint& to, bool with_port) {
    names[i].sin_family = AF_INET;
    names[i].sin_addr.s_addr = htonl(to.address);
    names[i].sin_port = with_port ? htons(to.port) : std::uint16_t{0};
    std::size_t count = 0;
    // iovec has no const; sendmmsg only reads.
    pieces[i][count++] = {const_cast<octet*>(leaving.head.data()), leaving.head_size};
    if (!leaving.body.empty()) pieces[i][count++] = {const_cast<octet*>(leaving.body.data()), leaving.body.size()};
    if (leaving.garbage_octet) pieces[i][count++] = {&garbage, 1};
    messages[i].msg_hdr = {};
    messages[i].msg_hdr.msg_name = &names[i];
    messages[i].msg_hdr.msg_namelen = sizeof names[i];
    messages[i].msg_hdr.msg_iov = pieces[i].data();
    messages[i].msg_hdr.msg_iovlen = count;
  }

  octet garbage = 0;
  std::array<sockaddr_in, batch> names{};
  std::array<std::array<iovec, 3>, batch> pieces{};
  std::array<mmsghdr, batch> messages{};
};

descriptor open_ipv4_socket(const std::string& name, int type, int protocol, const ipv4_endpoint& local,
                            int buffer_octets) {
  require_private_namespace_if_guarded("opening " + name);
  descriptor opened(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!opened && errno == EPERM) throw_raw_socket_refused("opening " + name);
  if (!opened) throw_system_error("opening " + name);
  const auto set = [&](int level, int option, int value) {
    return ::setsockopt(opened.number(), level, option, &value, sizeof value) == 0;
  };
  // The forced variants pass the system's limit and need CAP_NET_ADMIN; without it the limit is what we get.
  if (!set(SOL_SOCKET, SO_RCVBUFFORCE, buffer_octets)) set(SOL_SOCKET, SO_RCVBUF, buffer_octets);
  if (!set(SOL_SOCKET, SO_SNDBUFFORCE, buffer_octets)) set(SOL_SOCKET, SO_SNDBUF, buffer_octets);
  // "Do not fragment", but what is known to be too long for the way is cut rather than refused.
  set(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_WANT);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(local.address);
  address.sin_port = htons(local.port);
  if (::bind(opened.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE) throw_system_error(name + " is in use by another process", EADDRINUSE);
    if (errno == EACCES)
      throw privilege_error(EACCES, std::generic_category(), name + ": ports below 1024 need cap_net_bind_service");
    throw_system_error(name);
  }
  return opened;
}

ipv4_link::ipv4_link(carrier on, const ipv4_link_options& options)
    : name_(std::move(on.name)),
      socket_(std::move(on.socket)),
      local_(on.local),
      header_octets_(on.header_octets),
      shows_ip_header_(on.shows_ip_header),
      can_be_found_(on.can_be_found),
      packet_life_(options.packet_life),
      mtu_(options.mtu.value_or(usual_ip_mtu - on.header_octets)),
      mtu_is_given_(options.mtu.has_value()),
      longest_received_(mtu_),
      near_(!options.peers.empty()),
      peers_(options.most_peers),
      outgoing_(std::make_unique<transmit_slots>()) {
  const auto host = options.host ? options.host : on.own;
  if (!host) throw_system_error(name_ + ": no host number follows from its address and port; give one", EINVAL);
  host_ = *host;
  if (local_.address != 0 && !mtu_is_given_)
    mtu_ = std::min(mtu_, mtu_at(local_.address).value_or(usual_ip_mtu) - header_octets_);
  for (const fixed_peer& each : options.peers) add_peer(each.host, each.at);
  const std::size_t largest = longest_received_ + (shows_ip_header_ ? longest_ip_header : 0);
  incoming_ = std::make_unique<receive_slots>(largest);
  for (std::size_t i = 0; i < batch; ++i) incoming_->renew(i);
}

ipv4_link::~ipv4_link() = default;

void ipv4_link::add_peer(host_number host, ipv4_endpoint at) {
  if (at.port == 0) at.port = first_derived_port;
  if (host == host_ || is_group(host))
    throw_system_error(fmt::format("{}: peer {} is no other host", name_, to_string(host)), EINVAL);
  if (!peers_.fix(host, at)) throw_system_error(fmt::format("{}: no room for peer {}", name_, to_string(host)), ENOSPC);
  const auto way = find_ipv4_path(local_.address, at.address);
  near_ = near_ && way && !way->routed;
  if (way && !mtu_is_given_ && way->mtu > header_octets_ + idp_layout::octets)
    mtu_ = std::min(mtu_, way->mtu - header_octets_);
}

bool ipv4_link::resolve(host_number host) {
  if (is_group(host) || peers_.find(host)) return true;
  const auto at = derived_endpoint(host);
  if (!at || host == host_ || (shows_ip_header_ && at->port != first_derived_port)) return false;
  if (peers_.fixed().empty()) near_ = true;
  add_peer(host, *at);
  return true;
}

link_capabilities ipv4_link::capabilities() const {
  const bool near = is_loopback(local_.address) || (near_ && !can_be_found_);
  return {.host = host_,
          .mtu = mtu_ / 2 * 2,
          .packet_life = packet_life_.value_or(near ? near_packet_life : routed_packet_life),
          .segment_offload = false};
}

// --- receiving ---

std::size_t ipv4_link::receive(instant now, std::span<datagram> to) {
  const std::size_t room = std::min(to.size(), batch);
  std::size_t filled = 0;
  const int count = room == 0 ? 0
                              : ::recvmmsg(socket_.number(), incoming_->messages.data(), static_cast<unsigned>(room),
                                           MSG_DONTWAIT, nullptr);
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    if (auto arrived = accept(now, i)) to[filled++] = std::move(*arrived);
    incoming_->renew(i);
  }
  counters_.received += filled;
  return filled;
}

// The datagram in the slot, which then gets a fresh block; nothing, and its reason counted, when it is refused.
std::optional<datagram> ipv4_link::accept(instant now, std::size_t slot) {
  const mmsghdr& message = incoming_->messages[slot];
  const auto refused = [](std::uint64_t& reason) {
    ++reason;
    return std::nullopt;
  };
  octets_view whole(incoming_->drafts[slot].data(), message.msg_len);
  if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) return refused(counters_.too_long);
  const auto begin = shows_ip_header_ ? end_of_ip_header(whole) : std::size_t{0};
  if (!begin) return refused(counters_.wrong_header);
  const octets_view idp = whole.subspan(*begin);
  if (idp.size() < idp_layout::octets) return refused(counters_.too_short);
  const idp_header header = idp_layout::decode(idp.data());
  const std::size_t size = octets_on_wire(header.length);
  if (header.length < idp_layout::octets || idp.size() < size) return refused(counters_.too_short);
  if (size > longest_received_) return refused(counters_.too_long);  // an IP header without options leaves more room

  const sockaddr_in& name = incoming_->names[slot];
  const ipv4_endpoint from{ntohl(name.sin_addr.s_addr), shows_ip_header_ ? first_derived_port : ntohs(name.sin_port)};
  const host_number source = header.source_host;
  if (is_group(source) || source == host_number{} || source == host_ || from.port == 0 || !is_single_ipv4(from.address))
    return refused(counters_.wrong_source);
  if (const auto known = peers_.heard(now, source, from); !known)
    return refused(known.error() == peer_refusal::table_full ? counters_.table_full : counters_.lives_elsewhere);

  slice_pool::draft& draft = incoming_->drafts[slot];
  const slice all = draft.freeze(message.msg_len);
  draft = incoming_->pool.open();
  return datagram{.previous_hop = source, .contents = all.part(*begin, size)};
}

// --- sending ---

std::size_t ipv4_link::transmit(instant /*now*/, std::span<const packet> packets) {
  std::size_t filled = 0;                   // slots
  std::array<std::size_t, batch> number{};  // of the packet in each
  for (std::size_t i = 0; i <= packets.size(); ++i) {
    const bool group = i < packets.size() && is_group(packets[i].next_hop);
    if (i == packets.size() || group || filled == batch) {
      const std::size_t sent = flush(filled);
      if (sent < filled) return number[sent];
      filled = 0;
    }
    if (i == packets.size()) break;
    if (group) {
      send_to_everybody(packets[i]);
    } else if (const auto to = peers_.find(packets[i].next_hop)) {
      number[filled] = i;
      outgoing_->fill(filled++, packets[i], *to, !shows_ip_header_);
    } else {
      ++counters_.no_peer;
    }
  }
  return packets.size();
}

// Sends the first slots, in order; how many were taken.
std::size_t ipv4_link::flush(std::size_t filled) {
  std::size_t taken = 0;
  while (taken < filled) {
    const int count =
        ::sendmmsg(socket_.number(), &outgoing_->messages[taken], static_cast<unsigned>(filled - taken), MSG_DONTWAIT);
    if (count > 0) {
      taken += static_cast<std::size_t>(count);
      counters_.sent += static_cast<std::uint64_t>(count);
    } else if (count == 0 || errno == EINTR) {
      continue;
    } else if (is_for_later(errno)) {
      ++counters_.full;
      break;
    } else {  // EMSGSIZE, EPERM of a firewall, ENETUNREACH, ...: it would block all others for ever
      ++counters_.refused;
      ++taken;
    }
  }
  return taken;
}

// What finds no room is lost, as a broadcast may be.
void ipv4_link::send_to_everybody(const packet& leaving) {
  std::size_t filled = 0;
  for (const ipv4_endpoint& each : peers_.everybody()) {
    outgoing_->fill(filled++, leaving, each, !shows_ip_header_);
    if (filled < batch) continue;
    flush(filled);
    filled = 0;
  }
  flush(filled);
}

std::uint64_t ipv4_link::receive_drops() {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof memory;
  if (::getsockopt(socket_.number(), SOL_SOCKET, SO_MEMINFO, memory.data(), &length) != 0) return 0;
  return memory[SK_MEMINFO_DROPS];
}

}  // namespace seqwire
