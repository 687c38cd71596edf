// A program outside the tree: a record there and back between two simulated hosts.
#include <cstdio>

#include "sim/programs.hpp"
#include "sim/simulation.hpp"

using namespace seqwire;

int main() {
  simulated_programs on_a, on_b;
  on_b.add([](endpoint& at) {
    const auto listening = at.open(socket_type::sequenced_packet).value();
    if (!listening->bind({{}, {}, socket_number{3000}}) || !listening->listen(1)) return;
    const auto talk = listening->accept().value();
    octet text[64];
    const auto got = talk->receive(std::span<octet>(text));
    talk->send(octets_view(text, got->size)).value();
  });
  on_a.add([](endpoint& at) {
    const auto talk = at.open(socket_type::sequenced_packet).value();
    if (!talk->connect({simulation::network, simulation::host_b, socket_number{3000}})) return;
    talk->send(view_of("hello")).value();
    octet text[64];
    const auto got = talk->receive(std::span<octet>(text));
    std::printf("%.*s\n", static_cast<int>(got->size), reinterpret_cast<char*>(text));
  });
  simulation({}, on_a, on_b, nullptr).run();
}
