#include "rawio/live_endpoint.hpp"

#include <sys/epoll.h>

#include <algorithm>

#include "rawio/clock.hpp"
#include "rawio/event_loop.hpp"
#include "rawio/setup_error.hpp"

namespace seqwire {
namespace {

void watch(const descriptor& epoll, int number) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = number;
  if (::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, number, &wanted) != 0) throw_system_error("watching a link");
}

std::vector<link*> links_of(const std::vector<watched_link>& all) {
  std::vector<link*> links;
  for (const watched_link& each : all) links.push_back(each.on);
  return links;
}

}  // namespace

live_endpoint::live_endpoint(const std::vector<watched_link>& links, const host_config& host_settings,
                             endpoint_config config)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      host_(host_settings),
      links_(links_of(links)),
      driver_(host_, links_),
      endpoint_(*this, std::move(config)) {
  if (!epoll_) throw_system_error("making an endpoint");
  watch(epoll_, timer_.descriptor_number());
  for (const watched_link& each : links) watch(epoll_, each.readable);
  drive();
}

live_endpoint::~live_endpoint() { endpoint_.leave(); }

instant live_endpoint::now() { return clock_now(); }

void live_endpoint::interrupt_by(int readable) {
  watch(epoll_, readable);
  interrupting_ = readable;
}

void live_endpoint::attend(int readable, std::function<void()> serve) {
  watch(epoll_, readable);
  attended_ = readable;
  serve_ = std::move(serve);
}

void live_endpoint::process() {
  look(0);
  drive();
}

bool live_endpoint::wait(instant until) {
  timer_.wake_by(std::min(deadline_, until));
  if (!look(-1)) return false;
  drive();
  return true;
}

// Serves what is readable beside the link, which drive() asks anyway. False: interrupted.
bool live_endpoint::look(int milliseconds) {
  epoll_event happened[4];
  const int count = ::epoll_wait(epoll_.number(), happened, std::size(happened), milliseconds);
  bool interrupted = false;
  for (int i = 0; i < count; ++i) {
    if (happened[i].data.fd == timer_.descriptor_number()) timer_.settle();
    if (happened[i].data.fd == attended_) serve_();
    interrupted = interrupted || happened[i].data.fd == interrupting_;
  }
  return !interrupted;
}

// What came in meanwhile may be for another socket: a loop of somebody else must hear of it.
void live_endpoint::flush() {
  if (holds_output_) return;
  const std::uint64_t before = endpoint_.generation();
  drive();
  if (endpoint_.generation() != before) timer_.wake_by(instant{});
}

void live_endpoint::drive() {
  const instant at = clock_now();
  const drive_outcome outcome = driver_.drive(at, [&] { return endpoint_.step(at, host_); });
  deadline_ = next_drive(outcome, at).value_or(instant::never());
  timer_.wake_by(deadline_);
}

}  // namespace seqwire
