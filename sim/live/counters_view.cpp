// The filter tree and its counters on both sides.
#include "sim/live/counters_view.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"

#include <algorithm>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

std::string counters_text(std::int64_t usage, std::optional<std::int64_t> live) {
    return "usage " + std::to_string(usage) + (live ? ", live " + std::to_string(*live) : std::string());
}

/// The addresses on a path, newest first.
std::vector<const filter_record*> path_of(const seccomp_state& state, std::uint64_t leaf) {
    std::vector<const filter_record*> path;
    for (const filter_record* f = state.filter_at(leaf); f != nullptr; f = state.filter_at(f->prev)) {
        path.push_back(f);
        if (f->prev == 0)
            break;
    }
    return path;
}

std::vector<name_id> model_path(const seccomp_sim::kernel& k, name_id task) {
    std::vector<name_id> path;
    const task_id t = find_task(k, task);
    for (filter_id f = t ? k.w.tasks[t].filter : filter_id{}; f; f = k.w.filters[f].prev)
        path.push_back(k.w.filters[f].name);
    return path;
}

/// Names of a path, newest first; a long one is cut.
template <class NameOf>
std::string names_text(std::size_t length, NameOf&& name_of) {
    constexpr std::size_t most = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(length, most); ++i)
        text += (i == 0 ? "" : ", ") + name_of(i);
    return text + (length > most ? ", and so on: " + std::to_string(length) : std::string());
}

} // namespace

void add_model_counters(const scenario::scenario& s, const seccomp_sim::kernel& model, view& v) {
    model.w.filters.for_each([&](filter_id, const filter& f) {
        if (!f.name || f.has(filter_flag::freed))
            return;
        const auto live = model.rev.has_live() ? std::optional<std::int64_t>(f.live) : std::nullopt;
        v["filter " + std::string(s.name_of(f.name))] = counters_text(f.usage, live);
    });
    model.w.tasks.for_each([&](task_id t, const seccomp_sim::task& record) {
        // A task that let go of its filter before it was released may keep the pointer; nobody follows it.
        if (!record.name || record.exit_state != exit_state::alive || find_task(model, record.name) != t)
            return;
        const std::vector<name_id> path = model_path(model, record.name);
        if (!path.empty())
            v[std::string(s.name_of(record.name)) + ": path"] =
                names_text(path.size(), [&](std::size_t i) { return std::string(s.name_of(path[i])); });
    });
}

void counters_view::bind_path(const puppet& p, const seccomp_state& state) {
    const task_record* record = state.task_of(p.task);
    if (record == nullptr || record->filter == 0)
        return;
    const std::vector<const filter_record*> real = path_of(state, record->filter);
    const std::vector<name_id> model = model_path(k_, p.name);
    // From the oldest: a filter's ancestors never change.
    for (std::size_t i = 1; i <= std::min(real.size(), model.size()); ++i) {
        name_id& name = names_[real[real.size() - i]->address];
        const filter_id known = name ? k_.w.named_filters[name.value] : filter_id{};
        if (!known || k_.w.filters[known].has(filter_flag::freed))
            name = model[model.size() - i];
        met_[name] = k_.w.named_filters[name.value];
    }
}

std::string counters_view::path_text(const puppet& p, const seccomp_state& state) const {
    const std::vector<const filter_record*> path = path_of(state, state.task_of(p.task)->filter);
    return names_text(path.size(), [&](std::size_t i) {
        const auto known = names_.find(path[i]->address);
        return known != names_.end() ? std::string(s_.name_of(known->second)) : std::string("a filter");
    });
}

/// What the kernel must show: on a task's path, or with a listener in somebody's fd table.
std::set<name_id> counters_view::filters_in_reach() const {
    std::set<name_id> reach;
    const auto add = [&](filter_id f) {
        for (; f && reach.insert(k_.w.filters[f].name).second; f = k_.w.filters[f].prev) {
        }
    };
    k_.w.tasks.for_each([&](task_id, const seccomp_sim::task& t) {
        if (t.name && t.exit_state == exit_state::alive)
            add(t.filter);
        if (t.name && t.files)
            for (const fd_slot& slot : k_.w.fd_tables[t.files].slots)
                if (slot.file && k_.w.open_files[slot.file].kind == file_kind::listener)
                    add(filter_id{k_.w.open_files[slot.file].object});
    });
    return reach;
}

seccomp_state counters_view::read(const std::vector<pid_t>& groups) {
    result<seccomp_state> read = box_.read(groups);
    if (!read)
        throw cannot_run(read.error().message);
    return std::move(*read);
}

void counters_view::meet_new_filters() {
    for (const auto& p : tasks_.everybody().all()) {
        const task_id t = p->gone || !p->name ? task_id{} : find_task(k_, p->name);
        const filter_id leaf = t ? k_.w.tasks[t].filter : filter_id{};
        if (!leaf || !k_.w.filters[leaf].notif)
            continue;
        const auto known = met_.find(k_.w.filters[leaf].name);
        if (known == met_.end() || known->second != leaf)
            bind_path(*p, read({p->group}));
    }
}

void counters_view::add(view& v, std::set<std::string>& unseen) {
    std::vector<pid_t> groups;
    for (const auto& p : tasks_.everybody().all())
        if (!p->gone && p->name)
            groups.push_back(p->group);
    groups.push_back(::getpid()); // an fd on its way to a task is open in the driver
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    const seccomp_state state = read(groups);
    for (const auto& p : tasks_.everybody().all())
        if (!p->gone && p->name)
            bind_path(*p, state);
    std::set<name_id> shown;
    for (const filter_record& f : state.filters) {
        const auto known = names_.find(f.address);
        if (known == names_.end() || !known->second)
            continue;
        shown.insert(known->second);
        v["filter " + std::string(s_.name_of(known->second))] = counters_text(f.usage, f.live);
    }
    for (const auto& p : tasks_.everybody().all()) {
        const task_record* record = p->gone || !p->name ? nullptr : state.task_of(p->task);
        if (record != nullptr && record->filter != 0 && record->exit_state == 0)
            v[std::string(s_.name_of(p->name)) + ": path"] = path_text(*p, state);
    }
    const std::set<name_id> reach = filters_in_reach();
    k_.w.filters.for_each([&](filter_id, const filter& f) {
        if (f.name && shown.count(f.name) == 0 && reach.count(f.name) == 0)
            unseen.insert("filter " + std::string(s_.name_of(f.name)));
    });
}

} // namespace seccomp_sim::live
