// Records there and back: what a record was when it was sent it is when it arrives, even an empty one.
#include "run_example.hpp"

namespace example {

void server(endpoint& at) {
  const auto talk = accept_one(at);
  while (const auto record = next_record(*talk)) must(talk->send(view_of(*record)));
}

void client(endpoint& at, const xns_address& to) {
  const auto talk = connect_to(at, to);
  for (const std::string text : {"a record", "", "another one"}) {
    must(talk->send(view_of(text)));
    std::printf("[%s]\n", next_record(*talk)->c_str());
  }
}

}  // namespace example

int main(int count, char** arguments) {
  return example::run_example(count, arguments, example::server, example::client);
}
