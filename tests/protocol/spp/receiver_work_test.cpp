// Reliability rule I25: what a packet costs does not grow with how far its number jumps, nor with the window.
#include "protocol/spp/receiver.hpp"
#include "tests/protocol/spp/step_counter.hpp"

using namespace seqwire;

namespace {

struct receiving {
  explicit receiving(packet_count allocation) { config.allocation = allocation; }
  void packet(std::uint16_t number) {
    spp_header header{};
    header.sequence = number;
    (void)receiver.on_packet({}, header, body);
  }
  spp_config config{};
  spp_statistics statistics;
  spp_receiver receiver{config, statistics};
  slice body = slice::copy_of(octets(100));
};

}  // namespace

BOOST_AUTO_TEST_SUITE(receiver_work_test)

std::uint64_t steps_for(receiving& end, int number) {
  return test::steps_of([&] { end.packet(static_cast<std::uint16_t>(number)); });
}

// Room for the whole window is there, as it is after the first packet at its far end.
BOOST_AUTO_TEST_CASE(on_packet__a_jump_costs_no_more_than_a_step) {
  receiving end(16384);
  end.receiver.allocation();
  end.packet(16383);
  const std::uint64_t step = steps_for(end, 1);
  for (const int jump : {2, 60, 1000, 16000, 16383, 20000, 40000}) BOOST_TEST(steps_for(end, jump) <= 2 * step, jump);
}

// That room is made at once; with the allocation that connections have by default it costs little, too.
BOOST_AUTO_TEST_CASE(on_packet__the_first_jump_makes_room_for_the_window) {
  receiving end(spp_config{}.allocation);
  end.receiver.allocation();
  const std::uint64_t step = steps_for(end, 0);
  BOOST_TEST(steps_for(end, static_cast<int>(spp_config{}.allocation) - 1) <= 5 * step);
}

// What was held behind a gap comes into order at once, each packet for a constant.
BOOST_AUTO_TEST_CASE(on_packet__filling_a_gap_costs_as_much_as_what_it_sets_free) {
  const auto filling = [](int behind) {
    receiving end(1024);
    end.receiver.allocation();
    for (int number = 1; number <= behind; ++number) end.packet(static_cast<std::uint16_t>(number));
    return test::steps_of([&] { end.packet(0); }, 1'000'000);
  };
  BOOST_TEST(filling(64) <= 5 * filling(16));
}

BOOST_AUTO_TEST_SUITE_END()
