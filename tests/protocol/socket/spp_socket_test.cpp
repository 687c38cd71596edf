// Sequenced-packet sockets: records, and how connections begin and end, as programs see them. The numbers in brackets
// are those of the protocol sheet's list of behaviours (section 11).
#include "protocol/socket/spp_socket.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/protocol/socket/talk.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(spp_socket_test)

// --- records ---

BOOST_AUTO_TEST_CASE(record__boundaries_are_kept_over_loss_reordering_and_duplication) {  // (1)
  socket_talk talk;
  for (channel_settings* each : {&talk.world.settings.a_to_b, &talk.world.settings.b_to_a}) {
    each->loss = 0.1;
    each->reordering = 0.2;
    each->duplication = 0.1;
  }
  const std::size_t sizes[] = {0, 1, 533, 534, 535, 3000, 0, 0, 20'000, 7};
  std::vector<std::size_t> got;
  talk.run(
      [&](socket& to, endpoint&) {
        for (const std::size_t size : sizes) must(to.send(octets(size, 'x')));
      },
      [&](socket& from, endpoint&) {
        octets buffer;
        for (;;) {
          const received one = receive_into(from, buffer, 65536);
          if (one.end) break;
          BOOST_TEST(one.end_of_record);
          BOOST_TEST(!one.truncated);
          got.push_back(one.size);
        }
      });
  BOOST_TEST(got == std::vector<std::size_t>(std::begin(sizes), std::end(sizes)), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(record__a_short_buffer_cuts_it_off_and_says_how_long_it_was) {  // (2)
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint&) {
        send_text(to, "a long record");
        send_text(to, "next");
      },
      [](socket& from, endpoint&) {
        octets buffer;
        const received one = receive_into(from, buffer, 6);
        BOOST_TEST(one.size == 6u);
        BOOST_TEST(one.true_size == 13u);
        BOOST_TEST(one.truncated);
        BOOST_TEST(one.end_of_record);
        BOOST_TEST(text_from(from) == "next");
      });
}

BOOST_AUTO_TEST_CASE(record__the_rest_can_be_kept_and_only_the_last_piece_ends_it) {  // (2, 5)
  socket_talk talk;
  talk.run([](socket& to, endpoint&) { send_text(to, "a long record"); },
           [](socket& from, endpoint&) {
             must(from.set(socket_option::keep_remainder, true));
             octets buffer;
             std::string whole;
             std::vector<bool> ends;
             for (int i = 0; i < 3; ++i) {
               const received one = receive_into(from, buffer, 6);
               BOOST_TEST(!one.truncated);
               whole.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(one.size));
               ends.push_back(one.end_of_record);
             }
             BOOST_TEST(whole == "a long record");
             BOOST_TEST(ends == (std::vector<bool>{false, false, true}), boost::test_tools::per_element());
           });
}

BOOST_AUTO_TEST_CASE(record__peeking_shows_the_size_and_takes_nothing) {  // (3)
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint&) {
        send_text(to, "eleven octs");
        must(to.send(octets{}));
      },
      [](socket& from, endpoint&) {
        for (const std::size_t room : {0u, 5u, 100u}) {
          octets buffer;
          const received one = receive_into(from, buffer, room, {.peek = true});
          BOOST_TEST(one.true_size == 11u);
          BOOST_TEST(one.size == std::min<std::size_t>(room, 11));
        }
        BOOST_TEST(text_from(from) == "eleven octs");
        octets none;
        const received empty = receive_into(from, none, 0, {.peek = true});
        BOOST_TEST(empty.true_size == 0u);
        BOOST_TEST(!empty.end);
      });
}

BOOST_AUTO_TEST_CASE(record__one_too_large_is_refused_whole) {  // (4)
  socket_talk talk;
  talk.before_connecting = [](socket& of) { must(of.set(socket_option::maximum_record, std::int64_t{1000})); };
  talk.run(
      [](socket& to, endpoint&) {
        BOOST_TEST((to.send(octets(1001)).error() == std::errc::message_size));
        must(to.send(octets(1000)));
      },
      [](socket& from, endpoint&) {
        BOOST_TEST(text_from(from).size() == 1000u);
        BOOST_TEST(text_from(from) == "(end)");
      });
}

BOOST_AUTO_TEST_CASE(record__of_length_zero_is_not_the_end) {  // (6, 7)
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint&) {
        must(to.send(octets{}));
        send_text(to, "x");
        must(to.shutdown(socket::direction::both));
      },
      [](socket& from, endpoint& at) {
        rest(at, 5_s);  // the close is here before anything is read
        octets buffer;
        const received empty = receive_into(from, buffer, 10);
        BOOST_TEST(empty.size == 0u);
        BOOST_TEST(empty.end_of_record);
        BOOST_TEST(!empty.end);
        BOOST_TEST(text_from(from) == "x");
        BOOST_TEST(text_from(from) == "(end)");
        BOOST_TEST(text_from(from) == "(end)");
      });
}

BOOST_AUTO_TEST_CASE(record__gathered_and_scattered_is_one) {  // (8)
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint&) {
        const octets_view pieces[] = {view_of("gath"), view_of(""), view_of("ered")};
        BOOST_TEST(must(to.send(gather_list(pieces), {})) == 8u);
      },
      [](socket& from, endpoint&) {
        octet first[3], second[10];
        const std::span<octet> pieces[] = {first, second};
        const received one = must(from.receive(scatter_list(pieces), {}));
        BOOST_TEST(one.size == 8u);
        BOOST_TEST(std::string(first, first + 3) == "gat");
        BOOST_TEST(std::string(second, second + 5) == "hered");
        BOOST_TEST(text_from(from) == "(end)");
      });
}

BOOST_AUTO_TEST_CASE(record__without_waiting_is_queued_whole_or_not_at_all) {  // (9)
  socket_talk talk;
  talk.before_connecting = [](socket& of) { must(of.set(socket_option::send_buffer, std::int64_t{10'000})); };
  std::size_t accepted = 0;
  std::size_t arrived = 0;
  talk.run(
      [&](socket& to, endpoint& at) {
        must(to.set(socket_option::non_blocking, true));
        for (;;) {
          const auto sent = to.send(octets(3000));
          if (!sent) {
            BOOST_TEST((sent.error() == std::errc::operation_would_block));
            break;
          }
          ++accepted;
        }
        BOOST_TEST(!to.ready().writable);
        endpoint::poll_entry entry{.of = &to, .wanted = {.writable = true}};
        BOOST_TEST(must(at.poll({&entry, 1}, 10_s)) == 1u);
        BOOST_TEST(entry.is.writable);
      },
      [&](socket& from, endpoint&) {
        while (text_from(from).size() == 3000) ++arrived;
      });
  BOOST_TEST(accepted > 0u);
  BOOST_TEST(arrived == accepted);
}

BOOST_AUTO_TEST_CASE(record__ended_by_the_program_where_it_says_so) {
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint&) {
        must(to.set(socket_option::explicit_records, true));
        send_text(to, "one ");
        send_text(to, "record");
        must(to.send(octets{}, {.end_of_record = true}));
        send_text(to, "another", {.end_of_record = true});
      },
      [](socket& from, endpoint&) {
        BOOST_TEST(text_from(from) == "one record");
        BOOST_TEST(text_from(from) == "another");
      });
}

BOOST_AUTO_TEST_CASE(record__its_datastream_type_is_seen_before_its_data) {  // (11)
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint&) {
        send_text(to, "typed", {.datastream_type = 7});
        must(to.set(socket_option::default_header, spp_prototype(9, true)));
        must(to.send(octets(5000)));
      },
      [](socket& from, endpoint&) {
        octets none;
        BOOST_TEST((receive_into(from, none, 0, {.peek = true}).datastream_type == std::uint8_t{7}));
        BOOST_TEST(text_from(from) == "typed");
        octets buffer;
        BOOST_TEST((receive_into(from, buffer, 5000).datastream_type == std::uint8_t{9}));
      });
}

// --- opening, ending, errors ---

BOOST_AUTO_TEST_CASE(connect__to_nobody_is_refused) {  // (13)
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto socket = must(at.open(socket_type::sequenced_packet));
    octet buffer[1];
    BOOST_TEST((socket->receive(buffer).error() == std::errc::not_connected));
    BOOST_TEST((socket->send(view_of("x")).error() == std::errc::not_connected));
    BOOST_TEST((socket->peer().error() == std::errc::not_connected));
    BOOST_TEST((socket->connect(at_b(99)).error() == std::errc::connection_refused));
    BOOST_TEST((socket->connect(at_b(99)).error() == std::errc::connection_refused));  // another attempt
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(connect__to_a_dead_host_times_out) {  // (13)
  socket_world world(10_ms);
  world.settings.a_to_b.loss = 1;
  world.on_a.add([](endpoint& at) {
    const auto socket = must(at.open(socket_type::sequenced_packet));
    const instant before = at.waiting().now();
    BOOST_TEST((socket->connect(at_b(99)).error() == std::errc::timed_out));
    BOOST_TEST((at.waiting().now() - before == 75_s));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(connect__says_that_no_number_is_free) {  // ENOBUFS
  socket_world world(10_ms, {.maximum_sockets = 70'000});
  world.on_b.add([](endpoint& at) { must(listener(at, 3000)->accept()); });
  world.on_a.add([](endpoint& at) {
    std::vector<std::unique_ptr<socket>> all;
    for (bool free = true; free;) {
      all.push_back(must(at.open(socket_type::datagram)));
      free = all.back()->bind(own(0)).has_value();
    }
    BOOST_TEST(all.size() == 65'536u - 3000u);  // but for 3004, which is left out, and with the one that found none
    const auto socket = must(at.open(socket_type::sequenced_packet));
    BOOST_TEST((socket->connect(at_b(3000)).error() == std::errc::no_buffer_space));
    all.erase(all.begin() + 1000);
    must(socket->connect(at_b(3000)));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(connect__without_waiting_is_in_progress_and_then_writable) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    const auto listening = listener(at, 3000);
    const auto talk = must(listening->accept());
    BOOST_TEST(text_from(*talk) == "x");
  });
  world.on_a.add([](endpoint& at) {
    const auto socket = must(at.open(socket_type::sequenced_packet));
    must(socket->set(socket_option::non_blocking, true));
    BOOST_TEST((socket->connect(at_b(3000)).error() == std::errc::operation_in_progress));
    BOOST_TEST((socket->connect(at_b(3000)).error() == std::errc::connection_already_in_progress));
    endpoint::poll_entry entry{.of = socket.get(), .wanted = {.writable = true}};
    BOOST_TEST(must(at.poll({&entry, 1}, 1_s)) == 1u);
    BOOST_TEST(!entry.is.error);
    send_text(*socket, "x");
    BOOST_TEST((socket->connect(at_b(3000)).error() == std::errc::already_connected));
    BOOST_TEST((must(socket->peer()) == at_b(3000)));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(connect__two_that_open_to_each_other_are_one_connection) {
  socket_world world(10_ms);
  const auto meet = [](endpoint& at, host_number other, std::string_view own_text, std::string_view their_text) {
    const auto socket = must(at.open(socket_type::sequenced_packet));
    must(socket->bind(own(4000)));
    must(socket->connect({simulation::network, other, socket_number{4000}}));
    send_text(*socket, own_text);
    BOOST_TEST(text_from(*socket) == their_text);
  };
  world.on_a.add([&](endpoint& at) { meet(at, simulation::host_b, "from a", "from b"); });
  world.on_b.add([&](endpoint& at) { meet(at, simulation::host_a, "from b", "from a"); });
  world.run();
}

BOOST_AUTO_TEST_CASE(bind__refuses_what_is_taken_reserved_or_not_ours) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    const auto first = must(at.open(socket_type::sequenced_packet));
    const auto second = must(at.open(socket_type::datagram));
    must(first->bind(own(5000)));
    BOOST_TEST((first->bind(own(5001)).error() == std::errc::invalid_argument));
    BOOST_TEST((second->bind(own(5000)).error() == std::errc::address_in_use));
    BOOST_TEST((second->bind(own(2999)).error() == std::errc::permission_denied));
    BOOST_TEST((second->bind(at_b(5001)).error() == std::errc::address_not_available));
    must(second->bind(own(0)));
    BOOST_TEST((second->local() == xns_address{simulation::network, simulation::host_a, socket_number{3000}}));
  });
  world.run();
}

BOOST_AUTO_TEST_CASE(listen__more_than_the_backlog_wait_outside_until_one_is_accepted) {
  socket_world world(10_ms);
  int accepted = 0;
  world.on_b.add([&](endpoint& at) {
    const auto listening = must(at.open(socket_type::sequenced_packet));
    must(listening->bind(own(3000)));
    must(listening->listen(2));
    rest(at, 1500_ms);
    std::vector<std::unique_ptr<socket>> talks;
    for (; accepted < 5; ++accepted) talks.push_back(must(listening->accept()));
  });
  int connected_at_once = 0;
  for (int i = 0; i < 5; ++i)
    world.on_a.add([&](endpoint& at) {
      const auto talk = connected(at, socket_type::sequenced_packet, 3000);
      connected_at_once += at.waiting().now() < instant{} + 500_ms;
      BOOST_TEST(text_from(*talk) == "(end)");
    });
  world.run();
  BOOST_TEST(accepted == 5);
  BOOST_TEST(connected_at_once < 5);
}

BOOST_AUTO_TEST_CASE(accept__the_child_has_its_listeners_options) {
  socket_talk talk;
  talk.before_listening = [](socket& of) {
    must(of.set(socket_option::packet_data, std::int64_t{100}));
    must(of.set(socket_option::default_header, spp_prototype(3, false)));
    must(of.set(socket_option::headers_on_input, true));
  };
  talk.run([](socket& from, endpoint&) { BOOST_TEST(text_from(from).size() == 250u); },
           [](socket& to, endpoint&) {
             BOOST_TEST(std::get<std::int64_t>(must(to.get(socket_option::packet_data))) == 100);
             BOOST_TEST(std::get<bool>(must(to.get(socket_option::headers_on_input))));
             must(to.send(octets(250)));
           });
}

BOOST_AUTO_TEST_CASE(close__what_was_sent_still_arrives_unless_lingering_is_zero) {  // (12)
  for (const bool abort : {false, true}) {
    socket_talk talk;
    std::size_t arrived = 0;
    talk.run(
        [&](socket& to, endpoint& at) {
          if (abort) must(to.set(socket_option::linger, 0_ns));
          must(to.send(octets(1'000'000)));
          rest(at, 50_ms);  // not enough for all of it
        },
        [&](socket& from, endpoint&) {
          must(from.set(socket_option::receive_timeout, 60_s));
          octets buffer;
          const auto got = (buffer.resize(1'000'000), from.receive(std::span<octet>(buffer)));
          arrived = got ? got->size : 0;
        });
    BOOST_TEST(arrived == (abort ? 0u : 1'000'000u));
  }
}

BOOST_AUTO_TEST_CASE(close__lingering_waits_until_the_peer_has_it) {  // (12)
  socket_talk talk;
  duration took{};
  instant began{};
  endpoint* at_a = nullptr;
  talk.world.on_a.add([&](endpoint& at) { at_a = &at; });
  talk.run(
      [&](socket& to, endpoint& at) {
        must(to.set(socket_option::linger, 30_s));
        must(to.send(octets(100'000)));
        began = at.waiting().now();
      },
      [&](socket& from, endpoint& at) {
        BOOST_TEST(text_from(from, {}, 100'000).size() == 100'000u);
        took = at.waiting().now() - began;
      });
  BOOST_TEST((took > 10_ms));
}

// The listener is gone and records come in while the socket lingers: what it sent arrives all the same.
BOOST_AUTO_TEST_CASE(close__lingering_outlives_the_listener_and_what_still_comes) {  // (12)
  for (const bool keep_listener : {true, false})
    for (const bool peer_aborts : {false, true}) BOOST_TEST_CONTEXT(keep_listener << ' ' << peer_aborts) {
        socket_world world(10_ms);
        std::size_t arrived = 0;
        world.on_b.add([&](endpoint& at) {
          auto listening = must(at.open(socket_type::sequenced_packet));
          must(listening->bind(own(3000)));
          must(listening->listen(1));
          auto talk = must(listening->accept());
          if (!keep_listener) listening.reset();
          must(talk->set(socket_option::linger, 30_s));
          must(talk->send(octets(1'000'000)));
        });
        world.on_a.add([&](endpoint& at) {
          const auto talk = must(at.open(socket_type::sequenced_packet));
          must(talk->connect(at_b(3000)));
          rest(at, 70_ms);
          if (peer_aborts) return must(talk->set(socket_option::linger, 0_ns));
          send_text(*talk, "meanwhile");
          arrived = text_from(*talk, {}, 1'000'000).size();
        });
        world.run();
        BOOST_TEST(arrived == (peer_aborts ? 0u : 1'000'000u));
      }
}

BOOST_AUTO_TEST_CASE(shutdown__of_one_direction_is_not_what_classic_spp_has) {
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint& at) {
        rest(at, 15_ms);
        BOOST_TEST((to.shutdown(socket::direction::sending).error() == std::errc::operation_not_supported));
        BOOST_TEST((to.shutdown(socket::direction::receiving).error() == std::errc::operation_not_supported));
        must(to.shutdown(socket::direction::both));
        BOOST_TEST((to.send(view_of("x")).error() == std::errc::broken_pipe));
        BOOST_TEST(text_from(to) == "said before the close came");
        BOOST_TEST(text_from(to) == "(end)");
      },
      [](socket& from, endpoint&) {
        send_text(from, "said before the close came");
        BOOST_TEST(text_from(from) == "(end)");
        BOOST_TEST((from.send(view_of("x")).error() == std::errc::broken_pipe));
      });
}

BOOST_AUTO_TEST_CASE(end__the_error_is_told_once_after_what_arrived) {  // (13)
  socket_talk talk;
  talk.before_listening = [](socket& of) {
    must(of.set(socket_option::keepalive, 1_s));
    must(of.set(socket_option::give_up, 10_s));
  };
  talk.run(
      [&](socket& to, endpoint& at) {
        send_text(to, "last words");
        must(to.set(socket_option::linger, 0_ns));
        rest(at, 1_s);
      },
      [](socket& from, endpoint&) {
        BOOST_TEST(text_from(from) == "last words");
        octet buffer[10];
        BOOST_TEST((from.receive(buffer).error() == std::errc::connection_reset));
        BOOST_TEST(text_from(from) == "(end)");
        BOOST_TEST((from.send(view_of("x")).error() == std::errc::broken_pipe));
      });
}

BOOST_AUTO_TEST_CASE(timeout__of_receive_says_would_block) {
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint& at) {
        rest(at, 2_s);
        send_text(to, "late");
      },
      [](socket& from, endpoint&) {
        must(from.set(socket_option::receive_timeout, 1_s));
        octet buffer[10];
        BOOST_TEST((from.receive(buffer).error() == std::errc::operation_would_block));
        BOOST_TEST((from.receive(buffer, {.do_not_wait = true}).error() == std::errc::operation_would_block));
        must(from.set(socket_option::receive_timeout, 0_s));
        BOOST_TEST(text_from(from) == "late");
      });
}

BOOST_AUTO_TEST_CASE(timeout__of_send_says_would_block) {
  socket_talk talk;
  talk.before_connecting = [](socket& of) { must(of.set(socket_option::send_buffer, std::int64_t{4096})); };
  talk.before_listening = [](socket& of) { must(of.set(socket_option::allocation, std::int64_t{1})); };
  talk.run(
      [](socket& to, endpoint& at) {
        must(to.set(socket_option::send_timeout, 1_s));
        const instant began = at.waiting().now();
        socket_result<std::size_t> sent = std::size_t{0};
        while (sent) sent = to.send(octets(1000));
        BOOST_TEST((sent.error() == std::errc::operation_would_block));
        BOOST_TEST((at.waiting().now() - began).seconds() >= 1.0);
        BOOST_TEST((at.waiting().now() - began).seconds() < 1.5);
        must(to.set(socket_option::send_timeout, 0_s));
        send_text(to, "after all");
      },
      [](socket& from, endpoint& at) {
        rest(at, 3_s);
        std::string last;
        for (std::string each = text_from(from); each != "(end)"; each = text_from(from)) last = each;
        BOOST_TEST(last == "after all");
      });
}

// (16) The window update that opens a closed window is lost: a probe asks for it.
BOOST_AUTO_TEST_CASE(window__a_reader_that_was_slow_gets_everything) {
  socket_talk talk;
  talk.world.settings.b_to_a.loss = 0.5;
  talk.before_listening = [](socket& of) { must(of.set(socket_option::allocation, std::int64_t{2})); };
  std::string all;
  talk.run(
      [](socket& to, endpoint&) {
        for (int i = 0; i < 10; ++i) send_text(to, std::to_string(i));
      },
      [&](socket& from, endpoint& at) {
        for (int i = 0; i < 10; ++i) {
          rest(at, 3_s);
          all += text_from(from);
        }
      });
  BOOST_TEST(all == "0123456789");
}

// One ordered channel: what two sends wrote never mixes, however many packets each takes and whoever overtakes whom.
BOOST_AUTO_TEST_CASE(interleaving__there_is_none) {  // (14)
  socket_talk talk;
  talk.world.settings.a_to_b.reordering = 0.5;
  talk.world.settings.a_to_b.loss = 0.1;
  std::vector<std::string> got;
  talk.run(
      [](socket& to, endpoint&) {
        must(to.set(socket_option::explicit_records, true));
        for (const char letter : {'a', 'b', 'c'}) {
          send_text(to, std::string(40'000, letter));
          send_text(to, std::string(40'000, letter), {.end_of_record = true});
        }
      },
      [&](socket& from, endpoint&) {
        for (int i = 0; i < 3; ++i) got.push_back(text_from(from, {}, 100'000));
      });
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_TEST((got.at(i) == std::string(80'000, static_cast<char>('a' + i))), got.at(i).substr(0, 80));
}

BOOST_AUTO_TEST_CASE(information__is_what_the_connection_does) {
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint& at) {
        must(to.send(octets(50'000)));
        rest(at, 1_ms);
        BOOST_TEST((to.information()->state == connection_state::open));
        BOOST_TEST(to.information()->in_flight > 0u);
        BOOST_TEST(to.information()->window == 64u);
        BOOST_TEST(to.statistics()->octets_sent == 50'000u);
        BOOST_TEST((to.information()->timeout >= 200_ms));
      },
      [](socket& from, endpoint&) { BOOST_TEST(text_from(from).size() == 50'000u); });
}

BOOST_AUTO_TEST_CASE(send__pieces_of_a_record_are_bounded_together) {  // (4)
  socket_talk talk(socket_type::sequenced_packet, {.spp = {.packet_data = 0, .maximum_record = 1000}});
  talk.run(
      [](socket& to, endpoint&) {
        must(to.set(socket_option::explicit_records, true));
        must(to.send(octets(800, 'a')));
        BOOST_TEST((to.send(octets(201, 'b')).error() == std::errc::message_size));
        must(to.send(octets(200, 'c'), {.end_of_record = true}));
        must(to.send(octets(1000, 'd'), {.end_of_record = true}));
        must(to.send(octets(600, 'e'), {.datastream_type = std::uint8_t{1}}));
      },
      [](socket& from, endpoint&) {
        BOOST_TEST(text_from(from, {}, 2000) == std::string(800, 'a') + std::string(200, 'c'));
        BOOST_TEST(text_from(from, {}, 2000) == std::string(1000, 'd'));
        BOOST_TEST(text_from(from, {}, 2000) == std::string(600, 'e'));
        BOOST_TEST(text_from(from) == "(end)");
      });
}

BOOST_AUTO_TEST_CASE(listen__again_changes_the_backlog) {
  socket_world world(10_ms);
  world.on_b.add([](endpoint& at) {
    const auto listening = must(at.open(socket_type::sequenced_packet));
    must(listening->bind(own(3000)));
    must(listening->listen(1));
    must(listening->listen(2));
    rest(at, 2_s);
  });
  world.on_a.add([](endpoint& at) {
    std::vector<std::unique_ptr<socket>> all;
    rest(at, 10_ms);
    for (const bool room : {true, true, false}) {
      all.push_back(must(at.open(socket_type::sequenced_packet)));
      BOOST_TEST(all.back()->connect(at_b(3000)).has_value() == room);
      rest(at, 100_ms);
    }
  });
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
