#include "rawio/interrupt_flag.hpp"

#include <array>
#include <atomic>
#include <csignal>

namespace seqwire {
namespace {

constexpr std::array ending{SIGINT, SIGTERM};

std::atomic<int> noted = 0;
static_assert(std::atomic<int>::is_always_lock_free);  // a handler may touch nothing else
std::array<struct sigaction, ending.size()> before{};

void note(int signal) { noted = signal; }

}  // namespace

interrupt_flag::interrupt_flag() {
  noted = 0;
  struct sigaction noting {};
  noting.sa_handler = note;
  // No SA_RESTART: whoever waits in a call after all finds out.
  noting.sa_flags = static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < ending.size(); ++i) {
    ::sigaction(ending[i], nullptr, &before[i]);
    if (before[i].sa_handler != SIG_IGN) ::sigaction(ending[i], &noting, nullptr);
  }
}

interrupt_flag::~interrupt_flag() {
  for (std::size_t i = 0; i < ending.size(); ++i) ::sigaction(ending[i], &before[i], nullptr);
}

int interrupt_flag::signal() const { return noted; }

}  // namespace seqwire
