// What time it is, by the Time protocol over Packet Exchange: a request that is repeated until the reply comes.
// Instants on the wire count from 1970; in the simulator the world begins then.
#include "protocol/socket/time_service.hpp"

#include "run_example.hpp"

namespace example {

void server(endpoint& at) {
  time_server clock(at, [&at] { return utc_time_of_day(at.waiting().now().nanoseconds / 1'000'000'000); });
  must(clock.below().set(socket_option::receive_timeout, 60_s));
  while (clock.answer_next()) continue;  // until nobody has asked for a minute
}

void client(endpoint& at, const xns_address& to) {
  for (int i = 0; i < 3; ++i) {
    const auto told = must(ask_time(at, {to.network, to.host, time_socket}));
    std::printf("%u seconds since 1970, says %s\n", unix_seconds(told.time), to_string(told.from).c_str());
    rest(at, 1500_ms);
  }
}

}  // namespace example

int main(int count, char** arguments) {
  return example::run_example(count, arguments, example::server, example::client);
}
