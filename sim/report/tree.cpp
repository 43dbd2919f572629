// The filter tree at one point of a run.
#include "sim/report/tree.hpp"

#include "kernel-model/ring.hpp"
#include "kernel-model/task_table.hpp"

namespace seccomp_sim::report {
namespace {

std::string filter_text(const replay::run& r, filter_id f) {
    const kernel& k = r.model();
    const filter& record = k.w.filters[f];
    std::string text = k.describe(f) + "  usage " + std::to_string(record.usage);
    if (k.rev.has_live())
        text += "  live " + std::to_string(record.live);
    return text;
}

std::vector<std::string> notes_of(const replay::run& r, filter_id f) {
    const kernel& k = r.model();
    std::vector<std::string> notes;
    k.w.tasks.for_each([&](task_id t, const task& record) {
        if (record.filter == f)
            notes.push_back("task " + task_text(r, t));
    });
    if (const auto listener = r.heard().listeners.find(f); listener != r.heard().listeners.end())
        for (const std::string& holder : file_holders(r, listener->second))
            notes.push_back("listener: " + holder);
    return notes;
}

/// Calls `use(filter, depth)` for each live filter, dependents after what they stand on.
template <class Use>
void for_each_in_tree(const kernel& k, Use&& use) {
    std::vector<std::vector<filter_id>> dependents(k.w.filters.end_index());
    std::vector<std::pair<filter_id, std::size_t>> todo;
    k.w.filters.for_each([&](filter_id f, const filter& record) {
        if (record.prev)
            dependents[record.prev.index()].push_back(f);
    });
    for (index_type i = k.w.filters.end_index(); i > 0; --i) {
        const filter_id f = table<filter>::id_at(i - 1);
        if (k.w.filters.is_live(f) && !k.w.filters[f].prev)
            todo.emplace_back(f, 0);
    }
    while (!todo.empty()) {
        const auto [f, depth] = todo.back();
        todo.pop_back();
        use(f, depth);
        const auto& above = dependents[f.index()];
        for (auto it = above.rbegin(); it != above.rend(); ++it)
            todo.emplace_back(*it, depth + 1);
    }
}

std::string dot_quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text)
        out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return out + "\"";
}

} // namespace

std::string task_text(const replay::run& r, task_id t) {
    const kernel& k = r.model();
    const task& record = k.w.tasks[t];
    std::string text = k.describe(t);
    if (record.exit_state == exit_state::zombie)
        text += " (zombie)";
    else if (record.exit_state == exit_state::dead)
        text += " (dead)";
    else if (record.state == task_state::stopped || record.state == task_state::traced)
        text += " (stopped)";
    else if (record.call)
        text += " (in a call)";
    return text;
}

std::vector<std::string> file_holders(const replay::run& r, file_id f) {
    const kernel& k = r.model();
    std::vector<std::string> holders;
    std::int32_t known = 0;
    std::vector<bool> shown(k.w.fd_tables.end_index());
    k.w.tasks.for_each([&](task_id t, const task& record) {
        if (!record.files || record.exit_state != exit_state::alive)
            return;
        for (const fd_slot& slot : k.w.fd_tables[record.files].slots) {
            if (slot.file != f)
                continue;
            holders.push_back("fd " + std::to_string(slot.fd) + " (" + k.describe(slot.name) + ") of " +
                              k.describe(t));
            known += shown[record.files.index()] ? 0 : 1;
        }
        shown[record.files.index()] = true;
    });
    k.w.tasks.for_each([&](task_id t, const task& record) {
        if (!record.mailbox)
            return;
        for (message_id m = record.mailbox; m;) {
            if (k.w.messages[m].file == f) {
                holders.push_back("in flight to " + k.describe(t));
                ++known;
            }
            m = ring_next(k.w.messages, record.mailbox, m);
        }
    });
    const std::int32_t refs = k.w.open_files[f].refs;
    if (refs > known)
        holders.push_back(std::to_string(refs - known) + " calls in progress");
    return holders;
}

std::string tree_text(const replay::run& r) {
    std::string text;
    for_each_in_tree(r.model(), [&](filter_id f, std::size_t depth) {
        const std::string indent(depth * 4, ' ');
        text += indent + filter_text(r, f) + "\n";
        for (const std::string& note : notes_of(r, f))
            text += indent + "  - " + note + "\n";
    });
    return text.empty() ? "no filters\n" : text;
}

std::string tree_dot_body(const replay::run& r, const std::string& prefix) {
    const kernel& k = r.model();
    std::string text;
    for_each_in_tree(k, [&](filter_id f, std::size_t) {
        const std::string node = prefix + std::to_string(f.index());
        text += "    " + node + " [label=" + dot_quoted(filter_text(r, f)) + "];\n";
        if (k.w.filters[f].prev)
            text += "    " + node + " -> " + prefix + std::to_string(k.w.filters[f].prev.index()) + ";\n";
        std::size_t number = 0;
        for (const std::string& note : notes_of(r, f)) {
            const std::string leaf = node + "_" + std::to_string(number++);
            text += "    " + leaf + " [shape=ellipse, label=" + dot_quoted(note) + "];\n    " + leaf +
                    " -> " + node + " [style=dashed];\n";
        }
    });
    return text;
}

std::string tree_dot(const replay::run& r) {
    return "digraph filters {\n    rankdir=BT;\n    node [shape=box];\n" + tree_dot_body(r, "f") + "}\n";
}

} // namespace seccomp_sim::report
