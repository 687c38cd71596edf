// Giving up what opening sockets needed. Everything that comes from the network is read after this.
#pragma once

namespace seqwire {

/// Forbids gaining privileges by executing programs and empties every capability set, the bounding and ambient ones
/// included. A root that sudo made becomes the user who called sudo; any other root keeps only the right to reach
/// files, because it was told where to write. Call once all sockets are open, from the only thread. Throws
/// std::system_error.
void drop_privileges();

}  // namespace seqwire
