#include "rawio/setup_error.hpp"

#include <boost/test/unit_test.hpp>

namespace seqwire {
BOOST_AUTO_TEST_SUITE(setup_error_test)

BOOST_AUTO_TEST_CASE(throw_system_error__names_the_action_and_the_reason) {
  BOOST_CHECK_EXCEPTION(
      throw_system_error("opening interface xns0", ENODEV), std::system_error, [](const std::system_error& error) {
        return error.code().value() == ENODEV && std::string(error.what()) == "opening interface xns0: No such device";
      });
}

BOOST_AUTO_TEST_CASE(throw_raw_socket_refused__is_one_line_with_the_program_s_path) {
  BOOST_CHECK_EXCEPTION(throw_raw_socket_refused("opening interface xns0"), privilege_error,
                        [](const privilege_error& error) {
                          const std::string what = error.what();
                          return error.code().value() == EPERM && what.find('\n') == std::string::npos &&
                                 what.starts_with("opening interface xns0") &&
                                 what.find("cap_net_raw,cap_net_admin+ep /") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace seqwire
