#include "lab/replay/recorded_end.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "dissector/analysis/analyze.hpp"
#include "dissector/analysis/capture_walk.hpp"
#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

// Which interface a view of a connection is.
using view_interfaces = std::map<std::pair<std::size_t, std::size_t>, std::size_t>;

struct found_view {
  std::size_t view = 0;
  bool own = false;
};

// The end's own, or one where both directions pass.
std::optional<found_view> view_of_end(const connection_summary& of, std::size_t side) {
  for (std::size_t i = 0; i < of.views.size(); ++i) {
    const direction_summary& sent = of.views[i].sides[side];
    const direction_summary& came = of.views[i].sides[1 - side];
    if (sent.where == vantage::own_emission && (!came.where || came.where == vantage::own_arrival))
      return found_view{i, true};
  }
  for (std::size_t i = 0; i < of.views.size(); ++i)
    if (of.views[i].sides[0].where && of.views[i].sides[1].where) return found_view{i, false};
  return std::nullopt;
}

std::size_t side_of_choice(const connection_summary& of, const end_choice& choice) {
  if (choice.side) return *choice.side;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}})
    if (const auto found = view_of_end(of, side); found && found->own) return side;
  return 0;
}

// What left under a number for the first time.
struct said_packet {
  std::size_t index = 0;  // of the recorded packets
  octets contents;
  sequenced_header header;
};

class end_reader {
 public:
  end_reader(recorded_end& end, const speaker& own, const speaker& peer, std::size_t interface)
      : end_(end), own_(own), peer_(peer), interface_(interface) {}

  void on_packet(const captured_packet& packet, const capture_interface& seen_at) {
    ++frame_;
    if (packet.interface != interface_) return;
    dropped_ += packet.dropped_before;
    end_.until = std::max(end_.until, sane(packet.at));
    if (packet.frame.size() < packet.original_length) {
      ++cut_;
      return;
    }
    const auto decoded = decode_frame(seen_at.type, packet.frame);
    if (!decoded || !decoded->checksum_right || full_) return;
    const idp_header& idp = decoded->header;
    if (idp.packet_type == packet_type::error && idp.destination_host == own_.host)
      return arrived(packet, *decoded, false);
    const auto view = decode_sequenced(*decoded);
    if (!view || view->fault != form_fault::none) return;
    packet_facts facts;
    facts.take(*decoded, *view);
    if (belongs(facts, own_, peer_)) left(packet, *decoded, *view);
    else if (belongs(facts, peer_, own_)) arrived(packet, *decoded, view->header.datastream_type == close_request_type);
  }

  void finish() {
    if (cut_ != 0) unrepeatable(fmt::format("{} frames were cut by the capture", cut_));
    if (dropped_ != 0) end_.holes.push_back(fmt::format("{} packets were lost by the capture", dropped_));
    if (full_)
      end_.holes.push_back(fmt::format("what follows {} octets, at frame {}, is not repeated", most_repeated_octets,
                                       end_.packets.back().frame));
    if (!heard_ && knows_peer_) unrepeatable("what arrived at the end was not captured");
    if (!began_) unrepeatable("the capture begins in the middle of the connection");
    if (!end_.packets.empty() && !own_answered_) unrepeatable("the end never answered");
    if (is_group(end_.own.host) || is_group(end_.peer.host) || end_.own.socket == socket_number{} ||
        end_.peer.socket == socket_number{})
      unrepeatable("an end has an address that no end can have");
    if (end_.unrepeatable.empty()) put_words_together();
  }

 private:
  // An opening names one id; the other end is known by its host alone.
  static bool belongs(const packet_facts& facts, const speaker& from, const speaker& to) {
    return facts.from == from && (facts.to == to || (facts.to.id == 0 && facts.to.host == to.host));
  }

  void unrepeatable(std::string why) {
    if (end_.unrepeatable.empty()) end_.unrepeatable = std::move(why);
  }

  recorded_packet& add(const captured_packet& packet) {
    recorded_packet& added = end_.packets.emplace_back();
    added.at = end_.packets.size() > 1 ? std::max(sane(packet.at), end_.packets[end_.packets.size() - 2].at)
                                       : sane(packet.at);  // the engine's time never goes back
    added.frame = frame_;
    return added;
  }

  void arrived(const captured_packet& packet, const decoded_frame& decoded, bool closes) {
    if (decoded.header.packet_type == packet_type::sequenced_packet && !heard_) {
      heard_ = true;
      end_.peer = decoded.header.source();
      if (!own_answered_) {
        began_ = is_opening(decoded);
        end_.own = decoded.header.destination();
      }
    }
    recorded_packet& added = add(packet);
    added.arrived = slice::copy_of(decoded.packet);
    added.closes = closes;
    note_octets(decoded.packet.size());
  }

  static bool is_opening(const decoded_frame& decoded) {
    const auto view = decode_sequenced(decoded);
    return view && view->header.destination_connection == 0;
  }

  void left(const captured_packet& packet, const decoded_frame& decoded, const sequenced_packet_view& view) {
    const sequenced_header& header = view.header;
    recorded_packet& added = add(packet);
    added.left = true;
    added.sent = answers_.read(added.at, frame_, view);
    if (!own_answered_) {
      own_answered_ = true;
      const xns_address source = decoded.header.source();
      end_.opens = header.destination_connection == 0;
      if (end_.opens) added.said.push_back({.what = utterance::kind::open, .contents = {}});
      if (!heard_) {
        began_ = end_.opens;
        end_.peer = decoded.header.destination();
      } else if (end_.own.socket != source.socket) {
        unrepeatable("the end answers from another socket than it was opened at");
      }
      end_.own = source;
      const auto room = static_cast<std::uint16_t>(header.allocation - header.acknowledgement + 1);
      end_.allocation = std::clamp<packet_count>(room, 1, maximum_room);
    }
    knows_peer_ = knows_peer_ || header.destination_connection != 0;
    const std::size_t index = end_.packets.size() - 1;
    if (header.system) {
      if (header.acknowledgement_request && header.destination_connection != 0) asked_since_ = true;
      return;
    }
    end_.packet_data = std::max(end_.packet_data, view.body.size());
    const auto [said, fresh] = said_.try_emplace(added.sent.number);
    if (!fresh) return;
    // Whoever asked for room had something to say.
    said->second = {asked_since_ && last_said_ ? *last_said_ : index, {view.body.begin(), view.body.end()}, header};
    last_said_ = index;
    asked_since_ = false;
    note_octets(view.body.size());
  }

  void note_octets(std::size_t more) {
    octets_ += more;
    full_ = octets_ > most_repeated_octets;
  }

  // Records and what goes between them, each at the first packet that shows it.
  void put_words_together() {
    std::size_t latest = end_.packets.size();
    for (auto each = said_.rbegin(); each != said_.rend(); ++each)
      latest = each->second.index = std::min(latest, each->second.index);
    absolute_number expected = 0;
    std::optional<std::pair<std::size_t, utterance>> record;
    octets contents;
    const auto put = [&](std::size_t index, utterance what) { end_.packets[index].said.push_back(std::move(what)); };
    for (auto& [number, packet] : said_) {
      if (number != expected++) return unrepeatable(fmt::format("packet {} of the end was not captured", expected - 1));
      const sequenced_header& header = packet.header;
      if (header.datastream_type == close_request_type) {
        put(packet.index, {.what = utterance::kind::close, .contents = {}});
      } else if (header.attention) {
        put(packet.index, {.what = utterance::kind::attention, .contents = slice::copy_of(packet.contents)});
      } else if (header.datastream_type != close_reply_type) {
        if (!record) record.emplace(packet.index, utterance{.contents = {}, .datastream_type = header.datastream_type});
        contents.insert(contents.end(), packet.contents.begin(), packet.contents.end());
        if (!header.end_of_record) continue;
        record->second.contents = slice::owning(std::exchange(contents, {}));
        put(record->first, std::move(record->second));
        record.reset();
      }
    }
    if (!record) return;
    record->second.contents = slice::owning(std::move(contents));
    record->second.end_of_message = false;
    put(record->first, std::move(record->second));
  }

  static constexpr packet_count maximum_room = 32767;

  recorded_end& end_;
  const speaker own_;
  const speaker peer_;
  const std::size_t interface_;
  answer_reader answers_;
  std::map<absolute_number, said_packet> said_;
  std::optional<std::size_t> last_said_;  // index of the latest packet that said something new
  bool asked_since_ = false;              // a question left after it
  std::uint64_t frame_ = 0;
  std::uint64_t cut_ = 0;
  std::uint64_t dropped_ = 0;
  std::size_t octets_ = 0;
  bool heard_ = false;         // the other end
  bool knows_peer_ = false;    // the end says the other's id
  bool own_answered_ = false;  // the end itself was
  bool began_ = false;         // the first packet of all was an opening
  bool full_ = false;
};

}  // namespace

result<recorded_end, std::string> read_recorded_end(const std::string& capture, const end_choice& choice,
                                                    const std::function<bool()>& stopped) {
  std::error_code unknown;
  if (std::filesystem::exists(capture, unknown) && !std::filesystem::is_regular_file(capture, unknown))
    return failure(printable_name(capture) + ": expected a file, which can be read twice; got another thing");
  view_interfaces interfaces;
  const auto told = analyze_files({&capture, 1},
                                  [&](const observed_event& event) {
                                    interfaces.try_emplace({event.connection, event.view}, event.packet->interface);
                                  },
                                  {.stopped = stopped});
  if (!told) return failure(told.error());
  recorded_end end;
  end.connection = choice.connection;
  if (choice.connection >= told->connections.size() && !told->holes.empty()) {
    end.unrepeatable = told->holes.front();
    return end;
  }
  if (choice.connection >= told->connections.size())
    return failure(
        fmt::format("{}: expected a capture with a connection {}; got {} connections (seqwire analyze lists "
                    "them)",
                    printable_name(capture), choice.connection, told->connections.size()));
  const connection_summary& connection = told->connections[choice.connection];
  end.side = side_of_choice(connection, choice);
  const speaker& own = connection.sides[end.side];
  const speaker& peer = connection.sides[1 - end.side];
  end.own_id = own.id;
  end.peer_id = peer.id;
  const auto view = view_of_end(connection, end.side);
  if (!view) {
    end.unrepeatable = "no vantage point of the capture shows both directions";
    return end;
  }
  end.seen_at = connection.views[view->view].name;
  end.own_vantage = view->own;
  const std::size_t interface = interfaces.at({choice.connection, view->view});
  end_reader reader(end, own, peer, interface);
  const auto walked = walk_capture(
      capture,
      [&](const captured_packet& packet, const capture_interface& seen_at) { reader.on_packet(packet, seen_at); },
      {.stopped = stopped});
  if (!walked) return failure(walked.error());
  if (const std::uint64_t lost = walked->statistics.at(interface).dropped; lost != 0)
    end.holes.push_back(fmt::format("{} packets were lost by the capture", lost));
  if (walked->cut_short) end.holes.push_back(*walked->cut_short);
  reader.finish();
  return end;
}

}  // namespace seqwire
