// The report's page in a real browser: used by keys, clicks and the pointer, it must show what analyze tells of the
// same capture.
#include "browser.hpp"

namespace seqwire {
namespace {

using namespace browser_tests;

// Of two connections the one with 300 records is looked at first, because it carries most.
struct page_in_a_browser {
  page_in_a_browser() : shown(folder.path("profile")) {
    write_whole(folder.path("lossy.toml"),
                "[scenario]\nqlog = true\n[link]\nrate = \"10Mbit/s\"\ndelay = \"20ms\"\nloss = \"5%\"\nduplication = "
                "\"2%\"\n[[flow]]\nrecords = 300\n[[flow]]\nfrom = \"b\"\nto = \"a\"\nrecords = 20\n");
    BOOST_REQUIRE(seqwire_command({"run", folder.path("lossy.toml"), "--out", folder.path("out")}).exit_code == 0);
    const ended_command made = seqwire_command({"report", folder.path("out"), "-o", folder.path("report.html")});
    BOOST_REQUIRE_MESSAGE(made.exit_code == 0, made.err);
    told = nlohmann::json::parse(seqwire_command({"analyze", folder.path("out/capture.pcapng"), "--json"}).out);
    shown.prefer("light");
    shown.open(folder.path("report.html"));
    shown.asked(
        "globalThis.all = (what) => [...document.querySelectorAll(what)], globalThis.one = (what) => "
        "document.querySelector(what), globalThis.texts = (what) => all(what).map((each) => each.textContent)");
  }
  ~page_in_a_browser() { BOOST_TEST(shown.complaints().empty(), shown.complaints().front()); }

  std::string text(const std::string& of) { return shown.asked("one('" + of + "').textContent").get<std::string>(); }
  nlohmann::json texts(const std::string& of) { return shown.asked("texts('" + of + "')"); }
  void click(const std::string& kind, const std::string& beginning) {
    shown.asked("all('" + kind + "').find((each) => each.textContent.startsWith('" + beginning + "')).click()");
  }
  void choose(const std::string& select, int index) {
    shown.asked("(one('" + select + "').value = " + std::to_string(index) + ", one('" + select +
                "').dispatchEvent(new Event('change')), 0)");
  }
  // How many pixels of the first plot have nearly a colour of the page's style.
  int painted(const std::string& colour) {
    return shown
        .asked(R"js((() => {
          const canvas = one('.plot canvas'), probe = document.createElement('span');
          probe.style.color = 'var(--)js" +
               colour + R"js()';
          document.body.append(probe);
          const wanted = getComputedStyle(probe).color.match(/\d+/g).map(Number);
          probe.remove();
          const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] > 200 && wanted.every((value, part) => Math.abs(data[i + part] - value) < 10)) ++count;
          return count;
        })())js")
        .get<int>();
  }
  double first_time() { return std::stod(text("#sequence text.time")); }

  const nlohmann::json& views() const {
    const auto& all = told.at("connections");
    const auto records = [](const nlohmann::json& each) {
      return each.at("views").at(0).at("first_to_second").at("records").get<int>();
    };
    return (records(all.at(0)) > records(all.at(1)) ? all.at(0) : all.at(1)).at("views");
  }
  std::uint64_t resent() const {
    std::uint64_t sum = 0;
    for (const auto& cause : views().at(0).at("first_to_second").at("resent")) sum += cause.get<std::uint64_t>();
    return sum;
  }

  temporary_folder folder;
  nlohmann::json told;
  browser shown;
};

constexpr const char* about_sequence = "figure[data-plot=time-sequence] .about";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(report_test, page_in_a_browser)

BOOST_AUTO_TEST_CASE(page__shows_every_plot_and_says_what_holds) {
  const nlohmann::json expected{"time-sequence", "windows", "throughput", "round-trip", "delay", "latency"};
  BOOST_TEST(shown.asked("all('figure').map((each) => each.dataset.plot)") == expected);
  BOOST_TEST(text("#verdict").starts_with("Verdict: holds."), text("#verdict"));
  BOOST_TEST(text(about_sequence).find(std::to_string(resent()) + " sent again") != std::string::npos);
  BOOST_TEST(texts("#rules tbody tr").size() == 41u);
  BOOST_TEST(texts("#summary thead th") == nlohmann::json({"At", "a", "b"}));
}

BOOST_AUTO_TEST_CASE(layers__are_painted_and_can_be_taken_away) {
  BOOST_TEST(painted("resent") > 20);
  BOOST_TEST(painted("acknowledged") > 100);
  click("figure[data-plot=time-sequence] .keys button", "sent again");
  BOOST_TEST(painted("resent") == 0);
  BOOST_TEST(painted("acknowledged") > 100);
}

BOOST_AUTO_TEST_CASE(keys__zoom_move_and_show_all) {
  const std::string whole = text("#sequence-about");
  BOOST_TEST(whole.starts_with("The first 120 packets"), whole);
  shown.asked("one('.plot').focus()");
  shown.press("+", 4);
  const double near = first_time();
  BOOST_TEST(near > 0.1);
  shown.press("ArrowRight", 5);
  BOOST_TEST(first_time() > near);
  shown.press("ArrowLeft", 5);
  BOOST_TEST(first_time() == near);
  shown.press("0");
  BOOST_TEST(first_time() == 0);
  BOOST_TEST(text("#sequence-about") == whole);
}

BOOST_AUTO_TEST_CASE(pointer__tells_of_the_nearest_packet_and_drags_a_span) {
  const auto box = shown.asked(
      "(({left, top, width, height}) => ({left, top, width, height}))"
      "(one('.plot .u-over').getBoundingClientRect())");
  const double left = box.at("left").get<double>(), top = box.at("top").get<double>();
  const double width = box.at("width").get<double>(), height = box.at("height").get<double>();
  // Along the diagonal there is a packet somewhere: numbers rise with time.
  std::string said;
  for (int i = 0; i < 100 && said.find("frame") == std::string::npos; ++i) {
    shown.point(left + width * i / 100, top + height * (1 - i / 100.0));
    said = text(".tip");
  }
  BOOST_TEST(said.starts_with("number "), said);
  BOOST_TEST(said.find("acknowledges below") != std::string::npos, said);
  shown.drag(left + width * 0.5, left + width * 0.6, top + height / 2);
  const double length = shown.asked("JSON.parse(one('#story').textContent).length_ns / 1e9").get<double>();
  constexpr double on_the_way = 0.1;  // what arrives in the span left before it
  BOOST_TEST(first_time() >= length * 0.5 - on_the_way);
  BOOST_TEST(first_time() <= length * 0.6);
}

BOOST_AUTO_TEST_CASE(events__the_filters_choose_and_a_time_leads_there) {
  for (const char* name : {"doubled by the network", "repeated", "lost on the link", "attention", "close"})
    click("#filters button", name);
  const auto rows = shown.asked("all('#events tbody tr').map((row) => [...row.cells].map((cell) => cell.textContent))");
  BOOST_REQUIRE(rows.size() == resent());
  for (const auto& row : rows) {
    BOOST_TEST(row.at(3).get<std::string>().starts_with("sent again"), row.dump());
    BOOST_TEST(std::stoul(row.at(4).get<std::string>()) < std::stoul(row.at(1).get<std::string>()), row.dump());
  }
  click("#events tbody button", rows.at(0).at(0).get<std::string>());
  const auto times = texts("#sequence text.time");
  BOOST_TEST((std::find(times.begin(), times.end(), rows.at(0).at(0)) != times.end()), times.dump());
  click("#filters button", "sent again");
  BOOST_TEST(text("#events-about").starts_with("Nothing"));
}

BOOST_AUTO_TEST_CASE(choices__another_direction_vantage_point_and_connection) {
  const auto numbers = [&](std::size_t view, const char* way) {
    return std::to_string(views().at(view).at(way).at("data_packets").get<int>()) + " number";
  };
  BOOST_TEST(texts("#view option") == nlohmann::json({"a (leaving)", "b (arriving)"}));
  choose("#view", 1);
  BOOST_TEST(text(about_sequence).starts_with(numbers(1, "first_to_second")), text(about_sequence));
  choose("#side", 1);
  BOOST_TEST(text(about_sequence).starts_with(numbers(1, "second_to_first")), text(about_sequence));
  const int other = shown.asked("one('#connection').value === '0' ? 1 : 0").get<int>();
  choose("#connection", other);
  BOOST_TEST(text(about_sequence).starts_with("22 numbers"), text(about_sequence));
}

BOOST_AUTO_TEST_CASE(theme__dark_and_light_repaint_the_plots) {
  BOOST_TEST(shown.asked("document.documentElement.dataset.theme") == "light");
  click("button", "Dark");
  BOOST_TEST(shown.asked("document.documentElement.dataset.theme") == "dark");
  BOOST_TEST(painted("resent") > 20);
  shown.prefer("dark");
  shown.open(folder.path("report.html"));
  BOOST_TEST(shown.asked("document.documentElement.dataset.theme") == "dark");
}

BOOST_AUTO_TEST_CASE(readers__everything_that_is_used_has_a_name) {
  BOOST_TEST(shown.asked("all('button, select, .plot, #sequence svg').filter((each) => !each.textContent.trim() && "
                         "!each.getAttribute('aria-label') && !each.labels?.length).length") == 0);
  BOOST_TEST(shown.asked("all('.plot').every((each) => each.tabIndex === 0 && "
                         "each.getAttribute('aria-label').length > 20)") == true);
  BOOST_TEST(shown.asked("all('table th').every((each) => each.hasAttribute('scope'))") == true);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
