// The same work in ns-3, for `seqwire bench`: bulk TCP or paced UDP over one link or a dumbbell of three, 10 Gbit/s and
// 50 us each. A program of its own, because ns-3 is under the GNU General Public License, version 2.
// packets_in_ns3 one-link|dumbbell tcp|udp SECONDS: until that much processor time is spent. Prints one line of JSON:
// packets that arrived at the receiver's program, counted as segments or datagrams, and the processor time of the run.
// A tenth of the time goes first, unmeasured.
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr std::uint32_t segment = 1446;  // octets of data in a full packet of the same size on the link as SPP's
constexpr std::uint16_t port = 3000;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& of) {
    return static_cast<double>(of.tv_sec) + 1e-6 * static_cast<double>(of.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct counted {
  double warm_up = 0;  // processor seconds, as all here
  double limit = 0;
  double begun_at = 0;
  double from = -1;
  double to = 0;
  std::uint64_t packets = 0;
  std::uint64_t packets_from = 0;

  // Every packet that came in at the receiver's device with data in it.
  void arrived(ns3::Ptr<const ns3::Packet> packet) {
    if (packet->GetSize() < segment) return;
    ++packets;
    if (packets % 256 != 0) return;
    const double now = cpu_seconds();
    if (from < 0 && now - begun_at >= warm_up) {
      from = now;
      packets_from = packets;
    }
    if (from >= 0 && now - from >= limit) {
      to = now;
      ns3::Simulator::Stop();
    }
  }
};

struct asked_for {
  std::string topology;   // "one-link" or "dumbbell"
  std::string transport;  // "tcp" or "udp"
  double seconds = 0;
};

// What experts set: full segments, an initial window that fills the link, no timestamps and no selective
// acknowledgements to carry; and the buffers with which ns-3 is fastest, since its cost grows with what they hold.
void set_up_tcp() {
  using namespace ns3;
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(segment));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1 << 17));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1 << 17));
  Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(256));
  Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
  Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(false));
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpNewReno::GetTypeId()));
}

// A chain with the sender at one end; the receiver's device and address.
struct built_network {
  ns3::NodeContainer nodes;
  ns3::Ptr<ns3::NetDevice> last;
  ns3::Ipv4Address receiver;
};

built_network build(std::uint32_t links) {
  using namespace ns3;
  built_network made;
  made.nodes.Create(links + 1);
  InternetStackHelper().Install(made.nodes);
  PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", StringValue("10Gbps"));
  link.SetChannelAttribute("Delay", StringValue("50us"));
  link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
  Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
  for (std::uint32_t i = 0; i < links; ++i) {
    const NetDeviceContainer ends = link.Install(made.nodes.Get(i), made.nodes.Get(i + 1));
    made.last = ends.Get(1);
    made.receiver = addresses.Assign(ends).GetAddress(1);
    addresses.NewNetwork();
  }
  Ipv4GlobalRoutingHelper::PopulateRoutingTables();
  return made;
}

void add_programs(const built_network& to, const asked_for& asked) {
  using namespace ns3;
  const std::string factory = asked.transport == "tcp" ? "ns3::TcpSocketFactory" : "ns3::UdpSocketFactory";
  PacketSinkHelper sink(factory, InetSocketAddress(Ipv4Address::GetAny(), port));
  sink.Install(to.nodes.Get(to.nodes.GetN() - 1)).Start(Seconds(0));
  const InetSocketAddress receiver(to.receiver, port);
  if (asked.transport == "tcp") {
    BulkSendHelper sender(factory, receiver);
    sender.SetAttribute("SendSize", UintegerValue(segment));
    sender.Install(to.nodes.Get(0)).Start(Seconds(0));
  } else {
    OnOffHelper sender(factory, receiver);
    sender.SetConstantRate(DataRate("8Gbps"), segment);
    sender.Install(to.nodes.Get(0)).Start(Seconds(0));
  }
}

}  // namespace

int main(int argc, char** argv) {
  asked_for asked;
  if (argc == 4) asked = {argv[1], argv[2], std::atof(argv[3])};
  if ((asked.topology != "one-link" && asked.topology != "dumbbell") ||
      (asked.transport != "tcp" && asked.transport != "udp") || asked.seconds <= 0) {
    std::fprintf(stderr, "usage: %s one-link|dumbbell tcp|udp SECONDS\n", argv[0]);
    return 2;
  }
  set_up_tcp();
  const built_network network = build(asked.topology == "one-link" ? 1 : 3);
  add_programs(network, asked);
  counted count{.warm_up = asked.seconds / 10, .limit = asked.seconds, .begun_at = cpu_seconds()};
  network.last->TraceConnectWithoutContext("MacRx", ns3::MakeCallback(&counted::arrived, &count));
  ns3::Simulator::Run();
  std::printf("{\"packets\": %llu, \"cpu_seconds\": %.6f}\n",
              static_cast<unsigned long long>(count.packets - count.packets_from), count.to - count.from);
  ns3::Simulator::Destroy();
  return 0;
}
