#include "protocol/base/require.hpp"

#include <cstdio>
#include <cstdlib>

namespace seqwire::detail {

void requirement_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "seqwire: internal error at %s:%d: requirement failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace seqwire::detail
