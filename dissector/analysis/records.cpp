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
  return a.octets == b.octets && a.digest == b.digest;
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
  if (rows_.empty() || number > rows_.rbegin()->first) return nullptr;  // new, as most are: no walk through the map
  const auto found = rows_.find(number);
  return found == rows_.end() ? nullptr : &found->second;
}

bool number_table::add(absolute_number number, const numbered_packet& packet) {
  if (!rows_.empty()) {
    const absolute_number highest = rows_.rbegin()->first;
    if (number >= highest + capacity || number <= highest - capacity) return false;
  }
  rows_.emplace_hint(rows_.end(), number, packet);
  forget_below(rows_.rbegin()->first - capacity + 1);
  return true;
}

void number_table::forget_below(absolute_number number) {
  while (!rows_.empty() && rows_.begin()->first < number) {
    known_from_ = std::max(known_from_, rows_.begin()->first + 1);
    rows_.erase(rows_.begin());
  }
}

void number_table::forget() {
  if (!rows_.empty()) forget_below(rows_.rbegin()->first + 1);
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
  if (packet.attention || is_close(packet.datastream_type)) return;
  if (open_packets_ != 0 && open_.datastream_type != packet.datastream_type) end_record();  // an implicit boundary
  if (open_packets_++ == 0) {
    open_ = {};
    open_.datastream_type = packet.datastream_type;
    open_fingerprint_ = 0;
    if (hashing_ && !open_data_) open_data_.emplace();
  }
  open_.octets += packet.body_octets;
  open_fingerprint_ = chain(open_fingerprint_, packet.body_hash);
  open_.last_frame = packet.first_frame;
  if (hashing_) open_data_->append(body);
  if (packet.end_of_record) end_record();
}

void reassembler::end_record() {
  if (hashing_) open_.digest = open_data_->finish();
  else store_u64(open_.digest.data(), open_fingerprint_);
  records_.push_back(open_);
  open_packets_ = 0;
}

void reassembler::let_go_of_equal(reassembler& sent, reassembler& received) {
  if (sent.let_go_ != received.let_go_ || sent.equal_ != received.equal_) return;  // paired with others
  const auto same = [](const observed_record& a, const observed_record& b) {
    return a.octets == b.octets && a.digest == b.digest && a.datastream_type == b.datastream_type;
  };
  std::uint64_t& equal = sent.equal_;
  for (std::size_t at = equal - sent.let_go_;
       at < sent.records_.size() && at < received.records_.size() && same(sent.records_[at], received.records_[at]);
       ++at)
    ++equal;
  received.equal_ = equal;
  if (equal - sent.let_go_ < 2 * kept_of_equal) return;
  const std::size_t old = equal - sent.let_go_ - kept_of_equal;
  for (reassembler* const each : {&sent, &received}) {
    each->records_.erase(each->records_.begin(), each->records_.begin() + static_cast<std::ptrdiff_t>(old));
    each->let_go_ += old;
  }
}

std::optional<record_mismatch> compare_records(const std::vector<record_account>& reference,
                                               const std::vector<record_account>& observed, bool open_ended,
                                               std::uint64_t first) {
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const record_account& seen = observed[i];
    const auto mismatch = [&](rule_id rule, std::string what) {
      return record_mismatch{rule, i, fmt::format("record {} ({} octets) {}", first + i, seen.octets, what),
                             seen.frame};
    };
    if (seen.number != first + i) return mismatch(rule_id::prefix, fmt::format("is counted as record {}", seen.number));
    if (i < reference.size() && same_data(reference[i], seen)) {
      if (reference[i].datastream_type == seen.datastream_type) continue;
      return mismatch(rule_id::no_invention, fmt::format("has datastream type {} instead of {}", seen.datastream_type,
                                                         reference[i].datastream_type));
    }
    if (i >= reference.size() && open_ended) return std::nullopt;
    const auto elsewhere =
        std::find_if(reference.begin(), reference.end(), [&](const auto& other) { return same_data(other, seen); });
    if (elsewhere != reference.end())
      return mismatch(rule_id::prefix, fmt::format("is record {}: lost, twice or out of order",
                                                   first + static_cast<std::uint64_t>(elsewhere - reference.begin())));
    if (i >= reference.size()) return mismatch(rule_id::no_invention, "has no counterpart");
    if (seen.octets > reference[i].octets && sums_up(reference, i, seen.octets))
      return mismatch(rule_id::boundary_integrity,
                      fmt::format("is several in one: record {} has {} octets", first + i, reference[i].octets));
    if (seen.octets < reference[i].octets)
      return mismatch(rule_id::boundary_integrity,
                      fmt::format("is cut short: record {} has {} octets", first + i, reference[i].octets));
    return mismatch(rule_id::no_invention,
                    fmt::format("is not record {} ({} octets), nor any other", first + i, reference[i].octets));
  }
  return std::nullopt;
}

std::vector<record_account> accounts_of(const reassembler& records) {
  std::vector<record_account> accounts;
  accounts.reserve(records.records().size());
  for (const observed_record& record : records.records())
    accounts.push_back(
        {record.octets, record.digest, record.datastream_type, record.last_frame, records.let_go() + accounts.size()});
  return accounts;
}

std::vector<record_account> accounts_of(const std::vector<journal_record>& records, bool attentions) {
  std::vector<record_account> accounts;
  for (const journal_record& record : records)
    if (record.attention == attentions)
      accounts.push_back(
          {record.octets, sha256_from_hexadecimal(record.sha256), record.datastream_type, {}, record.number});
  return accounts;
}

}  // namespace seqwire
