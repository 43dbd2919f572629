// Where a generator's choices come from: a seeded sequence, a recorded list, or an enumeration of all of
// them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace seccomp_sim::property {

/// Makes choices. The same choices make the same scenario.
class choice_source {
  public:
    virtual ~choice_source() = default;
    /// A number below `count`, which is at least 1.
    virtual std::uint32_t below(std::uint32_t count) = 0;

    /// True once in `count` times.
    bool one_in(std::uint32_t count) { return below(count) == count - 1; }
    template <class List>
    const auto& of(const List& list) {
        return list[below(static_cast<std::uint32_t>(std::size(list)))];
    }
};

/// SplitMix64: the same numbers on every machine.
class random_source final : public choice_source {
  public:
    explicit random_source(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t x = state_;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
        return x ^ (x >> 31);
    }
    std::uint32_t below(std::uint32_t count) override {
        return static_cast<std::uint32_t>(((next() >> 32) * count) >> 32);
    }

  private:
    std::uint64_t state_;
};

/// A list of numbers, each taken modulo what is asked for; 0 when the list is at its end. For generators
/// that are driven from outside (RapidCheck, libFuzzer), which then shrink the list.
class listed_source final : public choice_source {
  public:
    explicit listed_source(std::span<const std::uint32_t> list) : list_(list) {}

    std::uint32_t below(std::uint32_t count) override {
        return next_ < list_.size() ? list_[next_++] % count : 0;
    }

  private:
    std::span<const std::uint32_t> list_;
    std::size_t next_ = 0;
};

/// Every sequence of choices once, in lexical order: run the generator, then `advance`, until that says there
/// is none left.
class every_choice final : public choice_source {
  public:
    std::uint32_t below(std::uint32_t count) override {
        if (next_ == taken_.size())
            taken_.push_back({0, count});
        return taken_[next_++].value;
    }
    /// Goes to the next sequence; false after the last.
    bool advance() {
        taken_.resize(std::min(next_, taken_.size()));
        next_ = 0;
        while (!taken_.empty() && taken_.back().value + 1 == taken_.back().count)
            taken_.pop_back();
        if (taken_.empty())
            return false;
        ++taken_.back().value;
        return true;
    }

  private:
    struct choice {
        std::uint32_t value;
        std::uint32_t count;
    };
    std::vector<choice> taken_;
    std::size_t next_ = 0;
};

} // namespace seccomp_sim::property
