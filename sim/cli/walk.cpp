// Runs a scenario up to a step that the user named.
#include "sim/cli/walk.hpp"

#include "sim/scenario/input_error.hpp"

namespace seccomp_sim::cli {

std::unique_ptr<replay::run> run_until(const scenario::scenario& s, const scenario::chosen_kernel& kernel,
                                       const std::string& at) {
    replay::run_options options;
    options.watch_polls = false;
    if (!at.empty()) {
        const result<std::size_t> step = s.find_step(at);
        if (!step)
            throw scenario::input_error(step.error());
        options.stop_after = *step + 1;
    }
    auto r = std::make_unique<replay::run>(s, kernel, options);
    while (auto step = r->next())
        if (!*step)
            throw scenario::input_error(step->error());
    return r;
}

} // namespace seccomp_sim::cli
