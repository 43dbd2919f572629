// Names one value of a parsed document in four bytes, so that a step can keep where it was written and a
// later stage can say so.
#pragma once

#include <cstdint>

namespace seccomp_sim::scenario {

/// A value of a `document`, by its number in file order. Meaningful with that document only.
struct source_ref {
    static constexpr std::uint32_t nowhere = 0xffff'ffff;

    std::uint32_t node = nowhere;

    explicit constexpr operator bool() const { return node != nowhere; }
    constexpr bool operator==(const source_ref&) const = default;
};

} // namespace seccomp_sim::scenario
