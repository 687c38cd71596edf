// A file or folder for the length of a turn.
#pragma once

#include <filesystem>
#include <string>

#include <unistd.h>

namespace seqwire::bench {

class temporary_file {
 public:
  /// Its name is this process's own; whoever gets the path makes the file or folder.
  temporary_file()
      : path_((std::filesystem::temp_directory_path() / ("seqwire-bench-" + std::to_string(::getpid()))).string()) {}
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace seqwire::bench
