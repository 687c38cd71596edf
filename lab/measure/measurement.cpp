#include "lab/measure/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lab/measure/interval.hpp"

namespace seqwire {
namespace {

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view name = list.substr(0, comma);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    names.emplace_back(name.substr(0, name.find_last_not_of(' ') + 1));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return names;
}

std::string_view in_words(measure_time time) {
  switch (time) {
    case measure_time::interval: return "a measure of an interval";
    case measure_time::run: return "a measure of a run as a whole";
    case measure_time::instant: return "a measure of an instant";
  }
  return {};
}

void append(output_file& to, const std::string& line) {
  if (octet* const room = to.append(line.size())) std::memcpy(room, line.data(), line.size());
}

std::string csv_line(duration at, const std::vector<double>& values) {
  std::string line = fmt::format("{}", at.seconds());
  for (const double each : values) line += std::isnan(each) ? std::string(",") : fmt::format(",{}", each);
  return line + '\n';
}

std::string ndjson_line(duration at, const std::vector<chosen_measure>& told, const std::vector<double>& values) {
  nlohmann::ordered_json object = {{"time_s", at.seconds()}};
  for (std::size_t i = 0; i < told.size(); ++i) object[told[i].name] = values[i];  // NaN becomes null
  return object.dump() + '\n';
}

}  // namespace

result<std::vector<chosen_measure>, measure_fault> named_measures(std::string_view list, const scenario& of,
                                                                  measure_time not_of) {
  std::vector<chosen_measure> chosen;
  for (const std::string& name : names_in(list)) {
    auto found = find_measure(name, of);
    if (!found) return failure(measure_fault{found.error(), name});
    if (found->row->time == not_of)
      return failure(measure_fault{"another kind of measure", fmt::format("{}, {}", name, in_words(not_of))});
    chosen.push_back(*std::move(found));
  }
  return chosen;
}

measurement::measurement(const scenario& of, const std::string& folder)
    : warm_up_(of.measure.warm_up), expected_(of.expectations) {
  values_ = named_measures(of.measure.values, of, measure_time::instant).value();
  for (const expected_value& each : expected_) {
    const bool is_there = std::any_of(values_.begin(), values_.end(),
                                      [&](const chosen_measure& other) { return other.name == each.measure; });
    if (!is_there) values_.push_back(find_measure(each.measure, of).value());
  }
  series_.length = folder.empty() ? duration{} : of.measure.period;
  series_.next = series_.length;
  batches_.length = of.measure.batch;
  batches_.next = warm_up_ + batches_.length;
  batches_.latest_at = warm_up_;
  // The settings that rates and the like are measured by.
  between_.ran = of;
  if (series_.length == duration{}) return;
  told_ = named_measures(of.measure.series, of, measure_time::run).value();
  if (told_.empty())
    for (const chosen_measure& each : values_)
      if (each.row->time != measure_time::run) told_.push_back(each);
  if (told_.empty()) told_.push_back(find_measure("goodput", of).value());
  csv_.emplace((std::filesystem::path(folder) / series_csv_name).string(), whole_lines);
  ndjson_.emplace((std::filesystem::path(folder) / series_ndjson_name).string(), whole_lines);
  std::string heading = "time_s";
  for (const chosen_measure& each : told_) heading += ',' + each.name;
  append(*csv_, heading + '\n');
}

std::optional<duration> measurement::next() const {
  std::optional<duration> soonest;
  const auto consider = [&](duration when) { soonest = soonest ? std::min(*soonest, when) : when; };
  if (series_.length != duration{}) consider(series_.next);
  if (warm_up_ != duration{} && !at_warm_up_) consider(warm_up_);
  if (batches_.length != duration{}) consider(batches_.next);
  return soonest;
}

void measurement::take(duration at, experiment_report now) {
  if (warm_up_ != duration{} && !at_warm_up_ && at >= warm_up_) {
    at_warm_up_ = now;
    batches_.latest = now;
    batches_.latest_at = at;
  }
  if (series_.length != duration{} && at >= series_.next) {
    tell(at, now);
    while (series_.next <= at) series_.next += series_.length;
  }
  if (batches_.length != duration{} && at >= batches_.next) {
    count(at, now);
    while (batches_.next <= at) batches_.next += batches_.length;
  }
}

// A line of the series: of the time since the line before.
void measurement::tell(duration at, const experiment_report& now) {
  difference(now, at, series_.latest, series_.latest_at, between_);
  std::vector<double> values;
  for (const chosen_measure& each : told_) values.push_back(each.row->of(between_, each.which));
  append(*csv_, csv_line(at, values));
  append(*ndjson_, ndjson_line(at, told_, values));
  series_.latest = now;
  series_.latest_at = at;
}

void measurement::count(duration at, const experiment_report& now) {
  difference(now, at, batches_.latest, batches_.latest_at, between_);
  measured_batch batch{at, {}};
  for (const chosen_measure& each : values_) batch.values.push_back(each.row->of(between_, each.which));
  measured_batches_.push_back(std::move(batch));
  batches_.latest = now;
  batches_.latest_at = at;
}

// Behind the last record nothing happens any more that would have to be measured.
running_mean measurement::mean_of(std::size_t value, duration until) const {
  running_mean mean;
  if (values_[value].row->time != measure_time::interval) return mean;
  for (const measured_batch& each : measured_batches_)
    if (each.until <= until) mean.add(each.values[value]);
  return mean;
}

// A run that ended within its warm-up has no such value.
double measurement::whole_value(const chosen_measure& each, const experiment_report& report) {
  if (each.row->time != measure_time::interval || warm_up_ == duration{}) return each.row->of(report, each.which);
  if (!at_warm_up_ || report.finished_at <= warm_up_) return std::nan("");
  difference(report, report.finished_at, *at_warm_up_, warm_up_, between_);
  return each.row->of(between_, each.which);
}

void measurement::finish(experiment_report& report, duration ended) {
  if (series_.length != duration{} && ended > series_.latest_at) tell(ended, report);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const chosen_measure& each = values_[i];
    const running_mean batches = mean_of(i, report.finished_at);
    report.measured.push_back({each.name, std::string(each.row->unit), whole_value(each, report), batches.count(),
                               batches.mean(), batches.half_width()});
  }
  for (const expected_value& each : expected_) {
    const auto found = std::find_if(report.measured.begin(), report.measured.end(),
                                    [&](const measured_value& other) { return other.name == each.measure; });
    const auto wanted = parse_expectation(each.value, *find_measure(each.measure, report.ran).value().row);
    report.expectations.push_back({each, found->value, wanted.value().holds(found->value)});
  }
  for (auto* file : {&csv_, &ndjson_}) {
    if (!*file) continue;
    (*file)->close();
    if (auto error = (*file)->error()) report.not_written.push_back(*std::move(error));
  }
}

}  // namespace seqwire
