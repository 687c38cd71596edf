#include "rawio/lab_network.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "protocol/base/require.hpp"
#include "rawio/netlink.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

constexpr duration longest_setup = 30_s;

// What the child that makes the network tells its parent; the descriptors travel beside it.
struct setup_report {
  enum class outcome : std::uint32_t { made, refused_privilege, refused_by_guard, failed } outcome = outcome::made;
  int code = 0;
  std::array<char, 512> what{};
};

constexpr std::size_t most_descriptors = maximum_namespaces + 1;  // the user namespace last

struct made_network {
  descriptor user_namespace;
  std::vector<network_namespace> networks;
};

void configure(const lab_end& end, const network_namespace& at) {
  at.enter();
  turn_offloads_off(end.interface);
  if (!end.ipv4.empty()) add_ipv4_address(end.interface, end.ipv4);
  set_interface_up(end.interface);
}

// In a process of its own, which it moves through all the namespaces.
made_network make_network(const network_layout& layout) {
  made_network made;
  const auto create = [&] {
    made.networks.push_back(network_namespace::create_and_enter());
    turn_ipv6_off();
    set_interface_up("lo");
  };
  if (!new_namespace_would_be_private()) made.user_namespace = create_and_enter_user_namespace();
  try {
    create();
  } catch (const std::system_error& refused) {
    if (refused.code().value() != EPERM || made.user_namespace || !made.networks.empty()) throw;
    made.user_namespace = create_and_enter_user_namespace();
    create();
  }
  while (made.networks.size() < layout.namespaces) create();
  for (const network_layout::wire& each : layout.wires) {
    const network_namespace& first = made.networks[each.first.at];
    const network_namespace& second = made.networks[each.second.at];
    first.enter();
    add_veth_pair({each.first.interface, each.first.address},
                  {each.second.interface, each.second.address, second.descriptor_number()}, each.mtu);
    configure(each.first, first);
    configure(each.second, second);
  }
  return made;
}

network_layout layout_of(const lab_options& options) {
  const auto number = [](lab_host host) { return static_cast<std::size_t>(host); };
  const lab_end a{number(lab_host::a), lab_interface, lab_address_a, lab_ipv4_a};
  const lab_end b{number(lab_host::b), lab_interface, lab_address_b, lab_ipv4_b};
  network_layout layout{.namespaces = lab_hosts.size(), .wires = {{a, b, options.mtu}}};
  if (options.through_bridge)
    layout.wires = {{{number(lab_host::bridge), lab_port_a, host_number{0x02000000010a}}, a, options.mtu},
                    {{number(lab_host::bridge), lab_port_b, host_number{0x02000000010b}}, b, options.mtu}};
  return layout;
}

bool send_report(int socket, const setup_report& report, const std::vector<int>& descriptors) {
  iovec piece{const_cast<setup_report*>(&report), sizeof report};  // sendmsg only reads
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t octets = descriptors.size() * sizeof(int);
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(octets);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(octets);
    std::memcpy(CMSG_DATA(header), descriptors.data(), octets);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == ssize_t{sizeof report};
}

int make_and_report(int socket, const network_layout& layout) {
  setup_report report;
  std::vector<int> descriptors;
  made_network made;
  const auto failed = [&](enum setup_report::outcome outcome, int code, const char* what) {
    report.outcome = outcome;
    report.code = code;
    std::strncpy(report.what.data(), what, report.what.size() - 1);
  };
  try {
    made = make_network(layout);
    for (const network_namespace& network : made.networks) descriptors.push_back(network.descriptor_number());
    if (made.user_namespace) descriptors.push_back(made.user_namespace.number());
  } catch (const privilege_error& refused) {
    failed(setup_report::outcome::refused_privilege, refused.code().value(), refused.what());
  } catch (const std::system_error& error) {
    failed(setup_report::outcome::failed, error.code().value(), error.what());
  } catch (const std::exception& error) {
    failed(setup_report::outcome::refused_by_guard, 0, error.what());
  }
  return send_report(socket, report, descriptors) ? 0 : 1;
}

// The words come from an exception that already ended in the code's description, which the new one adds again.
std::string without_description(std::string what, int code) {
  const std::string description = ": " + std::generic_category().message(code);
  if (what.ends_with(description)) what.resize(what.size() - description.size());
  return what;
}

std::vector<descriptor> receive_report(int socket, setup_report& report) {
  iovec piece{&report, sizeof report};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != ssize_t{sizeof report})
    throw_system_error("making a network", EPROTO);
  std::vector<descriptor> received;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; CMSG_LEN(at + sizeof(int)) <= header->cmsg_len; at += sizeof(int)) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header) + at, sizeof number);
      received.emplace_back(number);
    }
  }
  return received;
}

}  // namespace

std::string_view name_of(lab_host host) {
  switch (host) {
    case lab_host::a: return "a";
    case lab_host::b: return "b";
    case lab_host::bridge: return "bridge";
  }
  return "unknown";
}

std::optional<lab_host> parse_lab_host(std::string_view name) {
  for (const lab_host host : lab_hosts)
    if (name_of(host) == name) return host;
  return std::nullopt;
}

private_network::private_network(const network_layout& layout) {
  require(layout.namespaces > 0 && layout.namespaces <= maximum_namespaces);
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) throw_system_error("making a network");
  const descriptor ours(ends[0]);
  descriptor theirs(ends[1]);
  const child_process maker =
      child_process::start([&layout, socket = theirs.number()] { return make_and_report(socket, layout); });
  theirs.close();  // so that the maker's death is the end of the stream
  if (!wait_readable(ours.number(), longest_setup)) throw_system_error("making a network", ETIMEDOUT);
  setup_report report;
  std::vector<descriptor> received = receive_report(ours.number(), report);
  report.what.back() = '\0';
  const std::string what = without_description(report.what.data(), report.code);
  if (report.outcome == setup_report::outcome::refused_privilege)
    throw privilege_error(report.code, std::generic_category(), what);
  if (report.outcome == setup_report::outcome::refused_by_guard) throw guard_error(what);
  if (report.outcome == setup_report::outcome::failed) throw_system_error(what, report.code);
  if (received.size() < layout.namespaces) throw_system_error("making a network", EPROTO);
  for (std::size_t i = 0; i < layout.namespaces; ++i)
    networks_.push_back(network_namespace::adopt(std::move(received[i])));
  if (received.size() > layout.namespaces) user_namespace_ = std::move(received.back());
}

void private_network::join_user_namespace() const {
  if (!user_namespace_ || is_own_user_namespace(user_namespace_.number())) return;
  enter_user_namespace(user_namespace_.number());
  // The old network belongs to a user namespace over which we have no say any more: a visit could not come back to it.
  network_namespace::create_and_enter();
}

child_process private_network::start(std::size_t where, const std::function<int()>& body) const {
  return child_process::start([&] {
    join_user_namespace();
    network_of(where).enter();
    return body();
  });
}

private_lab::private_lab(const lab_options& options) : network_(layout_of(options)) {}

}  // namespace seqwire
