// Records out of octets, however these arrive.
#include "lab/wire/framing.hpp"

#include <rapidcheck/boost_test.h>
#include <boost/test/unit_test.hpp>

namespace seqwire {
namespace {

constexpr std::size_t longest = 100;

struct split_result {
  std::vector<std::string> records;
  std::string error;
};

std::string text_of(const slice& of) { return {of.view().begin(), of.view().end()}; }

// The text in pieces of this size.
split_result split(framing how, const std::string& text, std::size_t piece, bool ends = true) {
  record_splitter splitter(how, longest);
  split_result result;
  const auto take_all = [&] {
    for (;;) {
      const auto next = splitter.next();
      if (!next) result.error = next.error();
      if (!next || !*next) return next.has_value();
      result.records.push_back(text_of(**next));
    }
  };
  for (std::size_t at = 0; at < text.size(); at += piece) {
    splitter.push(view_of(std::string_view(text).substr(at, piece)));
    if (!take_all()) return result;
  }
  if (ends) splitter.end();
  if (take_all() && ends) BOOST_TEST(splitter.finished());
  return result;
}

std::string prefixed(const std::string& record) {
  return frame_start(framing::length_prefixed, record.size()) + record;
}

using texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(framing_test)

BOOST_AUTO_TEST_CASE(lines__each_is_a_record_the_last_without_newline_too) {
  for (const std::size_t piece : {1u, 2u, 100u}) {
    BOOST_TEST((split(framing::lines, "", piece).records == texts{}));
    BOOST_TEST((split(framing::lines, "\n", piece).records == texts{""}));
    BOOST_TEST((split(framing::lines, "one\n\nthree", piece).records == texts{"one", "", "three"}));
    BOOST_TEST((split(framing::lines, "one\ntwo", piece, false).records == texts{"one"}));
  }
}

BOOST_AUTO_TEST_CASE(lines__too_long_is_an_error_after_those_before) {
  const std::string fits(longest, 'x');
  BOOST_TEST((split(framing::lines, fits + "\n" + fits, 7).records == texts{fits, fits}));
  const auto refused = split(framing::lines, "one\n" + fits + "x\n", 7);
  BOOST_TEST((refused.records == texts{"one"}));
  BOOST_TEST(refused.error == "expected records of at most 100 octets; got a longer one");
  BOOST_TEST(!split(framing::lines, fits + "x", 1000, false).error.empty());  // it need not end to be too long
}

BOOST_AUTO_TEST_CASE(length_prefixed__refuses_a_length_before_its_octets_come) {
  BOOST_TEST(split(framing::length_prefixed, std::string("\xff\xff\xff\xff", 4), 1, false).error ==
             "expected records of at most 100 octets; got a longer one");
  const std::string whole = prefixed("hello");
  for (std::size_t size = 1; size < whole.size(); ++size)
    BOOST_TEST(split(framing::length_prefixed, whole.substr(0, size), 3).error ==
               "the input ends in the middle of a record");
}

RC_BOOST_PROP(length_prefixed__gives_back_what_was_framed, (const std::vector<std::string>& records)) {
  std::string all;
  for (const std::string& each : records) {
    RC_PRE(each.size() <= longest);
    all += prefixed(each) + frame_end(framing::length_prefixed);
  }
  const auto got = split(framing::length_prefixed, all, *rc::gen::inRange<std::size_t>(1, 50));
  RC_ASSERT(got.error.empty());
  RC_ASSERT(got.records == records);
}

RC_BOOST_PROP(none__gives_back_the_octets, (const std::string& text)) {
  std::string joined;
  for (const std::string& piece : split(framing::none, text, *rc::gen::inRange<std::size_t>(1, 500)).records) {
    RC_ASSERT(!piece.empty() && piece.size() <= longest);
    joined += piece;
  }
  RC_ASSERT(joined == text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace seqwire
