#include "lab/replay/replay.hpp"

#include <deque>

#include "protocol/host/connection_id.hpp"
#include "protocol/host/drive.hpp"
#include "protocol/host/host.hpp"

namespace seqwire {
namespace {

constexpr std::uint64_t most_replay_timers = 10'000'000;  // that a repetition comes to see
constexpr std::size_t replay_head_room = 64;              // octets of headers in front of a packet's data

// One that draws this id first; of 65,536 about one in so many does.
hash_key secret_that_draws(std::uint16_t id, const xns_address& peer) {
  hash_key key;
  for (std::uint64_t trial = 0; drawn_connection_id(key, peer, 1) != id; ++trial) store_u64(key.octets.data(), trial);
  return key;
}

host_config config_of_end(const recorded_end& end, const spp_config& spp) {
  host_config config;
  config.network = end.own.network;
  config.host = end.own.host;
  config.secret = secret_that_draws(end.own_id, end.peer);
  config.mtu = std::max(config.mtu, spp.packet_data + replay_head_room);
  if (end.peer.network != end.own.network) config.gateway = end.peer.host;
  return config;
}

// The host's only link: gives it the one packet that arrives, and reads what it sends.
class replay_link final : public link {
 public:
  replay_link(const recorded_end& end, std::size_t mtu) : host_(end.own.host), peer_(end.peer.host), mtu_(mtu) {}

  void arrive(slice packet) { arriving_ = std::move(packet); }
  bool waiting() const { return !arriving_.empty(); }

  link_capabilities capabilities() const override { return {.host = host_, .mtu = mtu_}; }
  std::size_t receive(instant, std::span<datagram> to) override {
    if (arriving_.empty()) return 0;
    to.front() = {.link = 0, .previous_hop = peer_, .contents = std::exchange(arriving_, {})};
    return 1;
  }
  std::size_t transmit(instant now, std::span<const packet> packets) override {
    for (const packet& each : packets) {
      octets whole(each.size());
      each.copy_to(whole.data());
      const auto decoded = decode_frame(link_type::user0, whole);
      const auto view = decoded ? decode_sequenced(*decoded) : std::nullopt;
      if (view) sent.push_back(reader_.read(now, 0, *view));
      else ++others;
    }
    return packets.size();
  }

  std::vector<sent_answer> sent;
  std::uint64_t others = 0;

 private:
  host_number host_;
  host_number peer_;
  std::size_t mtu_;
  slice arriving_;
  answer_reader reader_;
};

class replay_player {
 public:
  replay_player(recorded_end& end, const replay_settings& settings)
      : end_(end),
        settings_(settings),
        config_(config_of_end(end, settings.spp)),
        link_(end, config_.mtu),
        host_(config_) {
    if (!end.opens) require(host_.sequenced().listen(end.own.socket, settings.spp));
  }

  void play(replay_outcome& outcome) {
    for (std::size_t i = 0; i < end_.packets.size(); ++i) {
      recorded_packet& each = end_.packets[i];
      if (each.left) {
        go_on(each.at, each.said.empty());
        say(each.said, ready_);
        drive(each.at);
        continue;
      }
      ++outcome.heard;
      go_on(each.at, false);
      for (std::size_t next = i + 1; next < end_.packets.size() && end_.packets[next].left &&
                                     end_.packets[next].at - each.at <= settings_.reaction;
           ++next)
        say(end_.packets[next].said, after_arrival_);
      // Nothing is taken from an application once its peer has closed: what left later had been said before.
      if (each.closes) say_all_behind(i);
      link_.arrive(std::move(each.arrived));
      drive(each.at);
    }
    go_on(end_.until, true);
    if (timers_ >= most_replay_timers) end_.holes.push_back("timers without end: not all that was due was done");
    outcome.others = link_.others;
    outcome.ended = ended_;
    for (const auto* queue : {&ready_, &after_arrival_})
      for (const utterance& each : *queue) outcome.not_said += each.contents.size();
  }

  const std::vector<sent_answer>& sent() const { return link_.sent; }

 private:
  using utterances = std::deque<utterance>;

  static void say(std::vector<utterance>& what, utterances& to) {
    for (utterance& each : what) to.push_back(std::move(each));
    what.clear();
  }

  void say_all_behind(std::size_t index) {
    for (std::size_t next = index + 1; next < end_.packets.size(); ++next) {
      std::vector<utterance>& said = end_.packets[next].said;
      for (auto each = said.begin(); each != said.end(); each = said.erase(each)) {
        if (each->what != utterance::kind::record) break;
        ready_.push_back(std::move(*each));
      }
      if (!said.empty()) return;
    }
  }

  void go_on(instant until, bool inclusive) {
    while ((deadline_ < until || (inclusive && deadline_ == until)) && ++timers_ < most_replay_timers)
      drive(std::max(now_, deadline_));
  }

  void drive(instant now) {
    now_ = now;
    deadline_ = joint_.drive(now, [&] { return step(); }).deadline.value_or(instant::never());
  }

  // --- the application ---

  bool step() {
    bool did = false;
    while (const auto event = host_.sequenced().poll_event()) {
      take(*event);
      did = true;
    }
    // What answers an arrival waits until it has arrived, and goes before what the engine sends for itself.
    if (!link_.waiting()) say_after_arrival();
    for (; !ready_.empty() && submit(ready_.front()); did = true) ready_.pop_front();
    return did;
  }

  void say_after_arrival() {
    for (utterance& each : after_arrival_) ready_.push_back(std::move(each));
    after_arrival_.clear();
  }

  void take(const host_event& event) {
    spp_protocol& spp = host_.sequenced();
    if (!connection_) connection_ = event.connection;
    while (spp.take_record(event.connection)) continue;
    if (spp_connection* const found = spp.find(event.connection))
      while (found->take_attention()) continue;
    if (event.what != connection_notice::ended) return;
    ended_ = name_of(spp.status(event.connection));
    spp.release(event.connection);
    over_ = true;
  }

  // False: not now.
  bool submit(const utterance& what) {
    spp_protocol& spp = host_.sequenced();
    if (what.what == utterance::kind::open) {
      connection_ = spp.connect(now_, end_.peer, settings_.spp, end_.own.socket);
      return connection_.has_value();
    }
    if (!connection_ || over_) return false;
    spp_connection& connection = *spp.find(*connection_);
    switch (what.what) {
      case utterance::kind::record:
        return connection.send(what.contents, what.datastream_type, what.end_of_message) == send_status::accepted;
      case utterance::kind::attention:
        return connection.send_attention(what.contents.view().front()) == send_status::accepted;
      case utterance::kind::close: connection.close(); return true;
      case utterance::kind::open: break;
    }
    return false;
  }

  recorded_end& end_;
  const replay_settings& settings_;
  host_config config_;
  replay_link link_;
  host host_;
  link* links_[1] = {&link_};
  driver joint_{host_, links_};
  std::optional<connection_handle> connection_;
  utterances ready_;          // to be said as soon as the engine takes it
  utterances after_arrival_;  // once the packet at hand has arrived
  std::string ended_;
  bool over_ = false;
  instant now_{};
  instant deadline_ = instant::never();
  std::uint64_t timers_ = 0;
};

}  // namespace

int replay_outcome::exit_code() const {
  if (!played.unrepeatable.empty()) return 4;
  if (!answers.differences.empty()) return 3;
  return played.holes.empty() ? 0 : 4;
}

replay_outcome replay(recorded_end end, const replay_settings& settings) {
  replay_outcome outcome;
  outcome.settings = settings;
  if (end.unrepeatable.empty()) {
    std::vector<sent_answer> captured;
    for (const recorded_packet& each : end.packets)
      if (each.left) captured.push_back(each.sent);
    replay_player player(end, settings);
    player.play(outcome);
    outcome.answers = compare_answers(captured, player.sent(), settings.tolerance);
  }
  end.packets.clear();
  outcome.played = std::move(end);
  return outcome;
}

}  // namespace seqwire
