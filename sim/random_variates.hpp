// Random numbers of other shapes than the even one, and the logarithm that they need: of + - * / and sqrt only, so that
// they are the same on every machine.
#pragma once

#include "protocol/base/random.hpp"

namespace seqwire {

/// The natural logarithm of a positive, normal number, within a few units of the last place.
double natural_logarithm(double of);

/// Exponential with mean 1: always at least 0, at most 37.
double exponential_variate(const random_stream& random, std::uint64_t index, std::uint32_t lane = 0);

/// Normal with mean 0 and deviation 1. Takes lanes from `lane` on.
double normal_variate(const random_stream& random, std::uint64_t index, std::uint32_t lane = 0);

}  // namespace seqwire
