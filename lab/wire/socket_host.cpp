#include "lab/wire/socket_host.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "lab/wire/interrupted.hpp"
#include "lab/wire/live_host.hpp"
#include "rawio/entropy.hpp"
#include "rawio/privilege.hpp"

namespace seqwire {
namespace {

constexpr duration farewell = 1_s;        // for the peer to hear of the end, when a signal comes
constexpr duration longest_search = 5_s;  // a router's next news may be some seconds away

}  // namespace

socket_host::socket_host(std::unique_ptr<live_link> on, network_number network, endpoint_config sockets,
                         const std::optional<std::string>& record)
    : link_(std::move(on)), capture_(*link_, record, "seqwire") {
  const link_capabilities can = link_->capabilities();
  sockets.privileged = may_open_raw_sockets();
  drop_privileges();  // before the first packet is read, which the endpoint does as it is made
  at_ = std::make_unique<live_endpoint>(capture_.used(), link_->descriptor(),
                                        live_host_config(can, network, fresh_seed()), std::move(sockets));
  at_->interrupt_by(signals_.descriptor_number());
  if (status_.descriptor_number() >= 0)
    at_->attend(status_.descriptor_number(), [this] { status_.serve(at_->on(), {link_.get()}); });
}

void socket_host::find_way_to(network_number network) {
  routing_protocol& routing = sockets().on().routing();
  if (routing.way_to(network, {})) return;
  waiter& waits = sockets().waiting();
  instant ask_at = waits.now();
  const instant until = ask_at + longest_search;
  while (!routing.way_to(network, {}) && waits.now() < until) {
    if (waits.now() >= ask_at) {
      routing.ask(network);
      waits.flush();
      ask_at = waits.now() + 1_s;
    }
    if (!waits.wait(std::min(ask_at, until))) throw interrupted(signals_.take());
  }
  if (!routing.way_to(network, {}))
    throw std::runtime_error(fmt::format("no router knows a way to network {:x}", static_cast<std::uint32_t>(network)));
}

void socket_host::keep() {
  capture_.flush();
  if (link_->check_state() == link_state::gone) throw std::runtime_error(link_->name() + " is gone");
}

int socket_host::leave(int code) {
  const bool by_signal = code > 128;
  sockets().drain(by_signal ? farewell : sockets().config().spp.linger);
  const std::size_t lost = sockets().unsent();
  if (const auto error = capture_.finish()) throw std::runtime_error(*error);
  if (lost == 0) return code;
  const std::string told =
      fmt::format("lost: {} packet{} that {} never took", lost, lost == 1 ? "" : "s", link_->name());
  if (!by_signal) throw std::runtime_error(told);
  std::fputs(fmt::format("seqwire: error: {}\n", told).c_str(), stderr);
  return code;
}

}  // namespace seqwire
