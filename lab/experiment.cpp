#include "lab/experiment.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lab/earlier_run.hpp"
#include "lab/files.hpp"
#include "lab/wire/interrupted.hpp"
#include "rawio/capture/file.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// Ephemeral sockets begin at 3000 as well, on the other host; 3004 is Wireshark's idea of SMB.
constexpr std::uint16_t first_flow_socket = 3000;

record_source source_of(const flow_settings& flow, std::size_t number, std::uint64_t seed) {
  if (flow.files.empty())
    return made_records(flow.records, flow.record_size, random_stream(seed).fork("flow").fork(number).key());
  file_list files = files_of(flow);
  return read_files(files.folder, std::move(files.names));
}

std::string label_of(const flow_settings& flow, std::size_t number) {
  return std::to_string(number) + (flow.from == 'a' ? " a to b" : " b to a");
}

bool flow_ok(const flow_result& end) { return end.status == end_status::closed_gracefully; }

const std::string& made_folder(const std::string& path) {
  fs::create_directories(path);
  remove_earlier_run(path);
  return path;
}

// A summary is there whole or not at all.
void write_summary(experiment_report& report) {
  const std::string path = (fs::path(report.directory) / summary_name).string();
  // File names need not be UTF-8; JSON must.
  const std::string text = to_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
  try {
    output_file file(path, [](octets_view written) { return written.size(); });
    if (octet* const room = file.append(text.size())) std::memcpy(room, text.data(), text.size());
    file.close();
    if (!file.error()) return;
    report.not_written.push_back(*file.error());
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) fs::remove(path, ignored);
  } catch (const std::system_error& error) {
    report.not_written.push_back(error.what());
  }
}

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
    if (flow.files.empty()) continue;
    flow.records = files_of(flow).names.size();
    // A file is one record, whatever its size; up to 4 GiB; the lower limit is for strangers.
    if (flow.spp.maximum_record == spp_config{}.maximum_record) flow.spp.maximum_record = std::size_t{1} << 32;
  }
  return from;
}

run_files::run_files(const std::string& folder, const scenario& ran)
    : directory(made_folder(folder)),
      capture(path(capture_name),
              {.application = "seqwire", .comment = ran.name + ", seed " + std::to_string(ran.seed)}),
      journal_a(path(journal_a_name), "a"),
      journal_b(path(journal_b_name), "b") {}

std::string run_files::path(const char* name) const { return (fs::path(directory) / name).string(); }

std::vector<std::string> run_files::close() {
  capture.close();
  journal_a.close();
  journal_b.close();
  std::vector<std::string> not_written;
  for (auto error : {capture.error(), journal_a.error(), journal_b.error()})
    if (error) not_written.push_back(*std::move(error));
  return not_written;
}

void add_flows(transfer_program& to, const scenario& from, char host, network_number network, host_number peer,
               const record_watch& watch) {
  to.speak(find_protocol(from.protocol));
  for (std::size_t number = 0; number < from.flows.size(); ++number) {
    const flow_settings& flow = from.flows[number];
    const std::string label = label_of(flow, number);
    if (flow.from != host) {
      to.add(incoming_flow{label, flow_socket(number), flow.spp, {}});
      continue;
    }
    record_source records = source_of(flow, number, from.seed);
    if (watch) records = watch(flow, std::move(records));
    to.add(outgoing_flow{label, {network, peer, flow_socket(number)}, flow.spp, flow.start, std::move(records)});
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
  const int found = judged ? judged->exit_code() : 1;
  return found != 3 && !not_written.empty() ? 1 : found;
}

void sum_up(experiment_report& report) {
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
}

void conclude(experiment_report& report) {
  const interrupt_flag asked;
  conclude(report, [&] { return asked.signal(); });
}

void conclude(experiment_report& report, const stop_question& stop) {
  sum_up(report);
  const fs::path directory(report.directory);
  const std::string captures[] = {(directory / capture_name).string()};
  const std::string journals[] = {(directory / journal_a_name).string(), (directory / journal_b_name).string()};
  auto judged = verify_files(captures, journals, [&] { return stop() != 0; });
  if (const int signal = stop(); signal != 0) throw interrupted(signal);
  if (judged) report.judged = std::move(*judged);
  // Of a file that is not whole it is known that it cannot be judged.
  else if (report.not_written.empty()) report.not_written.push_back("no verdict: " + judged.error());
  write_summary(report);
}

}  // namespace seqwire
