// require(): the fourth kind of error, "we are wrong". Aborts in every build type, with the place and the condition.
// Never used on octets from outside or on what the machine refuses; those are results and error codes.
#pragma once

namespace seqwire::detail {
[[noreturn]] void requirement_failed(const char* condition, const char* file, int line);
}

/// Goes on when the condition holds; else prints place and condition to stderr and aborts.
#define require(condition)                           \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::seqwire::detail::requirement_failed(#condition, __FILE__, __LINE__))
