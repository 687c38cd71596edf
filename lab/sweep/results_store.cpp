#include "lab/sweep/results_store.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

#include "lab/scenario/scenario_text.hpp"
#include "protocol/base/require.hpp"

namespace seqwire {
namespace {

constexpr std::string_view format = "seqwire.sweep/1";
constexpr std::size_t fixed_columns = 10;  // of a result, before the measures

// A name of a column as SQL takes it, whatever is in it.
std::string sql_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char each : name) quoted += each == '"' ? "\"\"" : std::string(1, each);
  return quoted + '"';
}

std::string columns(const std::vector<std::string>& names, std::string_view type) {
  std::string list;
  for (const std::string& each : names) list += ", " + sql_name(each) + std::string(type);
  return list;
}

std::string places(std::size_t count) {
  std::string list = "?";
  for (std::size_t i = 1; i < count; ++i) list += ", ?";
  return list;
}

// SQLite's integers have a sign; seeds and fingerprints keep their bits.
std::int64_t stored(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t restored(std::int64_t value) { return static_cast<std::uint64_t>(value); }

bool same_value(double one, double other) { return one == other || (std::isnan(one) && std::isnan(other)); }

bool same_result(const run_result& one, const run_result& other) {
  bool same = one.seed == other.seed && one.scenario == other.scenario && one.fingerprint == other.fingerprint &&
              one.values.size() == other.values.size();
  for (std::size_t i = 0; same && i < one.values.size(); ++i) same = same_value(one.values[i], other.values[i]);
  return same;
}

}  // namespace

// The connection and what it is asked.
class results_store::database {
 public:
  database(const std::string& path, int flags) : path_(path) {
    const int opened = sqlite3_open_v2(path.c_str(), &connection_, flags | SQLITE_OPEN_EXRESCODE, nullptr);
    if (opened != SQLITE_OK) {
      const std::string why = connection_ != nullptr ? sqlite3_errmsg(connection_) : sqlite3_errstr(opened);
      sqlite3_close(connection_);
      throw store_error(fmt::format("{}: {}", printable(path_), why));
    }
    // Somebody who looks at the results meanwhile delays a row, and does not end the sweep.
    sqlite3_busy_timeout(connection_, 60'000);
  }
  ~database() {
    sqlite3_finalize(insert);
    sqlite3_finalize(select_one);
    sqlite3_close_v2(connection_);  // once the last statement has gone
  }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  [[noreturn]] void fail() const { fail(sqlite3_errmsg(connection_)); }
  [[noreturn]] void fail(const std::string& why) const {
    throw store_error(fmt::format("{}: {}", printable(path_), why));
  }

  void run(const std::string& sql) {
    if (sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }

  /// Where there is no transaction any more, nothing is left to undo.
  void undo() { static_cast<void>(sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr)); }

  sqlite3_stmt* prepared(const std::string& sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(connection_, sql.c_str(), -1, &made, nullptr) != SQLITE_OK) fail();
    return made;
  }

  /// True: a row is there.
  bool step(sqlite3_stmt* of) {
    const int got = sqlite3_step(of);
    if (got != SQLITE_ROW && got != SQLITE_DONE) fail();
    return got == SQLITE_ROW;
  }

  sqlite3_stmt* insert = nullptr;
  sqlite3_stmt* select_one = nullptr;

 private:
  std::string path_;
  sqlite3* connection_ = nullptr;
};

namespace {

// A prepared statement that goes with its scope.
struct statement {
  sqlite3_stmt* made;
  ~statement() { sqlite3_finalize(made); }
};

void put(sqlite3_stmt* to, int at, std::string_view text) {
  sqlite3_bind_text(to, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}
void put(sqlite3_stmt* to, int at, std::int64_t value) { sqlite3_bind_int64(to, at, value); }
void put(sqlite3_stmt* to, int at, double value) {
  if (std::isnan(value)) sqlite3_bind_null(to, at);
  else sqlite3_bind_double(to, at, value);
}

std::string text_at(sqlite3_stmt* row, int column) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return text == nullptr ? std::string()
                         : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

void put_row(sqlite3_stmt* to, const run_result& row) {
  put(to, 1, static_cast<std::int64_t>(row.point));
  put(to, 2, stored(row.number));
  put(to, 3, fmt::format("{}", row.seed));
  put(to, 4, row.scenario);
  put(to, 5, fmt::format("{:016x}", row.fingerprint));
  put(to, 6, row.revision);
  if (row.holds) put(to, 7, std::int64_t{*row.holds ? 1 : 0});
  else sqlite3_bind_null(to, 7);
  put(to, 8, row.compiler);
  put(to, 9, row.machine);
  put(to, 10, row.seconds);
  for (std::size_t i = 0; i < row.values.size(); ++i) put(to, static_cast<int>(fixed_columns + i + 1), row.values[i]);
}

std::uint64_t number_in(const std::string& text, int base) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

run_result row_at(sqlite3_stmt* at, std::size_t measures) {
  run_result row;
  row.point = static_cast<std::size_t>(sqlite3_column_int64(at, 0));
  row.number = restored(sqlite3_column_int64(at, 1));
  row.seed = number_in(text_at(at, 2), 10);
  row.scenario = text_at(at, 3);
  row.fingerprint = number_in(text_at(at, 4), 16);
  row.revision = text_at(at, 5);
  if (sqlite3_column_type(at, 6) != SQLITE_NULL) row.holds = sqlite3_column_int64(at, 6) != 0;
  row.compiler = text_at(at, 7);
  row.machine = text_at(at, 8);
  row.seconds = sqlite3_column_double(at, 9);
  for (std::size_t i = 0; i < measures; ++i) {
    const int column = static_cast<int>(fixed_columns + i);
    const bool none = sqlite3_column_type(at, column) == SQLITE_NULL;
    row.values.push_back(none ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(at, column));
  }
  return row;
}

std::string result_columns(const std::vector<std::string>& measures) {
  return "point, number, seed, scenario, fingerprint, revision, holds, compiler, machine, seconds" +
         columns(measures, "");
}

// A number that reads back as it was.
std::string exact(double value) { return fmt::format("{}", value); }

}  // namespace

results_store::results_store(std::unique_ptr<database> file, results_header header)
    : file_(std::move(file)), header_(std::move(header)) {
  const std::string names = result_columns(header_.measures);
  file_->insert = file_->prepared(
      fmt::format("INSERT INTO results ({}) VALUES ({})", names, places(fixed_columns + header_.measures.size())));
  file_->select_one = file_->prepared(fmt::format("SELECT {} FROM results WHERE point = ? AND number = ?", names));
}
results_store::results_store(results_store&&) noexcept = default;
results_store& results_store::operator=(results_store&&) noexcept = default;
results_store::~results_store() = default;

results_store results_store::create(const std::string& path, const results_header& header) {
  // Who is killed meanwhile leaves nothing under the name.
  const std::string unfinished = path + ".part";
  std::filesystem::remove(unfinished);
  make_tables(unfinished, header);
  std::filesystem::rename(unfinished, path);
  return open(path);
}

void results_store::make_tables(const std::string& path, const results_header& header) {
  auto file = std::make_unique<database>(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  // Without a flush to the disk for each row: what the kernel has outlives the process.
  file->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN");
  file->run("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  file->run("CREATE TABLE columns (kind TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL)");
  file->run(fmt::format("CREATE TABLE points (point INTEGER PRIMARY KEY, first_seed TEXT NOT NULL{})",
                        columns(header.keys, " TEXT NOT NULL")));
  file->run(fmt::format(
      "CREATE TABLE results (point INTEGER NOT NULL REFERENCES points, number INTEGER NOT NULL, seed TEXT NOT NULL, "
      "scenario TEXT NOT NULL, fingerprint TEXT NOT NULL, revision TEXT NOT NULL, holds INTEGER, compiler TEXT NOT "
      "NULL, machine TEXT NOT NULL, seconds REAL NOT NULL{}, PRIMARY KEY (point, number)) WITHOUT ROWID",
      columns(header.measures, " REAL")));
  const auto say = [&](std::string_view kind, std::string_view number, std::string_view name) {
    const statement add{file->prepared("INSERT INTO columns VALUES (?, ?, ?)")};
    put(add.made, 1, kind);
    put(add.made, 2, number);
    put(add.made, 3, name);
    file->step(add.made);
  };
  for (std::size_t i = 0; i < header.keys.size(); ++i) say("key", fmt::format("{}", i), header.keys[i]);
  for (std::size_t i = 0; i < header.measures.size(); ++i) say("measure", fmt::format("{}", i), header.measures[i]);
  const statement point{file->prepared(fmt::format("INSERT INTO points VALUES ({})", places(2 + header.keys.size())))};
  for (std::size_t number = 0; number < header.points.size(); ++number) {
    put(point.made, 1, static_cast<std::int64_t>(number));
    put(point.made, 2, fmt::format("{}", header.first_seeds[number]));
    for (std::size_t i = 0; i < header.keys.size(); ++i)
      put(point.made, static_cast<int>(3 + i), header.points[number][i]);
    file->step(point.made);
    sqlite3_reset(point.made);
  }
  const statement about{file->prepared("INSERT INTO about VALUES (?, ?)")};
  for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"format", format},
                                    {"study", header.study},
                                    {"digest", header.digest},
                                    {"revision", header.revision}}) {
    put(about.made, 1, name);
    put(about.made, 2, value);
    file->step(about.made);
    sqlite3_reset(about.made);
  }
  results_store made(std::move(file), header);
  made.set_rule(header.rule);
  made.file_->run("COMMIT");
}

results_store results_store::open(const std::string& path) {
  auto file = std::make_unique<database>(path, SQLITE_OPEN_READWRITE);
  file->run("PRAGMA synchronous = NORMAL");
  std::map<std::string, std::string> about;
  {
    const statement all{file->prepared("SELECT name, value FROM about")};
    while (file->step(all.made)) about[text_at(all.made, 0)] = text_at(all.made, 1);
  }
  if (about["format"] != format) file->fail("expected results of a sweep (" + std::string(format) + ")");
  results_header header;
  header.study = about["study"];
  header.digest = about["digest"];
  header.revision = about["revision"];
  header.rule.seeds = number_in(about["seeds"], 10);
  header.rule.measure = static_cast<std::size_t>(number_in(about["until_measure"], 10));
  if (!about["until_ci"].empty()) {
    double narrow = 0;
    const std::string& text = about["until_ci"];
    std::from_chars(text.data(), text.data() + text.size(), narrow);
    header.rule.narrow_enough = narrow;
  }
  {
    const statement all{file->prepared("SELECT kind, name FROM columns ORDER BY kind, CAST(number AS INTEGER)")};
    while (file->step(all.made))
      (text_at(all.made, 0) == "key" ? header.keys : header.measures).push_back(text_at(all.made, 1));
  }
  {
    const statement all{
        file->prepared(fmt::format("SELECT first_seed{} FROM points ORDER BY point", columns(header.keys, "")))};
    while (file->step(all.made)) {
      header.first_seeds.push_back(number_in(text_at(all.made, 0), 10));
      header.points.emplace_back();
      for (std::size_t i = 0; i < header.keys.size(); ++i)
        header.points.back().push_back(text_at(all.made, static_cast<int>(i + 1)));
    }
  }
  return results_store(std::move(file), std::move(header));
}

void results_store::set_rule(const stopping_rule& rule) {
  const statement set{
      file_->prepared("INSERT INTO about VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")};
  const std::string until = rule.narrow_enough ? exact(*rule.narrow_enough) : std::string();
  for (const auto& [name, value] : {std::pair<std::string_view, std::string>{"seeds", fmt::format("{}", rule.seeds)},
                                    {"until_ci", until},
                                    {"until_measure", fmt::format("{}", rule.measure)}}) {
    put(set.made, 1, name);
    put(set.made, 2, value);
    file_->step(set.made);
    sqlite3_reset(set.made);
  }
  header_.rule = rule;
}

void results_store::add(const std::vector<run_result>& rows) {
  file_->run("BEGIN IMMEDIATE");
  try {
    for (const run_result& row : rows) {
      require(row.values.size() == header_.measures.size());
      put(file_->select_one, 1, static_cast<std::int64_t>(row.point));
      put(file_->select_one, 2, stored(row.number));
      const bool known = file_->step(file_->select_one);
      const bool same = known && same_result(row_at(file_->select_one, row.values.size()), row);
      sqlite3_reset(file_->select_one);
      if (known && !same)
        file_->fail(fmt::format("two different results for seed {} of point {}", row.seed, row.point));
      if (known) continue;
      put_row(file_->insert, row);
      file_->step(file_->insert);
      sqlite3_reset(file_->insert);
    }
    file_->run("COMMIT");
  } catch (...) {
    sqlite3_reset(file_->insert);
    file_->undo();
    throw;
  }
}

void results_store::add_all_of(const std::vector<results_store>& others) {
  constexpr std::size_t batch = 1000;
  for (const results_store& other : others) {
    std::vector<run_result> rows;
    other.for_each([&](const run_result& row) {
      rows.push_back(row);
      if (rows.size() < batch) return;
      add(rows);
      rows.clear();
    });
    add(rows);
  }
}

void results_store::for_each(const std::function<void(const run_result&)>& take) const {
  const statement all{
      file_->prepared(fmt::format("SELECT {} FROM results ORDER BY point, number", result_columns(header_.measures)))};
  while (file_->step(all.made)) {
    const run_result row = row_at(all.made, header_.measures.size());
    if (row.point >= header_.points.size()) file_->fail("a result of a point that the study does not have");
    take(row);
  }
}

}  // namespace seqwire
