// One vantage point's qlog file in the making (docs/qlog.md): notes, where there are some, and packets in the order of
// time. Knows neither runs nor whole captures.
#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "dissector/analysis/decode.hpp"
#include "lab/qlog/connection_notes.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire {

/// Writes one file.
class host_events {
 public:
  /// Whose events they are.
  struct source {
    std::string name;      // of the host, or of the vantage point
    std::string title;     // of the file, for people
    instant origin{};      // times count from here
    std::string notes{};   // path of what connection_notes wrote; empty: there are none
    bool between = false;  // no host's: packets are told as if seen by whoever was heard first of a connection
  };

  /// Throws std::system_error naming the path.
  host_events(const std::string& path, const source& of);

  /// The next packet at an interface of that host, in order of time; before the origin counts as at it.
  void on_packet(const captured_packet& packet, link_type type);
  /// Writes the end and closes; what went wrong, or nothing.
  std::optional<std::string> close();

 private:
  // Packets of one direction of one connection: which number each has, and which was sent before.
  struct numbered_packets {
    /// One number.
    struct transmission {
      std::uint64_t times = 0;    // it was sent
      std::uint64_t last_id = 0;  // of the packet that did so last
    };
    std::int64_t number_of(std::uint16_t sequence);

    std::optional<std::int64_t> next;           // the highest was one less
    std::map<std::int64_t, transmission> sent;  // by number
  };
  static constexpr std::size_t most_groups = 65536;  // whose packets are numbered; nobody's run has more

  bool is_sent(const captured_packet& packet, const std::string& group, const xns_address& from);
  void add_sequenced(nlohmann::json& data, duration at, const std::string& group, bool out,
                     const sequenced_packet_view& view);
  void read_note();
  void write_note();
  void write(duration at, const char* name, const std::string& group, const nlohmann::json& data);
  void append_event(const std::string& event);
  void append(const std::string& text);

  output_file file_;
  std::ifstream notes_;
  std::optional<connection_note> note_;
  instant origin_;
  bool between_;
  bool any_ = false;
  // By group.
  std::map<std::string, numbered_packets> sent_;
  std::map<std::string, numbered_packets> received_;
  std::map<std::string, xns_address> heard_first_;  // between hosts only
};

}  // namespace seqwire
