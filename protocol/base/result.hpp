// A value or the reason there is none. For octets from outside: no exception, no assertion, no log.
#pragma once

#include <tl/expected.hpp>

namespace seqwire {

template <class Value, class Reason>
using result = tl::expected<Value, Reason>;

template <class Reason>
constexpr auto failure(Reason reason) {
  return tl::unexpected<Reason>(std::move(reason));
}

}  // namespace seqwire
