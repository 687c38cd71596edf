// Chooses the source by the file's first octets, and keeps the promise that reading ends with the first error.
#include <fmt/format.h>

#include <utility>

#include "rawio/capture/capture.hpp"
#include "rawio/capture/capture_source.hpp"
#include "rawio/capture/pcapng_format.hpp"

namespace seqwire {
namespace {

bool is_pcap_magic(std::uint32_t magic) {
  switch (magic) {
    case 0xa1b2c3d4:  // microseconds
    case 0xd4c3b2a1:
    case 0xa1b23c4d:  // nanoseconds
    case 0x4d3cb2a1:
    case 0xa1b2cd34:  // a Linux variant with longer record headers
    case 0x34cdb2a1: return true;
    default: return false;
  }
}

detail::opened_source open_source(const std::string& path, damage_handling damaged, std::function<bool()> grows) {
  const auto refuse = [&](std::string what, bool truncated = false) {
    return failure(capture_error{path, 0, std::move(what), truncated});
  };
  auto file = input_file::open(path);
  if (!file) return refuse(file.error());
  file->grows(std::move(grows));
  file->unpack_if_packed();
  const octets_view head = file->peek(4);
  if (file->failed()) return refuse(file->error(), file->cut_short());
  if (head.empty()) return refuse("the file is empty", true);
  if (head.size() < 4)
    return refuse(fmt::format("the file ends after {} octets, no capture is that short", head.size()), true);
  const std::uint32_t magic = load_u32(head.data());
  if (magic == static_cast<std::uint32_t>(pcapng::block_type::section_header))
    return detail::open_pcapng(std::move(*file), path, damaged);
  if (is_pcap_magic(magic)) return detail::open_pcap(std::move(*file), path, damaged);
  return refuse(fmt::format("not a capture: expected the first octets of pcapng or pcap, got {:08x}", magic));
}

}  // namespace

std::string to_string(const capture_error& error) {
  return fmt::format("{}: octet {}: {}", error.file, error.offset, error.what);
}

struct capture_reader::state {
  std::unique_ptr<detail::capture_source> source;
  bool ended = false;
};

capture_reader::capture_reader(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
capture_reader::capture_reader(capture_reader&&) noexcept = default;
capture_reader& capture_reader::operator=(capture_reader&&) noexcept = default;
capture_reader::~capture_reader() = default;

result<capture_reader, capture_error> capture_reader::open(const std::string& path, damage_handling damaged,
                                                           std::function<bool()> grows) {
  auto source = open_source(path, damaged, std::move(grows));
  if (!source) return failure(std::move(source.error()));
  auto opened = std::make_unique<state>();
  opened->source = std::move(*source);
  return capture_reader(std::move(opened));
}

result<const captured_packet*, capture_error> capture_reader::next() {
  if (state_->ended) return nullptr;
  auto packet = state_->source->next();
  if (!packet || *packet == nullptr) state_->ended = true;
  return packet;
}

const std::vector<capture_interface>& capture_reader::interfaces() const { return state_->source->interfaces(); }
const std::vector<interface_statistics>& capture_reader::statistics() const { return state_->source->statistics(); }
const std::vector<capture_error>& capture_reader::left_out() const { return state_->source->left_out(); }
std::uint64_t capture_reader::places_left_out() const { return state_->source->places_left_out(); }

}  // namespace seqwire
