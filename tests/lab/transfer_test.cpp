// Named records between two simulated hosts: what arrives is what was sent, by name, octet and order, and the results
// and journals of both ends say so.
#include "lab/transfer.hpp"

#include <boost/test/unit_test.hpp>

#include "sim/simulation.hpp"
#include "tests/rawio/capture/support.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(transfer_test)

struct plain_file {
  std::string name;
  std::string contents;
  bool operator==(const plain_file&) const = default;
};
using plain_files = std::vector<plain_file>;

constexpr socket_number first_socket{3000};
constexpr socket_number second_socket{3001};

record_source source_of(plain_files files) {
  return [files = std::move(files), next = std::size_t{0}]() mutable -> std::optional<named_record> {
    if (next == files.size()) return std::nullopt;
    const plain_file& file = files[next++];
    return named_record{file.name, slice::copy_of(view_of(file.contents))};
  };
}

record_sink into(plain_files& files) {
  return [&files](const std::string& name, const received_record& contents) {
    const slice whole = contents.flatten();
    files.push_back({name, std::string(whole.view().begin(), whole.view().end())});
  };
}

outgoing_flow flow_to(host_number peer, socket_number socket, plain_files files, const spp_config& config = {}) {
  return {"out", {simulation::network, peer, socket}, config, {}, source_of(std::move(files))};
}

simulation_settings lossy_link() {
  simulation_settings settings;
  settings.a_to_b.delay = settings.b_to_a.delay = 5_ms;
  settings.a_to_b.loss = settings.b_to_a.loss = 0.1;
  settings.time_limit = 600_s;
  return settings;
}

// From a to b over a lossy link, to the end.
struct one_way {
  transfer_program a, b;
  plain_files arrived;

  explicit one_way(journal_writer* of_a = nullptr, journal_writer* of_b = nullptr) : a(of_a), b(of_b) {}
  void run(outgoing_flow flow) {
    a.add(std::move(flow));
    b.add(incoming_flow{"in", first_socket, {}, into(arrived)});
    simulation world(lossy_link(), a, b, nullptr);
    world.run();
    BOOST_TEST(a.finished());
    BOOST_TEST(b.finished());
    for (const transfer_program* end : {&a, &b})
      BOOST_TEST(name_of(end->results().at(0).status) == name_of(end_status::closed_gracefully));
  }
};

plain_files some_files() {
  return {{"a.txt", "first"}, {"folder/large", std::string(5000, 'x')},
          {"empty", ""},      {"", "without a name"},
          {"", ""},           {"after", "named again"},
          {"last empty", ""}};
}

BOOST_AUTO_TEST_CASE(step__names_and_contents_arrive_as_they_were_sent) {
  one_way both;
  both.run(flow_to(simulation::host_b, first_socket, some_files()));
  BOOST_TEST((both.arrived == some_files()));
  for (const flow_result& end : {both.a.results().at(0), both.b.results().at(0)}) {
    BOOST_TEST(end.opened);
    BOOST_TEST(end.records == some_files().size());
    BOOST_TEST(end.octets == 5u + 5000u + 14u + 11u);
    BOOST_TEST(end.digests.empty());  // no journal
    BOOST_TEST(end.missing == "");
  }
}

// A record that the connection does not take ends the flow at once, by name, after what came before it.
BOOST_AUTO_TEST_CASE(step__a_record_that_is_too_long_ends_the_flow) {
  transfer_program a(nullptr), b(nullptr);
  plain_files arrived;
  outgoing_flow flow = flow_to(simulation::host_b, first_socket, {{"fits", "x"}, {"long", std::string(2000, 'x')}});
  flow.config.maximum_record = 1000;
  a.add(std::move(flow));
  b.add(incoming_flow{"in", first_socket, {}, into(arrived)});
  simulation world(lossy_link(), a, b, nullptr);
  world.run();
  BOOST_TEST(a.finished());
  BOOST_TEST(b.finished());
  BOOST_TEST(name_of(a.results().at(0).status) == name_of(end_status::record_too_long));
  BOOST_TEST((arrived == plain_files{{"fits", "x"}}));
  // Its name went before it, so that both know which one is missing.
  BOOST_TEST(a.results().at(0).missing == "long");
  BOOST_TEST(b.results().at(0).missing == "long");
  BOOST_TEST(name_of(b.results().at(0).status) == name_of(end_status::closed_gracefully));
}

BOOST_AUTO_TEST_CASE(step__a_flow_without_records_opens_and_closes) {
  one_way both;
  both.run(flow_to(simulation::host_b, first_socket, {}));
  BOOST_TEST(both.arrived.empty());
  BOOST_TEST(both.a.results().at(0).records == 0u);
}

BOOST_AUTO_TEST_CASE(step__a_flow_with_a_start_sends_nothing_before) {
  one_way both;
  outgoing_flow later = flow_to(simulation::host_b, first_socket, {{"late", "patience"}});
  later.start = 30_s;
  both.run(std::move(later));
  BOOST_TEST((both.arrived == plain_files{{"late", "patience"}}));
  BOOST_TEST(both.a.results().at(0).first_at.nanoseconds == (30_s).nanoseconds);
  BOOST_TEST((both.b.results().at(0).first_at >= 30_s + 5_ms));
}

BOOST_AUTO_TEST_CASE(step__a_small_send_buffer_delays_and_changes_nothing) {
  one_way both;
  spp_config narrow;
  narrow.send_buffer = 1;  // one record at a time
  bool ran_ahead = false;
  std::uint64_t asked = 0;
  outgoing_flow flow = flow_to(simulation::host_b, first_socket, {}, narrow);
  flow.source = [&, files = source_of(some_files())] {
    // The source is asked for one record more than the connection took, never for the rest.
    ran_ahead = ran_ahead || asked++ > both.a.results().at(0).records;
    return files();
  };
  both.run(std::move(flow));
  BOOST_TEST((both.arrived == some_files()));
  BOOST_TEST(!ran_ahead);
}

BOOST_AUTO_TEST_CASE(step__flows_in_both_directions_do_not_mix) {
  transfer_program a(nullptr), b(nullptr);
  plain_files at_a, at_b;
  a.add(flow_to(simulation::host_b, first_socket, {{"one", "to b"}, {"two", std::string(3000, 'b')}}));
  a.add(incoming_flow{"in", second_socket, {}, into(at_a)});
  b.add(incoming_flow{"in", first_socket, {}, into(at_b)});
  b.add(flow_to(simulation::host_a, second_socket, {{"three", "to a"}}));
  simulation world(lossy_link(), a, b, nullptr);
  world.run();
  BOOST_TEST(a.finished());
  BOOST_TEST(b.finished());
  BOOST_TEST((at_b == plain_files{{"one", "to b"}, {"two", std::string(3000, 'b')}}));
  BOOST_TEST((at_a == plain_files{{"three", "to a"}}));
  BOOST_TEST(a.results().at(0).label == "out");
  BOOST_TEST(a.results().at(1).label == "in");
}

BOOST_AUTO_TEST_CASE(step__journals_of_both_ends_tell_the_same_story) {
  const temporary_file file_a, file_b;
  journal_writer of_a(file_a.path(), "a");
  journal_writer of_b(file_b.path(), "b");
  one_way both(&of_a, &of_b);
  both.run(flow_to(simulation::host_b, first_socket, some_files()));
  of_a.close();
  of_b.close();
  const auto a = read_journal(file_a.path());
  const auto b = read_journal(file_b.path());
  BOOST_TEST_REQUIRE(a.has_value());
  BOOST_TEST_REQUIRE(b.has_value());
  BOOST_TEST_REQUIRE(a->connections.size() == 1u);
  BOOST_TEST_REQUIRE(b->connections.size() == 1u);
  BOOST_TEST((a->connections[0].submitted == b->connections[0].delivered));
  BOOST_TEST(a->connections[0].delivered.empty());
  BOOST_TEST(a->connections[0].status == "closed gracefully");
  BOOST_TEST(b->connections[0].status == "closed gracefully");
  std::vector<std::string> digests;
  for (const plain_file& file : some_files()) digests.push_back(sha256_hexadecimal(view_of(file.contents)));
  BOOST_TEST(both.a.results().at(0).digests == digests);
  BOOST_TEST(both.b.results().at(0).digests == digests);
  // Seven contents and a name for each of the five that have one.
  BOOST_TEST(a->connections[0].submitted.size() == 12u);
}

BOOST_AUTO_TEST_CASE(step__nobody_listens_and_the_flow_says_how_it_ended) {
  transfer_program a(nullptr), b(nullptr);
  a.add(flow_to(simulation::host_b, first_socket, some_files()));
  simulation world(lossy_link(), a, b, nullptr);
  world.run();
  BOOST_TEST(a.finished());
  BOOST_TEST(!a.results().at(0).opened);
  BOOST_TEST(a.results().at(0).records == 0u);
  BOOST_TEST((a.results().at(0).status != end_status::none));
  BOOST_TEST((a.results().at(0).status != end_status::closed_gracefully));
}

// --- records that are due at instants ---

record_source timed(std::vector<duration> due) {
  return [due = std::move(due), next = std::size_t{0}]() mutable -> std::optional<named_record> {
    if (next == due.size()) return std::nullopt;
    return named_record{"", slice::copy_of(view_of("x")), due[next++]};
  };
}

simulation_settings plain_link() {
  simulation_settings settings;
  settings.a_to_b.delay = settings.b_to_a.delay = 5_ms;
  settings.time_limit = 600_s;
  return settings;
}

struct timed_run {
  transfer_program a{nullptr}, b{nullptr};

  void run(outgoing_flow out, incoming_flow in) {
    a.add(std::move(out));
    b.add(std::move(in));
    simulation world(plain_link(), a, b, nullptr);
    world.run();
    BOOST_TEST(a.finished());
    BOOST_TEST(b.finished());
  }
};

// The connection opens in 10 ms; what was due before waits until then, and its latency says so.
BOOST_AUTO_TEST_CASE(step__records_go_when_they_are_due) {
  const auto clock = std::make_shared<due_instants>();
  outgoing_flow out = flow_to(simulation::host_b, first_socket, {});
  out.source = timed({0_ms, 4_ms, 40_ms, 2000_ms});
  out.due = clock;
  timed_run both;
  both.run(std::move(out), {.label = "in", .socket = first_socket, .config = {}, .sink = {}, .due = clock});
  const flow_result sender = both.a.results().at(0), receiver = both.b.results().at(0);
  BOOST_TEST(receiver.records == 4u);
  BOOST_TEST((sender.first_at == 10_ms));
  BOOST_TEST((receiver.first_at == 15_ms));
  BOOST_TEST((receiver.last_at == 2005_ms));
  BOOST_TEST(receiver.latencies.count() == 4u);
  BOOST_TEST((receiver.latencies.minimum() == 5_ms));
  BOOST_TEST((receiver.latencies.maximum() == 15_ms));
  BOOST_TEST((receiver.latencies.mean() == 9_ms));  // 15, 11, 5, 5
  BOOST_TEST(sender.latencies.count() == 0u);
  BOOST_TEST(clock->empty());
}

BOOST_AUTO_TEST_CASE(step__records_that_are_never_due_early_count_from_submission) {
  const auto clock = std::make_shared<due_instants>();
  outgoing_flow out = flow_to(simulation::host_b, first_socket, {{"named", "one"}, {"", "two"}});
  out.start = 3_s;
  out.due = clock;
  timed_run both;
  both.run(std::move(out), {.label = "in", .socket = first_socket, .config = {}, .sink = {}, .due = clock});
  BOOST_TEST(both.b.results().at(0).latencies.count() == 2u);
  BOOST_TEST((both.b.results().at(0).latencies.maximum() == 5_ms));
}

// A request every 10 ms of a round trip and 30 ms of thought.
BOOST_AUTO_TEST_CASE(step__requests_wait_for_their_responses) {
  outgoing_flow out = flow_to(simulation::host_b, first_socket, {});
  out.source = timed({0_ms, 30_ms, 30_ms});
  out.start = 1_s;
  out.has_responses = true;
  incoming_flow in{.label = "in", .socket = first_socket, .config = {}, .sink = {}};
  in.responses = [] { return named_record{"", slice::copy_of(view_of("answer")), {}}; };
  const temporary_file file_a, file_b;
  journal_writer of_a(file_a.path(), "a"), of_b(file_b.path(), "b");
  transfer_program a(&of_a), b(&of_b);
  a.add(std::move(out));
  b.add(std::move(in));
  simulation world(plain_link(), a, b, nullptr);
  world.run();
  const flow_result asker = a.results().at(0), responder = b.results().at(0);
  for (const flow_result& end : {asker, responder}) {
    BOOST_TEST(name_of(end.status) == name_of(end_status::closed_gracefully));
    BOOST_TEST(end.records == 3u);
    BOOST_TEST(end.octets == 3u);
    BOOST_TEST(end.responses == 3u);
    BOOST_TEST(end.digests.size() == 3u);  // of the requests
  }
  BOOST_TEST(asker.digests == responder.digests);
  BOOST_TEST(asker.latencies.count() == 3u);
  BOOST_TEST((asker.latencies.minimum() == 10_ms));
  BOOST_TEST((asker.latencies.maximum() == 10_ms));
  BOOST_TEST((responder.last_at == 1085_ms));  // the third request, sent 2 (10 + 30) ms after the first
  of_a.close();
  of_b.close();
  const auto said_a = read_journal(file_a.path()), said_b = read_journal(file_b.path());
  BOOST_TEST_REQUIRE((said_a.has_value() && said_b.has_value()));
  BOOST_TEST((said_a->connections.at(0).submitted == said_b->connections.at(0).delivered));
  BOOST_TEST((said_b->connections.at(0).submitted == said_a->connections.at(0).delivered));
  BOOST_TEST(said_b->connections.at(0).submitted.size() == 3u);
}

// Packets of a long record come one by one; as a record they come with the last of them, and journals say the same.
BOOST_AUTO_TEST_CASE(step__a_stream_takes_octets_as_they_come) {
  const auto run = [](flow_type type) {
    const temporary_file file_b;
    journal_writer of_b(file_b.path(), "b");
    simulation_settings slow = plain_link();
    slow.a_to_b.rate = 1'000'000;
    transfer_program a(nullptr), b(&of_b);
    plain_files arrived;
    outgoing_flow out = flow_to(simulation::host_b, first_socket, {{"long", std::string(50'000, 'x')}, {"", ""}});
    out.type = type;
    a.add(std::move(out));
    b.add(incoming_flow{.label = "in", .socket = first_socket, .config = {}, .sink = into(arrived), .type = type});
    simulation world(slow, a, b, nullptr);
    world.run();
    BOOST_TEST((arrived == plain_files{{"long", std::string(50'000, 'x')}, {"", ""}}));
    return b.results().at(0);
  };
  const flow_result records = run(flow_type::sequenced_packet), stream = run(flow_type::stream);
  BOOST_TEST(stream.records == 2u);
  BOOST_TEST(stream.octets == 50'000u);
  BOOST_TEST(stream.digests == records.digests);
  BOOST_TEST((records.first_at > 300_ms));
  BOOST_TEST((stream.first_at < 50_ms));
  BOOST_TEST((stream.last_at == records.last_at));
}

// A fresh socket never takes the number of a flow behind it, and results come in the order of flows.
BOOST_AUTO_TEST_CASE(step__flows_of_all_types_live_beside_each_other) {
  transfer_program a(nullptr), b(nullptr);
  const auto datagrams = [](std::uint64_t count) {
    return [count, sent = std::uint64_t{0}]() mutable -> std::optional<named_record> {
      if (sent++ == count) return std::nullopt;
      return named_record{"", slice::copy_of(view_of("sixteen or more octets")), {}};
    };
  };
  outgoing_flow first{.label = "0",
                      .to = {simulation::network, simulation::host_b, first_socket},
                      .config = {},
                      .source = datagrams(3)};
  first.type = flow_type::datagram;
  outgoing_flow third{.label = "2",
                      .to = {simulation::network, simulation::host_a, socket_number{3002}},
                      .config = {},
                      .source = datagrams(5)};
  third.type = flow_type::datagram;
  a.add(std::move(first));
  b.add(incoming_flow{
      .label = "0", .socket = first_socket, .config = {}, .sink = {}, .type = flow_type::datagram, .records = 3});
  a.add(flow_to(simulation::host_b, second_socket, {{"", "on a connection"}}));
  b.add(incoming_flow{.label = "1", .socket = second_socket, .config = {}, .sink = {}});
  a.add(incoming_flow{.label = "2",
                      .socket = socket_number{3002},
                      .config = {},
                      .sink = {},
                      .type = flow_type::datagram,
                      .records = 5});
  b.add(std::move(third));
  simulation world(plain_link(), a, b, nullptr);
  world.run();
  BOOST_TEST(a.finished());
  BOOST_TEST(b.finished());
  std::vector<std::uint64_t> records;
  for (const transfer_program* end : {&a, &b})
    for (const flow_result& each : end->results()) records.push_back(each.records);
  BOOST_TEST(records == (std::vector<std::uint64_t>{3, 1, 5, 3, 1, 5}));
  BOOST_TEST(b.results().at(2).label == "2");
}

// Runs a transfer that its user ends after three seconds.
class impatient final : public application {
 public:
  static constexpr instant limit{3'000'000'000};
  transfer_program program{nullptr};
  bool finished_before = false;

  bool step(instant now, host& on) override {
    if (now >= limit && !aborted_) {
      finished_before = program.finished();
      program.abort();
      return aborted_ = true;
    }
    return program.step(now, on);
  }
  std::optional<instant> next_wake() const override { return aborted_ ? std::nullopt : std::optional(limit); }
  bool finished() const override { return program.finished(); }

 private:
  bool aborted_ = false;
};

BOOST_AUTO_TEST_CASE(abort__ends_an_endless_flow_at_once) {
  impatient a;
  transfer_program b(nullptr);
  outgoing_flow endless = flow_to(simulation::host_b, first_socket, {});
  endless.source = [] { return named_record{"", slice::copy_of(view_of("more"))}; };
  endless.config.send_buffer = 1000;
  a.program.add(std::move(endless));
  b.add(incoming_flow{"in", first_socket, {}, {}});
  simulation world(lossy_link(), a, b, nullptr);
  world.run();
  BOOST_TEST(!a.finished_before);
  BOOST_TEST(a.finished());
  const flow_result ended = a.program.results().at(0);
  BOOST_TEST(name_of(ended.status) == name_of(end_status::local_abort));
  BOOST_TEST(ended.statistics.records_sent > 0u);
  BOOST_TEST(ended.last_at.nanoseconds == impatient::limit.nanoseconds);
  // Nobody tells b; it gives up by itself.
  BOOST_TEST(b.results().at(0).opened);
  BOOST_TEST((b.results().at(0).status != end_status::closed_gracefully));
}

BOOST_AUTO_TEST_SUITE_END()
