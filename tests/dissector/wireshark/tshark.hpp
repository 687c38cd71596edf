// Runs tshark with the dissector that is committed, on captures that tests write, and takes its answers apart.
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "protocol/base/bytes.hpp"
#include "rawio/capture/capture.hpp"

namespace seqwire::tshark {

/// A capture file that goes with the test.
class capture_file {
 public:
  explicit capture_file(const std::string& name)
      : path_((std::filesystem::temp_directory_path() / ("seqwire-" + name + "-" + std::to_string(::getpid())))
                  .string()) {}
  ~capture_file() { std::filesystem::remove(path_); }
  capture_file(const capture_file&) = delete;
  capture_file& operator=(const capture_file&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  BOOST_REQUIRE(pipe != nullptr);
  std::string output;
  std::vector<char> buffer(65536);
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    output.append(buffer.data(), count);
  return output;
}

/// The dissector as it is committed.
inline const std::string committed = std::string(SEQWIRE_SOURCE_DIR) + "/dissector/wireshark/seqwire.lua";

/// What `tshark ARGUMENTS` says of the file with that script; empty: with none.
inline std::string output_for(const std::string& path, const std::string& arguments,
                              const std::string& script = committed) {
  const std::string with = script.empty() ? "" : " -X lua_script:" + script;
  return output_of("WIRESHARK_CONFIG_DIR=/nonexistent tshark -n -r " + path + with + " " + arguments + " 2>/dev/null");
}

inline std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char each : text) {
    if (each == at) parts.emplace_back();
    else parts.back() += each;
  }
  return parts;
}

/// One row for each frame that passes, with the values of the fields.
inline std::vector<std::vector<std::string>> fields_of(const std::string& path, const std::vector<std::string>& fields,
                                                       const std::string& arguments = "") {
  std::string command = arguments + " -T fields";
  for (const std::string& field : fields) command += " -e " + field;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(output_for(path, command), '\n'))
    if (!line.empty()) rows.push_back(split(line, '\t'));
  return rows;
}

}  // namespace seqwire::tshark
