// Random numbers of other shapes than the even one, and the logarithm and exponential that they need: of + - * / and
// sqrt only, so that they are the same on every machine.
#pragma once

#include "protocol/base/random.hpp"

namespace seqwire {

/// The natural logarithm of a positive, normal number, within a few units of the last place.
double natural_logarithm(double of);
/// e to this power, at most 700 to either side of 0, within a few units of the last place.
double natural_exponential(double power);

/// Exponential with mean 1: always at least 0, at most 37.
double exponential_variate(const random_stream& random, std::uint64_t index, std::uint32_t lane = 0);

/// Normal with mean 0 and deviation 1. Takes lanes from `lane` on.
double normal_variate(const random_stream& random, std::uint64_t index, std::uint32_t lane = 0);

/// Pareto with mean 1: never below (shape - 1) / shape, a tail that falls with this power; shape > 1. Below 2 its
/// variance is infinite.
double pareto_variate(const random_stream& random, double shape, std::uint64_t index, std::uint32_t lane = 0);

}  // namespace seqwire
