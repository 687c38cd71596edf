// A value or the reason there is none. For octets from outside: no exception, no assertion, no log.
#pragma once

#include <tl/expected.hpp>

namespace seqwire {

/// A value, or why there is none; the reason is an enumeration or words, never a number of the system.
template <class Value, class Reason>
using result = tl::expected<Value, Reason>;

/// `return failure(reason);` from a function that returns a result.
template <class Reason>
constexpr auto failure(Reason reason) {
  return tl::unexpected<Reason>(std::move(reason));
}

}  // namespace seqwire
