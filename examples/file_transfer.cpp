// A file is one record, whatever its size; its name travels before it as a record of another datastream type. Sends
// this program's own source, unless FILE in the environment names another one.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "run_example.hpp"

namespace example {

constexpr std::uint8_t name_type = 1;

void server(endpoint& at) {
  const auto talk = accept_one(at);
  std::string name = "unnamed";
  std::uint8_t type = 0;
  while (const auto record = next_record(*talk, &type)) {
    if (type == name_type) {
      // A name from outside is a name, never a path.
      name = std::filesystem::path(*record).filename().string();
      continue;
    }
    const std::string path = "received-" + name;
    std::ofstream file(path, std::ios::binary);
    if (!(file << *record).flush()) throw std::system_error(errno, std::generic_category(), path);
    std::printf("%s: %zu octets\n", path.c_str(), record->size());
  }
}

void client(endpoint& at, const xns_address& to) {
  const char* const chosen = std::getenv("FILE");
  const std::string path = chosen != nullptr ? chosen : __FILE__;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  const std::string contents((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto talk = connect_to(at, to);
  must(talk->send(view_of(path), {.datastream_type = name_type}));
  must(talk->send(view_of(contents)));
  must(talk->shutdown(socket::direction::both));
  if (next_record(*talk)) throw std::runtime_error("a server that has nothing to say has said something");
}

}  // namespace example

int main(int count, char** arguments) {
  return example::run_example(count, arguments, example::server, example::client);
}
