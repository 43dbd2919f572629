// A broken invariant as a scenario of its own. What the explorer found is made smaller while the explorer
// still finds the same invariant broken in it, then the shortest way is looked for, and what is written is
// read back and run: a counterexample that does not replay is a bug of this program.
#include "sim/explore/counterexample.hpp"

#include "sim/explore/shortest.hpp"
#include "sim/property/shrink.hpp"
#include "sim/replay/schedule.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <algorithm>
#include <stdexcept>

namespace seccomp_sim::explore {
namespace {

bool has(const std::vector<violation>& all, invariant which) {
    return std::any_of(all.begin(), all.end(), [&](const violation& v) { return v.which == which; });
}

bool overlaps(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    const scenario::applicability applies(s, on);
    return std::any_of(s.steps.begin(), s.steps.end(), [&](const scenario::step& step) {
        return std::holds_alternative<scenario::concurrent_step>(step.what) && applies(step.info.on);
    });
}

/// Whether running the scenario as it stands breaks it.
bool breaks_when_run(const scenario::scenario& s, const scenario::chosen_kernel& on, invariant which) {
    replay::run_options quiet;
    quiet.watch_polls = false;
    replay::run r(s, on, quiet);
    while (auto step = r.next())
        scenario::value_or_throw(std::move(*step));
    return has(r.violations(), which);
}

/// A way to break `which`, by a search that gives up after so many states.
std::optional<finding> search_for(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                  invariant which, const position_options& in_position,
                                  std::uint64_t most_states) {
    for (const bool go_on : {false, true}) {
        search_options o;
        o.in_position = in_position;
        o.max_states = most_states;
        o.all_findings = go_on;
        search_result r = search(s, on, o).run();
        for (finding& f : r.findings)
            if (f.what.which == which)
                return std::move(f);
        if (r.findings.empty())
            return std::nullopt;
        // It broke something else first: perhaps this one as well, elsewhere.
    }
    return std::nullopt;
}

scenario::scenario read_back(const std::string& text, const scenario::scenario& s) {
    return scenario::value_or_throw(scenario::read_scenario(text, s.text->file()));
}

std::vector<scenario::choice_setting> settings_of(const scenario::chosen_kernel& on) {
    std::vector<scenario::choice_setting> settings;
    const revision& preset = all_presets()[on.preset].choices;
    for (std::size_t i = 0; i < all_choices().size(); ++i) {
        const seccomp_sim::choice& c = all_choices()[i];
        if (c.get(preset) != c.get(on.choices))
            settings.push_back({static_cast<std::uint8_t>(i), c.get(on.choices)});
    }
    return settings;
}

/// Leaves out whole steps that cannot be asked for, as the explorer does.
std::string without_impossible_steps(std::string text, const scenario::scenario& named_as,
                                     const scenario::chosen_kernel& on) {
    for (;;) {
        const scenario::scenario s = read_back(text, named_as);
        replay::run_options quiet;
        quiet.watch_polls = false;
        replay::run r(s, on, quiet);
        std::size_t number = 0;
        std::optional<diagnostic> error;
        while (auto step = r.next()) {
            if (!*step) {
                error = step->error();
                break;
            }
            ++number;
        }
        if (!error)
            return text;
        if (!std::holds_alternative<scenario::call_step>(s.steps[number].what))
            throw std::logic_error("a schedule that was written cannot be followed: " + to_text(*error));
        scenario::scenario_changes changes;
        changes.left_out = {number};
        text = write_scenario(s, changes);
    }
}

struct best_so_far {
    scenario::scenario script;
    std::optional<finding> found; ///< nothing: it needs no schedule
    position_options in_position;
};

class maker {
  public:
    maker(const scenario::scenario& s, const scenario::chosen_kernel& on, const finding& found,
          const counterexample_options& options)
        : first_(s), on_(on), which_(found.what.which),
          options_(options), best_{s, found, options.in_position} {}

    written_counterexample make() {
        // What is left out must not make the way longer: steps count before tasks and filters.
        if (options_.shortest || options_.minimise)
            shorten();
        be_concrete();
        if (options_.minimise) {
            simplify();
            property::shrink_options how;
            how.on = on_;
            how.most_candidates = options_.most_candidates;
            best_.script = property::shrink(
                               best_.script, [&](const auto& c) { return judge(c); }, how)
                               .smallest;
            find_again();
            if (best_.found)
                shorten_smallest();
        }
        return write();
    }

  private:
    /// The atomic steps of the best way.
    std::size_t steps_of(const scenario::scenario& s, const finding& f, const position_options& p) const {
        return replay_path(s, on_, p, f.way).steps.size();
    }

    /// Looks for the shortest way on the scenario as it was given.
    void shorten() {
        shortest_options o;
        o.which = which_;
        o.most_steps = steps_of(first_, *best_.found, best_.in_position);
        o.max_states = options_.shortest ? 0 : options_.most_shortest_states;
        o.max_seconds = options_.max_seconds;
        o.max_memory = options_.max_memory;
        o.workers = options_.workers;
        const shortest_result r = find_shortest(first_, on_, o);
        if (r.found) {
            best_.found = *r.found;
            best_.in_position = single_steps;
            most_steps_ = r.steps;
            proven_ = true;
            how_short_ = "no schedule breaks it in fewer than " + std::to_string(r.steps) + " atomic steps";
        } else {
            how_short_ = "every schedule of up to " + std::to_string(r.layers) +
                         " atomic steps was tried; a limit ended the search for a shorter one";
        }
    }

    /// A way of a symmetric search may walk over threads in an order that their list does not have.
    void be_concrete() {
        if (!best_.in_position.symmetric)
            return;
        best_.in_position.symmetric = false;
        const path& way = best_.found->way;
        const bool chose_order =
            std::any_of(way.begin(), way.end(), [](choice c) { return static_cast<bool>(next_of(c)); });
        if (!chose_order && has(replay_path(first_, on_, best_.in_position, way).violations, which_))
            return;
        auto f = search_for(first_, on_, which_, best_.in_position, options_.most_shortest_states);
        if (!f)
            throw std::runtime_error(std::string(name_of(which_)) +
                                     " is broken in a state that was not found again without symmetry");
        best_.found = std::move(f);
    }

    /// Whether a smaller scenario breaks the same invariant, in no more steps if the fewest are known.
    bool judge(const scenario::scenario& c) {
        try {
            if (!overlaps(c, on_))
                return breaks_when_run(c, on_, which_);
            if (most_steps_ == 0)
                return search_for(c, on_, which_, best_.in_position, options_.most_states).has_value();
            shortest_options o;
            o.which = which_;
            o.most_steps = most_steps_;
            o.max_states = options_.most_states;
            const shortest_result r = find_shortest(c, on_, o);
            if (r.found)
                most_steps_ = r.steps;
            return r.found.has_value();
        } catch (const scenario::input_error&) {
            return false;
        }
    }

    /// Without expectations, and without what comes after the block in which it breaks.
    void simplify() {
        const replayed_path way = replay_path(best_.script, on_, best_.in_position, best_.found->way);
        scenario::scenario_changes changes;
        changes.expectations = false;
        changes.steps = std::min(way.at_step + 1, best_.script.steps.size());
        for (std::size_t i = 0; i < *changes.steps; ++i)
            if (const auto* block = std::get_if<scenario::concurrent_step>(&best_.script.steps[i].what);
                block != nullptr && block->schedule)
                changes.schedules.push_back({i, {}});
        scenario::scenario simple = read_back(write_scenario(best_.script, changes), first_);
        // The way's choices are still the same ones: nothing that takes part in it was left out.
        const replayed_path again = replay_path(simple, on_, best_.in_position, best_.found->way);
        if (has(again.violations, which_))
            best_.script = std::move(simple);
    }

    /// The way through the smallest scenario.
    void find_again() {
        if (!overlaps(best_.script, on_)) {
            best_.found.reset();
            return;
        }
        if (best_.script.text == first_.text)
            return;
        if (auto f = search_for(best_.script, on_, which_, best_.in_position, options_.most_states)) {
            best_.found = std::move(f);
            return;
        }
        if (!has(replay_path(best_.script, on_, best_.in_position, best_.found->way).violations, which_))
            throw std::logic_error("a smaller scenario does not break " + std::string(name_of(which_)) +
                                   " again");
    }

    void shorten_smallest() {
        shortest_options o;
        o.which = which_;
        o.most_steps = steps_of(best_.script, *best_.found, best_.in_position);
        o.max_states = options_.most_shortest_states;
        o.max_memory = options_.max_memory;
        o.workers = options_.workers;
        const shortest_result r = find_shortest(best_.script, on_, o);
        if (r.found) {
            best_.found = *r.found;
            best_.in_position = single_steps;
        }
        if (proven_)
            return;
        how_short_ = r.found ? "no schedule of this smaller scenario breaks it in fewer steps"
                             : "every schedule of up to " + std::to_string(r.layers) +
                                   " atomic steps was tried; a limit ended the search for a shorter one";
    }

    written_counterexample write() {
        written_counterexample out;
        std::string text;
        if (best_.found) {
            const replayed_path way = replay_path(best_.script, on_, best_.in_position, best_.found->way);
            if (!has(way.violations, which_))
                throw std::logic_error("a way that was found does not break " + std::string(name_of(which_)) +
                                       " again");
            out.length = way.steps.size();
            for (std::size_t i = 1; i < way.steps.size(); ++i)
                out.switches +=
                    way.steps[i].who != way.steps[i - 1].who && way.steps[i].block == way.steps[i - 1].block
                        ? 1U
                        : 0U;
            out.text = write_schedule(best_.script, on_, way, which_);
        } else {
            how_short_ = "it needs no schedule";
            out.text = write_schedule(best_.script, on_, {{}, {}, {}, best_.script.steps.size()}, which_);
        }
        const scenario::scenario written = read_back(out.text, first_);
        out.shortest = proven_ && out.length <= most_steps_;
        out.how_short = how_short_;
        out.story = tell_story(written, on_, options_.story);
        out.dot = fatal_step_dot(written, on_);
        out.what = best_.found ? best_.found->what : violation{which_, {}};
        return out;
    }

    const scenario::scenario& first_;
    const scenario::chosen_kernel& on_;
    invariant which_;
    const counterexample_options& options_;
    best_so_far best_;
    std::size_t most_steps_ = 0; ///< of the shortest way, once it is known
    bool proven_ = false;
    std::string how_short_ = "the first schedule that was found";
};

} // namespace

std::string write_schedule(const scenario::scenario& s, const scenario::chosen_kernel& on,
                           const replayed_path& way, invariant which) {
    scenario::scenario_changes changes;
    const std::string name =
        s.name + "-" + std::string(name_of(which)) + "-" + std::string(all_presets()[on.preset].name);
    changes.name = s.name.find(name_of(which)) == std::string::npos ? name : s.name;
    for (const violation& v : way.violations)
        if (v.which == which)
            changes.summary = std::string(name_of(which)) + " is broken: " + v.message;
    changes.on = std::string(all_presets()[on.preset].name);
    changes.violates = which;
    if (auto settings = settings_of(on); !settings.empty() || !s.set.empty())
        changes.set = std::move(settings);
    changes.expectations = false;
    changes.steps = std::min(way.at_step + 1, s.steps.size());
    for (std::size_t block = 0; block < *changes.steps; ++block) {
        if (const auto* call = std::get_if<scenario::call_step>(&s.steps[block].what);
            call != nullptr && call->special != scenario::macro::none && !way.steps.empty() &&
            block > way.steps.front().block)
            changes.left_out.push_back(block);
        if (!std::holds_alternative<scenario::concurrent_step>(s.steps[block].what))
            continue;
        std::vector<replay::pass> passes;
        for (const atomic_step& step : way.steps)
            if (step.block == block)
                passes.push_back({step.name, step.label});
        changes.schedules.push_back({block, replay::schedule_of(passes)});
    }
    std::string text = without_impossible_steps(write_scenario(s, changes), s, on);
    const scenario::scenario written = read_back(text, s);
    if (!breaks_when_run(written, on, which))
        throw std::logic_error("a counterexample that was written does not break " +
                               std::string(name_of(which)) + " when run");
    return text;
}

written_counterexample make_counterexample(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                           const finding& found, const counterexample_options& options) {
    return maker(s, on, found, options).make();
}

} // namespace seccomp_sim::explore
