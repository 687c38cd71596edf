// Programs that block, on a simulated host: ordinary code that calls sockets and waits, in virtual time. Each program
// is a thread, but one runs at a time: a call that waits hands the baton back, and the host hands it on when something
// happened or the program's time has come. So the same program text as on real sockets, and every run the same.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "protocol/socket/endpoint.hpp"

namespace seqwire {

/// The programs of one simulated host.
class simulated_programs final : public application, private waiter {
 public:
  using program = std::function<void(endpoint&)>;  // returns when it has nothing more to do

  /// One endpoint for all of them.
  explicit simulated_programs(endpoint_config config = {});
  ~simulated_programs() override;

  /// Before the simulation runs; programs start in this order at its beginning. What one throws comes out of the
  /// simulation's run().
  void add(program text);

  // --- application ---
  bool step(instant now, host& on) override;
  std::optional<instant> next_wake() const override;
  bool finished() const override;
  /// Ends the waits of programs that still wait (their calls say interrupted), and waits for the programs to end. One
  /// that waits on and on all the same is ended by an exception.
  void leave() override;

 private:
  struct running;

  instant now() override { return now_; }
  bool wait(instant until) override;
  void flush() override {}  // packets leave when the program waits

  void hand_baton_to(running& next);

  endpoint endpoint_;
  instant now_{};
  std::vector<std::unique_ptr<running>> programs_;
  running* current_ = nullptr;
  bool over_ = false;
};

}  // namespace seqwire
