// Programs for simulated hosts that send each other random records and remember what they were given.
#pragma once

#include <string>
#include <vector>

#include "protocol/base/random.hpp"
#include "sim/simulation.hpp"

namespace seqwire::test {

struct plain_record {
  std::uint8_t type = 0;
  octets contents;
  bool operator==(const plain_record&) const = default;
};

/// Opens a connection or listens and sends its records as they are taken. The one that opened closes when it has sent
/// all of its own and was given as many as it expects.
class talker final : public application {
 public:
  static constexpr socket_number service{100};

  talker(bool opens, const spp_config& config, std::vector<plain_record> records)
      : to_send(std::move(records)), opens_(opens), config_(config) {}

  std::vector<plain_record> to_send;
  std::vector<plain_record> given;
  std::size_t expected = 0;
  std::optional<connection_handle> connection;
  end_status status = end_status::none;
  spp_statistics statistics;
  std::uint64_t notices_after_end = 0;

  bool step(instant now, host& on) override {
    bool did = false;
    if (!begun_) {
      begun_ = did = true;
      if (opens_) connection = on.sequenced().connect(now, {simulation::network, simulation::host_b, service}, config_);
      else on.sequenced().listen(service, config_);
    }
    while (const auto event = on.sequenced().poll_event()) {
      did = true;
      take(*event, on);
    }
    return submit(on) || did;
  }
  bool finished() const override { return status != end_status::none; }

 private:
  void take(const host_event& event, host& on) {
    if (finished()) ++notices_after_end;
    if (event.what == connection_notice::opened) {
      connection = event.connection;
      opened_ = true;
    }
    spp_connection* const found = on.sequenced().find(event.connection);
    if (found == nullptr) return;
    while (const auto record = found->take_record()) {
      const slice whole = record->flatten();
      given.push_back({record->datastream_type, octets(whole.view().begin(), whole.view().end())});
    }
    if (event.what != connection_notice::ended) return;
    status = found->status();
    statistics = found->statistics();
    on.sequenced().release(event.connection);
  }

  bool submit(host& on) {
    if (!opened_ || finished() || closed_) return false;
    spp_connection& mine = *on.sequenced().find(*connection);
    for (; next_ < to_send.size(); ++next_)
      if (mine.send(slice::copy_of(to_send[next_].contents), to_send[next_].type) != send_status::accepted)
        return false;
    if (!opens_ || given.size() < expected) return false;
    mine.close();
    closed_ = true;
    return true;
  }

  bool opens_;
  spp_config config_;
  bool begun_ = false;
  bool opened_ = false;
  bool closed_ = false;
  std::size_t next_ = 0;
};

}  // namespace seqwire::test
