#include "lab/wire/recording.hpp"

#include "rawio/clock.hpp"

namespace seqwire {

recording::recording(live_link& of, const std::optional<std::string>& path, const std::string& interface_name)
    : link_(of) {
  if (!path) return;
  capture_ = std::make_unique<capture_writer>(*path, capture_writer_options{.comment = {}});
  recorder_ = std::make_unique<recorder>(link_, *capture_, interface_name);
}

void recording::flush() {
  if (capture_) capture_->flush();
}

std::optional<std::string> recording::finish() {
  if (!capture_) return std::nullopt;
  capture_->write_statistics(0, clock_now(), {link_.received(), link_.receive_drops()});
  capture_->close();
  return capture_->error();
}

}  // namespace seqwire
