// Sequenced-packet sockets the historic way: packets with their headers, prototypes, attention. The number in brackets
// is that of the protocol sheet's list of behaviours (section 11).
#include <boost/test/unit_test.hpp>

#include "tests/protocol/socket/talk.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(spp_socket_packets_test)

// --- packets with their headers ---

void packets_out(socket& of) { must(of.set(socket_option::headers_on_output, true)); }
void packets_in(socket& of) { must(of.set(socket_option::headers_on_input, true)); }

BOOST_AUTO_TEST_CASE(packet__a_write_is_one_packet_and_a_read_brings_it_with_its_header) {
  socket_talk talk;
  talk.before_connecting = packets_out;
  talk.before_listening = packets_in;
  talk.run(
      [](socket& to, endpoint&) {
        BOOST_TEST(must(to.send(spp_prototype(5, false, "begin"))) == 17u);
        must(to.send(spp_prototype(5, true, "end")));
        must(to.send(spp_prototype(6, true)));  // exactly a header: a packet without data
      },
      [](socket& from, endpoint&) {
        struct expected {
          std::uint8_t type;
          bool end;
          std::string text;
        };
        std::uint16_t number = 0;
        for (const expected& each : {expected{5, false, "begin"}, {5, true, "end"}, {6, true, ""}}) {
          octets buffer;
          const received one = receive_into(from, buffer, 100);
          BOOST_REQUIRE(one.size == spp_layout::octets + each.text.size());
          const spp_header header = spp_layout::decode(buffer.data());
          BOOST_TEST(header.datastream_type == each.type);
          BOOST_TEST(header.end_of_message == each.end);
          BOOST_TEST(header.sequence == number++);
          BOOST_TEST(one.end_of_record == each.end);
          BOOST_TEST(std::string(buffer.begin() + 12, buffer.begin() + static_cast<std::ptrdiff_t>(one.size)) ==
                     each.text);
        }
      });
}

// Only the datastream type and the end-of-message bit of a prototype are used (4.3BSD).
BOOST_AUTO_TEST_CASE(packet__the_rest_of_the_prototype_is_filled_in_by_the_protocol) {
  socket_talk talk;
  talk.before_connecting = packets_out;
  talk.before_listening = packets_in;
  talk.run(
      [](socket& to, endpoint&) {
        spp_header forged{};
        forged.system = forged.attention = true;
        forged.source_connection = forged.destination_connection = 0xdead;
        forged.sequence = forged.acknowledge = forged.allocation = 0xbeef;
        octets whole(spp_layout::octets + 2, 'x');
        spp_layout::encode(forged, whole.data());
        must(to.send(whole));
      },
      [](socket& from, endpoint&) {
        octets buffer;
        receive_into(from, buffer, 100);
        const spp_header header = spp_layout::decode(buffer.data());
        BOOST_TEST(!header.system);
        BOOST_TEST(!header.attention);
        BOOST_TEST(header.sequence == 0);
        BOOST_TEST(header.source_connection != 0xdead);
      });
}

BOOST_AUTO_TEST_CASE(packet__one_longer_than_a_packet_or_shorter_than_a_header_is_refused) {
  socket_talk talk;
  talk.before_connecting = packets_out;
  talk.run(
      [](socket& to, endpoint&) {
        const auto most = static_cast<std::size_t>(std::get<std::int64_t>(must(to.get(socket_option::packet_data))));
        BOOST_TEST(most == 1458u);
        BOOST_TEST((to.send(octets(11)).error() == std::errc::invalid_argument));
        BOOST_TEST((to.send(octets(12 + most + 1)).error() == std::errc::message_size));
        BOOST_TEST(must(to.send(octets(12 + most))) == 12 + most);
        must(to.set(socket_option::packet_data, std::int64_t{534}));
        BOOST_TEST((to.send(octets(12 + 535)).error() == std::errc::message_size));
        BOOST_TEST((to.set(socket_option::packet_data, std::int64_t{1459}).error() == std::errc::invalid_argument));
      },
      [](socket& from, endpoint&) {
        octets buffer;
        BOOST_TEST(receive_into(from, buffer, 10).true_size == 1458u);
        BOOST_TEST(receive_into(from, buffer, 10).end);
      });
}

BOOST_AUTO_TEST_CASE(packet__writing_254_closes_and_255_is_refused) {
  socket_talk talk;
  talk.before_connecting = packets_out;
  talk.run(
      [](socket& to, endpoint&) {
        must(to.send(spp_prototype(1, true, "last")));
        BOOST_TEST((to.send(spp_prototype(255, false)).error() == std::errc::invalid_argument));
        BOOST_TEST((to.send(spp_prototype(254, false, "x")).error() == std::errc::invalid_argument));
        must(to.send(spp_prototype(254, false)));
        BOOST_TEST((to.send(spp_prototype(1, true, "too late")).error() == std::errc::broken_pipe));
      },
      [](socket& from, endpoint&) {
        BOOST_TEST(text_from(from) == "last");
        BOOST_TEST(text_from(from) == "(end)");
      });
}

BOOST_AUTO_TEST_CASE(packet__the_last_header_can_be_asked_for) {
  socket_talk talk;
  talk.run([](socket& to, endpoint&) { send_text(to, "x", {.datastream_type = 42}); },
           [](socket& from, endpoint&) {
             BOOST_TEST(text_from(from) == "x");
             const octets header = std::get<octets>(must(from.get(socket_option::last_header)));
             BOOST_TEST(spp_layout::decode(header.data()).datastream_type == 42);
           });
}

// --- attention ---

BOOST_AUTO_TEST_CASE(attention__comes_out_of_band_and_marks_its_place) {  // (10)
  socket_talk talk;
  talk.run(
      [](socket& to, endpoint&) {
        send_text(to, "before");
        must(to.send(view_of("!"), {.out_of_band = true}));
        send_text(to, "after");
        BOOST_TEST((to.send(view_of("two"), {.out_of_band = true}).error() == std::errc::message_size));
      },
      [](socket& from, endpoint& at) {
        endpoint::poll_entry entry{.of = &from, .wanted = {.attention = true}};
        BOOST_TEST(must(at.poll({&entry, 1}, 1_s)) == 1u);
        BOOST_TEST(entry.is.attention);
        BOOST_TEST(text_from(from, {.out_of_band = true, .peek = true}) == "!");
        BOOST_TEST(text_from(from, {.out_of_band = true}) == "!");
        BOOST_TEST((from.receive(std::span<octet>{}, {.out_of_band = true}).error() == std::errc::invalid_argument));
        octets buffer;
        rest(at, 1_s);
        // It may overtake what was queued before it, but never changes records.
        BOOST_TEST(text_from(from) == "before");
        BOOST_TEST(text_from(from) == "after");
      });
}

BOOST_AUTO_TEST_CASE(attention__is_a_packet_in_its_place_where_packets_are_read) {
  socket_talk talk;
  talk.before_listening = packets_in;
  talk.run([](socket& to, endpoint&) { must(to.send(view_of("!"), {.out_of_band = true})); },
           [](socket& from, endpoint&) {
             octets buffer;
             const received one = receive_into(from, buffer, 100);
             BOOST_TEST(one.attention);
             BOOST_TEST(spp_layout::decode(buffer.data()).attention);
             BOOST_TEST(buffer[12] == '!');
           });
}

BOOST_AUTO_TEST_CASE(send__a_prototype_with_a_record_of_any_size_sets_the_type_of_all_of_it) {
  socket_talk talk;
  const std::string longer(5000, 'x');  // than a packet
  talk.run(
      [&](socket& to, endpoint&) {
        must(to.set(socket_option::explicit_records, true));
        must(to.set(socket_option::headers_on_output, true));
        must(to.send(spp_prototype(7, false, longer)));
        must(to.send(spp_prototype(9, true, "the rest")));  // the record's type is told already
        must(to.send(spp_prototype(9, true, "another")));
        BOOST_TEST((to.send(spp_prototype(255, true)).error() == std::errc::invalid_argument));
        must(to.send(spp_prototype(254, true)));
      },
      [&](socket& from, endpoint&) {
        octets buffer;
        const received first = receive_into(from, buffer, 10'000);
        BOOST_TEST(first.size == longer.size() + 8);
        BOOST_TEST(first.end_of_record);
        BOOST_TEST((first.datastream_type == std::uint8_t{7}));
        const received second = receive_into(from, buffer, 100);
        BOOST_TEST(second.size == 7u);
        BOOST_TEST((second.datastream_type == std::uint8_t{9}));
        BOOST_TEST(text_from(from) == "(end)");
      });
}

BOOST_AUTO_TEST_SUITE_END()
