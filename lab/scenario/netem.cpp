#include "lab/scenario/netem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include "lab/scenario/parameter_text.hpp"
#include "lab/scenario/scenario_text.hpp"
#include "sim/registry.hpp"

namespace seqwire {
namespace {

struct netem_unit {
  std::string_view name;
  double scale;
};
constexpr netem_unit netem_times[]{{"s", 1e9},     {"sec", 1e9}, {"secs", 1e9}, {"ms", 1e6},    {"msec", 1e6},
                                   {"msecs", 1e6}, {"us", 1e3},  {"usec", 1e3}, {"usecs", 1e3}, {"", 1e3},
                                   {"ns", 1},      {"nsec", 1},  {"nsecs", 1}};
// Bits and octets per second, in thousands and in 1,024s.
constexpr netem_unit netem_rates[]{
    {"", 1},         {"bit", 1},         {"kbit", 1e3},         {"mbit", 1e6},     {"gbit", 1e9}, {"tbit", 1e12},
    {"kibit", 1024}, {"mibit", 1048576}, {"gibit", 1073741824}, {"bps", 8},        {"kbps", 8e3}, {"mbps", 8e6},
    {"gbps", 8e9},   {"tbps", 8e12},     {"kibps", 8192},       {"mibps", 8388608}};
constexpr double most_time = 3600e9;
constexpr double most_rate = 1e12;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each; });
  return result;
}

// A number that is not negative and one of the units, in the smallest of them.
template <std::size_t Count>
std::optional<double> quantity_of(std::string_view text, const netem_unit (&units)[Count], double most) {
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (status != std::errc{} || text.front() == '-') return std::nullopt;
  const std::string suffix = lower({end, static_cast<std::size_t>(text.data() + text.size() - end)});
  const auto found =
      std::find_if(std::begin(units), std::end(units), [&](const netem_unit& each) { return each.name == suffix; });
  if (found == std::end(units) || !(number * found->scale <= most)) return std::nullopt;
  return number * found->scale;
}

// Reads words one after another; the first thing that is wrong stays.
class netem_reader {
 public:
  explicit netem_reader(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t from = text.find_first_not_of(" \t\r\n", at);
      if (from == std::string_view::npos) break;
      at = std::min(text.find_first_of(" \t\r\n", from), text.size());
      words_.push_back(text.substr(from, at - from));
    }
    // "tc qdisc add dev eth0 root netem delay ..."
    const auto command = std::find(words_.begin(), words_.end(), "netem");
    if (command != words_.end()) words_.erase(words_.begin(), command + 1);
  }

  result<channel_settings, netem_error> read() {
    while (!error_ && next_ < words_.size()) read_option(lower(take()));
    if (overtaking_ && made_.delay == duration{}) complain("reorder needs a delay that the others wait for");
    if (error_) return failure(netem_error{*error_});
    return std::move(made_);
  }

 private:
  void read_option(const std::string& option) {
    if (option == "delay" || option == "latency") read_delay();
    else if (option == "limit") made_.queue = static_cast<std::size_t>(count(option, 100'000));
    else if (option == "loss" || option == "drop") read_loss();
    else if (option == "corrupt") made_.corruption = share_alone(option);
    else if (option == "duplicate") made_.duplication = share_alone(option), made_.duplication_delay = {};
    else if (option == "reorder") read_reorder();
    else if (option == "rate") read_rate();
    else if (option == "distribution") read_distribution();
    else if (option == "ecn" || option == "slot" || option == "seed")
      complain(fmt::format("{} has no counterpart here", option));
    else complain(fmt::format("expected an option of netem; got {}", printable(option)));
  }

  void read_delay() {
    made_.delay = span("delay");
    if (const auto jitter = span_if_any()) {
      made_.further.set("jitter", *jitter);
      refuse_correlation("delay");
    }
  }
  void read_distribution() {
    const std::string wanted = lower(take());
    if (wanted == "uniform" || wanted == "normal") made_.further.set("jitter_distribution", wanted);
    else complain(fmt::format("distribution: expected uniform or normal; got {}", printable(wanted)));
  }
  void read_loss() {
    const std::string kind = next_ < words_.size() ? lower(words_[next_]) : std::string();
    if (kind == "state") return complain("loss state has no counterpart here; gemodel has");
    if (kind == "random") take();
    if (kind != "gemodel") {
      made_.loss = share_alone("loss");
      return;
    }
    take();
    std::vector<double> shares{share("loss gemodel")};
    while (shares.size() < 4 && next_is_number()) shares.push_back(share("loss gemodel"));
    if (!error_) made_.further.set("gilbert_elliott", shares);
  }
  void read_reorder() {
    made_.further.set("overtaking", share_alone("reorder"));
    overtaking_ = true;
    if (next_ < words_.size() && lower(words_[next_]) == "gap") {
      take();
      made_.further.set("overtaking_gap", std::max<std::uint64_t>(count("gap", 1'000'000), 1));
    }
  }
  void read_rate() {
    const std::string_view word = take();
    const auto rate = quantity_of(word, netem_rates, most_rate);
    if (!rate || *rate < 100)
      return complain(fmt::format("rate: expected a rate of tc from 100bit to 1tbit; got {}", printable(word)));
    made_.rate = static_cast<std::uint64_t>(*rate);
    if (!next_is_number()) return;
    const std::string_view overhead = take();
    const auto [end, status] = std::from_chars(overhead.data(), overhead.data() + overhead.size(), made_.overhead);
    if (status != std::errc{} || end != overhead.data() + overhead.size() || made_.overhead < -65535 ||
        made_.overhead > 65535)
      return complain("rate: expected octets of overhead from -65535 to 65535");
    if (next_is_number()) complain("rate: cells have no counterpart here");
  }

  std::string_view take() {
    if (next_ < words_.size()) return words_[next_++];
    complain("expected another word at the end");
    return " ";
  }
  bool next_is_number() const {
    return next_ < words_.size() &&
           (words_[next_].front() == '-' || (words_[next_].front() >= '0' && words_[next_].front() <= '9'));
  }
  std::uint64_t count(std::string_view option, std::uint64_t most) {
    const std::string_view word = take();
    const auto value = parse_count(word, 0, most);
    if (!value) complain(fmt::format("{}: expected {}; got {}", option, value.error().expected, printable(word)));
    return value ? *value : 0;
  }
  duration span(std::string_view option) {
    const std::string_view word = take();
    const auto value = quantity_of(word, netem_times, most_time);
    if (!value)
      complain(fmt::format("{}: expected a time of tc up to an hour, such as 20ms; got {}", option, printable(word)));
    return duration{static_cast<std::int64_t>(value.value_or(0))};
  }
  std::optional<duration> span_if_any() {
    if (!next_is_number()) return std::nullopt;
    return span("delay");
  }
  // A per cent sign goes without saying.
  double share(std::string_view option) {
    const std::string_view word = take();
    const auto value = parse_probability(word.ends_with('%') ? std::string(word) : std::string(word) + "%");
    if (!value) complain(fmt::format("{}: expected a share from 0% to 100%; got {}", option, printable(word)));
    return value ? *value : 0;
  }
  double share_alone(std::string_view option) {
    const double value = share(option);
    refuse_correlation(option);
    return value;
  }
  void refuse_correlation(std::string_view option) {
    if (!next_is_number()) return;
    if (share(option) > 0) complain(fmt::format("{}: correlation has no counterpart here", option));
  }
  void complain(std::string what) {
    if (!error_) error_ = std::move(what);
  }

  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
  channel_settings made_;
  bool overtaking_ = false;
  std::optional<std::string> error_;
};

// tc knows neither minutes nor hours, and older ones no nanoseconds.
std::string print_time(duration span) {
  for (const auto& [name, scale] : {std::pair{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}})
    if (span.nanoseconds % scale == 0) return fmt::format("{}{}", span.nanoseconds / scale, name);
  return fmt::format("{}ns", span.nanoseconds);
}

constexpr std::array netem_says{"jitter", "jitter_distribution", "gilbert_elliott", "overtaking", "overtaking_gap"};

// What netem has no word for.
std::vector<std::string> unsaid(const channel_settings& of) {
  std::vector<std::string> names;
  const auto add_if = [&](bool there, std::string_view name) {
    if (there) names.emplace_back(name);
  };
  add_if(of.reordering > 0, "reordering");
  add_if(of.duplication > 0 && of.duplication_delay != duration{}, "duplication_delay");
  add_if(!of.drop.empty(), "drop");
  add_if(of.overhead != 0 && of.rate == 0, "overhead without a rate");
  for (const parameter& each : link_parameters())
    if (std::find(netem_says.begin(), netem_says.end(), each.name) == netem_says.end())
      add_if(of.further.is_set(each.name), each.name);
  add_if(of.further.get<std::string>("jitter_distribution") == "exponential", "jitter_distribution exponential");
  add_if(of.loss > 0 && of.further.is_set("gilbert_elliott"), "loss beside gilbert_elliott");
  return names;
}

std::string delay_words(const channel_settings& of) {
  const auto jitter = of.further.get<duration>("jitter");
  if (of.delay == duration{} && jitter == duration{}) return {};
  std::string words = " delay " + print_time(of.delay);
  if (jitter == duration{}) return words;
  words += " " + print_time(jitter);
  const auto& distribution = of.further.get<std::string>("jitter_distribution");
  if (distribution != "uniform") words += " distribution " + distribution;
  return words;
}

}  // namespace

result<channel_settings, netem_error> from_netem(std::string_view arguments) { return netem_reader(arguments).read(); }

result<std::string, netem_error> to_netem(const channel_settings& of) {
  if (const auto names = unsaid(of); !names.empty()) {
    std::string all;
    for (const std::string& each : names) all += (all.empty() ? "" : ", ") + each;
    return failure(netem_error{"netem has no word for " + all});
  }
  std::string words = delay_words(of);
  if (of.queue != channel_settings{}.queue) words += fmt::format(" limit {}", of.queue);
  if (of.loss > 0) words += " loss " + print_probability(of.loss);
  if (of.further.is_set("gilbert_elliott")) {
    words += " loss gemodel";
    for (const double each : of.further.get<std::vector<double>>("gilbert_elliott"))
      words += " " + print_probability(each);
  }
  if (of.corruption > 0) words += " corrupt " + print_probability(of.corruption);
  if (of.duplication > 0) words += " duplicate " + print_probability(of.duplication);
  if (const auto share = of.further.get<double>("overtaking"); share > 0) {
    words += " reorder " + print_probability(share);
    if (const auto gap = of.further.get<std::uint64_t>("overtaking_gap"); gap > 1) words += fmt::format(" gap {}", gap);
  }
  if (of.rate != 0) {
    const std::string rate = print_rate(of.rate);
    words += " rate " + lower(rate.substr(0, rate.size() - 2));  // less the "/s"
    if (of.overhead != 0) words += fmt::format(" {}", of.overhead);
  }
  return words.empty() ? words : words.substr(1);
}

}  // namespace seqwire
