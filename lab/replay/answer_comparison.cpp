#include "lab/replay/answer_comparison.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace seqwire {
namespace {

using answers = std::vector<sent_answer>;
using answer_indices = std::vector<std::size_t>;

constexpr duration at_any_time = duration::maximum();

duration apart(const sent_answer& one, const sent_answer& other) {
  return one.at < other.at ? other.at - one.at : one.at - other.at;
}

// All but acknowledgement and allocation.
auto what_is_said(const sent_answer& of) {
  const sequenced_header& header = of.header;
  return std::tuple(header.system, header.acknowledgement_request, header.attention, header.end_of_record,
                    header.datastream_type, header.source_connection, header.destination_connection, of.number,
                    of.body_hash, of.octets);
}
// All but allocation.
auto what_is_acknowledged(const sent_answer& of) {
  return std::tuple_cat(what_is_said(of), std::tuple(of.acknowledgement));
}
auto everything_said(const sent_answer& of) {
  return std::tuple_cat(what_is_acknowledged(of), std::tuple(of.allocation));
}
auto number_of_data(const sent_answer& of) { return of.number; }

class answer_matching {
 public:
  answer_matching(const answers& captured, const answers& ours, duration tolerance, answer_comparison& result)
      : captured_(captured), ours_(ours), tolerance_(tolerance), result_(result) {
    for (std::size_t i = 0; i < captured.size(); ++i) captured_left_.push_back(i);
    for (std::size_t i = 0; i < ours.size(); ++i) ours_left_.push_back(i);
  }

  // Pairs what has the same key, no farther apart than `within`, and takes it away.
  template <class Key, class Chosen>
  void match(answer_difference_kind kind, Key key_of, Chosen chosen, duration within) {
    std::map<decltype(key_of(captured_.front())), std::pair<answer_indices, answer_indices>> groups;
    for (const std::size_t i : captured_left_)
      if (chosen(captured_[i])) groups[key_of(captured_[i])].first.push_back(i);
    for (const std::size_t i : ours_left_)
      if (chosen(ours_[i])) groups[key_of(ours_[i])].second.push_back(i);
    std::vector<bool> captured_taken(captured_.size());
    std::vector<bool> ours_taken(ours_.size());
    for (const auto& [key, group] : groups)
      for (const auto& [of_captured, of_ours] : paired(group.first, group.second)) {
        if (apart(captured_[of_captured], ours_[of_ours]) > within) continue;
        captured_taken[of_captured] = ours_taken[of_ours] = true;
        note(kind, captured_[of_captured], ours_[of_ours]);
      }
    std::erase_if(captured_left_, [&](std::size_t i) { return captured_taken[i]; });
    std::erase_if(ours_left_, [&](std::size_t i) { return ours_taken[i]; });
  }

  void finish() {
    for (const std::size_t i : captured_left_) add({answer_difference_kind::missing, captured_[i], std::nullopt});
    for (const std::size_t i : ours_left_) add({answer_difference_kind::extra, std::nullopt, ours_[i]});
    std::stable_sort(
        result_.differences.begin(), result_.differences.end(),
        [](const answer_difference& one, const answer_difference& other) { return one.at() < other.at(); });
  }

 private:
  // In order; where one side has more, each of the other takes the nearest in time that leaves enough for the rest.
  std::vector<std::pair<std::size_t, std::size_t>> paired(const answer_indices& of_captured,
                                                          const answer_indices& of_ours) const {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const bool fewer_captured = of_captured.size() <= of_ours.size();
    const answer_indices& fewer = fewer_captured ? of_captured : of_ours;
    const answer_indices& more = fewer_captured ? of_ours : of_captured;
    const auto distance = [&](std::size_t of_fewer, std::size_t of_more) {
      return fewer_captured ? apart(captured_[of_fewer], ours_[of_more]) : apart(captured_[of_more], ours_[of_fewer]);
    };
    std::size_t next = 0;
    for (std::size_t i = 0; i < fewer.size(); ++i) {
      const std::size_t last = more.size() - (fewer.size() - i);
      while (next < last && distance(fewer[i], more[next + 1]) < distance(fewer[i], more[next])) ++next;
      pairs.emplace_back(fewer_captured ? fewer[i] : more[next], fewer_captured ? more[next] : fewer[i]);
      ++next;
    }
    return pairs;
  }

  void note(answer_difference_kind kind, const sent_answer& captured, const sent_answer& ours) {
    if (kind == answer_difference_kind::time) {
      result_.farthest_apart = std::max(result_.farthest_apart, apart(captured, ours));
      if (apart(captured, ours) <= tolerance_) {
        ++result_.same;
        return;
      }
    }
    add({kind, captured, ours});
  }

  void add(answer_difference what) {
    ++result_.different[static_cast<std::size_t>(what.kind)];
    result_.differences.push_back(std::move(what));
  }

  const answers& captured_;
  const answers& ours_;
  duration tolerance_;
  answer_comparison& result_;
  answer_indices captured_left_;
  answer_indices ours_left_;
};

}  // namespace

std::string_view name_of(answer_difference_kind kind) {
  switch (kind) {
    case answer_difference_kind::missing: return "missing";
    case answer_difference_kind::extra: return "extra";
    case answer_difference_kind::contents: return "other contents";
    case answer_difference_kind::acknowledgement: return "other acknowledgement or allocation";
    case answer_difference_kind::time: return "at another time";
  }
  return "unknown";
}

answer_comparison compare_answers(const std::vector<sent_answer>& captured, const std::vector<sent_answer>& ours,
                                  duration tolerance) {
  answer_comparison result;
  result.captured = captured.size();
  result.ours = ours.size();
  const auto any = [](const sent_answer&) { return true; };
  const auto data = [](const sent_answer& of) { return !of.header.system; };
  answer_matching matching(captured, ours, tolerance, result);
  matching.match(answer_difference_kind::time, everything_said, any, at_any_time);
  matching.match(answer_difference_kind::acknowledgement, what_is_acknowledged, any, tolerance);
  matching.match(answer_difference_kind::acknowledgement, what_is_said, data, at_any_time);
  matching.match(answer_difference_kind::acknowledgement, what_is_said, any, tolerance);
  matching.match(answer_difference_kind::contents, number_of_data, data, at_any_time);
  matching.finish();
  return result;
}

}  // namespace seqwire
