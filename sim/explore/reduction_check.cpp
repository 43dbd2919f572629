// Tests what the partial order reduction takes for granted.
#include "sim/explore/reduction_check.hpp"

#include "sim/explore/label_effects.hpp"

#include <algorithm>
#include <array>
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
        for (auto& mark : marks_)
            mark = p_.make_mark();
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

    void look_at_pairs(const std::vector<choice>& choices) {
        for (const choice c : choices) {
            const task_id t = task_of(c);
            const label_id label = p_.model().waits_at(t);
            auto& record = report_.labels[label];
            ++record.met;
            if (!after(t, {}).moved) {
                if (is_private(p_.model(), p_.facts(), t) && !record.blocked)
                    report_.lies.push_back(std::string(label_name(label)) + " was blocked");
                record.blocked = true;
                continue;
            }
            for (const choice d : choices) {
                const task_id u = task_of(d);
                if (u == t || record.conflicts_with != 0 || !after(u, {}).moved)
                    continue;
                ++report_.pairs;
                const effect one = after(t, u);
                const effect other = after(u, t);
                if (one == other && one.moved)
                    continue;
                record.conflicts_with = p_.model().waits_at(u);
                if (is_private(p_.model(), p_.facts(), t))
                    report_.lies.push_back(std::string(label_name(label)) + " does not commute with " +
                                           std::string(label_name(record.conflicts_with)));
            }
        }
    }

    /// Lets `first` take a step, and then `second`, if there is one; and takes it back.
    effect after(task_id first, task_id second) {
        effect e;
        std::size_t steps = 0;
        bool moves = true;
        for (const task_id who : {first, second}) {
            if (!who || !moves)
                continue;
            const auto done = p_.model().can_run(who) ? p_.take(choice_of(who), *marks_[steps])
                                                      : position::outcome::blocked;
            moves = done != position::outcome::blocked;
            steps += moves ? 1 : 0;
            if (done == position::outcome::violated) {
                for (const violation& v : p_.violations())
                    e.broken.push_back(v.which);
                p_.forget_violations();
            }
        }
        e.moved = moves;
        e.state = p_.fingerprint();
        // A counter that is wrong is told of again by whoever touches it next: what broke counts, not how
        // often.
        std::sort(e.broken.begin(), e.broken.end());
        e.broken.erase(std::unique(e.broken.begin(), e.broken.end()), e.broken.end());
        while (steps > 0)
            p_.undo(*marks_[--steps]);
        return e;
    }

    position p_;
    std::uint64_t max_states_;
    std::array<std::unique_ptr<position::mark>, 2> marks_;
    visited_set visited_;
    reduction_report report_;
};

} // namespace

reduction_report check_reduction(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                 std::uint64_t max_states) {
    return checker(s, on, max_states).run();
}

} // namespace seccomp_sim::explore
