#include "protocol/socket/endpoint_state.hpp"

#include <boost/test/unit_test.hpp>

namespace seqwire {
namespace {

// Nothing here waits.
class no_waiter final : public waiter {
  instant now() override { return {}; }
  bool wait(instant) override { return false; }
  void flush() override {}
};

constexpr network_number here{1}, there{2}, elsewhere{3};
constexpr host_number us_here{0x02000000000a}, us_there{0x02000000000b};

// A host of two networks with another address on each.
struct state_of_a_host {
  explicit state_of_a_host(endpoint_config settings = {}) : state(waits, std::move(settings)) { state.run_on(&engine); }

  static host_config on_two_links() {
    host_config config{.network = here, .host = us_here, .secret = make_hash_key(random_stream(1))};
    config.further = {{there, us_there, 1500}};
    return config;
  }
  std::errc refusal(const xns_address& wanted) const {
    return static_cast<std::errc>(state.free_number(wanted).error().value());
  }

  no_waiter waits;
  host engine{on_two_links()};
  endpoint_state state;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(endpoint_state_test)

BOOST_AUTO_TEST_CASE(free_number__of_any_of_our_addresses) {
  const state_of_a_host of;
  constexpr socket_number wanted{4000};
  for (const xns_address& ours : {xns_address{here, us_here, wanted}, xns_address{there, us_there, wanted},
                                  xns_address{local_network, {}, wanted}, xns_address{there, {}, wanted},
                                  xns_address{local_network, us_there, wanted}})
    BOOST_TEST((of.state.free_number(ours).value() == wanted), to_string(ours));
  for (const xns_address& other :
       {xns_address{here, us_there, wanted}, xns_address{there, us_here, wanted}, xns_address{elsewhere, {}, wanted},
        xns_address{local_network, host_number{7}, wanted}})
    BOOST_TEST((of.refusal(other) == std::errc::address_not_available), to_string(other));
}

BOOST_AUTO_TEST_CASE(free_number__reserved_ones_with_the_privilege) {
  const xns_address reserved{local_network, {}, socket_number{2999}};
  BOOST_TEST((state_of_a_host().refusal(reserved) == std::errc::permission_denied));
  const state_of_a_host privileged({.privileged = true});
  BOOST_TEST((privileged.state.free_number(reserved).value() == reserved.socket));
}

BOOST_AUTO_TEST_CASE(free_number__zero_is_a_fresh_one) {
  const state_of_a_host of;
  BOOST_TEST((of.state.free_number({}).value() == socket_number{3000}));
  BOOST_TEST((of.state.free_number({}).value() == socket_number{3001}));  // in turn, used or not
}

BOOST_AUTO_TEST_CASE(fresh_exchange_id__goes_on_from_one_that_nobody_can_guess) {
  state_of_a_host of;
  const std::uint32_t first = of.state.fresh_exchange_id();
  BOOST_TEST(first == of.engine.unpredictable());
  BOOST_TEST(of.state.fresh_exchange_id() == first + 1);
}

BOOST_AUTO_TEST_CASE(count_socket__up_to_the_limit) {
  state_of_a_host of({.maximum_sockets = 2});
  BOOST_TEST(of.state.count_socket());
  BOOST_TEST(of.state.count_socket());
  BOOST_TEST(!of.state.count_socket());
  of.state.forget_socket();
  BOOST_TEST(of.state.sockets() == 1u);
  BOOST_TEST(of.state.count_socket());
}

// Its listener was closed between its opening and the news of it.
BOOST_AUTO_TEST_CASE(tell__a_connection_that_is_nobodys_is_aborted) {
  state_of_a_host of;
  const xns_address peer{here, host_number{7}, socket_number{3000}};
  const auto opened = of.engine.sequenced().connect(instant{}, peer, {});
  BOOST_TEST_REQUIRE(opened.has_value());
  of.state.tell({*opened, connection_notice::opened, std::nullopt});  // of a socket that was closed: nothing to do
  BOOST_TEST((of.engine.sequenced().status(*opened) == end_status::none));
  of.state.tell({*opened, connection_notice::opened, socket_number{4000}});
  BOOST_TEST((of.engine.sequenced().find(*opened)->status() == end_status::local_abort));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
