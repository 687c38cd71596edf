#include "lab/experiment.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "lab/earlier_run.hpp"
#include "lab/files.hpp"
#include "lab/wire/interrupted.hpp"
#include "lab/workload/made_records.hpp"
#include "rawio/capture/file.hpp"
#include "rawio/interrupt_flag.hpp"

namespace seqwire {
namespace {

namespace fs = std::filesystem;

// Ephemeral sockets begin at 3000 as well, on the other host; 3004 is Wireshark's idea of SMB.
constexpr std::uint16_t first_flow_socket = 3000;

// A flow or a copy more changes nothing for the others.
std::uint64_t seed_of(const planned_flow& planned, const scenario& of) {
  const random_stream random = random_stream(of.seed).fork("flow").fork(planned.settings);
  return (planned.copy == 0 ? random : random.fork(planned.copy)).key();
}

record_source source_of(const flow_settings& flow, std::uint64_t seed) {
  if (flow.files.empty()) return made_records(flow, seed);
  file_list files = files_of(flow);
  return read_files(files.folder, std::move(files.names));
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

socket_number flow_socket(std::size_t transfer) {
  const auto number = static_cast<std::uint16_t>(first_flow_socket + transfer);
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

std::vector<std::string> experiment_plan::hosts_with_flows() const {
  std::vector<std::string> names;
  for (std::size_t host = 0; host < map.hosts(); ++host)
    if (!flows_at[host].empty()) names.push_back(map.name_of(host));
  return names;
}

experiment_plan planned(scenario from, duration slack) {
  network_map map = map_of(from);
  auto flows = plan_flows(from, map);
  if (!flows)
    throw std::system_error(EINVAL, std::generic_category(),
                            "flow " + std::to_string(flows.error().flow) + ": expected " + flows.error().expected);
  for (std::size_t number = 0; number < from.flows.size(); ++number) {
    flow_settings& flow = from.flows[number];
    std::size_t mtu = std::numeric_limits<std::size_t>::max();
    duration life{};
    for (const planned_flow& each : *flows) {
      if (each.settings != number) continue;
      mtu = std::min(mtu, path_mtu(from, each));
      if (flow.spp.packet_life == duration{}) life = std::max(life, path_life(from, each, slack));
    }
    if (flow.spp.packet_data == 0) flow.spp.packet_data = (mtu - spp_overhead) / 2 * 2;
    if (flow.spp.packet_life == duration{}) flow.spp.packet_life = life;
    complete_workload(flow, mtu);
    if (flow.files.empty()) continue;
    flow.records = files_of(flow).names.size();
    // A file is one record, whatever its size; up to 4 GiB; the lower limit is for strangers.
    if (flow.spp.maximum_record == spp_config{}.maximum_record) flow.spp.maximum_record = std::size_t{1} << 32;
  }
  std::vector<std::vector<std::size_t>> flows_at(map.hosts());
  for (std::size_t number = 0; number < flows->size(); ++number)
    for (const std::size_t host : {(*flows)[number].from, (*flows)[number].to}) flows_at[host].push_back(number);
  return {std::move(from), std::move(map), std::move(*flows), std::move(flows_at)};
}

void give_clocks(experiment_plan& plan) {
  plan.clocks.resize(plan.flows.size());
  for (auto& each : plan.clocks) each = std::make_shared<due_instants>();
}

run_files::run_files(const std::string& folder, const scenario& ran, const std::vector<std::string>& hosts)
    : directory(made_folder(folder)),
      capture(path(capture_name),
              {.application = "seqwire", .comment = ran.name + ", seed " + std::to_string(ran.seed)}) {
  for (const std::string& host : hosts) journals_.try_emplace(host, path(host + journal_extension), host);
}

std::string run_files::path(const std::string& name) const { return (fs::path(directory) / name).string(); }

std::vector<std::string> run_files::close() {
  std::vector<std::string> not_written;
  const auto note = [&](auto& file) {
    file.close();
    if (auto error = file.error()) not_written.push_back(*std::move(error));
  };
  note(capture);
  for (auto& [host, journal] : journals_) note(journal);
  return not_written;
}

void add_flows(transfer_program& to, const experiment_plan& plan, std::size_t host, const host_address& address_of,
               const record_watch& watch) {
  to.speak(find_protocol(plan.ran.protocol));
  for (const std::size_t number : plan.flows_at[host]) {
    const planned_flow& each = plan.flows[number];
    const flow_settings& flow = plan.settings_of(each);
    const std::uint64_t seed = seed_of(each, plan.ran);
    const bool answers = flow.workload.kind == workload_kind::request_response;
    // Who waits for a response measures by its own requests.
    auto clock = answers || plan.clocks.empty() ? nullptr : plan.clocks[number];
    if (each.to == host) {
      const record_source responses = answers ? made_responses(flow, seed) : record_source();
      to.add(incoming_flow{each.label, flow_socket(number), flow.spp, {}, flow.socket, flow.records, responses, clock});
    }
    if (each.from != host) continue;
    record_source records = source_of(flow, seed);
    if (watch) records = watch(flow, std::move(records));
    xns_address receiver = address_of(each.to);
    receiver.socket = flow_socket(number);
    to.add(outgoing_flow{each.label, receiver, flow.spp, each.start, std::move(records), flow.socket, answers,
                         std::move(clock)});
  }
}

std::vector<flow_report> flow_reports(const experiment_plan& plan, const std::vector<const transfer_program*>& programs,
                                      bool with_digests) {
  std::vector<std::vector<flow_result>> ends;
  for (const transfer_program* each : programs)
    ends.push_back(each != nullptr ? each->results(with_digests) : std::vector<flow_result>{});
  std::vector<std::size_t> next(ends.size());  // each program has its ends in the order of the plan
  std::vector<flow_report> reports;
  for (const planned_flow& each : plan.flows) {
    flow_result& sender = ends[each.from].at(next[each.from]++);
    flow_result& receiver = ends[each.to].at(next[each.to]++);
    reports.push_back({each, std::move(sender), std::move(receiver)});
  }
  return reports;
}

bool experiment_report::holds() const { return exit_code() == 0; }

bool experiment_report::holds_without_connections() const {
  const auto by_datagrams = [](const flow_settings& flow) { return flow.socket == flow_type::datagram; };
  const auto undoubted = [](const rule_verdict& rule) { return rule.doubts.empty(); };
  return judged && judged->overall == conclusion::inconclusive && judged->holes.empty() &&
         std::all_of(ran.flows.begin(), ran.flows.end(), by_datagrams) &&
         std::all_of(judged->rules.begin(), judged->rules.end(), undoubted);
}

bool experiment_report::arrived() const {
  return std::all_of(flows.begin(), flows.end(), [&](const flow_report& each) {
    const auto& [plan, sender, receiver] = each;
    // Datagrams promise nothing but to be sent.
    if (ran.flows[plan.settings].socket == flow_type::datagram)
      return sender.status == end_status::none || flow_ok(sender);
    // What the time limit cut off must be right as far as it came.
    const bool cut_off = sender.opened && sender.status == end_status::none;
    const bool ended_well = flow_ok(sender) && flow_ok(receiver) && sender.digests == receiver.digests;
    return ended_well || (cut_off && is_prefix(receiver.digests, sender.digests));
  });
}

bool experiment_report::came_true() const {
  return std::all_of(expectations.begin(), expectations.end(),
                     [](const expectation_outcome& each) { return each.holds; });
}

int experiment_report::exit_code() const {
  if (!arrived() || !came_true()) return 3;
  const int found = holds_without_connections() ? 0 : judged ? judged->exit_code() : 1;
  return found != 3 && !not_written.empty() ? 1 : found;
}

std::set<std::size_t> hosts_with_flows(const experiment_report& report) {
  std::set<std::size_t> hosts;
  for (const flow_report& each : report.flows) hosts.insert({each.plan.from, each.plan.to});
  return hosts;
}

void sum_up(experiment_report& report) {
  for (const auto& [plan, sender, receiver] : report.flows) {
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
  const fs::path directory(report.directory);
  const std::string captures[] = {(directory / capture_name).string()};
  std::vector<std::string> journals;
  for (const std::size_t host : hosts_with_flows(report))
    journals.push_back((directory / (report.hosts[host].name + journal_extension)).string());
  auto judged = verify_files(captures, journals, {.stopped = [&] { return stop() != 0; }});
  if (const int signal = stop(); signal != 0) throw interrupted(signal);
  if (judged) report.judged = std::move(*judged);
  // Of a file that is not whole it is known that it cannot be judged.
  else if (report.not_written.empty()) report.not_written.push_back("no verdict: " + judged.error());
  write_summary(report);
}

}  // namespace seqwire
