// Runs a scenario up to a step that the user named.
#include "sim/cli/walk.hpp"

#include "sim/scenario/input_error.hpp"

namespace seccomp_sim::cli {

std::unique_ptr<replay::run> run_until(const scenario::scenario& s, const scenario::chosen_kernel& kernel,
                                       const std::string& at) {
    replay::run_options options;
    options.watch_polls = false;
    if (!at.empty())
        options.stop_after = scenario::value_or_throw(s.find_step(at)) + 1;
    auto r = std::make_unique<replay::run>(s, kernel, options);
    while (auto step = r->next())
        scenario::value_or_throw(std::move(*step));
    return r;
}

} // namespace seccomp_sim::cli
