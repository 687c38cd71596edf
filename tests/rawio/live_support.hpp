// What the live tests share: the guard of the network, switched on before any test; a lab of their own; packets and
// frames to send; and waiting for a descriptor instead of for time.
#pragma once

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "protocol/wire/idp.hpp"
#include "rawio/lab_network.hpp"
#include "rawio/packet_link.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire::live {

inline const bool guard_is_on = ::setenv(network_guard_variable, "1", 1) == 0;

constexpr duration patience = 10_s;  // a bound for what comes at once unless something is broken

/// A lab, or the end of the test program with "skipped" where an ordinary user may not have one. Root always may.
inline private_lab make_lab(const lab_options& options = {}) {
  try {
    return private_lab(options);
  } catch (const privilege_error& refused) {
    if (::geteuid() == 0) throw;
    fmt::print(stderr, "skipped: {}\n", refused.what());
    std::fflush(nullptr);
    ::_exit(77);
  }
}

/// Two hosts whose interfaces are the ends of one veth pair.
inline private_lab make_direct_lab(std::size_t mtu = 1500) { return make_lab({.through_bridge = false, .mtu = mtu}); }

/// An IDP packet of `length` octets (at least 30) whose data tells its number and its place.
inline octets idp_octets(host_number from, host_number to, std::size_t length, std::size_t number = 0) {
  idp_header header{};
  header.packet_type = packet_type::sequenced_packet;
  header.source_host = from;
  header.destination_host = to;
  octets data(length - idp_layout::octets);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<octet>(number + i);
  octets whole;
  append_idp(whole, header, data);
  return whole;
}

/// The same as a link takes it: a head, a shared body, the garbage octet aside.
inline packet packet_of(const octets& idp, std::size_t length, host_number next_hop) {
  packet made;
  made.next_hop = next_hop;
  made.head_size = static_cast<std::uint8_t>(std::min<std::size_t>(length, 42));
  std::copy_n(idp.begin(), made.head_size, made.head.begin());
  made.body = slice::copy_of(octets_view(idp).subspan(made.head_size, length - made.head_size));
  made.garbage_octet = length % 2 != 0;
  return made;
}

inline packet make_packet(host_number from, host_number to, std::size_t length, std::size_t number = 0) {
  return packet_of(idp_octets(from, to, length, number), length, to);
}

inline slice ethernet_frame(host_number to, host_number from, std::uint16_t ethertype, const octets& payload) {
  const auto header = encode(ethernet_header{to, from, ethertype});
  octets frame(header.begin(), header.end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return slice::owning(std::move(frame));
}

/// Everything that arrives until `count` datagrams are there; fewer when patience ends.
inline std::vector<datagram> receive_datagrams(live_link& from, std::size_t count) {
  std::vector<datagram> all;
  std::array<datagram, 64> batch;
  while (all.size() < count) {
    const std::size_t got = from.receive({}, batch);
    for (std::size_t i = 0; i < got; ++i) all.push_back(std::move(batch[i]));
    if (got == 0 && !wait_readable(from.descriptor(), patience)) break;
  }
  return all;
}

/// Gives up every capability of this process, the user stays the same.
inline bool drop_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

/// A folder that goes with the test.
class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "seqwire-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw_system_error("making a temporary folder");
    path_ = pattern;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The code of the std::system_error that `action` throws, with its words in `what`; 0 when it throws none.
template <class Action>
int error_code_of(Action&& action, std::string& what) {
  try {
    action();
  } catch (const std::system_error& error) {
    what = error.what();
    return error.code().value();
  }
  return 0;
}

}  // namespace seqwire::live
