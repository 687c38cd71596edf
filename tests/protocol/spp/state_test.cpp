// The state table: the complete matrix, refused pairs included, beside the committed snapshot, and the graph's sanity.
#include "protocol/spp/state.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(state_test)

using state = connection_state;
using event = connection_event;

state state_at(int index) { return static_cast<state>(index); }
event event_at(int index) { return static_cast<event>(index); }

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  result.resize(std::max(width, text.size()), ' ');
  return result;
}

std::string matrix() {
  std::string text;
  for (int from = 0; from < connection_state_count; ++from)
    for (int what = 0; what < connection_event_count; ++what) {
      const auto to = next_state(state_at(from), event_at(what));
      text += padded(name_of(state_at(from)), 16) + padded(name_of(event_at(what)), 16) + "-> " +
              std::string(to ? name_of(*to) : "refused") + "\n";
    }
  return text;
}

std::set<state> reachable_from(state start) {
  std::set<state> found{start};
  for (std::size_t before = 0; before != found.size();) {
    before = found.size();
    for (const transition& row : connection_transitions)
      if (found.contains(row.from)) found.insert(row.to);
  }
  return found;
}

// When this fails on purpose: copy the printed matrix to the snapshot and let the change be seen in review.
BOOST_AUTO_TEST_CASE(next_state__matrix_is_the_snapshot) {
  std::ifstream file(SEQWIRE_SOURCE_DIR "/tests/snapshots/connection_states.txt");
  const std::string snapshot{std::istreambuf_iterator<char>(file), {}};
  BOOST_TEST(matrix() == snapshot);
}

BOOST_AUTO_TEST_CASE(transitions__no_pair_has_two_rows) {
  std::set<std::pair<state, event>> seen;
  for (const transition& row : connection_transitions) BOOST_TEST(seen.insert({row.from, row.event}).second);
}

BOOST_AUTO_TEST_CASE(transitions__every_state_is_reached_and_every_event_occurs) {
  BOOST_TEST(reachable_from(state::closed).size() == static_cast<std::size_t>(connection_state_count));
  std::set<event> events;
  for (const transition& row : connection_transitions) events.insert(row.event);
  BOOST_TEST(events.size() == static_cast<std::size_t>(connection_event_count));
}

BOOST_AUTO_TEST_CASE(transitions__every_state_leads_to_closed) {
  for (int from = 0; from < connection_state_count; ++from)
    BOOST_TEST(reachable_from(state_at(from)).contains(state::closed), name_of(state_at(from)));
}

// A connection object opens once (it requires so); after that no event leads out of closed.
BOOST_AUTO_TEST_CASE(transitions__only_opening_leads_out_of_closed) {
  for (const transition& row : connection_transitions)
    if (row.from == state::closed)
      BOOST_TEST((row.event == event::open_actively || row.event == event::open_passively));
}

BOOST_AUTO_TEST_CASE(transitions__every_state_but_closed_can_fail_into_closed) {
  for (int from = 1; from < connection_state_count; ++from)
    BOOST_TEST((next_state(state_at(from), event::fail) == state::closed), name_of(state_at(from)));
}

BOOST_AUTO_TEST_CASE(name_of__all_differ) {
  std::set<std::string_view> names;
  for (int i = 0; i < connection_state_count; ++i) names.insert(name_of(state_at(i)));
  for (int i = 0; i < connection_event_count; ++i) names.insert(name_of(event_at(i)));
  names.insert(name_of(state_at(connection_state_count)));
  BOOST_TEST(names.size() == static_cast<std::size_t>(connection_state_count + connection_event_count + 1));
}

BOOST_AUTO_TEST_SUITE_END()
