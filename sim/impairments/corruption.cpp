// Damage to what a frame carries. One flipped bit, as channels do it; and what checksums are compared by (Stone,
// Partridge 1998, 2000): several bits, octets, bursts, words and cells that changed places, and splices of a frame with
// the one before it. The link header stays whole; a copy is damaged, never the sender's octets.
#include <fmt/format.h>

#include <algorithm>

#include "sim/channel.hpp"

namespace seqwire {
namespace {

constexpr std::uint32_t first_lane = 0;  // of the stream of the newer kinds

// The packet's octets in a copy of the frame, to be damaged.
struct damaged_frame {
  octets whole;
  std::size_t first;

  std::size_t size() const { return whole.size() - first; }
  octet& at(std::uint64_t index) { return whole[first + index]; }
  void flip(std::uint64_t bit) { at(bit / 8) = static_cast<octet>(at(bit / 8) ^ (0x80u >> (bit % 8))); }
};

// So many different numbers below a bound, drawn one after another.
std::vector<std::uint64_t> different(std::uint64_t count, std::uint64_t bound, const random_stream& random,
                                     std::uint64_t ordinal) {
  std::vector<std::uint64_t> drawn;
  for (std::uint32_t lane = first_lane; drawn.size() < std::min(count, bound); ++lane) {
    const std::uint64_t each = random.below(bound, ordinal, lane);
    if (std::find(drawn.begin(), drawn.end(), each) == drawn.end()) drawn.push_back(each);
  }
  return drawn;
}

std::string flip_bits(damaged_frame& frame, std::uint64_t size, const random_stream& random, std::uint64_t ordinal) {
  const auto bits = different(size != 0 ? size : 2, frame.size() * 8, random, ordinal);
  for (const std::uint64_t bit : bits) frame.flip(bit);
  return fmt::format("{} bits flipped", bits.size());
}

std::string change_octets(damaged_frame& frame, std::uint64_t size, const random_stream& random,
                          std::uint64_t ordinal) {
  const auto places = different(size != 0 ? size : 1, frame.size(), random, ordinal);
  const random_stream values = random.fork("values");
  std::uint32_t lane = first_lane;
  for (const std::uint64_t place : places)
    frame.at(place) = static_cast<octet>(frame.at(place) ^ (1 + values.below(255, ordinal, lane++)));
  return fmt::format("{} octets changed", places.size());
}

// The first and the last bit of the burst are wrong, those between by chance.
std::string burst(damaged_frame& frame, std::uint64_t size, const random_stream& random, std::uint64_t ordinal) {
  const std::uint64_t length = std::min<std::uint64_t>(size != 0 ? size : 32, frame.size() * 8);
  const std::uint64_t from = random.below(frame.size() * 8 - length + 1, ordinal, first_lane);
  for (std::uint64_t bit = 0; bit < length; ++bit)
    if (bit == 0 || bit + 1 == length || random.below(2, ordinal, static_cast<std::uint32_t>(bit + 1)) == 1)
      frame.flip(from + bit);
  return fmt::format("a burst of {} bits", length);
}

std::string exchange_words(damaged_frame& frame, std::uint64_t, const random_stream& random, std::uint64_t ordinal) {
  const auto words = different(2, frame.size() / 2, random, ordinal);
  if (words.size() < 2) return {};
  std::swap_ranges(&frame.at(2 * words[0]), &frame.at(2 * words[0]) + 2, &frame.at(2 * words[1]));
  return fmt::format("words {} and {} exchanged", words[0], words[1]);
}

// Two cells that follow each other, whole ones.
std::string exchange_cells(damaged_frame& frame, std::uint64_t size, const random_stream& random,
                           std::uint64_t ordinal) {
  const std::uint64_t cell = size != 0 ? size : 48;
  if (frame.size() < 2 * cell) return {};
  const std::uint64_t from = random.below(frame.size() / cell - 1, ordinal, first_lane) * cell;
  std::swap_ranges(&frame.at(from), &frame.at(from) + cell, &frame.at(from + cell));
  return fmt::format("cells {} and {} exchanged", from / cell, from / cell + 1);
}

using damage = std::string (*)(damaged_frame&, std::uint64_t size, const random_stream&, std::uint64_t ordinal);

class bit_flipping final : public impairment {
 public:
  bit_flipping(double share, const random_stream& random) : share_(share), random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const std::size_t size = effects.contents.size();
    if (size <= frame.first_octet || random_.uniform(frame.ordinal, lane_corruption) >= share_) return false;
    const std::uint64_t bits = 8 * (size - frame.first_octet);
    effects.corrupted_bit = 8 * frame.first_octet + random_.below(bits, frame.ordinal, lane_bit);
    damaged_frame copy{{effects.contents.view().begin(), effects.contents.view().end()}, 0};
    copy.flip(*effects.corrupted_bit);
    effects.contents = slice::owning(std::move(copy.whole));
    return true;
  }

 private:
  double share_;
  random_stream random_;
};

class damaging final : public impairment {
 public:
  damaging(double share, damage how, std::uint64_t size, const random_stream& random)
      : share_(share), how_(how), size_(size), random_(random), chance_(random.fork("chance")) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    if (effects.contents.size() <= frame.first_octet || chance_.uniform(frame.ordinal) >= share_) return false;
    damaged_frame copy{{effects.contents.view().begin(), effects.contents.view().end()}, frame.first_octet};
    const std::string done = how_(copy, size_, random_, frame.ordinal);
    // Things that changed places may have been equal: then nothing happened.
    if (std::equal(copy.whole.begin(), copy.whole.end(), effects.contents.view().begin())) return false;
    effects.contents = slice::owning(std::move(copy.whole));
    effects.damage = done;
    return true;
  }

 private:
  double share_;
  damage how_;
  std::uint64_t size_;
  random_stream random_;
  random_stream chance_;
};

// What an adapter makes of cells of two packets when those between were lost: the head of the one before, then this
// one's tail from the same place on.
class splicing final : public impairment {
 public:
  splicing(double share, std::uint64_t size, const random_stream& random)
      : share_(share), cell_(size != 0 ? size : 48), random_(random) {}

  bool on_frame(const frame_event& frame, frame_effects& effects) override {
    const slice own = effects.contents;
    const slice before = std::exchange(before_, own);
    const std::size_t shorter = std::min(before.size(), own.size());
    if (shorter <= frame.first_octet + cell_ || random_.uniform(frame.ordinal, 0) >= share_) return false;
    const std::uint64_t cuts = (shorter - frame.first_octet - 1) / cell_;
    const std::uint64_t cells = 1 + random_.below(cuts, frame.ordinal, 1);
    const std::size_t cut = frame.first_octet + cells * cell_;
    octets spliced(own.view().begin(), own.view().end());
    std::copy_n(before.view().begin() + static_cast<std::ptrdiff_t>(frame.first_octet), cells * cell_,
                spliced.begin() + static_cast<std::ptrdiff_t>(frame.first_octet));
    if (std::equal(spliced.begin(), spliced.end(), own.view().begin())) return false;
    effects.contents = slice::owning(std::move(spliced));
    effects.damage = fmt::format("spliced at octet {} with the frame before", cut);
    return true;
  }

 private:
  double share_;
  std::uint64_t cell_;
  random_stream random_;
  slice before_;
};

std::unique_ptr<impairment> make_corruption(const channel_settings& settings, const random_stream& random) {
  if (!(settings.corruption > 0)) return nullptr;
  const auto kind = settings.further.get<std::string>("corruption_kind");
  const auto size = settings.further.get<std::uint64_t>("corruption_size");
  if (kind == "bit") return std::make_unique<bit_flipping>(settings.corruption, random);
  if (kind == "splice") return std::make_unique<splicing>(settings.corruption, size, random.fork("splice"));
  const damage how = kind == "bits"     ? flip_bits
                     : kind == "octets" ? change_octets
                     : kind == "burst"  ? burst
                     : kind == "words"  ? exchange_words
                                        : exchange_cells;
  return std::make_unique<damaging>(settings.corruption, how, size, random.fork("corruption"));
}

}  // namespace

impairment_type corruption() {
  return {"corruption",
          {{"corruption_kind",
            parameter_kind::choice,
            std::string("bit"),
            "one bit or several flipped, octets changed, a burst, two words or neighbouring cells exchanged, a splice",
            0,
            0,
            {"bit", "bits", "octets", "burst", "words", "cells", "splice"}},
           {"corruption_size", parameter_kind::whole, std::uint64_t{0},
            "bits or octets changed, bits of a burst, octets of a cell; 0: 2, 1, 32, 48", 0, 1024}},
          make_corruption};
}

}  // namespace seqwire
