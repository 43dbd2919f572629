// Probing: each choice has a scenario; the values under which the model agrees with the kernel are possible.
#include "sim/live/probe.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/probe_scenarios.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/system_file.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

struct prepared_probe {
    std::uint8_t choice = 0;
    scenario::scenario script;
    std::optional<outcome> last = {}; ///< what the kernel showed
    revision under = {};              ///< and which choices the model had then
};

std::vector<prepared_probe> prepare_probes() {
    std::vector<prepared_probe> list;
    for (const probe_scenario& p : probe_scenarios()) {
        const std::string text = R"({"schema": "seccomp-sim/scenario/1", "name": "probe-)" +
                                 std::string(p.choice) + R"(", "filters": )" + std::string(probe_filters()) +
                                 R"(, "steps": )" + std::string(p.steps) + "}";
        const choice* which = find_choice(p.choice);
        list.push_back({static_cast<std::uint8_t>(which - all_choices().data()),
                        scenario::value_or_throw(scenario::read_scenario(text, "probe"))});
    }
    return list;
}

/// Why a choice has no probe.
std::string why_unseen(std::string_view choice) {
    if (choice == "tsync_order" || choice == "failed_install")
        return "only memory shows it";
    if (choice == "refcount")
        return "only a broken counter shows it";
    if (choice == "mutant")
        return "no kernel has one";
    if (choice == "action_cache")
        return "only timing shows it";
    return "only a race shows it";
}

/// A sign of a kernel's age and of nothing else: what pidfd_open says of a thread's id is ENOENT since 6.16,
/// and EINVAL before.
bool is_of_the_newest_age() {
    bool no_entry = false;
    std::thread([&no_entry] {
        const scenario::file_descriptor pidfd(
            static_cast<int>(::syscall(SYS_pidfd_open, ::syscall(SYS_gettid), 0)));
        no_entry = !pidfd && errno == ENOENT;
    }).join();
    return no_entry;
}

/// Runs each probe as seldom as can be, and asks which choices the model would need to show the same.
class prober {
  public:
    explicit prober(const comparison_options& options) : options_(options), probes_(prepare_probes()) {
        options_.box = nullptr;
        options_.patience = std::chrono::milliseconds(60);
    }

    probed_kernel run() {
        scenario::chosen_kernel base = nearest_by_agreement();
        constexpr int most_rounds = 3;
        bool changed = true;
        for (int round = 0; changed && round < most_rounds; ++round) {
            changed = false;
            for (prepared_probe& p : probes_)
                changed = refine(p, base) || changed;
        }
        return with_nearest_preset(base);
    }

  private:
    /// Runs the probe only if the model, with these choices, cannot tell from the last run how it would end.
    const outcome& outcome_of(prepared_probe& p, const scenario::chosen_kernel& on) {
        const bool known = p.last && (p.under == on.choices || (p.last->how != verdict::cannot_run &&
                                                                model_shows(p.script, on, p.last->seen) ==
                                                                    (p.last->how == verdict::agrees)));
        if (known)
            return *p.last;
        p.last = compare(p.script, on, options_);
        p.under = on.choices;
        if (p.last->how == verdict::cannot_run)
            last_reason_ = p.last->why;
        return *p.last;
    }

    scenario::chosen_kernel nearest_by_agreement() {
        scenario::chosen_kernel best;
        std::size_t most = 0;
        for (std::size_t preset = all_presets().size(); preset-- > 0;) {
            const scenario::chosen_kernel candidate = scenario::choose(static_cast<std::uint8_t>(preset));
            std::size_t count = 0;
            for (prepared_probe& p : probes_)
                count += outcome_of(p, candidate).how == verdict::agrees ? 1 : 0;
            if (count > most) {
                most = count;
                best = candidate;
            }
            if (count == probes_.size())
                break;
        }
        if (most == 0)
            throw cannot_run(last_reason_.empty() ? "no probe agrees with any preset" : last_reason_);
        return best;
    }

    /// One run on the kernel; which values fit what it showed, the model alone can tell.
    bool refine(prepared_probe& p, scenario::chosen_kernel& base) {
        const choice& c = all_choices()[p.choice];
        const outcome& o = outcome_of(p, base);
        std::vector<std::uint8_t> possible;
        for (std::size_t value = 0; value < c.values.size() && o.how != verdict::cannot_run; ++value) {
            scenario::chosen_kernel candidate = base;
            c.set(candidate.choices, static_cast<std::uint8_t>(value));
            if (model_shows(p.script, candidate, o.seen))
                possible.push_back(static_cast<std::uint8_t>(value));
        }
        possible_[p.choice] = possible;
        const std::uint8_t now = c.get(base.choices);
        const bool fits_now = std::find(possible.begin(), possible.end(), now) != possible.end();
        if (possible.empty() || fits_now)
            return false;
        c.set(base.choices, possible.front());
        return true;
    }

    bool seen(std::uint8_t choice) const {
        const auto known = possible_.find(choice);
        return known != possible_.end() && !known->second.empty() &&
               known->second.size() < all_choices()[choice].values.size();
    }

    bool fits(std::uint8_t choice, std::uint8_t value) const {
        const std::vector<std::uint8_t>& values = possible_.at(choice);
        return std::find(values.begin(), values.end(), value) != values.end();
    }

    /// What was not seen is taken from the preset that has most in common with what was.
    probed_kernel with_nearest_preset(const scenario::chosen_kernel& base) {
        probed_kernel k;
        std::size_t least = 2 * all_choices().size() + 1;
        for (std::size_t preset = all_presets().size(); preset-- > 0;) {
            const scenario::chosen_kernel candidate = scenario::choose(static_cast<std::uint8_t>(preset));
            std::size_t different = 0;
            // A preset with another number of counters is of another kind, whatever else it has in common.
            std::size_t distance = 0;
            for (std::size_t i = 0; i < all_choices().size(); ++i) {
                const auto choice = static_cast<std::uint8_t>(i);
                if (!seen(choice) || fits(choice, all_choices()[i].get(candidate.choices)))
                    continue;
                ++different;
                distance += all_choices()[i].name == "live" ? all_choices().size() : 1U;
            }
            // Only a race tells the two newest apart; of them it is the one of the kernel's age.
            const bool newest = k.nearest.preset + std::size_t{1} == all_presets().size();
            const bool older = distance == least && newest && !is_of_the_newest_age();
            if (distance < least || older) {
                least = distance;
                k.different = different;
                k.nearest = candidate;
            }
        }
        for (std::size_t i = 0; i < all_choices().size(); ++i)
            k.choices.push_back(take(static_cast<std::uint8_t>(i), base, k.nearest));
        return k;
    }

    probed_choice take(std::uint8_t index, const scenario::chosen_kernel& base,
                       scenario::chosen_kernel& nearest) {
        const choice& c = all_choices()[index];
        probed_choice p;
        p.choice = index;
        p.value = c.get(nearest.choices);
        p.seen = seen(index);
        if (p.seen) {
            p.possible = possible_.at(index);
            if (!fits(index, p.value))
                p.value = fits(index, c.get(base.choices)) ? c.get(base.choices) : p.possible.front();
            c.set(nearest.choices, p.value);
        } else {
            const auto known = possible_.find(index);
            p.why_not = known == possible_.end() ? why_unseen(c.name)
                        : known->second.empty()  ? "its probe agrees with no value"
                                                 : "its probe agrees with every value";
        }
        return p;
    }

    comparison_options options_;
    std::vector<prepared_probe> probes_;
    std::map<std::uint8_t, std::vector<std::uint8_t>> possible_;
    std::string last_reason_;
};

} // namespace

probed_kernel probe(const comparison_options& options) {
    return prober(options).run();
}

} // namespace seccomp_sim::live
