// The seqwire command with two protocols more: `own-protocol run lossy.toml --set scenario.protocol=lockstep`.
#include "lab/command/command_main.hpp"
#include "lab/protocols.hpp"
#include "lockstep.hpp"
#include "marked_spp.hpp"

int main(int count, char** arguments) {
  seqwire::add_protocol({"lockstep", lockstep::packet_type, &lockstep::layout::description,
                         [](seqwire::host& on) { return std::make_unique<lockstep::engine>(on); }});
  seqwire::add_protocol(seqwire::spp_with_profile("marked-spp", marked_spp::layout::description, marked_spp::profile));
  return seqwire::command_main(count, arguments);
}
