// Walks through a run forwards and backwards.
#include "sim/replay/stepper.hpp"

#include "sim/replay/changes.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/input_error.hpp"

namespace seccomp_sim::replay {

stepper::stepper(const scenario::scenario& s, const scenario::chosen_kernel& on,
                 std::optional<std::uint64_t> seed)
    : s_(s), on_(on), seed_(seed) {
    moves_ = make(~std::size_t{0}, {});
}

void stepper::visit(std::size_t moves, const look_at& look) const {
    make(std::min(moves, moves_), look);
}

namespace {

/// Thrown out of the middle of a block: its next steps are not wanted.
struct enough {};

} // namespace

std::size_t stepper::make(std::size_t most, const look_at& look) const {
    std::size_t made = 0;
    std::size_t number = 1; // of the step that is being made
    std::optional<moment> before;
    stepper_move last;
    const run* now = nullptr;
    const auto keep = [&] {
        // Only the last move is told of.
        if (look && made + 1 == most)
            before.emplace(*now);
    };
    const auto made_one = [&](const pass* taken) {
        if (++made != most || !look)
            return;
        last.number = number;
        last.step = &s_.steps[number - 1];
        if (taken != nullptr)
            last.taken = *taken;
        last.changes = changes_since(*before, *now, taken);
        last.violations.assign(now->violations().begin() + static_cast<std::ptrdiff_t>(before->violations),
                               now->violations().end());
    };
    run_options options;
    options.watch_polls = false;
    options.seed = seed_;
    options.after_pass = [&](const kernel&, const pass& p) {
        made_one(&p);
        if (made == most) {
            if (look)
                look(*now, last);
            throw enough();
        }
        keep();
    };
    run r(s_, on_, options);
    now = &r;
    keep();
    try {
        for (; made < most; ++number) {
            auto next = r.next();
            if (!next)
                break;
            const step_report report = scenario::value_or_throw(std::move(*next));
            if (report.skipped)
                continue;
            made_one(nullptr);
            last.end = end_text(r, report);
            last.failures = report.failures;
            keep();
            if (before)
                before->events = 0;
        }
    } catch (const enough&) {
        return made;
    }
    if (look)
        look(r, last);
    return made;
}

} // namespace seccomp_sim::replay
