#include "dissector/analysis/records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/wire/spp.hpp"

namespace seqwire {
namespace {

// Depends on the packets' contents and order, not on their numbers. Two vantage points cut records from the same
// packets, so that equal records have equal fingerprints.
std::uint64_t chain(std::uint64_t fingerprint, std::uint64_t next) {
  fingerprint = (fingerprint ^ next) * 0x9e3779b97f4a7c15u;
  return fingerprint ^ (fingerprint >> 29);
}

bool is_close(std::uint8_t datastream_type) {
  return datastream_type == close_request_type || datastream_type == close_reply_type;
}

bool same_data(const record_account& a, const record_account& b) {
  return a.octets == b.octets && a.sha256 == b.sha256;
}

// Whether several of `parts` from `first` on sum up to exactly `octets`: one record where there were several.
bool sums_up(const std::vector<record_account>& parts, std::size_t first, std::uint64_t octets) {
  std::uint64_t sum = 0;
  for (std::size_t i = first; i < parts.size() && sum <= octets; ++i) {
    sum += parts[i].octets;
    if (i > first && sum == octets) return true;
  }
  return false;
}

}  // namespace

numbered_packet numbered_packet::of(const packet_facts& packet) {
  return {.body_hash = packet.body_hash,
          .body_octets = static_cast<std::uint32_t>(packet.body.size()),
          .transmissions = 1,
          .last_at = packet.at,
          .first_frame = packet.frame,
          .datastream_type = packet.header.datastream_type,
          .attention = packet.header.attention,
          .end_of_record = packet.header.end_of_record};
}

numbered_packet* number_table::find(absolute_number number) {
  if (number < base_ || number - base_ >= static_cast<absolute_number>(rows_.size())) return nullptr;
  numbered_packet& row = rows_[static_cast<std::size_t>(number - base_)];
  return row.transmissions == 0 ? nullptr : &row;
}

bool number_table::add(absolute_number number, const numbered_packet& packet) {
  if (rows_.empty()) base_ = number;
  if (number < base_) {
    const auto missing = static_cast<std::size_t>(base_ - number);
    if (missing + rows_.size() > capacity) return false;
    rows_.insert(rows_.begin(), missing, numbered_packet{});
    base_ = number;
  }
  auto place = static_cast<std::size_t>(number - base_);
  if (place >= 2 * capacity) return false;
  if (place >= rows_.size()) rows_.resize(place + 1);
  rows_[place] = packet;
  while (rows_.size() > capacity) {
    rows_.pop_front();
    ++base_;
  }
  return true;
}

void reassembler::take(absolute_number number, const numbered_packet& packet, octets_view body) {
  if (number < next_ || number - next_ > 65536) return;
  if (number > next_) {
    held_.try_emplace(number, held_packet{packet, hashing_ ? octets(body.begin(), body.end()) : octets{}});
    return;
  }
  append(packet, body);
  ++next_;
  while (!held_.empty() && held_.begin()->first == next_) {
    append(held_.begin()->second.packet, held_.begin()->second.body);
    held_.erase(held_.begin());
    ++next_;
  }
}

void reassembler::append(const numbered_packet& packet, octets_view body) {
  if (packet.attention) {
    attentions_.push_back({.octets = packet.body_octets,
                           .fingerprint = packet.body_hash,
                           .sha256 = hashing_ ? sha256_hexadecimal(body) : std::string{},
                           .datastream_type = packet.datastream_type,
                           .first_frame = packet.first_frame,
                           .last_frame = packet.first_frame});
    return;
  }
  if (is_close(packet.datastream_type)) return;
  if (open_packets_ != 0 && open_.datastream_type != packet.datastream_type) end_record();  // an implicit boundary
  if (open_packets_++ == 0) {
    open_ = {};
    open_.datastream_type = packet.datastream_type;
    open_.first_frame = packet.first_frame;
    open_data_.clear();
  }
  open_.octets += packet.body_octets;
  open_.fingerprint = chain(open_.fingerprint, packet.body_hash);
  open_.last_frame = packet.first_frame;
  if (hashing_) open_data_.insert(open_data_.end(), body.begin(), body.end());
  if (packet.end_of_record) end_record();
}

void reassembler::end_record() {
  if (hashing_) open_.sha256 = sha256_hexadecimal(open_data_);
  records_.push_back(open_);
  open_packets_ = 0;
}

std::optional<record_mismatch> compare_records(const std::vector<record_account>& reference,
                                               const std::vector<record_account>& observed, bool open_ended) {
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const record_account& seen = observed[i];
    const auto mismatch = [&](rule_id rule, std::string what) {
      return record_mismatch{rule, i, fmt::format("record {} ({} octets) {}", i, seen.octets, what), seen.frame};
    };
    if (seen.number != i) return mismatch(rule_id::prefix, fmt::format("is counted as record {}", seen.number));
    if (i < reference.size() && same_data(reference[i], seen)) {
      if (reference[i].datastream_type == seen.datastream_type) continue;
      return mismatch(rule_id::no_invention, fmt::format("has datastream type {} instead of {}", seen.datastream_type,
                                                         reference[i].datastream_type));
    }
    if (i >= reference.size() && open_ended) return std::nullopt;
    const auto elsewhere =
        std::find_if(reference.begin(), reference.end(), [&](const auto& other) { return same_data(other, seen); });
    if (elsewhere != reference.end())
      return mismatch(rule_id::prefix,
                      fmt::format("is record {}: lost, twice or out of order", elsewhere - reference.begin()));
    if (i >= reference.size()) return mismatch(rule_id::no_invention, "has no counterpart");
    if (seen.octets > reference[i].octets && sums_up(reference, i, seen.octets))
      return mismatch(rule_id::boundary_integrity,
                      fmt::format("is several in one: record {} has {} octets", i, reference[i].octets));
    if (seen.octets < reference[i].octets)
      return mismatch(rule_id::boundary_integrity,
                      fmt::format("is cut short: record {} has {} octets", i, reference[i].octets));
    return mismatch(rule_id::no_invention,
                    fmt::format("is not record {} ({} octets), nor any other", i, reference[i].octets));
  }
  return std::nullopt;
}

std::vector<record_account> accounts_of(const std::vector<observed_record>& records) {
  std::vector<record_account> accounts;
  accounts.reserve(records.size());
  for (const observed_record& record : records) {
    const std::string_view fingerprint(reinterpret_cast<const char*>(&record.fingerprint), sizeof record.fingerprint);
    accounts.push_back({record.octets, record.sha256.empty() ? fingerprint : std::string_view(record.sha256),
                        record.datastream_type, record.last_frame, accounts.size()});
  }
  return accounts;
}

std::vector<record_account> accounts_of(const std::vector<journal_record>& records, bool attentions) {
  std::vector<record_account> accounts;
  for (const journal_record& record : records)
    if (record.attention == attentions)
      accounts.push_back({record.octets, record.sha256, record.datastream_type, {}, record.number});
  return accounts;
}

}  // namespace seqwire
