// What cannot be done on this machine or kernel, told as such and never taken for a difference.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace seccomp_sim::live {

/// Thrown where a step, a scenario or a whole comparison cannot be carried out here. `why` is a clause: "the
/// filter denies ...".
struct cannot_run : std::exception {
    explicit cannot_run(std::string reason) : why(std::move(reason)) {}
    const char* what() const noexcept override { return why.c_str(); }

    std::string why;
};

} // namespace seccomp_sim::live
