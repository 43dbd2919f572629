// How a kernel function is written down: a stackless coroutine whose frame is an int and its locals, so that
// a call in flight is bytes in the world. The macros read like the kernel: straight-line code in its own
// order, with a yield at each point where another CPU may come between.
//
// Rules: what must survive a yield is a member of the frame, never a local; no `switch` around a yield; no
// yield while the modelled kernel holds a lock that is no lock of the model.
#pragma once

#include "seccomp_sim/ids.hpp"
#include "seccomp_sim/labels.hpp"

#include <boost/asio/coroutine.hpp>

#include <cstdint>
#include <utility>

namespace seccomp_sim {

class kernel;

/// What one atomic step of a function came to.
enum class step : std::uint8_t {
    yielded,  ///< another CPU may come between; it goes on when it is chosen again
    blocked,  ///< it found a lock taken and changed nothing
    slept,    ///< it sleeps; a wakeup makes it runnable
    returned, ///< it is done
    ended,    ///< it is done, and so is its task: nobody goes on from here
};

/// What every frame has. `owns_usage` and `owns_live` name the filter that this call holds a count of, so
/// that the exact invariants account for calls in flight without knowing the functions; set them by
/// kernel::own_usage and kernel::own_live.
struct frame {
    boost::asio::coroutine at; ///< the label at which it waits
    std::uint32_t function = 0;
    filter_id owns_usage;
    filter_id owns_live;
};

/// The start of the frame of a function that is called next and takes over the count that `from` owns: a
/// count that only changes hands changes no account.
inline frame hand_over_usage(frame& from) {
    frame callee;
    callee.owns_usage = std::exchange(from.owns_usage, none);
    return callee;
}
inline frame hand_over_live(frame& from) {
    frame callee;
    callee.owns_live = std::exchange(from.owns_live, none);
    return callee;
}
inline frame hand_over(frame& from) {
    frame callee = hand_over_usage(from);
    callee.owns_live = std::exchange(from.owns_live, none);
    return callee;
}

/// The number of a kernel function, by which its frame is resumed (kernel-model/functions.hpp).
template <class Frame>
std::uint32_t function_number();

} // namespace seccomp_sim

// NOLINTBEGIN(cppcoreguidelines-macro-usage)

/// Opens the body of a kernel function; `k` is the kernel and the frame is `*this`.
#define kernel_function BOOST_ASIO_CORO_REENTER(at)

#define SECCOMP_SIM_SUSPEND(number, what)                                                                    \
    {                                                                                                        \
        _coro_value = (number);                                                                              \
        return (what);                                                                                       \
    case (number):;                                                                                          \
    }

/// Another CPU may come between what stands before and what stands after.
#define yield_at(name)                                                                                       \
    if (k.reached(::seccomp_sim::label(name)))                                                               \
    SECCOMP_SIM_SUSPEND(::seccomp_sim::label(name), ::seccomp_sim::step::yielded)

/// Waits until `condition` holds; what follows is in one atomic step with the test. For locks.
#define wait_at(name, condition)                                                                             \
    yield_at(name)                                                                                           \
    while (!(condition)) {                                                                                   \
        _coro_value = ::seccomp_sim::label(name);                                                            \
        return ::seccomp_sim::step::blocked;                                                                 \
    }

/// schedule(): gives up the CPU; goes on once the task's state is running again.
#define sleep_at(name)                                                                                       \
    if (k.must_sleep(::seccomp_sim::label(name)))                                                            \
    SECCOMP_SIM_SUSPEND(::seccomp_sim::label(name), ::seccomp_sim::step::slept)

/// Runs `call` and goes on when it has returned.
#define SECCOMP_SIM_CALL(number, call)                                                                       \
    {                                                                                                        \
        _coro_value = (number);                                                                              \
        if (const ::seccomp_sim::step came_to = (call); came_to != ::seccomp_sim::step::returned)            \
            return came_to;                                                                                  \
    case (number):;                                                                                          \
    }

/// Calls another kernel function; its return value is k.result() afterwards.
#define call_at(name, ...)                                                                                   \
    SECCOMP_SIM_CALL(::seccomp_sim::label(name), k.call(::seccomp_sim::label(name), __VA_ARGS__))

/// Calls the function that `begin(k, label)` chooses, or lets it set the result at once.
#define call_chosen_at(name, begin)                                                                          \
    SECCOMP_SIM_CALL(::seccomp_sim::label(name), begin(k, ::seccomp_sim::label(name)))

/// `return value` of a kernel function.
#define return_value(value) return (k.set_result(value), ::seccomp_sim::step::returned)

// NOLINTEND(cppcoreguidelines-macro-usage)
