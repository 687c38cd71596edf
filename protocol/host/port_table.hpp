// The socket numbers of one host: one space for all packet types (protocol sheet 1.3), who uses which number, and whom
// a packet is for. As in 4.3BSD a user without a peer has its number alone, users with a peer may share it, as accepted
// connections share their listener's; of several users the one that names the packet's sender most exactly gets it.
// It knows nothing of what users do with their packets.
#pragma once

#include <map>
#include <optional>
#include <tuple>

#include "protocol/wire/address.hpp"

namespace seqwire {

/// Numbers below this are for services; binding one needs the privilege (4.3BSD NSPORT_RESERVED).
inline constexpr socket_number first_unreserved_socket{3000};

/// Whom a user of a number talks with; what is nothing matches everybody.
struct port_peer {
  std::optional<host_number> host;      // nothing: any host and socket
  std::optional<socket_number> socket;  // of that host; never without it
  auto operator<=>(const port_peer&) const = default;
};

/// What stands behind a socket number; the kind says which class derives from it.
struct port_user {
  enum class kind : std::uint8_t { sequenced, datagram };  // of the classes that derive from it
  const kind what;                                         // for the cast

 protected:
  explicit port_user(kind the_kind) : what(the_kind) {}  // by the class that derives
  ~port_user() = default;
};

/// Which user of a host has which socket number; users stay theirs who add them.
class port_table {
  using key = std::tuple<socket_number, port_peer>;
  using users = std::multimap<key, port_user*>;

 public:
  using place = users::iterator;  // valid until remove() or move() of it

  /// A user without a peer has the number.
  bool taken(socket_number number) const { return users_.contains({number, {}}); }
  bool used(socket_number number) const;  // by anyone, with a peer or without
  /// An unreserved number that nobody uses: 3000, 3001, ... as 4.3BSD, in turn. Nothing: all are in use.
  std::optional<socket_number> fresh();

  /// More than one user may have the same number and peer: whoever adds asks first whether that is wanted.
  place add(socket_number number, const port_peer& peer, port_user& user);
  /// Gives the user another peer; the old place is invalid from now on.
  place move(place from, const port_peer& to);
  void remove(place from) { users_.erase(from); }  // the user itself stays

  /// Whom a packet from `source` to `number` is for. A user with this peer host and socket comes before one with this
  /// host and any socket, and that before one without a peer (4.3BSD ns_pcblookup). Nothing: nobody.
  port_user* find(const xns_address& source, socket_number number) const;
  /// Users with exactly this peer, in the order in which they came.
  std::pair<users::const_iterator, users::const_iterator> with_peer(socket_number number, const port_peer& peer) const {
    return users_.equal_range({number, peer});
  }

 private:
  users users_;
  std::uint16_t next_ephemeral_ = static_cast<std::uint16_t>(first_unreserved_socket);
};

}  // namespace seqwire
