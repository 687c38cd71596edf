// Two captures, A and B, written packet by packet into a folder that goes with the test.
#pragma once

#include <filesystem>

#include "tests/dissector/analysis/story.hpp"

namespace seqwire::stories {

/// One of the two; a millisecond passes between its packets.
class written_capture {
 public:
  /// Directions are known at vantage points a (0) and b (1); at a third one (2) nothing is.
  explicit written_capture(const std::string& path, std::uint32_t snap_length = 262144) : writer_(path, {}) {
    for (const char* name : {"a", "b", "between"})
      writer_.add_interface({.name = name, .description = {}, .snap_length = snap_length});
  }

  /// At its sender.
  void leaves(const segment& what) { put(what.from == 'a' ? 0 : 1, capture_direction::out, what, ++last_id_); }
  /// At its receiver.
  void arrives(const segment& what) { put(what.from == 'a' ? 1 : 0, capture_direction::in, what, last_id_); }
  /// At both.
  void delivers(const segment& what) {
    leaves(what);
    arrives(what);
  }
  /// Where nobody knows directions.
  void passes(const segment& what) { put(2, capture_direction::unknown, what, std::nullopt); }

  void opens() {
    delivers({.from = 'a', .system = true, .send_acknowledgement = true, .end_of_message = false, .destination_id = 0});
    delivers(system('b', 0, 0));
    delivers(system('a', 0, 0));
  }
  void wait(duration span) { now_ += span; }

 private:
  void put(std::size_t interface, capture_direction direction, const segment& what, std::optional<std::uint64_t> id) {
    now_ += 1_ms;
    writer_.write({.interface = interface, .at = now_, .direction = direction, .packet_id = id},
                  frames_.frame_of(what));
  }

  capture_writer writer_;
  story frames_;
  instant now_{1'000'000'000};
  std::uint64_t last_id_ = 0;
};

struct two_captures {
  two_captures() {
    std::string pattern = (std::filesystem::temp_directory_path() / "seqwire-test-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }
  ~two_captures() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  std::string path(const char* name) const { return folder / name; }

  std::filesystem::path folder;
};

/// The packet as another connection of the same hosts has it.
inline segment of_connection(segment what, std::uint16_t fresh_socket, std::uint16_t ids) {
  const auto fresh = socket_number{fresh_socket};
  (what.from == 'a' ? what.socket : what.peer_socket) = fresh;
  what.source_id = what.from == 'a' ? ids : static_cast<std::uint16_t>(ids + 1);
  what.destination_id = what.destination_id == 0 ? 0 : what.from == 'a' ? ids + 1 : ids;
  return what;
}

}  // namespace seqwire::stories
