#include "sim/programs.hpp"

#include <algorithm>
#include <exception>
#include <semaphore>
#include <thread>

namespace seqwire {
namespace {
// Unwinds a program that goes on waiting although it was told that it is over.
struct program_over {};
}  // namespace

struct simulated_programs::running {
  program text;
  std::thread thread{};
  std::binary_semaphore go{0};    // the baton, to the program
  std::binary_semaphore back{0};  // and back
  instant until{};                // it wants the baton then, at the latest
  std::uint64_t seen = 0;         // the endpoint's generation when it began to wait
  bool ended = false;
  std::size_t interrupted = 0;  // times
  std::exception_ptr thrown{};
};

simulated_programs::simulated_programs(endpoint_config config) : endpoint_(*this, std::move(config)) {}

simulated_programs::~simulated_programs() { leave(); }

void simulated_programs::add(program text) {
  programs_.push_back(std::make_unique<running>());
  programs_.back()->text = std::move(text);
}

bool simulated_programs::wait(instant until) {
  running& self = *current_;
  self.until = until;
  self.seen = endpoint_.generation();
  self.back.release();
  self.go.acquire();
  if (!over_) return true;
  // Sockets that go may each wait once more, and must not throw then.
  const std::size_t enough = endpoint_.config().maximum_sockets + 1;
  if (++self.interrupted > enough && std::uncaught_exceptions() == 0) throw program_over();
  return false;
}

void simulated_programs::hand_baton_to(running& next) {
  current_ = &next;
  if (!next.thread.joinable()) {
    next.thread = std::thread([this, &next] {
      next.go.acquire();
      try {
        next.text(endpoint_);
      } catch (...) {
        next.thrown = std::current_exception();
      }
      next.ended = true;
      next.back.release();
    });
  }
  next.go.release();
  next.back.acquire();
  current_ = nullptr;
  if (next.thrown) std::rethrow_exception(std::exchange(next.thrown, nullptr));
}

bool simulated_programs::step(instant now, host& on) {
  now_ = now;
  bool did = endpoint_.step(now, on);
  for (const auto& each : programs_) {
    const bool wanted = each->until <= now || each->seen != endpoint_.generation();
    if (each->ended || !wanted) continue;
    hand_baton_to(*each);
    did = true;
  }
  return did;
}

std::optional<instant> simulated_programs::next_wake() const {
  instant next = instant::never();
  for (const auto& each : programs_)
    if (!each->ended) next = std::min(next, each->until);
  if (next == instant::never()) return std::nullopt;
  return next;
}

bool simulated_programs::finished() const {
  return std::all_of(programs_.begin(), programs_.end(), [](const auto& each) { return each->ended; });
}

void simulated_programs::leave() {
  over_ = true;
  for (const auto& each : programs_) {
    // A program that goes on although it was interrupted is interrupted again, until wait() ends it.
    while (each->thread.joinable() && !each->ended) {
      current_ = each.get();
      each->go.release();
      each->back.acquire();
    }
    if (each->thread.joinable()) each->thread.join();
  }
  programs_.clear();
  endpoint_.leave();
}

}  // namespace seqwire
