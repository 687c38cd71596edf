#include "rawio/ending_signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "rawio/setup_error.hpp"

namespace seqwire {

struct ending_signals::saved_mask {
  sigset_t signals;
};

ending_signals::ending_signals() : saved_mask_(std::make_unique<saved_mask>()) {
  sigset_t ending;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGINT);
  ::sigaddset(&ending, SIGTERM);
  signals_ = descriptor(::signalfd(-1, &ending, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals_) throw_system_error("watching for signals");
  ::pthread_sigmask(SIG_BLOCK, &ending, &saved_mask_->signals);
}

ending_signals::~ending_signals() { ::pthread_sigmask(SIG_SETMASK, &saved_mask_->signals, nullptr); }

int ending_signals::take() {
  signalfd_siginfo received{};
  if (::read(signals_.number(), &received, sizeof received) != ssize_t{sizeof received}) return 0;
  return static_cast<int>(received.ssi_signo);
}

}  // namespace seqwire
