// Reads pcapng block by block: both byte orders, several sections, every time resolution. Strict, because verdicts are
// drawn from what it says: a doubtful length is an error with its place, never a guess. Unknown blocks and options are
// skipped, as draft-ietf-opsawg-pcapng sections 3.1 and 3.5 demand. Knows nothing of what a frame contains.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "rawio/capture/capture_source.hpp"
#include "rawio/capture/pcapng_format.hpp"

namespace seqwire::detail {
namespace {

using namespace pcapng;

constexpr std::size_t most_interfaces = 65536;

// Blocks by which reading finds its way back from damage.
constexpr std::array read_types{block_type::section_header,       block_type::interface_description,
                                block_type::interface_statistics, block_type::enhanced_packet,
                                block_type::obsolete_packet,      block_type::simple_packet};

__extension__ typedef __int128 wide_integer;  // ticks times 10^9 need 94 bits

/// What an interface's stamps count, and from when.
struct interface_clock {
  std::uint8_t resolution = 6;      // 10^-n seconds; with the top bit, 2^-n
  std::int64_t offset_seconds = 0;  // added to every stamp

  /// Rounded down to nanoseconds; nothing when 64 bits of nanoseconds cannot hold it.
  std::optional<instant> convert(std::uint64_t ticks) const {
    wide_integer nanoseconds = 0;
    const unsigned exponent = resolution & 0x7fu;
    if (resolution & 0x80u) nanoseconds = (static_cast<wide_integer>(ticks) * 1'000'000'000) >> exponent;
    else if (exponent <= 9) nanoseconds = static_cast<wide_integer>(ticks) * power_of_ten(9 - exponent);
    else if (exponent <= 28) nanoseconds = static_cast<wide_integer>(ticks / power_of_ten(exponent - 9));
    nanoseconds += static_cast<wide_integer>(offset_seconds) * 1'000'000'000;
    if (nanoseconds > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    if (nanoseconds < std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    return instant{static_cast<std::int64_t>(nanoseconds)};
  }

 private:
  static constexpr std::uint64_t power_of_ten(unsigned exponent) {
    std::uint64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
  }
};

// The strings of some writers end in zeros.
std::string text_of(octets_view value) { return {value.begin(), std::find(value.begin(), value.end(), octet{0})}; }

class pcapng_source final : public capture_source {
 public:
  pcapng_source(input_file file, const std::string& path, damage_handling damaged)
      : capture_source(damaged), file_(std::move(file)) {
    error_.file = path;
  }

  /// The file's first block, a section header. Nothing when all is well.
  std::optional<capture_error> begin() {
    if (read_block() == outcome::failed && !goes_on()) return error_;
    return std::nullopt;
  }

  result<const captured_packet*, capture_error> next() override {
    while (true) {
      switch (read_block()) {
        case outcome::packet: return &packet_;
        case outcome::other: break;
        case outcome::end: return nullptr;
        case outcome::failed:
          if (goes_on()) break;
          return failure(error_);
      }
    }
  }

 private:
  enum class outcome { packet, other, end, failed };

  outcome refuse(std::string what) {
    error_.what = std::move(what);
    return outcome::failed;
  }
  outcome refuse_unread() {
    error_.truncated = file_.cut_short();
    return refuse(file_.error());
  }
  outcome refuse_cut(std::string what) {
    error_.truncated = true;
    return refuse(std::move(what));
  }

  std::uint16_t u16(const octet* from) const {
    return swap_ ? byteswap(load_native<std::uint16_t>(from)) : load_native<std::uint16_t>(from);
  }
  std::uint32_t u32(const octet* from) const {
    return swap_ ? byteswap(load_native<std::uint32_t>(from)) : load_native<std::uint32_t>(from);
  }
  std::uint64_t u64(const octet* from) const {
    return swap_ ? byteswap(load_native<std::uint64_t>(from)) : load_native<std::uint64_t>(from);
  }

  outcome read_block();
  bool goes_on();
  bool is_block_here();
  outcome at_end();
  std::optional<std::string> section_fault(block_type type, std::size_t length) const;
  outcome decode(block_type type, octets_view body);
  outcome section_header(octets_view body);
  outcome interface_description(octets_view body);
  outcome interface_statistics_block(octets_view body);
  outcome enhanced_packet(octets_view body);
  outcome obsolete_packet(octets_view body);
  outcome simple_packet(octets_view body);
  outcome packet(std::uint32_t interface, std::uint64_t ticks, const octet* lengths, octets_view contents);
  outcome packet_option(std::uint16_t code, octets_view value);
  std::optional<std::string> interface_fault(std::uint32_t interface) const;

  /// Calls visit(code, value) for each option, until one fails.
  template <class Visit>
  outcome for_each_option(octets_view options, Visit visit);
  /// The value of an option that has exactly this size.
  template <class Integer>
  outcome fixed_option(const char* name, octets_view value, Integer& to);

  input_file file_;
  capture_error error_;
  bool swap_ = false;
  std::size_t section_first_ = 0;             // the section's interface 0 in interfaces_
  std::optional<std::uint64_t> section_end_;  // where the section header says the section ends
  std::vector<interface_clock> clocks_;       // by interface
  captured_packet packet_;
};

pcapng_source::outcome pcapng_source::read_block() {
  error_.offset = file_.offset();
  const octets_view head = file_.peek(smallest_block);
  if (file_.failed()) return refuse_unread();
  if (head.empty()) return at_end();
  if (head.size() < smallest_block)
    return refuse_cut(fmt::format("the file ends {} octets after the start of a block", head.size()));
  const bool is_section = load_u32(head.data()) == static_cast<std::uint32_t>(block_type::section_header);
  if (is_section) {
    // Only here does the byte order show, and everything up to the next section has it.
    const auto magic = load_native<std::uint32_t>(head.data() + 8);
    if (magic != byte_order_magic && magic != byteswap(byte_order_magic))
      return refuse(fmt::format("section header: expected the byte-order magic 1a2b3c4d, got {:08x}", magic));
    swap_ = magic != byte_order_magic;
  }
  const block_type type{u32(head.data())};
  const std::size_t length = u32(head.data() + 4);
  if (length == 0 && type == block_type{0})
    return refuse("zeros where a block should start: the file was preallocated or has lost its contents");
  if (length < smallest_block || length % 4 != 0)
    return refuse(fmt::format("block length {}, expected a multiple of 4 of at least {}", length, smallest_block));
  if (length > largest_block) return refuse(fmt::format("block length {}, expected at most {}", length, largest_block));
  if (auto fault = section_fault(type, length)) return refuse(std::move(*fault));
  const octets_view block = file_.peek(length);
  if (file_.failed()) return refuse_unread();
  if (block.size() < length)
    return refuse_cut(fmt::format("the file ends {} octets into a block of {}", block.size(), length));
  const std::size_t repeated = u32(block.data() + length - 4);
  if (repeated != length) return refuse(fmt::format("block length {} at its start, {} at its end", length, repeated));
  const outcome result = decode(type, block.subspan(8, length - smallest_block));
  file_.skip(length);
  return result;
}

// After a failure: the rest is to be read, and the file stands at a block again, or at its end. A block that was whole
// has been skipped already; one that is longer than the file may only say so.
bool pcapng_source::goes_on() {
  if (file_.failed() || !leaves_damage_out()) return false;
  if (file_.offset() == error_.offset) {
    do {
      file_.skip(std::min<std::size_t>(file_.peek(1).size(), 1));
    } while (!is_block_here());
    if (file_.failed() || (error_.truncated && file_.peek(1).empty())) return false;
  }
  section_end_.reset();  // who knows what it counted
  leave_out(error_);
  return true;
}

bool pcapng_source::is_block_here() {
  const octets_view head = file_.peek(smallest_block);
  if (head.size() < smallest_block) return head.empty();
  const bool is_section = load_u32(head.data()) == static_cast<std::uint32_t>(block_type::section_header);
  if (is_section && load_native<std::uint32_t>(head.data() + 8) != byte_order_magic &&
      byteswap(load_native<std::uint32_t>(head.data() + 8)) != byte_order_magic)
    return false;
  const bool swapped = is_section ? load_native<std::uint32_t>(head.data() + 8) != byte_order_magic : swap_;
  const auto number = [&](const octet* from) {
    return swapped ? byteswap(load_native<std::uint32_t>(from)) : load_native<std::uint32_t>(from);
  };
  const std::uint32_t type = number(head.data());
  const std::size_t length = number(head.data() + 4);
  if (std::find(read_types.begin(), read_types.end(), block_type{type}) == read_types.end()) return false;
  if (length < smallest_block || length % 4 != 0 || length > largest_block) return false;
  const octets_view block = file_.peek(length);
  return block.size() >= length && number(block.data() + length - 4) == length;
}

pcapng_source::outcome pcapng_source::at_end() {
  if (section_end_ && file_.offset() < *section_end_)
    return refuse_cut(fmt::format("the file ends {} octets before its section does", *section_end_ - file_.offset()));
  return outcome::end;
}

// A section that gives its length keeps to it.
std::optional<std::string> pcapng_source::section_fault(block_type type, std::size_t length) const {
  if (!section_end_) return std::nullopt;
  const std::uint64_t left = *section_end_ - file_.offset();
  if (type == block_type::section_header && left > 0)
    return fmt::format("a section header {} octets before the end of the section before it", left);
  if (type != block_type::section_header && left < length)
    return fmt::format("block length {}, but only {} octets of the section are left", length, left);
  return std::nullopt;
}

pcapng_source::outcome pcapng_source::decode(block_type type, octets_view body) {
  switch (type) {
    case block_type::section_header: return section_header(body);
    case block_type::interface_description: return interface_description(body);
    case block_type::interface_statistics: return interface_statistics_block(body);
    case block_type::enhanced_packet: return enhanced_packet(body);
    case block_type::obsolete_packet: return obsolete_packet(body);
    case block_type::simple_packet: return simple_packet(body);
  }
  return outcome::other;  // unknown: skipped
}

template <class Visit>
pcapng_source::outcome pcapng_source::for_each_option(octets_view options, Visit visit) {
  while (options.size() >= 4) {
    const std::uint16_t code = u16(options.data());
    const std::size_t size = u16(options.data() + 2);
    if (code == opt_endofopt) return outcome::other;
    options = options.subspan(4);
    if (padded(size) > options.size())
      return refuse(
          fmt::format("option {} of {} octets, but only {} are left in the block", code, size, options.size()));
    if (visit(code, options.first(size)) == outcome::failed) return outcome::failed;
    options = options.subspan(padded(size));
  }
  return outcome::other;  // the list may end with the block
}

template <class Integer>
pcapng_source::outcome pcapng_source::fixed_option(const char* name, octets_view value, Integer& to) {
  if (value.size() != sizeof to)
    return refuse(fmt::format("option {} of {} octets, expected {}", name, value.size(), sizeof to));
  if constexpr (sizeof to == 1) to = value[0];
  else if constexpr (sizeof to == 4) to = static_cast<Integer>(u32(value.data()));
  else to = static_cast<Integer>(u64(value.data()));
  return outcome::other;
}

pcapng_source::outcome pcapng_source::section_header(octets_view body) {
  if (body.size() < 16) return refuse(fmt::format("section header of {} octets, expected at least 16", body.size()));
  const std::uint16_t major = u16(body.data() + 4);
  const std::uint16_t minor = u16(body.data() + 6);
  // 1.2 was written by some and is read like 1.0 (section 4.1).
  if (major != 1 || (minor != 0 && minor != 2))
    return refuse(fmt::format("pcapng version {}.{}, expected 1.0", major, minor));
  const std::uint64_t length = u64(body.data() + 8);
  const std::uint64_t start = file_.offset() + body.size() + smallest_block;
  section_end_.reset();
  if (length != section_length_unknown) {
    if (length % 4 != 0 || length > std::numeric_limits<std::int64_t>::max())
      return refuse(
          fmt::format("section length {}, expected a multiple of 4 or -1", static_cast<std::int64_t>(length)));
    section_end_ = start + length;
  }
  section_first_ = interfaces_.size();
  return for_each_option(body.subspan(16), [](std::uint16_t, octets_view) { return outcome::other; });
}

pcapng_source::outcome pcapng_source::interface_description(octets_view body) {
  if (body.size() < 8)
    return refuse(fmt::format("interface description of {} octets, expected at least 8", body.size()));
  if (interfaces_.size() == most_interfaces) return refuse(fmt::format("more than {} interfaces", most_interfaces));
  capture_interface interface;
  interface.type = link_type{u16(body.data())};
  interface.snap_length = u32(body.data() + 4);
  interface_clock clock;
  const outcome read = for_each_option(body.subspan(8), [&](std::uint16_t code, octets_view value) {
    switch (code) {
      case if_name: interface.name = text_of(value); break;
      case if_description: interface.description = text_of(value); break;
      case if_tsresol: return fixed_option("if_tsresol", value, clock.resolution);
      case if_tsoffset: return fixed_option("if_tsoffset", value, clock.offset_seconds);
      default: break;
    }
    return outcome::other;
  });
  interfaces_.push_back(std::move(interface));
  statistics_.emplace_back();
  clocks_.push_back(clock);
  return read;
}

std::optional<std::string> pcapng_source::interface_fault(std::uint32_t interface) const {
  const std::size_t described = interfaces_.size() - section_first_;
  if (interface < described) return std::nullopt;
  return fmt::format("block of interface {}, but the section has described {} so far", interface, described);
}

pcapng_source::outcome pcapng_source::interface_statistics_block(octets_view body) {
  if (body.size() < 12)
    return refuse(fmt::format("interface statistics of {} octets, expected at least 12", body.size()));
  const std::uint32_t interface = u32(body.data());
  if (auto fault = interface_fault(interface)) return refuse(std::move(*fault));
  interface_statistics& counts = statistics_[section_first_ + interface];
  return for_each_option(body.subspan(12), [&](std::uint16_t code, octets_view value) {
    if (code == isb_ifrecv) return fixed_option("isb_ifrecv", value, counts.received);
    if (code == isb_ifdrop) return fixed_option("isb_ifdrop", value, counts.dropped);
    return outcome::other;
  });
}

pcapng_source::outcome pcapng_source::enhanced_packet(octets_view body) {
  if (body.size() < 20) return refuse(fmt::format("packet block of {} octets, expected at least 20", body.size()));
  packet_.dropped_before = 0;
  const std::uint64_t ticks = std::uint64_t{u32(body.data() + 4)} << 32 | u32(body.data() + 8);
  return packet(u32(body.data()), ticks, body.data() + 12, body.subspan(20));
}

// Appendix A: the interface has 16 bits, and the drop count follows it (65535: unknown).
pcapng_source::outcome pcapng_source::obsolete_packet(octets_view body) {
  if (body.size() < 20) return refuse(fmt::format("packet block of {} octets, expected at least 20", body.size()));
  const std::uint16_t dropped = u16(body.data() + 2);
  packet_.dropped_before = dropped == 0xffff ? 0 : dropped;
  const std::uint64_t ticks = std::uint64_t{u32(body.data() + 4)} << 32 | u32(body.data() + 8);
  return packet(u16(body.data()), ticks, body.data() + 12, body.subspan(20));
}

// The common part of both packet blocks. `lengths`: captured, original; `contents`: frame, padding, options.
pcapng_source::outcome pcapng_source::packet(std::uint32_t interface, std::uint64_t ticks, const octet* lengths,
                                             octets_view contents) {
  if (auto fault = interface_fault(interface)) return refuse(std::move(*fault));
  const std::size_t captured = u32(lengths);
  const std::size_t original = u32(lengths + 4);
  if (padded(captured) > contents.size())
    return refuse(
        fmt::format("captured length {}, but only {} octets are left in the block", captured, contents.size()));
  if (captured > original)
    return refuse(fmt::format("captured length {} above original length {}", captured, original));
  packet_.interface = section_first_ + interface;
  const std::uint32_t snap_length = interfaces_[packet_.interface].snap_length;
  if (snap_length != 0 && captured > snap_length)
    return refuse(fmt::format("captured length {} above the interface's snap length {}", captured, snap_length));
  const std::optional<instant> at = clocks_[packet_.interface].convert(ticks);
  if (!at) return refuse("time stamp outside the years 1678 to 2262");
  packet_.at = *at;
  packet_.direction = capture_direction::unknown;
  packet_.packet_id.reset();
  packet_.original_length = original;
  packet_.frame.assign(contents.begin(), contents.begin() + static_cast<std::ptrdiff_t>(captured));
  packet_.comments.clear();
  const outcome read = for_each_option(contents.subspan(padded(captured)), [&](std::uint16_t code, octets_view value) {
    return packet_option(code, value);
  });
  return read == outcome::failed ? read : outcome::packet;
}

pcapng_source::outcome pcapng_source::packet_option(std::uint16_t code, octets_view value) {
  switch (code) {
    case opt_comment: packet_.comments.push_back(text_of(value)); break;
    case epb_flags: {
      std::uint32_t flags = 0;
      const outcome read = fixed_option("epb_flags", value, flags);
      if ((flags & 3) != 3) packet_.direction = capture_direction{static_cast<std::uint8_t>(flags & 3)};
      return read;
    }
    case epb_dropcount: return fixed_option("epb_dropcount", value, packet_.dropped_before);
    case epb_packetid: {
      std::uint64_t id = 0;
      const outcome read = fixed_option("epb_packetid", value, id);
      packet_.packet_id = id;
      return read;
    }
    default: break;
  }
  return outcome::other;
}

// No interface (it is 0), no time, no captured length: that follows from the snap length.
pcapng_source::outcome pcapng_source::simple_packet(octets_view body) {
  if (body.size() < 4) return refuse(fmt::format("simple packet block of {} octets, expected at least 4", body.size()));
  if (auto fault = interface_fault(0)) return refuse(std::move(*fault));
  const std::size_t original = u32(body.data());
  const std::size_t snap_length = interfaces_[section_first_].snap_length;
  const std::size_t captured = snap_length == 0 ? original : std::min(original, snap_length);
  if (padded(captured) > body.size() - 4)
    return refuse(fmt::format("simple packet of {} octets, but only {} are in the block", captured, body.size() - 4));
  packet_ = {};
  packet_.interface = section_first_;
  packet_.original_length = original;
  packet_.frame.assign(body.begin() + 4, body.begin() + 4 + static_cast<std::ptrdiff_t>(captured));
  return outcome::packet;
}

}  // namespace

opened_source open_pcapng(input_file file, const std::string& path, damage_handling damaged) {
  auto source = std::make_unique<pcapng_source>(std::move(file), path, damaged);
  if (auto error = source->begin()) return failure(std::move(*error));
  return source;
}

}  // namespace seqwire::detail
