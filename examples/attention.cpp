// Attention: one octet that is told on arrival, before what was sent ahead of it has been read, and still has its place
// in the order: the record behind it is marked.
#include "run_example.hpp"

namespace example {

void server(endpoint& at) {
  const auto talk = accept_one(at);
  // Waits until something out of band is there, and leaves everything else unread.
  endpoint::poll_entry entry{.of = talk.get(), .wanted = {.attention = true}};
  must(at.poll({&entry, 1}, std::nullopt));
  octet value = 0;
  must(talk->receive(std::span<octet>(&value, 1), {.out_of_band = true}));
  std::printf("attention: %c\n", value);
  octets text(100);
  for (received got = must(talk->receive(std::span<octet>(text))); !got.end;
       got = must(talk->receive(std::span<octet>(text))))
    std::printf("%s%.*s\n", got.at_mark ? "(here it was sent) " : "", static_cast<int>(got.size),
                reinterpret_cast<const char*>(text.data()));
}

void client(endpoint& at, const xns_address& to) {
  const auto talk = connect_to(at, to);
  must(talk->send(view_of("record 1")));
  must(talk->send(view_of("record 2")));
  rest(at, 1_s);  // what has not left yet would be overtaken
  must(talk->send(view_of("!"), {.out_of_band = true}));
  must(talk->send(view_of("record 3")));
}

}  // namespace example

int main(int count, char** arguments) {
  return example::run_example(count, arguments, example::server, example::client);
}
