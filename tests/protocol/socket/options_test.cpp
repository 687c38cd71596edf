// The table of options: complete, without contradictions, and every row works on the sockets it names.
#include "protocol/socket/options.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/sim/socket_world.hpp"

using namespace seqwire;
using namespace seqwire::test;

BOOST_AUTO_TEST_SUITE(options_test)

BOOST_AUTO_TEST_CASE(option_table__names_and_numbers_are_used_once) {
  std::set<std::string_view> names;
  std::set<std::pair<option_level, std::int32_t>> numbers;
  for (const option_description& row : option_table()) {
    BOOST_TEST(names.insert(row.name).second, row.name);
    BOOST_TEST(numbers.insert({row.level, row.number}).second, row.name);
    BOOST_TEST(!row.documentation.empty(), row.name);
    BOOST_TEST(row.least <= row.most, row.name);
    BOOST_TEST((describe(row.which).name == row.name));
  }
}

BOOST_AUTO_TEST_CASE(find_option__by_the_numbers_of_netns) {
  const std::pair<std::int32_t, socket_option> historic[] = {
      {1, socket_option::headers_on_input}, {2, socket_option::headers_on_output}, {3, socket_option::default_header},
      {4, socket_option::last_header},      {6, socket_option::exchange_id},       {7, socket_option::all_packets},
      {8, socket_option::packet_data}};
  for (const auto& [number, which] : historic) BOOST_TEST((find_option(option_level::spp, number) == which), number);
  BOOST_TEST((find_option(option_level::idp, 1) == socket_option::headers_on_input));
  BOOST_TEST((find_option(option_level::socket, 0x80) == socket_option::linger));
  BOOST_TEST(!find_option(option_level::idp, 8).has_value());  // SO_MTU is SPP's
  BOOST_TEST(!find_option(option_level::idp, 99).has_value());
  for (const std::int32_t absent : {5, 10}) BOOST_TEST(!find_option(option_level::spp, absent).has_value(), absent);
}

bool has(const option_description& row, socket_type type) {
  const char letter = type == socket_type::stream     ? 's'
                      : type == socket_type::datagram ? 'd'
                      : type == socket_type::raw      ? 'r'
                                                      : 'q';
  return row.sockets.find(letter) != std::string_view::npos;
}

std::string as_written(const option_value& value) {
  if (const auto* const flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* const name = std::get_if<std::string>(&value)) return name->empty() ? "none" : *name;
  if (const auto* const header = std::get_if<octets>(&value))
    return std::all_of(header->begin(), header->end(), [](octet each) { return each == 0; }) ? "zero" : "not zero";
  const std::int64_t time = std::get<duration>(value).nanoseconds;
  if (time == 0) return "none";
  const bool whole = time % 1'000'000'000 == 0;
  return std::to_string(time / (whole ? 1'000'000'000 : 1'000'000)) + (whole ? " s" : " ms");
}

BOOST_AUTO_TEST_CASE(option_table__says_what_a_fresh_socket_has) {
  socket_world world(10_ms);
  world.on_a.add([](endpoint& at) {
    for (const socket_type type : {socket_type::stream, socket_type::sequenced_packet, socket_type::datagram})
      for (const option_description& row : option_table()) BOOST_TEST_CONTEXT(row.name) {
          if (!has(row, type) || row.which == socket_option::exchange_id) continue;
          const auto of = must(at.open(type));
          const std::string value = as_written(must(of->get(row.which)));
          if (row.which == socket_option::packet_data)  // what fills 1500 octets
            BOOST_TEST(value == (type == socket_type::datagram ? "1470" : "1458"));
          else if (row.which == socket_option::linger) BOOST_TEST((must(of->get(row.which)) == option_value(-1_ns)));
          else if (row.which == socket_option::last_header) BOOST_TEST(value == "zero");
          // A datagram socket's says its own address, too.
          else if (row.which != socket_option::default_header || type != socket_type::datagram)
            BOOST_TEST(value == row.initially);
        }
  });
  world.run();
}

// Reading gives a value of the row's kind, writing the same value back is accepted where the row says so, and every
// socket without the option refuses it.
BOOST_AUTO_TEST_CASE(option_table__every_row_works_on_every_type_that_it_names) {
  socket_world world(10_ms, {.privileged = true});
  world.on_a.add([](endpoint& at) {
    for (const socket_type type :
         {socket_type::stream, socket_type::datagram, socket_type::raw, socket_type::sequenced_packet})
      for (const option_description& row : option_table()) BOOST_TEST_CONTEXT(row.name) {
          const auto of = must(at.open(type));
          const auto value = of->get(row.which);
          BOOST_TEST(value.has_value() == has(row, type));
          if (!value) {
            BOOST_TEST((value.error() == std::errc::invalid_argument));
            BOOST_TEST((of->set(row.which, true).error() == std::errc::invalid_argument));
            continue;
          }
          BOOST_TEST(value->index() == static_cast<std::size_t>(row.kind));
          const auto written = of->set(row.which, *value);
          BOOST_TEST(written.has_value() == row.settable);
        }
  });
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
