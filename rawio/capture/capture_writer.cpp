// Lays pcapng blocks into an output file's buffer: no allocation and one copy for each packet. Knows no clock and no
// host name, so the same packets give the same octets. draft-ietf-opsawg-pcapng section 4.
#include <algorithm>
#include <initializer_list>

#include "protocol/base/require.hpp"
#include "rawio/capture/capture.hpp"
#include "rawio/capture/file.hpp"
#include "rawio/capture/pcapng_format.hpp"

namespace seqwire {
namespace {

using namespace pcapng;

// The largest beginning of a text that fits in an option and does not cut a UTF-8 character.
std::string_view fitting(std::string_view text) {
  if (text.size() <= largest_option) return text;
  std::size_t size = largest_option;
  while (size > 0 && (static_cast<octet>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

constexpr std::size_t option_size(std::size_t value_size) { return 4 + padded(value_size); }
std::size_t text_option_size(std::string_view text) { return text.empty() ? 0 : option_size(text.size()); }
// Options end with opt_endofopt; no options, no end.
constexpr std::size_t option_list_size(std::size_t options) { return options == 0 ? 0 : options + 4; }

// Fills one block from front to back; the sizes have been added up before.
class block_cursor {
 public:
  block_cursor(octet* start, block_type type, std::size_t size) : start_(start), at_(start), size_(size) {
    put(static_cast<std::uint32_t>(type));
    put(static_cast<std::uint32_t>(size));
  }

  template <class Integer>
  void put(Integer value) {
    store_little(at_, value);
    at_ += sizeof value;
  }
  void put_time(instant at) {
    const auto ticks = static_cast<std::uint64_t>(at.nanoseconds);
    put(static_cast<std::uint32_t>(ticks >> 32));
    put(static_cast<std::uint32_t>(ticks));
  }
  void put(octets_view contents) {
    if (!contents.empty()) std::memcpy(at_, contents.data(), contents.size());
    at_ += contents.size();
  }
  void pad(std::size_t contents_size) {
    for (std::size_t size = contents_size; size % 4 != 0; ++size) *at_++ = 0;
  }
  template <class Integer>
  void option(std::uint16_t code, Integer value) {
    put(code);
    put(static_cast<std::uint16_t>(sizeof value));
    put(value);
    pad(sizeof value);
  }
  void text_option(std::uint16_t code, std::string_view text) {
    if (text.empty()) return;
    put(code);
    put(static_cast<std::uint16_t>(text.size()));
    put(view_of(text));
    pad(text.size());
  }
  void end_options() { put(std::uint32_t{0}); }
  void finish() {
    put(static_cast<std::uint32_t>(size_));
    require(at_ == start_ + size_);
  }

 private:
  octet* start_;
  octet* at_;
  std::size_t size_;
};

std::size_t whole_blocks(octets_view written) {
  std::size_t whole = 0;
  while (written.size() - whole >= smallest_block) {
    const std::size_t length = load_little_u32(written.data() + whole + 4);
    if (length > written.size() - whole) break;
    whole += length;
  }
  return whole;
}

std::uint64_t count_packets(octets_view blocks) {
  std::uint64_t packets = 0;
  while (!blocks.empty()) {
    if (load_little_u32(blocks.data()) == static_cast<std::uint32_t>(block_type::enhanced_packet)) ++packets;
    blocks = blocks.subspan(load_little_u32(blocks.data() + 4));
  }
  return packets;
}

}  // namespace

struct capture_writer::state {
  explicit state(const std::string& path) : file(path, whole_blocks) {}

  // Room for a block, or null when the file takes no more.
  octet* append(std::size_t size) {
    octet* const room = file.append(size);
    account();
    return room;
  }

  // Packets that were in the buffer when writing failed are taken out of the count, once.
  void account() {
    if (accounted || !file.error()) return;
    accounted = true;
    std::uint64_t lost = count_packets(file.lost());
    if (file.last_unit_cut() && packets_written > lost) ++lost;
    packets_written -= lost;
    packets_not_written += lost;
  }

  output_file file;
  std::vector<std::size_t> frame_limits;  // by interface
  std::uint64_t packets_written = 0;
  std::uint64_t packets_not_written = 0;
  bool accounted = false;
};

capture_writer::capture_writer(const std::string& path, const capture_writer_options& options)
    : state_(std::make_unique<state>(path)) {
  const std::string_view application = fitting(options.application);
  const std::string_view comment = fitting(options.comment);
  const std::size_t option_octets = text_option_size(application) + text_option_size(comment);
  const std::size_t size = smallest_block + 16 + option_list_size(option_octets);
  if (octet* const room = state_->append(size)) {
    block_cursor block(room, block_type::section_header, size);
    block.put(byte_order_magic);
    block.put(version_major);
    block.put(version_minor);
    block.put(section_length_unknown);
    block.text_option(opt_comment, comment);
    block.text_option(shb_userappl, application);
    if (option_octets > 0) block.end_options();
    block.finish();
  }
  flush();  // at once: an empty file is no capture
}

capture_writer::~capture_writer() = default;

std::size_t capture_writer::add_interface(const capture_interface& interface) {
  const std::size_t limit = interface.snap_length == 0 ? largest_frame : interface.snap_length;
  state_->frame_limits.push_back(std::min(limit, largest_frame));
  const std::string_view name = fitting(interface.name);
  const std::string_view description = fitting(interface.description);
  const std::size_t size =
      smallest_block + 8 + option_list_size(text_option_size(name) + text_option_size(description) + option_size(1));
  if (octet* const room = state_->append(size)) {
    block_cursor block(room, block_type::interface_description, size);
    block.put(static_cast<std::uint16_t>(interface.type));
    block.put(std::uint16_t{0});
    block.put(interface.snap_length);
    block.text_option(if_name, name);
    block.text_option(if_description, description);
    block.option(if_tsresol, std::uint8_t{9});
    block.end_options();
    block.finish();
  }
  return state_->frame_limits.size() - 1;
}

void capture_writer::write(const packet_block& packet, octets_view first, octets_view second, octets_view third) {
  require(packet.interface < state_->frame_limits.size());
  require(packet.at.nanoseconds >= 0);
  const std::size_t given = first.size() + second.size() + third.size();
  const std::size_t original = std::max(given, packet.original_length);
  const std::size_t captured = std::min(given, state_->frame_limits[packet.interface]);
  const std::string_view comment = fitting(packet.comment);
  std::size_t option_octets = text_option_size(comment);
  for (const std::string& each : packet.more_comments) option_octets += text_option_size(fitting(each));
  if (packet.direction != capture_direction::unknown) option_octets += option_size(4);
  if (packet.packet_id) option_octets += option_size(8);
  if (packet.dropped_before > 0) option_octets += option_size(8);
  const std::size_t size = smallest_block + 20 + padded(captured) + option_list_size(option_octets);

  octet* const room = state_->append(size);
  if (room == nullptr) {
    ++state_->packets_not_written;
    return;
  }
  block_cursor block(room, block_type::enhanced_packet, size);
  block.put(static_cast<std::uint32_t>(packet.interface));
  block.put_time(packet.at);
  block.put(static_cast<std::uint32_t>(captured));
  block.put(static_cast<std::uint32_t>(original));
  std::size_t left = captured;
  for (const octets_view piece : {first, second, third}) {
    block.put(piece.first(std::min(left, piece.size())));
    left -= std::min(left, piece.size());
  }
  block.pad(captured);
  block.text_option(opt_comment, comment);
  for (const std::string& each : packet.more_comments) block.text_option(opt_comment, fitting(each));
  if (packet.direction != capture_direction::unknown)
    block.option(epb_flags, static_cast<std::uint32_t>(packet.direction));
  if (packet.dropped_before > 0) block.option(epb_dropcount, packet.dropped_before);
  if (packet.packet_id) block.option(epb_packetid, *packet.packet_id);
  if (option_octets > 0) block.end_options();
  block.finish();
  ++state_->packets_written;
}

void capture_writer::write_statistics(std::size_t interface, instant at, const interface_statistics& statistics) {
  require(interface < state_->frame_limits.size());
  require(at.nanoseconds >= 0);
  constexpr std::size_t size = smallest_block + 12 + option_list_size(2 * option_size(8));
  octet* const room = state_->append(size);
  if (room == nullptr) return;
  block_cursor block(room, block_type::interface_statistics, size);
  block.put(static_cast<std::uint32_t>(interface));
  block.put_time(at);
  block.option(isb_ifrecv, statistics.received);
  block.option(isb_ifdrop, statistics.dropped);
  block.end_options();
  block.finish();
}

void capture_writer::flush() {
  state_->file.flush();
  state_->account();
}

void capture_writer::close() {
  state_->file.close();
  state_->account();
}

std::uint64_t capture_writer::packets_written() const { return state_->packets_written; }
std::uint64_t capture_writer::octets_written() const { return state_->file.size(); }
std::uint64_t capture_writer::packets_not_written() const { return state_->packets_not_written; }
std::optional<std::string> capture_writer::error() const { return state_->file.error(); }

}  // namespace seqwire
