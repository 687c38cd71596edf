// Reads pcap through libpcap, which knows all its variants; checks what libpcap lets pass. Knows nothing of what a
// frame contains. draft-ietf-opsawg-pcap; pcap-savefile(5).
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "rawio/capture/capture_source.hpp"

namespace seqwire::detail {
namespace {

constexpr std::size_t file_header_size = 24;

struct pcap_closer {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using pcap_handle = std::unique_ptr<pcap_t, pcap_closer>;

// The Linux variant with a magic number of its own has eight octets more in each record.
std::size_t record_header_size_of(std::uint32_t magic) { return magic == 0xa1b2cd34 || magic == 0x34cdb2a1 ? 24 : 16; }

// In a file, raw IP is LINKTYPE_RAW; libpcap shows the number that the host's kernel has for it. The others here agree.
link_type link_type_of(pcap_t* handle) {
  const int number = pcap_datalink(handle);
  return number == DLT_RAW ? link_type::raw_ip : link_type{static_cast<std::uint16_t>(number)};
}

// What libpcap reads from: the file as it is unpacked. ftello() asks where it stands, nothing else is sought.
ssize_t read_file(void* file, char* into, std::size_t room) {
  auto& from = *static_cast<input_file*>(file);
  const octets_view ahead = from.peek(1);
  if (from.failed()) {
    errno = EIO;
    return -1;
  }
  const std::size_t size = std::min(room, ahead.size());
  std::copy_n(ahead.begin(), size, into);
  from.skip(size);
  return static_cast<ssize_t>(size);
}
int tell_file(void* file, off64_t* position, int whence) {
  if (whence != SEEK_CUR || *position != 0) return -1;
  *position = static_cast<off64_t>(static_cast<input_file*>(file)->offset());
  return 0;
}

class pcap_source final : public capture_source {
 public:
  pcap_source(input_file file, const std::string& path, damage_handling damaged)
      : capture_source(damaged), file_(std::move(file)), path_(path) {}

  /// The file's header. Nothing when all is well.
  std::optional<capture_error> begin() {
    const octets_view head = file_.peek(file_header_size);
    if (file_.failed()) return capture_error{path_, 0, file_.error(), file_.cut_short()};
    if (head.size() < file_header_size)
      return capture_error{path_, 0, fmt::format("the file ends after {} octets, within its header", head.size()),
                           true};
    record_header_size_ = record_header_size_of(load_u32(head.data()));
    std::FILE* const stream = ::fopencookie(&file_, "r", {read_file, nullptr, tell_file, nullptr});
    if (stream == nullptr) return capture_error{path_, 0, std::strerror(errno)};
    char words[PCAP_ERRBUF_SIZE] = "";
    handle_.reset(pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, words));
    if (!handle_) {
      std::fclose(stream);
      return capture_error{path_, 0, words};
    }
    capture_interface interface;
    interface.type = link_type_of(handle_.get());
    interface.snap_length = static_cast<std::uint32_t>(pcap_snapshot(handle_.get()));
    interfaces_.push_back(interface);
    statistics_.emplace_back();
    return std::nullopt;
  }

  result<const captured_packet*, capture_error> next() override {
    for (;;) {
      pcap_pkthdr* header = nullptr;
      const u_char* contents = nullptr;
      const int status = pcap_next_ex(handle_.get(), &header, &contents);
      if (status != 1 && file_.failed()) return end_with(file_.error(), file_.cut_short());
      if (status == PCAP_ERROR_BREAK) return nullptr;  // libpcap's word for the end of a file
      // libpcap reads past the end only when it wants more than there is.
      if (status != 1) return end_with(pcap_geterr(handle_.get()), std::feof(pcap_file(handle_.get())) != 0);
      if (auto fault = fault_of(*header)) {
        const capture_error error{path_, offset_, std::move(*fault)};
        if (!leaves_damage_out()) return failure(error);
        leave_out(error);
        offset_ = position();
        continue;
      }
      packet_.at = {static_cast<std::int64_t>(seconds_of(*header)) * 1'000'000'000 + header->ts.tv_usec};
      packet_.original_length = header->len;
      packet_.frame.assign(contents, contents + header->caplen);
      offset_ += record_header_size_ + header->caplen;
      return &packet_;
    }
  }

 private:
  // Where records do not follow each other any more, nothing tells where the next one begins.
  result<const captured_packet*, capture_error> end_with(std::string what, bool truncated) {
    capture_error error{path_, offset_, std::move(what), truncated};
    if (leaves_damage_out() && !truncated) {
      leave_out(error);
      error.truncated = true;
    }
    return failure(std::move(error));
  }

  // Seconds have 32 bits in the file; libpcap may take them for signed.
  static std::uint32_t seconds_of(const pcap_pkthdr& header) { return static_cast<std::uint32_t>(header.ts.tv_sec); }

  std::optional<std::string> fault_of(const pcap_pkthdr& header) const {
    if (header.ts.tv_sec == 0 && header.ts.tv_usec == 0 && header.caplen == 0 && header.len == 0)
      return "zeros where a record should start: the file was preallocated or has lost its contents";
    if (header.caplen > header.len)
      return fmt::format("captured length {} above original length {}", header.caplen, header.len);
    if (header.ts.tv_usec < 0 || header.ts.tv_usec >= 1'000'000'000)  // nanoseconds, as asked for
      return fmt::format("time stamp with a fraction of {} ns, expected less than one second", header.ts.tv_usec);
    // libpcap cuts a longer packet to the snap length and reads over the rest; only the position in the file tells.
    if (header.caplen == interfaces_[0].snap_length && position() != offset_ + record_header_size_ + header.caplen)
      return fmt::format("captured length above the file's snap length {}", interfaces_[0].snap_length);
    return std::nullopt;
  }

  std::uint64_t position() const { return static_cast<std::uint64_t>(::ftello(pcap_file(handle_.get()))); }

  input_file file_;
  std::string path_;
  pcap_handle handle_;  // reads file_
  std::size_t record_header_size_ = 0;
  std::uint64_t offset_ = file_header_size;  // of the record to be read next
  captured_packet packet_;
};

}  // namespace

opened_source open_pcap(input_file file, const std::string& path, damage_handling damaged) {
  auto source = std::make_unique<pcap_source>(std::move(file), path, damaged);
  if (auto error = source->begin()) return failure(std::move(*error));
  return source;
}

}  // namespace seqwire::detail
