// Blind injection (A01 to A03 of the attack catalogue): a spoofer who does not see the packets of a connection sends
// data, closes, acknowledgements and Errors in its peer's name. What they must know is both ids and all addresses, in
// every state; the ids of connections to come tell nothing about each other.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/protocol/host/victim.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(host_injection_test)

// What a spoofer knows of a packet that the true peer could send.
enum knowledge : unsigned {
  source_host = 1,
  source_socket = 2,
  destination_socket = 4,
  source_id = 8,
  destination_id = 16,
  everything = 31,
};

// While it opens, the host learns its peer's id and socket: whoever knows the host's own id may say what they are.
unsigned needed_in(stage at) {
  const bool learns = at == stage::opening || at == stage::met;
  return learns ? everything & ~static_cast<unsigned>(source_socket | source_id) : everything;
}

// What names a connection: of its peer, and of the victim's own.
struct connection_names {
  xns_address peer;
  socket_number own{};
  std::uint16_t peer_id = 0;
  std::uint16_t own_id = 0;
};

struct spoofer {
  random_stream draws{5};
  std::uint64_t drawn = 0;

  std::uint16_t other_than(std::uint16_t right) {
    for (;;) {
      const auto guess = static_cast<std::uint16_t>(draws.bits(drawn++));
      if (guess != right && guess != 0) return guess;
    }
  }
  host_number other_host(std::uint16_t right) { return host_number{0x020000000000u + other_than(right)}; }
  // Wrong wherever it does not know.
  connection_names guess(connection_names truth, unsigned knows) {
    const auto wrong = [&](unsigned what) { return (knows & what) == 0; };
    if (wrong(source_host)) truth.peer.host = other_host(0x0a);
    if (wrong(source_socket)) truth.peer.socket = socket_number{other_than(3000)};
    if (wrong(destination_socket)) truth.own = socket_number{other_than(static_cast<std::uint16_t>(truth.own))};
    if (wrong(source_id)) truth.peer_id = other_than(truth.peer_id);
    if (wrong(destination_id)) truth.own_id = other_than(truth.own_id);
    return truth;
  }
  // One of the kinds of packet that do harm, numbered as it should be.
  octets forge(victim& of, unsigned knows, unsigned kind) {
    spp_header header = of.true_header();
    octets data;
    header.acknowledge = other_than(0);
    header.allocation = other_than(0);
    header.send_acknowledgement = kind % 2 == 0;
    header.sequence = 0;
    header.system = kind < 2;
    if (kind == 2 || kind == 3) data.resize(3, 'x');
    header.end_of_message = kind == 3;
    header.attention = kind == 4;
    if (header.attention) data = {'!'};
    if (kind == 5) header.datastream_type = close_request_type;
    if (kind == 6) header.datastream_type = close_reply_type;
    const connection_names named =
        guess({peer, of.local, header.source_connection, header.destination_connection}, knows);
    header.source_connection = named.peer_id;
    header.destination_connection = named.own_id;
    return spp_frame(named.peer, of.engine.address(named.own), header, data);
  }
  static constexpr unsigned kinds = 7;
};

BOOST_AUTO_TEST_CASE(a01__nothing_is_accepted_in_any_state_unless_all_fields_match) {
  constexpr int guesses = 100;
  std::uint64_t sent = 0;
  for (const stage at : every_stage) {
    victim of(at);
    spoofer enemy;
    const auto before = of.everything();
    const std::uint64_t accepted = of.engine.statistics().accepted;
    for (unsigned knows = 0; knows < everything; ++knows) {
      if ((knows & needed_in(at)) == needed_in(at)) continue;
      for (int i = 0; i < guesses; ++i)
        for (unsigned kind = 0; kind < spoofer::kinds; ++kind, ++sent) of.arrive(enemy.forge(of, knows, kind));
      of.leaving();
      BOOST_TEST_CONTEXT("stage " << static_cast<int>(at) << ", knows " << knows) {
        BOOST_TEST(of.engine.statistics().accepted == accepted);
        BOOST_TEST(of.everything() == before, boost::test_tools::per_element());
      }
    }
  }
  BOOST_TEST(sent > 100'000u);
}

// With the ids known only the number is left to guess: one packet in a thousand of the default window.
BOOST_AUTO_TEST_CASE(a01__with_both_ids_data_and_closes_must_still_be_within_the_window) {
  victim of(stage::open);
  spoofer enemy;
  for (std::uint32_t number = 64; number < 65'536; number += 7)
    for (const std::uint8_t type : {std::uint8_t{0}, close_request_type, close_reply_type}) {
      if (number == 64 && type != 0) continue;  // a close may exceed the allocation by one
      of.says_data(static_cast<std::uint16_t>(number), {}, [&](spp_header& header) { header.datastream_type = type; });
    }
  BOOST_TEST((of.connection().state() == connection_state::open));
  BOOST_TEST(of.connection().statistics().out_of_order == 0u);
  BOOST_TEST(!of.connection().take_record().has_value());
  BOOST_TEST(of.drops(drop_reason::beyond_allocation) + of.drops(drop_reason::duplicate) > 28'000u);
}

// An opening carries no id of ours, so that it may come from anybody who guessed one id: it is answered, and no more.
BOOST_AUTO_TEST_CASE(a01__an_opening_in_the_peers_name_acknowledges_and_allocates_nothing) {
  for (const stage at : {stage::answering, stage::open, stage::close_requested, stage::close_replying}) {
    victim of(at);
    const auto before = of.everything();
    for (std::uint32_t number = 0; number < 65'536; number += 13)
      of.says([&](spp_header& header) {
        header.destination_connection = 0;
        header.acknowledge = header.allocation = static_cast<std::uint16_t>(number);
      });
    of.says([&](spp_header& header) {
      header.destination_connection = 0;
      header.acknowledge = 1;  // which is in flight
      header.allocation = 30'000;
    });
    BOOST_TEST_CONTEXT("stage " << static_cast<int>(at))
    BOOST_TEST(of.everything() == before, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a01__openings_in_the_peers_name_keep_no_dead_connection_alive) {
  spp_config config;
  config.keepalive = 5_s;
  config.give_up = 20_s;
  victim of(stage::open, config);
  for (int i = 0; i < 100 && of.connection().status() == end_status::none; ++i) {
    of.rest_until(of.now + 1_s);
    of.says([](spp_header& header) { header.destination_connection = 0; });
  }
  BOOST_TEST((of.connection().status() == end_status::timed_out));
}

// Whoever opens to us while we open to them has not shown that they know our id: the true peer has the last word.
BOOST_AUTO_TEST_CASE(a01__an_opening_that_meets_ours_does_not_keep_the_true_peer_out) {
  victim of(stage::opening);
  of.says([](spp_header& header) {
    header.destination_connection = 0;
    header.source_connection = 0x6666;
  });
  BOOST_TEST((of.connection().state() == connection_state::answering));
  of.says({});  // the true answer, to our id
  BOOST_TEST((of.connection().state() == connection_state::open));
  BOOST_TEST(of.connection().peer_id() == peers_id);
  of.says_data(0, view_of("true"), [](spp_header& header) { header.end_of_message = true; });
  BOOST_TEST(taken(of.engine, of.handle) == "[true]");
}

BOOST_AUTO_TEST_CASE(a01__of_two_openings_that_meet_ours_the_later_one_may_be_the_true_one) {
  victim of(stage::opening);
  for (const std::uint16_t id : {std::uint16_t{0x6666}, peers_id})
    of.says([&](spp_header& header) {
      header.destination_connection = 0;
      header.source_connection = id;
    });
  BOOST_TEST(of.connection().peer_id() == peers_id);
  BOOST_TEST(of.engine.statistics().errors_sent == 0u);
}

// Others than the peer get the same answer whether somebody has the id or not.
BOOST_AUTO_TEST_CASE(a01__nobody_can_ask_which_ids_are_in_use) {
  victim of(stage::open);
  spp_header header = of.true_header();
  xns_address stranger = peer;
  std::vector<std::size_t> answers;
  for (std::uint16_t change = 0; change < 3; ++change) {
    stranger.host = host_number{0x020000000100u + change};
    header.destination_connection = static_cast<std::uint16_t>(of.connection().local_id() + change);
    of.arrive(spp_frame(stranger, of.engine.address(of.local), header));
    answers.push_back(of.leaving().size());
  }
  BOOST_TEST(answers == (std::vector<std::size_t>{1, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(of.drops(drop_reason::no_such_connection) == 3u);
}

// --- A02: predictable ids ---

struct drawn_ids {
  explicit drawn_ids(std::size_t count) {
    host_config config = settings(number_b);
    config.id_quarantine = {};
    lone_host of(config);
    of.engine.sequenced().listen(service, {});
    packet none[4];
    for (std::size_t i = 0; i < count; ++i) {
      const connection_handle handle = of.engine.sequenced().connect(of.now, peer, {}, socket_number{4000}).value();
      ids.push_back(of.engine.sequenced().find(handle)->local_id());
      of.engine.sequenced().abort(handle);
      of.engine.sequenced().release(handle);
      of.engine.poll_transmit(of.now, none);
    }
  }
  std::vector<std::uint16_t> ids;
};

BOOST_AUTO_TEST_CASE(a02__a_million_ids_are_spread_evenly_and_no_neighbour_tells_the_next) {
  const std::vector<std::uint16_t> ids = drawn_ids(1'000'000).ids;
  const auto count = static_cast<double>(ids.size());
  std::vector<std::uint32_t> seen(65'536);
  for (const std::uint16_t id : ids) ++seen[id];
  BOOST_TEST(seen[0] == 0u);
  const double expected = count / 65'535;
  double chi_square = 0;
  for (std::size_t id = 1; id < seen.size(); ++id)
    chi_square += (seen[id] - expected) * (seen[id] - expected) / expected;
  // 65,534 degrees of freedom, a standard deviation of 362.
  BOOST_TEST(std::abs(chi_square - 65'534) < 5 * 362);

  double product = 0;
  double squares = 0;
  int guessed[4] = {};  // the same, 4.3BSD's 64 more, one more, as far as from the last but one to the last
  for (std::size_t i = 2; i < ids.size(); ++i) {
    const double last = ids[i - 1] - 32'768.0;
    product += last * (ids[i] - 32'768.0);
    squares += last * last;
    const std::uint16_t step = static_cast<std::uint16_t>(ids[i] - ids[i - 1]);
    guessed[0] += step == 0;
    guessed[1] += step == 64;
    guessed[2] += step == 1;
    guessed[3] += step == static_cast<std::uint16_t>(ids[i - 1] - ids[i - 2]);
  }
  BOOST_TEST(std::abs(product / squares) < 5 / std::sqrt(count));
  for (const int successes : guessed) BOOST_TEST(successes <= 2 * expected);
}

// --- A03: spoofed Errors ---

constexpr std::array<error_number, 7> deadly{error_number::no_such_socket,          error_number::listener_rejects,
                                             error_number::protocol_violation,      error_number::too_many_hops,
                                             error_number::destination_unreachable, error_number::too_big,
                                             error_number::resource_limit};

// Quotes what could have been sent, with all that is not known guessed; knowledge 32 is the number.
octets forged_error(victim& of, spoofer& enemy, unsigned knows, error_number number) {
  const spp_connection& truth = of.connection();
  const connection_names named = enemy.guess({truth.peer(), of.local, truth.peer_id(), truth.local_id()}, knows);
  spp_header header;
  header.source_connection = named.own_id;
  header.destination_connection = named.peer_id;
  if ((knows & 32) == 0) header.sequence = static_cast<std::uint16_t>(3 + enemy.other_than(0) % 65'000);
  const octets quoted = spp_frame(of.engine.address(named.own), named.peer, header);
  octets body(error_layout::octets);
  error_layout::encode({number, 1}, body.data());
  body.insert(body.end(), quoted.begin(), quoted.end());
  return idp_frame(packet_type::error, {network_number{1}, host_number{0x020000000077}, socket_number{3}},
                   of.engine.address(of.local), body);
}

BOOST_AUTO_TEST_CASE(a03__no_error_is_believed_unless_it_quotes_a_packet_in_flight) {
  std::uint64_t sent = 0;
  for (const stage at : every_stage) {
    victim of(at);
    spoofer enemy;
    const auto before = of.everything();
    const std::uint64_t accepted = of.engine.statistics().accepted;
    for (unsigned knows = 0; knows < 63; ++knows)
      for (int i = 0; i < 50; ++i)
        for (const error_number number : deadly) {
          of.arrive(forged_error(of, enemy, knows, number));
          ++sent;
        }
    BOOST_TEST_CONTEXT("stage " << static_cast<int>(at)) {
      BOOST_TEST(of.engine.statistics().accepted == accepted);
      BOOST_TEST(of.everything() == before, boost::test_tools::per_element());
      BOOST_TEST(of.leaving().empty());  // no Error answers an Error
    }
  }
  BOOST_TEST(sent > 100'000u);
}

BOOST_AUTO_TEST_CASE(a03__a_true_one_ends_only_an_opening_at_once) {
  for (const stage at : every_stage) {
    victim of(at);
    spoofer knowing;
    const auto before = of.everything();
    for (const error_number number : deadly) of.arrive(forged_error(of, knowing, 63, number));
    BOOST_TEST_CONTEXT("stage " << static_cast<int>(at)) {
      BOOST_TEST((of.everything() == before) == (at != stage::opening));
      BOOST_TEST((of.connection().status() == end_status::refused) == (at == stage::opening));
    }
  }
}

// Its window is closed for a minute, but it answers every probe: it is not silent.
BOOST_AUTO_TEST_CASE(a03__a_peer_that_answers_probes_is_not_believed_dead) {
  victim of(stage::opening);
  const auto closed = [](spp_header& header) { header.allocation = 0xffff; };
  of.says(closed);
  of.connection().send(slice::copy_of(view_of("waits")));
  spoofer knowing;
  for (const instant end = of.now + 60_s; of.now < end;) {
    if (of.rest_until(of.now + 1_s) == 0) continue;
    of.says(closed);
    of.arrive(forged_error(of, knowing, 63, error_number::no_such_socket));
    BOOST_TEST_REQUIRE((of.connection().status() == end_status::none));
  }
  BOOST_TEST(of.connection().statistics().probes > 5u);
}

BOOST_AUTO_TEST_SUITE_END()
