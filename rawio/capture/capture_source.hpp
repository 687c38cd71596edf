// What stands behind a capture_reader: one source for each file format. Internal to rawio/capture.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rawio/capture/capture.hpp"
#include "rawio/capture/file.hpp"

namespace seqwire::detail {

class capture_source {
 public:
  virtual ~capture_source() = default;

  /// As capture_reader::next(), but not called again after the end or an error.
  virtual result<const captured_packet*, capture_error> next() = 0;

  const std::vector<capture_interface>& interfaces() const { return interfaces_; }
  const std::vector<interface_statistics>& statistics() const { return statistics_; }
  const std::vector<capture_error>& left_out() const { return left_out_; }
  std::uint64_t places_left_out() const { return places_left_out_; }

 protected:
  explicit capture_source(damage_handling damaged) : damaged_(damaged) {}

  bool leaves_damage_out() const { return damaged_ == damage_handling::leave_out; }
  void leave_out(const capture_error& place) {
    ++places_left_out_;
    if (left_out_.size() < capture_reader::most_places_told) left_out_.push_back(place);
  }

  std::vector<capture_interface> interfaces_;
  std::vector<interface_statistics> statistics_;

 private:
  damage_handling damaged_;
  std::vector<capture_error> left_out_;
  std::uint64_t places_left_out_ = 0;
};

using opened_source = result<std::unique_ptr<capture_source>, capture_error>;

/// The file begins with a section header block's type.
opened_source open_pcapng(input_file file, const std::string& path, damage_handling damaged);
/// The file begins with one of the magic numbers of pcap.
opened_source open_pcap(input_file file, const std::string& path, damage_handling damaged);

}  // namespace seqwire::detail
