// Two live hosts joined in memory, in virtual time, each with its input log: run again from the log alone, a host does
// the same to the octet; a log that was changed, cut or is none is reported and breaks nothing.
#include "lab/wire/input_log.hpp"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <deque>
#include <filesystem>
#include <fstream>

#include "lab/host_plan.hpp"
#include "lab/wire/live_host.hpp"
#include "rawio/capture/journal.hpp"
#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using namespace seqwire::test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(input_log_test)

constexpr host_number host_a{0x02000000000a};
constexpr host_number host_b{0x02000000000b};
constexpr instant origin{1'700'000'000'000'000'000};

// A link that loses every seventh packet and takes at most five in one call, so that timers run and packets wait.
class memory_link final : public link {
 public:
  explicit memory_link(host_number mine) : mine_(mine) {}
  void join(memory_link& other) { other_ = &other; }
  bool holds_something() const { return !arrived_.empty(); }

  link_capabilities capabilities() const override { return {.host = mine_, .mtu = 576, .packet_life = 50_ms}; }
  std::size_t receive(instant, std::span<datagram> to) override {
    const std::size_t count = std::min(to.size(), arrived_.size());
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = std::move(arrived_.front());
      arrived_.pop_front();
    }
    return count;
  }
  std::size_t transmit(instant, std::span<const packet> packets) override {
    const std::size_t count = std::min<std::size_t>(packets.size(), 5);
    for (const packet& each : packets.first(count)) {
      if (++sent_ % 7 == 0) continue;
      octets whole(each.size());
      each.copy_to(whole.data());
      other_->arrived_.push_back({.previous_hop = mine_, .contents = slice::owning(std::move(whole))});
    }
    return count;
  }

 private:
  host_number mine_;
  memory_link* other_ = nullptr;
  std::deque<datagram> arrived_;
  std::uint64_t sent_ = 0;
};

struct logged_host {
  input_log_writer log;
  logged_link connected;
  transfer_program program{nullptr, origin};
  live_host running;

  logged_host(const std::string& path, const std::string& name, memory_link& below, const experiment_plan& plan)
      : log(path, {name, origin, {below.capabilities()}, plan}),
        connected(below, log),
        running(config_of_host(plan, *plan.map.find(name), std::array{below.capabilities()}), connected, program) {
    const auto address_of = [&](std::size_t other) { return address_of_host(plan.map, other); };
    add_flows(program, plan, *plan.map.find(name), address_of, logged_records(log));
  }
  std::optional<instant> run(instant now) {
    log.woken(now);
    return running.run(now);
  }
};

constexpr std::string_view both_ways = R"(
[scenario]
seed = 7
[link]
mtu = 576
[[flow]]
records = 12
record_size = 700
[[flow]]
from = "b"
records = 2
record_size = 30
start = "40ms"
)";
constexpr std::string_view tiny = "[link]\nmtu = 576\n[[flow]]\nrecords = 2\nrecord_size = 20\n";

// The logs of one run.
struct logged_run {
  temporary_file a, b;

  explicit logged_run(std::string_view text) {
    auto read = parse_scenario(text, "x.toml", {});
    BOOST_TEST_REQUIRE(read.has_value());
    memory_link link_a(host_a), link_b(host_b);
    link_a.join(link_b);
    link_b.join(link_a);
    const experiment_plan plan = planned(*read, link_a.capabilities().packet_life);
    logged_host on_a(a.path(), "a", link_a, plan);
    logged_host on_b(b.path(), "b", link_b, plan);
    instant now = origin;
    for (int turn = 0; turn < 100'000; ++turn) {
      instant next = instant::never();
      for (const auto due : {on_b.run(now), on_a.run(now)})
        if (due) next = std::min(next, *due);
      if (on_a.running.finished() && on_b.running.finished()) break;
      if (link_a.holds_something() || link_b.holds_something()) next = std::min(next, now + 1_ms);
      now = std::max(next, now + 1_us);
    }
    for (const auto& program : {&on_a.program, &on_b.program})
      for (const flow_result& flow : program->results())
        BOOST_TEST(name_of(flow.status) == name_of(end_status::closed_gracefully));
    BOOST_TEST(!on_a.log.close().has_value());
    BOOST_TEST(!on_b.log.close().has_value());
  }
};

rerun_outcome outcome_of(const octets& log) {
  const temporary_file file(log);
  const auto outcome = rerun(file.path());
  BOOST_TEST_REQUIRE(outcome.has_value(), outcome.error());
  return *outcome;
}

// Where things stand in a log.
struct log_places {
  std::size_t header_end = 0;
  std::vector<std::size_t> records;       // where each begins; the file's end last
  std::vector<std::size_t> datagrams;     // the first octet of each
  std::vector<std::size_t> fingerprints;  // the same
};

template <class Number>
Number number_at(const octets& log, std::size_t at) {
  Number value{};
  BOOST_TEST_REQUIRE(at + sizeof value <= log.size());
  std::memcpy(&value, &log[at], sizeof value);
  return value;
}

log_places places_in(const octets& log) {
  log_places found;
  const auto first_line = std::find(log.begin(), log.end(), octet{'\n'});
  found.header_end = static_cast<std::size_t>(std::find(first_line + 1, log.end(), octet{'\n'}) - log.begin()) + 1;
  std::size_t at = found.header_end;
  while (at < log.size()) {
    found.records.push_back(at);
    const octet kind = log[at++];
    if (kind == 'w') {
      at += 8;
    } else if (kind == 'r') {
      const auto count = number_at<std::uint32_t>(log, at + 4);  // behind the link's index
      at += 8;
      for (std::uint32_t i = 0; i < count; ++i) {
        found.datagrams.push_back(at + 10);
        at += 10u + number_at<std::uint16_t>(log, at + 8);
      }
    } else if (kind == 's') {
      at += 4u + number_at<std::uint32_t>(log, at);
    } else {
      BOOST_TEST_REQUIRE(kind == 't');
      const auto taken = number_at<std::uint32_t>(log, at + 8);
      at += 12;
      for (std::uint32_t i = 0; i < taken; ++i, at += 8) found.fingerprints.push_back(at);
    }
  }
  found.records.push_back(log.size());
  return found;
}

std::string refusal(const std::string& path) {
  const auto outcome = rerun(path);
  BOOST_TEST(!outcome.has_value());
  return outcome ? "" : outcome.error();
}

bool is_one_line(const std::string& text) { return !text.empty() && text.find('\n') == std::string::npos; }

BOOST_AUTO_TEST_CASE(rerun__both_hosts_do_the_same_again) {
  const logged_run run(both_ways);
  for (const temporary_file* file : {&run.a, &run.b}) {
    const log_places places = places_in(file->read());
    const rerun_outcome outcome = outcome_of(file->read());
    BOOST_TEST(outcome.difference == "");
    BOOST_TEST(!outcome.cut_short);
    BOOST_TEST(outcome.host == (file == &run.a ? "a" : "b"));
    BOOST_TEST(outcome.packets == places.fingerprints.size());
    BOOST_TEST(outcome.datagrams == places.datagrams.size());
    BOOST_TEST(outcome.packets > 10u);
    BOOST_TEST(outcome.wakes > 3u);
  }
}

// A router's log of another topology than its own header's links.
BOOST_AUTO_TEST_CASE(rerun__refuses_a_log_whose_host_has_other_links) {
  const logged_run run(tiny);
  const octets log = run.a.read();
  std::string text(log.begin(), log.end());
  const std::size_t at = text.find("\"links\":[");
  BOOST_TEST_REQUIRE(at != std::string::npos);
  const std::size_t end = text.find(']', at);
  const std::string link = text.substr(at + 9, end - at - 9);
  text.insert(end, "," + link);
  const temporary_file file(octets_of(text));
  BOOST_TEST(refusal(file.path()).ends_with("expected 1 links, as the scenario's a has; got 2"), refusal(file.path()));
}

BOOST_AUTO_TEST_CASE(rerun__a_changed_datagram_is_a_difference) {
  const logged_run run(tiny);
  for (const temporary_file* file : {&run.a, &run.b}) {
    octets log = file->read();
    log[places_in(log).datagrams.at(0) + 31] ^= 1;
    BOOST_TEST(outcome_of(log).difference != "");
  }
}

BOOST_AUTO_TEST_CASE(rerun__a_changed_fingerprint_names_its_packet) {
  const logged_run run(tiny);
  const octets log = run.a.read();
  const log_places places = places_in(log);
  for (std::size_t number = 0; number < places.fingerprints.size(); ++number) {
    octets changed = log;
    changed[places.fingerprints[number] + number % 8] ^= 0x10;
    BOOST_TEST(outcome_of(changed).difference == "packet " + std::to_string(number) + " differs");
  }
}

BOOST_AUTO_TEST_CASE(rerun__a_log_cut_anywhere_is_told_as_far_as_it_goes) {
  const logged_run run(tiny);
  const octets log = run.b.read();
  const log_places places = places_in(log);
  for (std::size_t length = 0; length < log.size(); ++length) {
    const temporary_file file(octets_view(log).first(length));
    const auto outcome = rerun(file.path());
    BOOST_TEST_CONTEXT(length << " of " << log.size() << " octets") {
      if (length + 1 < places.header_end) {
        BOOST_TEST(!outcome.has_value());
        if (!outcome) BOOST_TEST(is_one_line(outcome.error()), outcome.error());
        continue;
      }
      BOOST_TEST_REQUIRE(outcome.has_value());
      const bool whole_records =
          length < places.header_end || std::binary_search(places.records.begin(), places.records.end(), length);
      BOOST_TEST(outcome->cut_short == !whole_records);
      BOOST_TEST(outcome->difference == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(rerun__no_changed_octet_of_the_records_does_harm) {
  const logged_run run(tiny);
  const octets log = run.a.read();
  for (std::size_t at = places_in(log).header_end; at < log.size(); ++at) {
    octets changed = log;
    changed[at] ^= static_cast<octet>(0x80u >> (at % 8));
    const temporary_file file(changed);
    const auto outcome = rerun(file.path());
    if (!outcome) BOOST_TEST(is_one_line(outcome.error()), outcome.error());
  }
}

BOOST_AUTO_TEST_CASE(rerun__a_time_that_goes_back_is_a_difference) {
  const logged_run run(tiny);
  octets log = run.a.read();
  const log_places places = places_in(log);
  std::size_t last_wake = 0;
  for (std::size_t i = 0; i + 1 < places.records.size(); ++i)
    if (log[places.records[i]] == 'w') last_wake = places.records[i];
  const std::int64_t before = origin.nanoseconds - 1;
  std::memcpy(&log[last_wake + 1], &before, sizeof before);
  BOOST_TEST(outcome_of(log).difference.find("goes back") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rerun__refuses_what_is_no_log_in_one_line) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("\n"), std::string_view("[scenario]\nname = \"x\"\n"),
        std::string_view("seqwire-inputs 2\n{}\n"), std::string_view("seqwire-inputs 3\n"),
        std::string_view("seqwire-inputs 3\n{}\n"), std::string_view("seqwire-inputs 3\nnot json\n"),
        std::string_view("seqwire-inputs 3\n[1, 2]\n"),
        std::string_view("\0\xff\x7f"
                         "ELF",
                         6)}) {
    const temporary_file file(octets_of(text));
    const std::string said = refusal(file.path());
    BOOST_TEST(is_one_line(said), said);
    BOOST_TEST(said.starts_with(file.path() + ":"), said);
  }
}

BOOST_AUTO_TEST_CASE(rerun__refuses_a_header_no_run_can_have_written) {
  const logged_run run(tiny);
  const octets log = run.a.read();
  const std::string text(log.begin(), log.end());
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"mtu\":576", "\"mtu\":1"},
                                                        {"\"mtu\":576", "\"mtu\":-1"},
                                                        {"\"packet_life_ns\":", "\"packet_life_ns\":-"}}) {
    std::string changed = text;
    const std::size_t at = changed.find(from);
    BOOST_TEST_REQUIRE(at != std::string::npos, from);
    changed.replace(at, from.size(), to);
    const temporary_file file(octets_of(changed));
    BOOST_TEST(is_one_line(refusal(file.path())), to);
  }
}

// A folder of two files, a run that sent them, and what rerun says of the run once the folder has changed.
struct sent_folder {
  sent_folder() {
    std::string pattern = (fs::temp_directory_path() / "seqwire-test-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    write("one", "first");
    write("two", "second");
    run.emplace("[link]\nmtu = 576\n[[flow]]\nfiles = \"" + path.string() + "\"\n");
  }
  ~sent_folder() { fs::remove_all(path); }
  void write(const char* name, const char* contents) const { std::ofstream(path / name) << contents; }
  std::string said() const { return refusal(run->a.path()); }

  fs::path path;
  std::optional<logged_run> run;
};

BOOST_FIXTURE_TEST_CASE(rerun__of_the_same_files_is_identical, sent_folder) {
  BOOST_TEST(outcome_of(run->a.read()).difference == "");
  BOOST_TEST(outcome_of(run->b.read()).difference == "");
}

BOOST_FIXTURE_TEST_CASE(rerun__names_a_file_that_has_changed_since, sent_folder) {
  write("two", "Second");
  BOOST_TEST(said() == (path / "two").string() + " differs from the run's (SHA-256 " +
                           sha256_hexadecimal(view_of("second")) + " then, " + sha256_hexadecimal(view_of("Second")) +
                           " now)");
}

BOOST_FIXTURE_TEST_CASE(rerun__names_a_file_that_is_new_or_gone, sent_folder) {
  write("zero", "third");
  BOOST_TEST(said() == (path / "zero").string() + ": the run did not send this file");
  fs::remove(path / "zero");
  fs::remove(path / "two");
  BOOST_TEST(said().starts_with((path / "two").string() + ": the run sent this file"), said());
  write("two", "second");
  write("another", "in between");
  BOOST_TEST(said().starts_with((path / "one").string() + ": the run sent this file"), said());
  fs::remove_all(path);
  BOOST_TEST(is_one_line(said()));
  BOOST_TEST(said().find(path.string()) != std::string::npos, said());
}

BOOST_AUTO_TEST_CASE(rerun__refuses_a_missing_file_by_name) {
  const std::string said = refusal("/nonexistent/a.inputs");
  BOOST_TEST(is_one_line(said), said);
  BOOST_TEST(said.find("/nonexistent/a.inputs") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(close__a_full_disk_is_told) {
  scenario from;
  from.flows.push_back({});
  input_log_writer log("/dev/full", {"a", origin, {link_capabilities{}}, planned(from)});
  for (int i = 0; i < 10'000; ++i) log.woken(origin);
  const auto trouble = log.close();
  BOOST_TEST_REQUIRE(trouble.has_value());
  BOOST_TEST(trouble->find("/dev/full") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
