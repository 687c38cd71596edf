// Two people in turn. Each line is a record; a record of datastream type 1 says who is speaking from now on, so that no
// line needs a name in front and no text can pretend to be one.
#include <array>

#include "run_example.hpp"

namespace example {

constexpr std::uint8_t name_type = 1;

// Says each line and prints what comes back, as long as both have something to say.
void converse(socket& with, const std::string& name, std::span<const std::string_view> lines, bool begins) {
  must(with.send(view_of(name), {.datastream_type = name_type}));
  std::string other = "somebody";
  for (const std::string_view line : lines) {
    if (begins) must(with.send(view_of(line)));
    std::uint8_t type = name_type;
    std::optional<std::string> heard;
    while (type == name_type && (heard = next_record(with, &type)))
      if (type == name_type) other = *heard;
    if (!heard) return;
    std::printf("%s to %s: %s\n", other.c_str(), name.c_str(), heard->c_str());
    if (!begins) must(with.send(view_of(line)));
  }
}

void server(endpoint& at) {
  constexpr std::array<std::string_view, 3> lines{"Since 1981.", "One packet in ten.", "In order, and once."};
  const auto talk = accept_one(at);
  converse(*talk, "Ben", lines, false);
}

void client(endpoint& at, const xns_address& to) {
  constexpr std::array<std::string_view, 3> lines{"How long have you kept record boundaries?", "What gets lost?",
                                                  "And how do I get it?"};
  const auto talk = connect_to(at, to);
  converse(*talk, "Ann", lines, true);
}

}  // namespace example

int main(int count, char** arguments) {
  return example::run_example(count, arguments, example::server, example::client);
}
