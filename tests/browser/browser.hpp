// Headless Chromium in the hands of a test, over two pipes (its DevTools protocol): pages are opened, used by keys and
// the pointer as people use them, and asked what they show. No network, no clock of the test's own.
#pragma once

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "tests/command_runner.hpp"

namespace seqwire::browser_tests {

using namespace command_runner;

/// One browser with one page.
class browser {
 public:
  explicit browser(const std::string& profile_folder) {
    std::array<int, 2> asking{}, answering{};
    BOOST_REQUIRE(::pipe2(asking.data(), O_CLOEXEC) == 0);
    BOOST_REQUIRE(::pipe2(answering.data(), O_CLOEXEC) == 0);
    to_ = descriptor(asking[1]);
    from_ = descriptor(answering[0]);
    const descriptor its_input(asking[0]), its_output(answering[1]);
    program_.emplace(
        std::vector<std::string>{"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                                 "--no-first-run", "--disable-background-networking", "--disable-component-update",
                                 "--disable-sync", "--user-data-dir=" + profile_folder, "--window-size=1200,900",
                                 "--remote-debugging-pipe", "about:blank"},
        run_settings{.before_exec = [&] {
          // Where the protocol expects them; whatever stands there is out of the way first.
          const int input = ::fcntl(its_input.number(), F_DUPFD, 10),
                    output = ::fcntl(its_output.number(), F_DUPFD, 10);
          ::dup2(input, 3);
          ::dup2(output, 4);
          ::close(input);
          ::close(output);
        }});
    const auto target = call("Target.createTarget", {{"url", "about:blank"}}).at("targetId");
    session_ = call("Target.attachToTarget", {{"targetId", target}, {"flatten", true}}).at("sessionId");
    call("Runtime.enable");
    call("Page.enable");
  }

  /// Opens a file and waits until its script says that it is ready (data-ready on the root).
  void open(const std::string& path) {
    call("Page.navigate", {{"url", "file://" + path}});
    while (asked("document.readyState === 'complete' && document.documentElement.dataset.ready") != "true") {
    }
  }

  /// The value of an expression of the page, once what was done before is drawn.
  nlohmann::json asked(const std::string& expression) {
    const std::string drawn = "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))";
    const auto answer = call(
        "Runtime.evaluate",
        {{"expression", drawn + ".then(() => (" + expression + "))"}, {"awaitPromise", true}, {"returnByValue", true}});
    BOOST_REQUIRE_MESSAGE(!answer.contains("exceptionDetails"), answer.dump());
    return answer.at("result").value("value", nlohmann::json());
  }

  /// A key goes down and up where the page has its focus.
  void press(const std::string& key, int times = 1) {
    for (int i = 0; i < times; ++i)
      for (const char* type : {"keyDown", "keyUp"}) call("Input.dispatchKeyEvent", {{"type", type}, {"key", key}});
  }

  /// The pointer, in the window's coordinates.
  void point(double x, double y) { pointer("mouseMoved", x, y, "none"); }
  void drag(double from_x, double to_x, double y) {
    point(from_x, y);
    pointer("mousePressed", from_x, y, "left");
    pointer("mouseMoved", (from_x + to_x) / 2, y, "left");
    pointer("mouseMoved", to_x, y, "left");
    pointer("mouseReleased", to_x, y, "left");
  }

  /// What the system says it prefers: "dark" or "light".
  void prefer(const std::string& scheme) {
    call("Emulation.setEmulatedMedia",
         {{"features", nlohmann::json::array({{{"name", "prefers-color-scheme"}, {"value", scheme}}})}});
  }

  /// Exceptions that nobody caught, so far.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  void pointer(const char* type, double x, double y, const char* button) {
    call("Input.dispatchMouseEvent", {{"type", type}, {"x", x}, {"y", y}, {"button", button}, {"clickCount", 1}});
  }

  nlohmann::json call(const std::string& method, const nlohmann::json& parameters = nlohmann::json::object()) {
    nlohmann::json question{{"id", ++calls_}, {"method", method}, {"params", parameters}};
    if (!session_.is_null()) question["sessionId"] = session_;
    const std::string text = question.dump() + '\0';
    BOOST_REQUIRE(::write(to_.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    for (;;) {
      const nlohmann::json said = message();
      if (said.value("method", "") == "Runtime.exceptionThrown") complaints_.push_back(said.at("params").dump());
      if (said.value("id", 0) != calls_) continue;
      BOOST_REQUIRE_MESSAGE(said.contains("result"), method << ": " << said.dump());
      return said.at("result");
    }
  }

  // Messages end with a zero octet.
  nlohmann::json message() {
    for (;;) {
      if (const std::size_t end = unread_.find('\0'); end != std::string::npos) {
        const std::string text = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        return nlohmann::json::parse(text);
      }
      pollfd readable{from_.number(), POLLIN, 0};
      BOOST_REQUIRE_MESSAGE(::poll(&readable, 1, patience_ms) > 0, "the browser does not answer");
      std::array<char, 65536> block;
      const ssize_t got = ::read(from_.number(), block.data(), block.size());
      BOOST_REQUIRE_MESSAGE(got > 0, "the browser has gone");
      unread_.append(block.data(), static_cast<std::size_t>(got));
    }
  }

  descriptor to_, from_;
  std::optional<running_command> program_;
  nlohmann::json session_;
  int calls_ = 0;
  std::string unread_;
  std::vector<std::string> complaints_;
};

}  // namespace seqwire::browser_tests
