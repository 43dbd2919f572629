// What one atomic step changed, in words.
#include "sim/replay/changes.hpp"

#include "kernel-model/task_table.hpp"
#include "seccomp_sim/errno_name.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/signal_name.hpp"

namespace seccomp_sim::replay {
namespace {

std::string count_text(std::string_view what, std::int32_t before, std::int32_t now) {
    return std::string(what) + " " + std::to_string(before) + " -> " + std::to_string(now);
}

std::string_view state_text(task_state s) {
    switch (s) {
    case task_state::running:
        return "runs";
    case task_state::interruptible:
    case task_state::killable:
    case task_state::uninterruptible:
        return "goes to sleep";
    case task_state::stopped:
    case task_state::traced:
        return "stops";
    case task_state::dead:
        return "has run its last instruction";
    }
    return {};
}

class comparison {
  public:
    comparison(const moment& before, const run& now, const pass* taken)
        : before_(before), now_(now), k_(now.model()), taken_(taken) {}

    std::vector<std::string> all() {
        filters();
        pointers();
        locks();
        tasks();
        groups();
        listeners();
        events();
        returned();
        return std::move(out_);
    }

  private:
    void add(std::string text) { out_.push_back(std::move(text)); }

    // An object as it was; nothing if it was not there.
    template <class T, std::size_t Quarantine, class Id>
    static const T* old(const table<T, Quarantine>& objects, Id id) {
        return objects.is_live(id) ? &objects[id] : nullptr;
    }

    void filters() {
        k_.w.filters.for_each([&](filter_id f, const filter& now) {
            const filter* was = old(before_.w.filters, f);
            std::string text;
            const auto part = [&](std::string more) { text += (text.empty() ? "" : ", ") + std::move(more); };
            if (was == nullptr) {
                part("new, usage " + std::to_string(now.usage));
                if (k_.rev.has_live())
                    part("live " + std::to_string(now.live));
                if (now.prev)
                    part("on " + k_.describe(now.prev));
            } else {
                if (was->usage != now.usage)
                    part(count_text("usage", was->usage, now.usage));
                if (was->live != now.live && k_.rev.has_live())
                    part(count_text("live", was->live, now.live));
                if (was->prev != now.prev)
                    part("prev: " + k_.describe(was->prev) + " -> " + k_.describe(now.prev));
            }
            if (!text.empty())
                add(k_.describe(f) + ": " + text);
        });
        before_.w.filters.for_each([&](filter_id f, const filter& was) {
            if (k_.w.filters.is_live(f))
                return;
            const filter& now = k_.w.filters[f];
            add(k_.describe(f) + ":" +
                (was.usage != now.usage ? " " + count_text("usage", was.usage, now.usage) + "," : "") +
                " freed");
        });
    }

    void pointers() {
        k_.w.tasks.for_each([&](task_id t, const task& now) {
            const task* was = old(before_.w.tasks, t);
            if (was != nullptr && was->filter != now.filter)
                add(k_.describe(t) + "'s filter: " + k_.describe(was->filter) + " -> " +
                    k_.describe(now.filter));
        });
    }

    void lock(const std::string& name, task_id was, task_id now) {
        if (was == now)
            return;
        if (now)
            add(k_.describe(now) + " takes " + name);
        else
            add(name + " is free");
    }

    void locks() {
        lock("tasklist_lock", before_.w.tasklist_lock, k_.w.tasklist_lock);
        k_.w.groups.for_each([&](group_id g, const thread_group& now) {
            const thread_group* was = old(before_.w.groups, g);
            if (was == nullptr)
                return;
            const std::string of = " of " + k_.describe(now.leader);
            lock("siglock" + of, was->siglock, now.siglock);
            lock("cred_guard_mutex" + of, was->cred_guard, now.cred_guard);
        });
        k_.w.filters.for_each([&](filter_id f, const filter& now) {
            if (const filter* was = old(before_.w.filters, f))
                lock("notify_lock of " + k_.describe(f), was->notify_lock, now.notify_lock);
        });
        k_.w.eventpolls.for_each([&](eventpoll_id e, const eventpoll& now) {
            if (const eventpoll* was = old(before_.w.eventpolls, e))
                lock("mtx of " + k_.describe(k_.w.open_files[now.file].name), was->mtx, now.mtx);
        });
    }

    void tasks() {
        k_.w.tasks.for_each([&](task_id t, const task& now) {
            const std::string name = k_.describe(t);
            const task* was = old(before_.w.tasks, t);
            if (was == nullptr) {
                add(name + " is made" + (now.filter ? " under " + k_.describe(now.filter) : ""));
                return;
            }
            const auto became = [&](std::uint32_t flag) { return now.has(flag) && !was->has(flag); };
            if (became(task_flag::exiting))
                add(name + " is exiting (PF_EXITING)");
            if (became(task_flag::hashed))
                add(name + " is in the tables" + (now.filter ? ", under " + k_.describe(now.filter) : ""));
            if (became(task_flag::unhashed))
                add(name + " is unhashed");
            if (was->exit_state != now.exit_state && now.exit_state == exit_state::zombie)
                add(name + " is a zombie");
            if (was->state != now.state && now.state != task_state::running)
                add(name + " " + std::string(state_text(now.state)));
            if (was->mode != now.mode)
                add(name + "'s mode: " + std::string(mode_text(was->mode)) + " -> " +
                    std::string(mode_text(now.mode)));
            if (const std::uint32_t sent = now.pending & ~was->pending)
                add("signals for " + name + ": " + signal_texts(sent));
        });
        before_.w.tasks.for_each([&](task_id t, const task&) {
            if (!k_.w.tasks.is_live(t))
                add(k_.describe(t) + " is gone from memory");
        });
    }

    void groups() {
        k_.w.groups.for_each([&](group_id g, const thread_group& now) {
            const thread_group* was = old(before_.w.groups, g);
            if (was == nullptr)
                return;
            const std::string process = "the process of " + k_.describe(now.leader);
            if (const std::uint32_t sent = now.pending & ~was->pending)
                add("signals for " + process + ": " + signal_texts(sent));
            if (now.has(group_flag::group_exit) && !was->has(group_flag::group_exit))
                add(process + " is killed as a whole");
            if (now.leader != was->leader)
                add(k_.describe(now.leader) + " leads its process");
        });
    }

    static std::string_view mode_text(seccomp_mode m) {
        constexpr std::string_view names[] = {"disabled", "strict", "filter", "dead"};
        return names[static_cast<std::size_t>(m)];
    }

    static std::string signal_texts(std::uint32_t set) {
        std::string text;
        for (int signal = 1; signal <= 32; ++signal)
            if ((set >> (signal - 1)) & 1U)
                text += (text.empty() ? "" : ", ") + scenario::signal_text(signal);
        return text;
    }

    void listeners() {
        k_.w.open_files.for_each([&](file_id f, const file& now) {
            if (now.kind != file_kind::listener)
                return;
            const file* was = old(before_.w.open_files, f);
            const std::string name = "listener " + k_.describe(now.name);
            if (was == nullptr)
                add(name + ": opened");
            else if (was->refs != now.refs)
                add(name + ": " + count_text("refs", was->refs, now.refs));
        });
        before_.w.open_files.for_each([&](file_id f, const file& was) {
            if (was.kind == file_kind::listener && !k_.w.open_files.is_live(f))
                add("listener " + k_.describe(was.name) + ": closed");
        });
    }

    void events() {
        const std::vector<event>& heard = now_.heard().events;
        for (std::size_t i = before_.events; i < heard.size(); ++i)
            if (heard[i].what != event::kind::freed) // said with its counters
                add(event_text(now_, heard[i]));
    }

    void returned() {
        if (taken_ == nullptr)
            return;
        before_.w.tasks.for_each([&](task_id t, const task& was) {
            const bool took_it = was.name == taken_->who && k_.w.tasks.is_live(t) && !k_.w.tasks[t].call;
            const auto value = now_.heard().returned.find(t);
            if (!took_it || value == now_.heard().returned.end() || (!was.call && taken_->label != 0))
                return;
            const std::int64_t v = value->second;
            add("returns " + (v < 0 && v > -4096 ? errno_text(static_cast<int>(-v)) : std::to_string(v)));
        });
    }

    const moment& before_;
    const run& now_;
    const kernel& k_;
    const pass* taken_;
    std::vector<std::string> out_;
};

} // namespace

moment::moment(const run& r)
    : w(r.model().w), events(r.heard().events.size()), violations(r.violations().size()) {}

std::vector<std::string> changes_since(const moment& before, const run& now, const pass* taken) {
    return comparison(before, now, taken).all();
}

std::string place_of_task(const run& r, task_id t) {
    const kernel& k = r.model();
    const task& record = k.w.tasks[t];
    if (record.exit_state == exit_state::zombie && !record.call)
        return "is a zombie";
    if (!record.call)
        return record.state == task_state::dead ? "is dead" : "in user mode";
    const label_id label = k.waits_at(t);
    std::string where = label == 0 ? "at the start of a call" : "at " + std::string(label_name(label));
    const call_stack& stack = k.w.stacks[record.call];
    if (stack.blocked != 0)
        return "waits for a lock " + where;
    switch (record.state) {
    case task_state::interruptible:
    case task_state::killable:
    case task_state::uninterruptible:
        return (stack.asleep != 0 ? "sleeps " : "is about to sleep ") + where;
    case task_state::stopped:
    case task_state::traced:
        return "stopped " + where;
    case task_state::running:
    case task_state::dead:
        break;
    }
    return where;
}

} // namespace seccomp_sim::replay
