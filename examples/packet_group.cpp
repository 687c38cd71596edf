// The sequenced-packet socket of 4.3BSD: each write is one packet, with a prototype header in front of which the
// datastream type and the end-of-message bit count; each read is one packet with the header it came with. Here three
// packets make a message, and the default header gives the type of the next one.
#include "run_example.hpp"

namespace example {

octets with_prototype(std::uint8_t type, bool end_of_message, std::string_view data) {
  spp_header prototype{};
  prototype.datastream_type = type;
  prototype.end_of_message = end_of_message;
  octets packet(spp_layout::octets + data.size());
  spp_layout::encode(prototype, packet.data());
  std::copy(data.begin(), data.end(), packet.begin() + spp_layout::octets);
  return packet;
}

void server(endpoint& at) {
  const auto talk =
      accept_one(at, [](socket& listening) { must(listening.set(socket_option::headers_on_input, true)); });
  octets packet(2000);
  for (received got = must(talk->receive(std::span<octet>(packet))); !got.end;
       got = must(talk->receive(std::span<octet>(packet)))) {
    const spp_header header = spp_layout::decode(packet.data());
    std::printf("packet %u, type %u%s: %.*s\n", header.sequence, header.datastream_type,
                header.end_of_message ? ", end of message" : "", static_cast<int>(got.size - spp_layout::octets),
                reinterpret_cast<const char*>(packet.data() + spp_layout::octets));
  }
}

void client(endpoint& at, const xns_address& to) {
  const auto talk = connect_to(at, to);
  must(talk->set(socket_option::headers_on_output, true));
  must(talk->send(with_prototype(7, false, "one message")));
  must(talk->send(with_prototype(7, false, "of three")));
  must(talk->send(with_prototype(7, true, "packets")));
  must(talk->set(socket_option::headers_on_output, false));
  must(talk->set(socket_option::default_header, with_prototype(42, true, "")));
  must(talk->send(view_of("the default header's type")));
}

}  // namespace example

int main(int count, char** arguments) {
  return example::run_example(count, arguments, example::server, example::client);
}
