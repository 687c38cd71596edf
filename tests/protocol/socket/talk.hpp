// One program at each end of a connection, in virtual time: most socket tests are a talk between two.
#pragma once

#include <functional>

#include "tests/sim/socket_world.hpp"

namespace seqwire::test {

/// Opens a connection from a to b of this type and runs a program at each end on it.
struct socket_talk {
  using program = std::function<void(socket&, endpoint&)>;

  explicit socket_talk(socket_type the_type = socket_type::sequenced_packet, endpoint_config config = {})
      : type(the_type), world(10_ms, config) {}

  void run(program on_a, program on_b) {
    world.on_b.add([&, on_b](endpoint& at) {
      auto listening = at.open(type).value();
      must(listening->bind(own(3000)));
      before_listening(*listening);
      must(listening->listen(1));
      const auto talk = must(listening->accept());
      on_b(*talk, at);
    });
    world.on_a.add([&, on_a](endpoint& at) {
      auto talk = at.open(type).value();
      before_connecting(*talk);
      must(talk->connect(at_b(3000)));
      on_a(*talk, at);
    });
    world.run();
  }

  socket_type type;
  socket_world world;
  std::function<void(socket&)> before_listening = [](socket&) {};
  std::function<void(socket&)> before_connecting = [](socket&) {};
};

/// What receive() brings into a buffer of this size.
inline received receive_into(socket& from, octets& buffer, std::size_t room, const receive_options& how = {}) {
  buffer.assign(room, 0);
  return must(from.receive(std::span<octet>(buffer), how));
}

inline octets spp_prototype(std::uint8_t type, bool end_of_message, std::string_view data = {}) {
  spp_header header{};
  header.datastream_type = type;
  header.end_of_message = end_of_message;
  octets whole(spp_layout::octets + data.size());
  spp_layout::encode(header, whole.data());
  std::copy(data.begin(), data.end(), whole.begin() + spp_layout::octets);
  return whole;
}

}  // namespace seqwire::test
