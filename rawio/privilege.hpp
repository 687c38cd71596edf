// Giving up what opening sockets needed. Everything that comes from the network is read after this.
#pragma once

namespace seqwire {

/// Empties every capability set of this thread, the bounding and ambient ones included as far as the kernel lets it,
/// and forbids gaining privileges by executing programs. The user stays who it is. Call once all sockets are open, from
/// the only thread. Throws std::system_error.
void drop_privileges();

}  // namespace seqwire
