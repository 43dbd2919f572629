// Comparing what model and kernel show, and the words that both use.
#include "sim/live/view.hpp"

#include "sim/replay/words.hpp"

namespace seccomp_sim::live {

bool gives_pid(const request& asked) {
    constexpr std::int32_t nr_getpid = 39;
    constexpr std::int32_t nr_getppid = 110;
    constexpr std::int32_t nr_gettid = 186;
    if (asked.op == operation::fork || asked.op == operation::wait)
        return true;
    if (asked.op == operation::seccomp)
        return (asked.flags & install_flag::tsync) != 0 && (asked.flags & install_flag::new_listener) == 0;
    return asked.op == operation::system_call &&
           (asked.system_call == nr_getpid || asked.system_call == nr_gettid ||
            asked.system_call == nr_getppid);
}

std::vector<difference> differences(const view& model, const view& kernel,
                                    const std::set<std::string>& unseen) {
    std::vector<difference> list;
    for (const auto& [what, expected] : model) {
        const auto seen = kernel.find(what);
        if (unseen.count(what) != 0 || (seen != kernel.end() && expected == any_value))
            continue;
        if (seen == kernel.end())
            list.push_back({what, expected, ""});
        else if (seen->second != expected)
            list.push_back({what, expected, seen->second});
    }
    for (const auto& [what, seen] : kernel)
        if (model.count(what) == 0 && unseen.count(what) == 0)
            list.push_back({what, "", seen});
    return list;
}

std::uint32_t shown_of(const seccomp_sim::kernel& model, name_id fd, std::uint32_t events) {
    bool is_pidfd = false;
    model.w.fd_tables.for_each([&](files_id, const files& table) {
        for (const fd_slot& slot : table.slots)
            is_pidfd = is_pidfd || (slot.name == fd && slot.file &&
                                    model.w.open_files[slot.file].kind == file_kind::pidfd);
    });
    return events & (is_pidfd ? shown_events & ~poll_event::hup : shown_events);
}

std::string told_text(const scenario::scenario& s, const std::map<name_id, std::uint32_t>& told) {
    std::string text;
    for (const auto& [fd, events] : told)
        text += (text.empty() ? "" : ", ") + std::string(s.name_of(fd)) + " " + replay::event_names(events);
    return text.empty() ? "nothing" : text;
}

} // namespace seccomp_sim::live
