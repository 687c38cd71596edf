#include "lab/script/script_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "dissector/analysis/rules.hpp"
#include "lab/scenario/scenario_keys.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "lab/script/call_parser.hpp"
#include "rawio/capture/file.hpp"

namespace seqwire {
namespace {

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t most_events = 100'000;
constexpr std::size_t most_includes = 8;  // one within the other
constexpr std::size_t most_files = 1000;
constexpr std::uint64_t most_seeds = 100'000;
constexpr duration any_time = 3600_s * 24;

// What in a text no line may have: the first octet that is no text, or nothing.
std::optional<std::string> flaw_of(std::string_view text) {
  if (text.size() > largest_file) return "more than 1 MiB";
  for (const char each : text) {
    const auto code = static_cast<unsigned char>(each);
    if (code < 0x20 && each != '\n' && each != '\t' && each != '\r')
      return fmt::format("an octet of {:#04x}", static_cast<unsigned>(code));
  }
  return std::nullopt;
}

result<std::string, std::string> contents_of(const std::string& path) {
  auto file = input_file::open(path);
  if (!file) return failure(file.error());
  const octets_view all = file->peek(largest_file + 1);
  if (file->failed()) return failure(file->error());
  return std::string(all.begin(), all.end());
}

class script_parser {
 public:
  result<script, script_error> parse(std::string_view text, const std::string& name) {
    made_.name = name;
    made_.endpoint.spp = default_flow().spp;
    made_.endpoint.spp.packet_life = 100_ms;
    file(text, name);
    if (error_) return failure(script_error{*error_});
    if (made_.events.empty())
      return failure(script_error{error_line(printable(name), "the script is empty", "at least one event", "none")});
    return std::move(made_);
  }

 private:
  void file(std::string_view text, const std::string& name) {
    if (const auto flaw = flaw_of(text)) {
      error_ = error_line(printable(name), "the file is no script", "text of at most 1 MiB", *flaw);
      return;
    }
    files_.push_back(name);
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (unsigned number = 1; !text.empty() && !error_; ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view row = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (row.ends_with('\r')) row.remove_suffix(1);
      if (number == 1 && files_.size() == 1 && row.starts_with('#'))
        made_.about = row.substr(std::min<std::size_t>(row.find_first_not_of("# "), row.size()));
      script_line line({name, number}, row);
      if (!line.empty() && !line.failed()) one_line(line);
      if (!error_) error_ = line.error();
    }
    files_.pop_back();
  }

  void one_line(script_line& line) {
    if (line.take_if("host")) return host_settings(line);
    if (line.take_if("spp")) return spp_settings(line);
    if (line.take_if("seeds")) return seeds(line);
    if (line.take_if("peer_breaks")) return peer_breaks(line);
    if (line.take_if("include")) return include(line);
    event(line);
  }

  // --- settings ---

  bool may_still_set(script_line& line) {
    if (!made_.events.empty()) line.fail("a setting", "all settings before the first event", line.text());
    return made_.events.empty();
  }

  static std::uint64_t number_in(script_line& line, const std::string& key, const std::string& text,
                                 std::uint64_t least, std::uint64_t most) {
    const auto value = parse_script_number(text);
    if (value && *value >= least && *value <= most) return *value;
    line.fail(key, fmt::format("a number from {} to {}", least, most), text);
    return least;
  }

  void host_settings(script_line& line) {
    if (!may_still_set(line)) return;
    while (!line.ends()) {
      const std::string word = line.take("KEY=VALUE");
      const std::size_t equals = std::min(word.find('='), word.size());
      const std::string key = word.substr(0, equals);
      const std::string text = equals < word.size() ? word.substr(equals + 1) : std::string();
      if (key == "privileged" && equals == word.size()) made_.endpoint.privileged = true;
      else if (key == "mtu") made_.mtu = number_in(line, key, text, spp_overhead + 2, 65'535);
      else if (key == "network")
        made_.network = network_number{static_cast<std::uint32_t>(number_in(line, key, text, 1, 0xfffffffe))};
      else if (key == "half_open") made_.half_open = number_in(line, key, text, 1, 65'535);
      else if (key == "sockets") made_.endpoint.maximum_sockets = number_in(line, key, text, 1, 65'535);
      else line.fail("host", "privileged, or mtu, network, half_open, sockets and = and a number", word);
    }
  }

  // The keys of a scenario's flow that are a connection's.
  void spp_settings(script_line& line) {
    if (!may_still_set(line)) return;
    scenario holder;
    holder.flows.push_back(default_flow());
    holder.flows.front().spp = made_.endpoint.spp;
    while (!line.ends()) {
      const std::string word = line.take("KEY=VALUE");
      const std::string key = word.substr(0, word.find('='));
      std::vector<std::string> known;
      const scenario_key* found = nullptr;
      for (const scenario_key& each : scenario_keys()) {
        static const std::set<std::string_view> of_flows{"from",    "files",       "leave_out",
                                                         "records", "record_size", "start"};
        if (each.table != key_table::flow || of_flows.contains(each.name)) continue;
        known.emplace_back(each.name);
        if (each.name == key) found = &each;
      }
      if (found == nullptr || key.size() == word.size())
        return line.fail("spp", with_suggestion("KEY=VALUE with a key of connections", key, known), word);
      const std::string text = word.substr(key.size() + 1);
      if (const auto set = found->set(holder, {}, text); !set) return line.fail(key, set.error().expected, text);
    }
    made_.endpoint.spp = holder.flows.front().spp;
  }

  // "7" or "1..100".
  void seeds(script_line& line) {
    if (!may_still_set(line)) return;
    const std::string text = line.take("a seed, or the first and the last as in 1..100");
    const std::size_t dots = text.find("..");
    const auto first = parse_script_number(text.substr(0, dots));
    const auto last = dots == std::string::npos ? first : parse_script_number(text.substr(dots + 2));
    if (!first || !last || *last < *first || *last - *first >= most_seeds)
      return line.fail("seeds", fmt::format("a number, or two as in 1..100 with at most {} between them", most_seeds),
                       text);
    made_.first_seed = *first;
    made_.last_seed = *last;
    line.expect_end();
  }

  // "I07 I08": what the script's own packets do on purpose.
  void peer_breaks(script_line& line) {
    if (!may_still_set(line)) return;
    do {
      const std::string number = line.take("the number of a rule, as I07");
      const bool known =
          std::any_of(rules().begin(), rules().end(), [&](const rule_row& row) { return row.number == number; });
      if (!known) line.fail("peer_breaks", "the numbers of rules of docs/rules.md, as I07", number);
      made_.broken_by_peer.push_back(number);
    } while (!line.ends());
  }

  void include(script_line& line) {
    if (!line.quoted_next()) return line.fail("include", "the name of a file in quotes", line.peek());
    const octets quoted = line.take_quoted();
    const std::filesystem::path wanted(std::string(quoted.begin(), quoted.end()));
    line.expect_end();
    if (line.failed()) return;
    const std::string path = (std::filesystem::path(line.at().file).parent_path() / wanted).lexically_normal().string();
    if (wanted.is_absolute() || wanted.empty())
      return line.fail("include", "a name relative to this file", wanted.string());
    if (files_.size() >= most_includes || std::find(files_.begin(), files_.end(), path) != files_.end())
      return line.fail("include", fmt::format("no file within itself, and at most {} within each other", most_includes),
                       path);
    if (++files_read_ > most_files) return line.fail("include", fmt::format("at most {} files", most_files), "more");
    const auto text = contents_of(path);
    if (!text) return line.fail("include", "a file that can be read", path + ": " + text.error());
    file(*text, path);
  }

  // --- events ---

  void event(script_line& line) {
    if (made_.events.size() >= most_events)
      return line.fail("the script", fmt::format("at most {} events", most_events), "more");
    script_event made{line.at(), line.text(), {}, {}, ignore_event{}};
    const bool ranged = time(line, made);
    const bool expected = line.peek() == ">";
    what(line, made);
    if (ranged && !expected) line.fail("the time", "a range or * before > only", line.text());
    if (!line.failed()) line.expect_end();
    if (!line.failed()) made_.events.push_back(std::move(made));
  }

  // True: the event may happen at more than one moment.
  static bool time(script_line& line, script_event& to) {
    if (line.take_if("*")) {
      to.latest = any_time;
      return true;
    }
    if (!line.peek().starts_with('+')) return false;
    const std::string text = line.take("a time").substr(1);
    const std::size_t dots = text.find("..");
    const auto earliest = parse_duration(text.substr(0, dots));
    const auto latest = dots == std::string::npos ? earliest : parse_duration(text.substr(dots + 2));
    if (!earliest || !latest || *latest < *earliest || *latest > any_time)
      line.fail("the time", "+TIME, +FROM..TO (at most 24h) or *", "+" + text);
    else {
      to.earliest = *earliest;
      to.latest = *latest;
    }
    return dots != std::string::npos;
  }

  void what(script_line& line, script_event& to) {
    if (line.take_if("<")) to.what = inject_event{contents_parser(line, names_, false).packet()};
    else if (line.take_if(">")) to.what = expect_event{contents_parser(line, names_, true).packet()};
    else if (line.take_if("!")) to.what = silence_event{line.take_duration()};
    else if (line.take_if("ignore")) to.what = ignore_event{};
    else if (line.take_if("forget")) to.what = forget_event{};
    else if (line.take_if("lose")) to.what = lose_event{ordinals(line)};
    else if (line.take_if("link")) to.what = link_event{link_full(line)};
    else if (line.take_if("default")) to.what = default_event{contents_parser(line, names_, false).header()};
    else if (line.take_if("counter")) to.what = counter(line);
    else if (line.take_if("state")) to.what = state(line);
    else if (line.take_if("status")) to.what = status(line);
    else call(line, to);
  }

  void call(script_line& line, script_event& to) {
    const std::string word = line.take("an event");
    if (line.failed()) return;
    if (const auto found = find_call(word)) {
      to.what = parse_call(*found, line, names_);
      return;
    }
    std::vector<std::string> known = call_names();
    for (const char* other : {"ignore", "forget", "lose", "link", "default", "counter", "state", "status", "host",
                              "spp", "seeds", "peer_breaks", "include"})
      known.emplace_back(other);
    line.fail("no such event", with_suggestion("<, >, ! or one of docs/scripts.md", word, known), word);
  }

  static std::vector<std::uint64_t> ordinals(script_line& line) {
    std::vector<std::uint64_t> list;
    do list.push_back(line.take_number("the ordinal of a packet", 1, 1'000'000));
    while (!line.ends());
    return list;
  }

  static bool link_full(script_line& line) {
    const std::string word = line.take("full or free");
    if (!line.failed() && word != "full" && word != "free") line.fail("link", "full or free", word);
    return word == "full";
  }

  connection_name connection(script_line& line, std::string word) {
    const bool variable = word.starts_with('$');
    if (variable) word.erase(0, 1);
    const bool known = variable ? names_.variables.contains(word) : names_.sockets.contains(word);
    if (!line.failed() && !known)
      line.fail("a connection", "a socket's name, or the $variable that holds its id", (variable ? "$" : "") + word);
    return {std::move(word), variable};
  }

  comparison compare(script_line& line, bool only_equal = false) {
    const std::string word = line.take("==");
    if (word == "==") return comparison::equal;
    if (!only_equal) {
      if (word == "!=") return comparison::unequal;
      if (word == "<") return comparison::less;
      if (word == "<=") return comparison::less_or_equal;
      if (word == ">") return comparison::greater;
      if (word == ">=") return comparison::greater_or_equal;
    }
    line.fail("a comparison", only_equal ? "==" : "==, !=, <, <=, > or >=", word);
    return comparison::equal;
  }

  // "drop.bad_checksum == 1", "t.retransmissions == 0", "$c.in_flight <= 2".
  counter_event counter(script_line& line) {
    counter_event made;
    std::string word = line.take("a counter");
    if (line.failed()) return made;
    auto found = find_counter(word);
    const std::size_t dot = word.find('.');
    if (!found && dot != std::string::npos && word.substr(0, dot) != "drop") {
      made.of = connection(line, word.substr(0, dot));
      word.erase(0, dot + 1);
      found = find_counter(word);
    }
    if (!found)
      line.fail("no such counter", with_suggestion("a counter of docs/scripts.md", word, counter_names()), word);
    else if (is_of_connection(*found) == made.of.name.empty())
      line.fail("a counter",
                made.of.name.empty() ? "the name of a connection and a dot before it" : "one of connections", word);
    if (line.failed()) return made;
    made.counter = *found;
    made.how = compare(line);
    made.number = contents_parser(line, names_, false).number(line.take("a number"));
    return made;
  }

  state_event state(script_line& line) {
    state_event made{connection(line, line.take("a connection")), {}};
    compare(line, true);
    const std::string word = line.take("a state");
    if (line.failed() || word == "none") return made;
    std::vector<std::string> known{"none"};
    for (int each = 0; each < connection_state_count; ++each) {
      known.push_back(as_word(name_of(static_cast<connection_state>(each))));
      if (known.back() == word) made.state = static_cast<connection_state>(each);
    }
    if (!made.state) line.fail("no such state", joined(known), word);
    return made;
  }

  status_event status(script_line& line) {
    status_event made{connection(line, line.take("a connection")), {}};
    compare(line, true);
    const std::string word = line.take("how it ended");
    if (line.failed()) return made;
    std::vector<std::string> known;
    for (int each = 0; each <= static_cast<int>(end_status::record_too_long); ++each) {
      known.push_back(as_word(name_of(static_cast<end_status>(each))));
      if (known.back() != word) continue;
      made.status = static_cast<end_status>(each);
      return made;
    }
    line.fail("no such end", joined(known), word);
    return made;
  }

  script made_;
  script_names names_;
  std::vector<std::string> files_;  // being read, one within the other
  std::size_t files_read_ = 0;
  std::optional<std::string> error_;
};

}  // namespace

std::vector<std::string> scripts_below(const std::string& folder) {
  std::vector<std::string> all;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder))
    if (each.path().extension() == ".sqs") all.push_back(each.path().string());
  std::sort(all.begin(), all.end());
  return all;
}

result<script, script_error> read_script(const std::string& path) {
  const auto text = contents_of(path);
  if (!text) return failure(script_error{fmt::format("{}: cannot be read: {}", printable(path), text.error())});
  return parse_script(*text, std::filesystem::path(path).lexically_normal().string());
}

result<script, script_error> parse_script(std::string_view text, const std::string& name) {
  return script_parser().parse(text, name);
}

}  // namespace seqwire
