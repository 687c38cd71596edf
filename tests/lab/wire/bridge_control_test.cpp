// Orders to a bridge: obeyed whole or refused with the bridge's words; nobody answers where there is no bridge.
#include "lab/wire/bridge_control.hpp"

#include <boost/test/unit_test.hpp>
#include <system_error>
#include <thread>

using namespace seqwire;

BOOST_AUTO_TEST_SUITE(bridge_control_test)

// Names that no interface has: they are as good.
struct controlled_bridge {
  bridge_control control{"no interface", "nor this one", [this](const std::vector<std::string>& assignments) {
                           obeyed.push_back(assignments);
                           return answer;
                         }};
  std::vector<std::vector<std::string>> obeyed;
  std::string answer;
};

std::string order(controlled_bridge& bridge, const std::vector<std::string>& assignments) {
  std::string answer;
  std::thread asking([&] { answer = order_bridge("no interface", "nor this one", assignments); });
  while (bridge.obeyed.empty()) bridge.control.serve();
  asking.join();
  return answer;
}

BOOST_AUTO_TEST_CASE(order_bridge__every_assignment_arrives) {
  controlled_bridge bridge;
  BOOST_TEST(order(bridge, {"loss=5%", "b_to_a.delay=20ms"}) == "");
  BOOST_TEST_REQUIRE(bridge.obeyed.size() == 1u);
  BOOST_TEST((bridge.obeyed[0] == std::vector<std::string>{"loss=5%", "b_to_a.delay=20ms"}));
}

BOOST_AUTO_TEST_CASE(order_bridge__the_complaint_comes_back) {
  controlled_bridge bridge;
  bridge.answer = "link.loss has a bad value";
  BOOST_TEST(order(bridge, {"loss=x"}) == "link.loss has a bad value");
}

BOOST_AUTO_TEST_CASE(order_bridge__nobody_is_there) {
  BOOST_CHECK_EXCEPTION(
      order_bridge("no interface", "at all", {"loss=5%"}), std::system_error, [](const std::system_error& error) {
        return std::string(error.what()).find("bridge no interface at all is not running here") != std::string::npos;
      });
}

BOOST_AUTO_TEST_CASE(bridge_control__one_for_each_pair_of_interfaces) {
  controlled_bridge bridge;
  BOOST_CHECK_THROW(bridge_control("no interface", "nor this one", nullptr), std::system_error);
}

BOOST_AUTO_TEST_CASE(serve__without_orders_does_nothing) {
  controlled_bridge bridge;
  bridge.control.serve();
  BOOST_TEST(bridge.obeyed.empty());
}

BOOST_AUTO_TEST_SUITE_END()
