// Tests what the partial order reduction takes for granted.
#include "sim/explore/reduction_check.hpp"

#include "sim/explore/label_effects.hpp"
#include "sim/explore/lock_effects.hpp"

#include <algorithm>
#include <memory>

namespace seccomp_sim::explore {
namespace {

/// What a step, or two, lead to.
struct effect {
    bool moved = false;
    std::vector<invariant> broken;
    std::uint64_t state = 0;
    friend bool operator==(const effect&, const effect&) = default;
};

class checker {
  public:
    checker(const scenario::scenario& s, const scenario::chosen_kernel& on, std::uint64_t max_states)
        : p_(s, on, {.partial_order = false, .symmetric = false, .observations = false}),
          max_states_(max_states) {
        report_.labels.resize(yield_labels.size());
    }

    reduction_report run() {
        std::vector<frame> frames;
        visited_.insert(p_.fingerprint());
        enter(frames);
        while (!frames.empty() && report_.states < max_states_) {
            frame& top = frames.back();
            if (top.next < top.choices.size()) {
                auto before = p_.make_mark();
                if (p_.take(top.choices[top.next++], *before) == position::outcome::blocked)
                    continue;
                top.moved = true;
                if (!arrive(frames, std::move(before)))
                    continue;
            } else if (!top.moved && !p_.nothing_follows()) {
                top.moved = true;
                auto before = p_.make_mark();
                p_.go_on(*before);
                arrive(frames, std::move(before));
            } else {
                if (top.before)
                    p_.undo(*top.before);
                frames.pop_back();
            }
        }
        report_.exhausted = frames.empty();
        return report_;
    }

  private:
    struct frame {
        std::unique_ptr<position::mark> before;
        std::vector<choice> choices;
        std::size_t next = 0;
        bool moved = false;
    };

    void enter(std::vector<frame>& frames) {
        frame& f = frames.emplace_back();
        p_.candidates(f.choices);
        ++report_.states;
        look_at_pairs(f.choices);
    }

    bool arrive(std::vector<frame>& frames, std::unique_ptr<position::mark> before) {
        if (!p_.violations().empty() || !visited_.insert(p_.fingerprint())) {
            p_.forget_violations();
            p_.undo(*before);
            return false;
        }
        enter(frames);
        frames.back().before = std::move(before);
        return true;
    }

    /// How much of a task's way is tried.
    enum class part : std::uint8_t {
        step,    ///< one step
        section, ///< from a lock to where it is dropped: each step there must be private
        freeing  ///< one step, or as many as it takes to drop the lock that the other one waits for
    };

    void look_at_pairs(const std::vector<choice>& choices) {
        for (const choice c : choices) {
            const task_id t = task_of(c);
            const label_id label = p_.model().waits_at(t);
            const bool is_first =
                takes_first_of_two(p_.model(), p_.facts(), t) && second_is_free(p_.model(), t);
            const bool taken_alone = is_private(p_.model(), p_.facts(), t);
            auto& record = report_.labels[label];
            ++record.met;
            const effect alone = after({{t, part::step}});
            if (!alone.moved) {
                if (taken_alone && !record.blocked)
                    report_.lies.push_back(std::string(label_name(label)) + " was blocked");
                record.blocked = true;
                continue;
            }
            // One that breaks an invariant is left to the scheduler.
            const bool must_commute = taken_alone && alone.broken.empty();
            for (const choice d : choices)
                if (task_of(d) != t && (must_commute || is_first || record.conflicts_with == 0))
                    look_at_pair(t, task_of(d), must_commute, is_first);
        }
    }

    void look_at_pair(task_id t, task_id u, bool must_commute, bool is_first) {
        if (!after({{u, part::step}}).moved)
            return;
        const label_id label = p_.model().waits_at(t);
        const bool takes_lock =
            must_commute && !holds_lock(t, t) && in_private_section(p_.model(), p_.facts(), t);
        const part mine = takes_lock ? part::section : part::step;
        const part others = takes_lock ? part::freeing : part::step;
        const effect one = after({{t, mine}, {u, others}});
        const effect other = after({{u, others}, {t, mine}});
        // What another one cannot do before it is over: taking the lock, say.
        if ((is_first || takes_lock) && (!one.moved || !other.moved))
            return;
        ++report_.pairs;
        if (one == other && one.moved)
            return;
        const label_id with = p_.model().waits_at(u);
        report_.labels[label].conflicts_with = with;
        if (must_commute || is_first)
            lie(std::string(label_name(label)) + " does not commute with " + std::string(label_name(with)));
    }

    void lie(const std::string& text) {
        if (std::find(report_.lies.begin(), report_.lies.end(), text) == report_.lies.end())
            report_.lies.push_back(text);
    }

    bool holds_lock(task_id t, task_id of) const {
        const world& w = p_.model().w;
        const group_id group = w.tasks.is_live(of) ? w.tasks[of].group : group_id{};
        return w.tasklist_lock == t || (group && w.groups[group].siglock == t);
    }
    position::mark* mark_at(std::size_t step) {
        while (marks_.size() <= step)
            marks_.push_back(p_.make_mark());
        return marks_[step].get();
    }

    bool take_one(task_id who, effect& e) {
        const auto done =
            p_.model().can_run(who) ? p_.take(choice_of(who), *mark_at(steps_)) : position::outcome::blocked;
        if (done == position::outcome::blocked)
            return false;
        ++steps_;
        if (done == position::outcome::violated) {
            for (const violation& v : p_.violations())
                e.broken.push_back(v.which);
            p_.forget_violations();
        }
        return true;
    }

    bool take_part(task_id who, part much, task_id other, effect& e) {
        if (!take_one(who, e))
            return false;
        for (unsigned left = most_steps_of_a_section; much != part::step; --left) {
            if (!holds_lock(who, much == part::section ? who : other))
                return true;
            if (much == part::section && p_.model().can_run(who) && !is_private(p_.model(), p_.facts(), who))
                lie(std::string(label_name(p_.model().waits_at(who))) +
                    " is in a private section, but not private");
            if (left == 0 || !take_one(who, e))
                return false;
        }
        return true;
    }

    struct turn {
        task_id who;
        part much;
    };
    /// Lets tasks take their turns, and takes it back.
    effect after(const std::vector<turn>& turns) {
        effect e;
        e.moved = true;
        for (const turn& t : turns)
            e.moved =
                e.moved && take_part(t.who, t.much, &t == turns.data() ? turns.back().who : turns[0].who, e);
        e.state = p_.fingerprint();
        // A counter that is wrong is told of again by whoever touches it next: what broke counts, not how
        // often.
        std::sort(e.broken.begin(), e.broken.end());
        e.broken.erase(std::unique(e.broken.begin(), e.broken.end()), e.broken.end());
        while (steps_ > 0)
            p_.undo(*mark_at(--steps_));
        return e;
    }

    static constexpr unsigned most_steps_of_a_section = 100;

    position p_;
    std::uint64_t max_states_;
    std::vector<std::unique_ptr<position::mark>> marks_;
    std::size_t steps_ = 0;
    visited_set visited_{0};
    reduction_report report_;
};

} // namespace

reduction_report check_reduction(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                 std::uint64_t max_states) {
    return checker(s, on, max_states).run();
}

} // namespace seccomp_sim::explore
