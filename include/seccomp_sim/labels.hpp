// The labels of the points at which another CPU may come between two steps of a kernel function. A label is
// part of the interface: schedules name tasks and labels. Its number is also the coroutine's resume point.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace seccomp_sim {

using label_id = std::uint16_t;

/// Every label, `function/place`, in the order of the kernel's sources. 0 stands for no label.
inline constexpr std::array yield_labels = std::to_array<std::string_view>({
    "",
#include "seccomp_sim/labels.inc"
});

/// The number of a label; a name that is not in the list does not compile.
consteval label_id label(std::string_view name) {
    for (std::size_t i = 1; i < yield_labels.size(); ++i)
        if (yield_labels[i] == name)
            return static_cast<label_id>(i);
    throw "no such label: add it to labels.inc";
}

/// The name of a label.
constexpr std::string_view label_name(label_id number) {
    return yield_labels[number];
}

/// The number of a label given at run time; 0 if there is none of that name.
constexpr label_id find_label(std::string_view name) {
    const auto found = std::find(yield_labels.begin() + 1, yield_labels.end(), name);
    return found == yield_labels.end() ? label_id{0} : static_cast<label_id>(found - yield_labels.begin());
}

} // namespace seccomp_sim
