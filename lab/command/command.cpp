#include "lab/command/command.hpp"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lab/experiment.hpp"
#include "lab/scenario/units.hpp"

namespace seqwire {

CLI::Option* add_seed(CLI::App& to, std::optional<std::uint64_t>& seed, const std::string& meaning) {
  const auto take = [&seed](const std::string& text) {
    const auto number = parse_count(text, 0, std::numeric_limits<std::uint64_t>::max());
    if (!number) throw CLI::ValidationError("--seed", "expected " + number.error().expected + "; got " + text);
    seed = *number;
  };
  return to.add_option_function<std::string>("--seed", take, meaning)->type_name("NUMBER");
}

CLI::Option* add_repeatable(CLI::App& to, const std::string& name, std::vector<std::string>& values,
                            const std::string& meaning) {
  // Without this CLI11 would take every argument that follows as one value more.
  return to.add_option(name, values, meaning)->allow_extra_args(false);
}

bool print_data(std::string_view data) {
  std::clearerr(stdout);
  const std::size_t written = std::fwrite(data.data(), 1, data.size(), stdout);
  if (written == data.size() && std::fflush(stdout) == 0) return true;
  if (errno == EPIPE) return false;
  throw std::system_error(errno, std::generic_category(), "cannot write to standard output");
}

std::string json_text(const nlohmann::json& object) {
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

void complain_of_flows(const experiment_report& report) {
  for (std::size_t number = 0; number < report.ran.flows.size(); ++number) {
    const bool a_sends = report.ran.flows[number].from == 'a';
    const flow_result& sender = (a_sends ? report.a : report.b).flows[number];
    const flow_result& receiver = (a_sends ? report.b : report.a).flows[number];
    if (sender.status == end_status::none || sender.status == end_status::closed_gracefully) continue;
    const bool silence = sender.status == end_status::timed_out;
    std::fputs(fmt::format("seqwire: error: flow {}: {}, {} of {} records delivered\n", sender.label,
                           silence ? "gave up because no answer came" : name_of(sender.status), receiver.records,
                           sender.records)
                   .c_str(),
               stderr);
    return;
  }
}

void require_interface_name(const std::string& option, const std::string& name) {
  const bool fits = !name.empty() && name.size() < IFNAMSIZ && name != "." && name != "..";
  const bool clean = std::none_of(name.begin(), name.end(),
                                  [](unsigned char each) { return each <= ' ' || each == '/' || each == ':'; });
  if (!fits || !clean)
    throw usage_error(fmt::format("{}: expected an interface's name of 1 to {} characters without '/'; got \"{}\"",
                                  option, IFNAMSIZ - 1, name));
}

void require_folder_or_nothing(const std::string& option, const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (path.empty()) throw usage_error(option + ": expected a folder; got an empty name");
  if (std::filesystem::exists(status) && !std::filesystem::is_directory(status))
    throw usage_error(option + ": expected a folder; got " + path + ", which is something else");
}

void require_files(const scenario& from) {
  for (const flow_settings& flow : from.flows)
    if (!flow.files.empty() && !std::filesystem::exists(flow.files))
      throw usage_error(flow.files + ": expected a file or a folder; got nothing there");
}

std::string printable(std::string_view text) {
  std::string line;
  for (const char each : text) {
    const auto code = static_cast<unsigned char>(each);
    line += code < 0x20 || code == 0x7f ? fmt::format("\\x{:02x}", code) : std::string(1, each);
  }
  return line;
}

}  // namespace seqwire
