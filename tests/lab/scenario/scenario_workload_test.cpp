// When records are due and how long they are, as scenarios say it, and what cannot be.
#include <boost/test/unit_test.hpp>

#include "lab/scenario/scenario.hpp"
#include "tests/lab/scenario/scenario_text.hpp"

using namespace seqwire;
using namespace seqwire::scenario_text;

BOOST_AUTO_TEST_SUITE(scenario_workload_test)

BOOST_AUTO_TEST_CASE(parse_scenario__reads_workloads) {
  const scenario read = parsed(R"(
[[flow]]
socket = "datagram"
workload = "on-off"
offered_rate = "1Mbit/s"
on_time = "20ms"
off_time = "1s"
on_off_distribution = "exponential"
record_size_distribution = "pareto"
record_size_minimum = 20
record_size_maximum = "1KiB"
pareto_shape = 1.2
[[flow]]
workload = "request-response"
response_size = "64KiB"
think_time = "10ms"
think_time_distribution = "exponential"
)");
  const workload_settings& first = read.flows.at(0).workload;
  BOOST_TEST((read.flows[0].socket == flow_type::datagram));
  BOOST_TEST((first.kind == workload_kind::on_off));
  BOOST_TEST(first.offered_rate == 1'000'000u);
  BOOST_TEST((first.on_off == span_distribution::exponential));
  BOOST_TEST((first.sizes == size_distribution::pareto));
  BOOST_TEST(first.maximum_size == 1024u);
  BOOST_TEST(first.pareto_shape == 1.2);
  BOOST_TEST(read.flows.at(1).workload.response_size == 65536u);
  const std::string echo = to_toml(read);
  BOOST_TEST(contains(echo, "socket = \"datagram\"\nworkload = \"on-off\"\noffered_rate = \"1Mbit/s\"\n"));
  BOOST_TEST(to_toml(parsed(echo)) == echo);
  BOOST_TEST(!contains(to_toml(parsed("[[flow]]\n")), "workload"), "defaults are printed");
}

BOOST_AUTO_TEST_CASE(parse_scenario__refuses_workloads_that_cannot_be) {
  BOOST_TEST(flow_refusal("workload = \"poison\"") ==
             "x.toml:2:12: flow.0.workload has a bad value; expected poisson, the nearest one of bulk, constant, "
             "poisson, on-off, trace, request-response; got \"poison\"");
  BOOST_TEST(flow_refusal("pareto_shape = 1") ==
             "x.toml:2:16: flow.0.pareto_shape has a bad value; expected a number from 1.01 to 100; got 1");
  BOOST_TEST(contains(flow_refusal("pareto_shape = \"nan\""), "expected a number from 1.01 to 100; got \"nan\""));
  BOOST_TEST(flow_refusal("interval = \"1ms\"\noffered_rate = \"1kbit\"") ==
             "x.toml:3:16: flow.0.interval and flow.0.offered_rate exclude each other; expected one of them; got both");
  BOOST_TEST(
      flow_refusal("files = \"x\"\nworkload = \"poisson\"") ==
      "x.toml:3:12: flow.0.files and flow.0.workload exclude each other; expected files, or made-up records; got "
      "both");
  BOOST_TEST(flow_refusal("workload = \"constant\"\nrecord_size = 0\noffered_rate = \"1kbit\"") ==
             "x.toml:4:16: flow.0.offered_rate asks for an interval that cannot be; expected an interval from 1ns to "
             "1h; got 0");
  BOOST_TEST(
      flow_refusal("workload = \"on-off\"\ninterval = \"1h\"\non_time = \"3s\"") ==
      "x.toml:4:11: flow.0.on_time is too short for a record in most times of on; expected at least a thousandth "
      "of the interval, 1h; got 3s");
  BOOST_TEST(flow_refusal("record_size_distribution = \"exponential\"\nrecord_size_minimum = 9\n"
                          "record_size_maximum = 8") ==
             "x.toml:3:23: flow.0.record_size_minimum is above record_size_maximum; expected at most 8; got 9");
  BOOST_TEST(flow_refusal("record_size_distribution = \"uniform\"") ==
             "x.toml:2:28: flow.0.record_size_distribution has no end for uniform sizes; expected record_size_maximum "
             "below 1GiB; got none");
  BOOST_TEST(contains(flow_refusal("workload = \"trace\""),
                      "x.toml:2:12: flow.0.workload has no trace; expected trace = \"FILE\"; got none"));
  BOOST_TEST(
      flow_refusal("trace = \"/nonexistent\"") ==
      "x.toml:2:9: flow.0.trace has a bad value; expected a file with seconds and octets of a record on each "
      "line (/nonexistent: the trace cannot be read; expected a readable file; got none, or one that fails); got "
      "\"/nonexistent\"");
}

BOOST_AUTO_TEST_CASE(parse_scenario__refuses_datagrams_that_do_not_fit) {
  const std::string datagram = "socket = \"datagram\"\n";
  BOOST_TEST(flow_refusal(datagram + "record_size = 1471") ==
             "x.toml:3:15: flow.0.record_size does not fit a datagram; expected 16 to 1470 octets for link.mtu = 1500; "
             "got 1471");
  BOOST_TEST(flow_refusal(datagram + "record_size = 1470").empty());
  BOOST_TEST(contains(flow_refusal(datagram + "record_size = 15"), "expected 16 to 1470 octets"));
  BOOST_TEST(contains(refusal("[link]\nmtu = 1001\n[[flow]]\nsocket = \"datagram\"\n"), "expected 16 to 970 octets"));
  BOOST_TEST(flow_refusal(datagram + "workload = \"request-response\"") ==
             "x.toml:3:12: flow.0.workload needs a connection; expected another workload, or another socket; "
             "got socket = \"datagram\"");
  BOOST_TEST(contains(flow_refusal(datagram + "files = \"x\""), "flow.0.files do not go by datagrams"));
}

BOOST_AUTO_TEST_SUITE_END()
