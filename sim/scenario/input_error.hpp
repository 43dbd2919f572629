// The exception that carries a diagnostic up through the reading of an input. It is thrown inside
// sim/scenario only: each public function there catches it with `as_result`.
#pragma once

#include "seccomp_sim/result.hpp"

#include <exception>
#include <type_traits>
#include <utility>

namespace seccomp_sim::scenario {

/// Thrown where an input is found wrong, by functions that say so.
struct input_error : std::exception {
    explicit input_error(diagnostic d) : what_is_wrong(std::move(d)) {}
    const char* what() const noexcept override { return what_is_wrong.message.c_str(); }

    diagnostic what_is_wrong;
};

/// Calls `read()` and turns an input_error into the failure of a result.
template <class F>
auto as_result(F&& read) -> result<std::invoke_result_t<F>> {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
            std::forward<F>(read)();
            return {};
        } else {
            return std::forward<F>(read)();
        }
    } catch (input_error& e) {
        return std::move(e.what_is_wrong);
    }
}

/// The other way round: the value, or its diagnostic thrown.
template <class T>
T value_or_throw(result<T> r) {
    if (!r)
        throw input_error(r.error());
    if constexpr (!std::is_void_v<T>)
        return std::move(r).value();
}

} // namespace seccomp_sim::scenario
