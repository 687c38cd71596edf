#include "rawio/netlink.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/addr.h>
#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "protocol/base/bytes.hpp"
#include "rawio/capture/descriptor.hpp"
#include "rawio/namespace.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

struct put {
  void operator()(nl_sock* held) const { nl_socket_free(held); }
  void operator()(rtnl_link* held) const { rtnl_link_put(held); }
  void operator()(rtnl_addr* held) const { rtnl_addr_put(held); }
  void operator()(nl_addr* held) const { nl_addr_put(held); }
  void operator()(nl_cache* held) const { nl_cache_free(held); }
};
template <class Object>
using held = std::unique_ptr<Object, put>;

int errno_of(int netlink_error) {
  switch (std::abs(netlink_error)) {
    case NLE_EXIST: return EEXIST;
    case NLE_PERM: return EPERM;
    case NLE_NODEV:
    case NLE_OBJ_NOTFOUND: return ENODEV;
    case NLE_NOMEM: return ENOMEM;
    case NLE_OPNOTSUPP: return EOPNOTSUPP;
    case NLE_BUSY: return EBUSY;
    case NLE_RANGE: return ERANGE;
    case NLE_INVAL: return EINVAL;
    default: return EIO;
  }
}

void check(int outcome, const std::string& action) {
  if (outcome < 0) throw_system_error(fmt::format("{} (netlink: {})", action, nl_geterror(outcome)), errno_of(outcome));
}

held<nl_sock> connect_netlink() {
  held<nl_sock> socket(nl_socket_alloc());
  if (!socket) throw_system_error("opening netlink", ENOMEM);
  check(nl_connect(socket.get(), NETLINK_ROUTE), "opening netlink");
  return socket;
}

held<rtnl_link> allocate_link() {
  held<rtnl_link> link(rtnl_link_alloc());
  if (!link) throw_system_error("describing an interface", ENOMEM);
  return link;
}

void describe(rtnl_link* link, const veth_end& end, std::size_t mtu) {
  rtnl_link_set_name(link, end.name.c_str());
  rtnl_link_set_mtu(link, static_cast<unsigned>(mtu));
  if (end.address) {
    std::array<octet, 6> octets_of_address{};
    store_u48(octets_of_address.data(), static_cast<std::uint64_t>(*end.address));
    const held<nl_addr> address(nl_addr_build(AF_LLC, octets_of_address.data(), octets_of_address.size()));
    rtnl_link_set_addr(link, address.get());
  }
  if (end.network_namespace >= 0) rtnl_link_set_ns_fd(link, end.network_namespace);
}

int index_of(const std::string& name, const std::string& action) {
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) throw_system_error(action);
  return static_cast<int>(index);
}

// Asks the kernel to give the interface what `change` holds.
void change_interface(const std::string& name, rtnl_link* change, const std::string& action) {
  const auto socket = connect_netlink();
  const auto wanted = allocate_link();
  rtnl_link_set_ifindex(wanted.get(), index_of(name, action));
  check(rtnl_link_change(socket.get(), wanted.get(), change, 0), action);
}

void set_value(int handle, ifreq& request, std::uint32_t command, std::uint32_t value, const std::string& action) {
  ethtool_value wanted{.cmd = command, .data = value};
  request.ifr_data = reinterpret_cast<char*>(&wanted);
  // What a device cannot do at all needs no turning off.
  if (::ioctl(handle, SIOCETHTOOL, &request) != 0 && errno != EOPNOTSUPP) throw_system_error(action);
}

}  // namespace

void add_veth_pair(const veth_end& first, const veth_end& second, std::size_t mtu) {
  const std::string action = fmt::format("making the interfaces {} and {}", first.name, second.name);
  require_private_namespace(action);
  const auto socket = connect_netlink();
  const held<rtnl_link> link(rtnl_link_veth_alloc());
  if (!link) throw_system_error(action, ENOMEM);
  const held<rtnl_link> peer(rtnl_link_veth_get_peer(link.get()));
  describe(link.get(), first, mtu);
  describe(peer.get(), second, mtu);
  check(rtnl_link_add(socket.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL), action);
}

void delete_interface(const std::string& name) {
  const std::string action = fmt::format("deleting the interface {}", name);
  require_private_namespace(action);
  const auto socket = connect_netlink();
  const auto link = allocate_link();
  rtnl_link_set_name(link.get(), name.c_str());
  check(rtnl_link_delete(socket.get(), link.get()), action);
}

void set_interface_up(const std::string& name) {
  const std::string action = fmt::format("bringing the interface {} up", name);
  require_private_namespace(action);
  const auto change = allocate_link();
  rtnl_link_set_flags(change.get(), IFF_UP);
  change_interface(name, change.get(), action);
}

void set_interface_down(const std::string& name) {
  const std::string action = fmt::format("taking the interface {} down", name);
  require_private_namespace(action);
  const auto change = allocate_link();
  rtnl_link_unset_flags(change.get(), IFF_UP);
  change_interface(name, change.get(), action);
}

void set_interface_mtu(const std::string& name, std::size_t mtu) {
  const std::string action = fmt::format("setting the MTU of the interface {} to {}", name, mtu);
  require_private_namespace(action);
  const auto change = allocate_link();
  rtnl_link_set_mtu(change.get(), static_cast<unsigned>(mtu));
  change_interface(name, change.get(), action);
}

void add_ipv4_address(const std::string& interface_name, const std::string& address) {
  const std::string action = fmt::format("giving the interface {} the address {}", interface_name, address);
  require_private_namespace(action);
  const auto socket = connect_netlink();
  nl_addr* parsed = nullptr;
  check(nl_addr_parse(address.c_str(), AF_INET, &parsed), action);
  const held<nl_addr> local(parsed);
  const held<rtnl_addr> wanted(rtnl_addr_alloc());
  if (!wanted) throw_system_error(action, ENOMEM);
  rtnl_addr_set_ifindex(wanted.get(), index_of(interface_name, action));
  check(rtnl_addr_set_local(wanted.get(), local.get()), action);
  check(rtnl_addr_add(socket.get(), wanted.get(), 0), action);
}

void turn_offloads_off(const std::string& interface_name) {
  const std::string action = fmt::format("turning the offloads of the interface {} off", interface_name);
  require_private_namespace(action);
  const descriptor probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe) throw_system_error(action);
  ifreq request{};
  if (interface_name.size() >= IFNAMSIZ) throw_system_error(action, EINVAL);
  std::copy(interface_name.begin(), interface_name.end(), std::begin(request.ifr_name));
  // Scatter-gather last: segmentation depends on it.
  for (const std::uint32_t command : std::array<std::uint32_t, 6>{ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO,
                                                                  ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM, ETHTOOL_SSG})
    set_value(probe.number(), request, command, 0, action);
}

void turn_ipv6_off() {
  require_private_namespace("turning IPv6 off");
  for (const char* which : {"all", "default"}) {
    const descriptor setting(
        ::open(fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", which).c_str(), O_WRONLY | O_CLOEXEC));
    // A kernel without IPv6 or a read-only /proc/sys: a little noise in the captures, no reason to fail.
    if (setting && ::write(setting.number(), "1", 1) != 1) continue;
  }
}

std::vector<interface_row> list_interfaces() {
  const auto socket = connect_netlink();
  nl_cache* filled = nullptr;
  check(rtnl_link_alloc_cache(socket.get(), AF_UNSPEC, &filled), "listing interfaces");
  const held<nl_cache> cache(filled);
  std::vector<interface_row> rows;
  for (nl_object* object = nl_cache_get_first(cache.get()); object != nullptr; object = nl_cache_get_next(object)) {
    auto* link = reinterpret_cast<rtnl_link*>(object);
    interface_row row{.name = rtnl_link_get_name(link),
                      .index = rtnl_link_get_ifindex(link),
                      .address = std::nullopt,
                      .mtu = rtnl_link_get_mtu(link),
                      .up = (rtnl_link_get_flags(link) & IFF_UP) != 0,
                      .loopback = (rtnl_link_get_flags(link) & IFF_LOOPBACK) != 0};
    const nl_addr* address = rtnl_link_get_addr(link);
    if (!row.loopback && address != nullptr && nl_addr_get_len(address) == 6)
      row.address = host_number{load_u48(static_cast<const octet*>(nl_addr_get_binary_addr(address)))};
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  return rows;
}

}  // namespace seqwire
