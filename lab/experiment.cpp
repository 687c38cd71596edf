#include "lab/experiment.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "lab/files.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// Ephemeral sockets begin at 3000 as well, on the other host; 3004 is Wireshark's idea of SMB.
constexpr std::uint16_t first_flow_socket = 3000;

record_source source_of(const flow_settings& flow, std::size_t number, std::uint64_t seed) {
  if (flow.files.empty())
    return made_records(flow.records, flow.record_size, random_stream(seed).fork("flow").fork(number).key());
  if (!fs::is_directory(flow.files)) {
    const fs::path path(flow.files);
    return read_files(path.parent_path().empty() ? "." : path.parent_path().string(), {path.filename().string()});
  }
  const auto tracked = tracked_files(flow.files);
  return read_files(flow.files, tracked ? *tracked : list_files(flow.files));
}

std::string label_of(const flow_settings& flow, std::size_t number) {
  return std::to_string(number) + (flow.from == 'a' ? " a to b" : " b to a");
}

bool flow_ok(const flow_result& end) { return end.status == end_status::closed_gracefully; }

bool is_prefix(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

}  // namespace

socket_number flow_socket(std::size_t flow) {
  const auto number = static_cast<std::uint16_t>(first_flow_socket + flow);
  return socket_number{number < 3004 ? number : static_cast<std::uint16_t>(number + 1)};
}

void require_outputs_apart(const scenario& from, const std::string& directory) {
  for (const flow_settings& flow : from.flows) {
    if (flow.files.empty()) continue;
    const fs::path read(flow.files);
    const fs::path folder = fs::is_directory(read)       ? read
                            : read.parent_path().empty() ? fs::path(".")
                                                         : read.parent_path();
    std::error_code ignored;
    if (fs::equivalent(folder, directory, ignored))
      throw std::system_error(EINVAL, std::generic_category(),
                              "the output folder " + directory + " holds files to send");
  }
}

scenario completed(scenario from, duration packet_life) {
  for (flow_settings& flow : from.flows) {
    if (flow.spp.packet_data == 0) flow.spp.packet_data = (from.mtu - spp_overhead) / 2 * 2;
    if (flow.spp.packet_life == duration{}) flow.spp.packet_life = packet_life;
  }
  return from;
}

void add_flows(transfer_program& to, const scenario& from, char host, network_number network, host_number peer) {
  for (std::size_t number = 0; number < from.flows.size(); ++number) {
    const flow_settings& flow = from.flows[number];
    const std::string label = label_of(flow, number);
    if (flow.from == host)
      to.add(outgoing_flow{
          label, {network, peer, flow_socket(number)}, flow.spp, flow.start, source_of(flow, number, from.seed)});
    else to.add(incoming_flow{label, flow_socket(number), flow.spp, {}});
  }
}

bool experiment_report::holds() const { return exit_code() == 0; }

int experiment_report::exit_code() const {
  for (std::size_t number = 0; number < ran.flows.size(); ++number) {
    const flow_result& sender = ran.flows[number].from == 'a' ? a.flows[number] : b.flows[number];
    const flow_result& receiver = ran.flows[number].from == 'a' ? b.flows[number] : a.flows[number];
    // What the time limit cut off must be right as far as it came.
    const bool cut_off = sender.opened && sender.status == end_status::none;
    const bool ended_well = flow_ok(sender) && flow_ok(receiver) && sender.digests == receiver.digests;
    if (!ended_well && !(cut_off && is_prefix(receiver.digests, sender.digests))) return 3;
  }
  return judged ? judged->exit_code() : 3;
}

void conclude(experiment_report& report) {
  for (std::size_t number = 0; number < report.ran.flows.size(); ++number) {
    const bool a_sends = report.ran.flows[number].from == 'a';
    const flow_result& sender = (a_sends ? report.a : report.b).flows[number];
    const flow_result& receiver = (a_sends ? report.b : report.a).flows[number];
    report.files_sent += sender.digests.size();
    const std::size_t both = std::min(sender.digests.size(), receiver.digests.size());
    for (std::size_t i = 0; i < both; ++i)
      if (sender.digests[i] == receiver.digests[i]) ++report.files_equal;
    report.finished_at = std::max(report.finished_at, receiver.last_at);
  }
  const fs::path directory(report.directory);
  const std::string captures[] = {(directory / capture_name).string()};
  const std::string journals[] = {(directory / journal_a_name).string(), (directory / journal_b_name).string()};
  auto judged = verify_files(captures, journals);
  if (!judged) throw std::runtime_error(judged.error());
  report.judged = std::move(*judged);

  const std::string summary = (directory / summary_name).string();
  std::ofstream file(summary);
  // File names need not be UTF-8; JSON must.
  file << to_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  file.close();
  if (!file) throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(), "cannot write " + summary);
}

}  // namespace seqwire
