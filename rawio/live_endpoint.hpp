// Sockets on a real link: the endpoint, its host and the waiting for both, for programs that have no event loop (their
// calls block) and for programs that have one (readiness_descriptor() and process()). Not for several threads at once.
#pragma once

#include <functional>
#include <vector>

#include "protocol/host/drive.hpp"
#include "protocol/socket/endpoint.hpp"
#include "rawio/wake_timer.hpp"

namespace seqwire {

/// A link of a live endpoint, and the descriptor that tells of its packets.
struct watched_link {
  link* on = nullptr;  // outlives the endpoint, as its descriptor
  int readable = -1;   // the descriptor
};

/// A host on real links, with the endpoint of its sockets.
class live_endpoint final : private waiter {
 public:
  /// `readable` is the link's descriptor; link and descriptor outlive the endpoint. Throws std::system_error.
  live_endpoint(link& connected, int readable, const host_config& host_settings, endpoint_config config = {})
      : live_endpoint(std::vector<watched_link>{{&connected, readable}}, host_settings, std::move(config)) {}
  /// On several links, in the order of the configuration's interfaces.
  live_endpoint(const std::vector<watched_link>& links, const host_config& host_settings, endpoint_config config = {});
  ~live_endpoint() override;
  live_endpoint(const live_endpoint&) = delete;
  live_endpoint& operator=(const live_endpoint&) = delete;

  endpoint& sockets() { return endpoint_; }  // to open sockets at
  const host& on() const { return host_; }   // for looking

  /// While this descriptor is readable (a signalfd, an eventfd, a pipe), calls that wait end with interrupted. Nothing
  /// else interrupts them: a signal that is handled does not, nor does being stopped and continued. The descriptor
  /// outlives the endpoint. Throws std::system_error.
  void interrupt_by(int readable);

  /// While this descriptor is readable, `serve` is called within process() and calls that wait, which go on waiting
  /// afterwards. The descriptor outlives the endpoint. Throws std::system_error.
  void attend(int readable, std::function<void()> serve);

  /// Readable when process() has something to do: for poll, epoll or another library's loop.
  int readiness_descriptor() const { return epoll_.number(); }
  /// Does what is due, without waiting.
  void process();
  /// For programs with much to do between two calls of process(): until it is off again, what sockets have to send
  /// waits for process() instead of leaving at once, many packets with one system call.
  void hold_output(bool on) { holds_output_ = on; }

 private:
  instant now() override;
  bool wait(instant until) override;
  void flush() override;
  std::size_t held() const override { return driver_.held(); }

  bool look(int milliseconds);
  void drive();

  descriptor epoll_;
  wake_timer timer_;
  int interrupting_ = -1;
  int attended_ = -1;
  std::function<void()> serve_;
  bool holds_output_ = false;
  host host_;
  std::vector<link*> links_;
  driver driver_;
  endpoint endpoint_;
  instant deadline_ = instant::never();  // of the engine
};

}  // namespace seqwire
