// How a scenario can end, as user space sees it, in one line.
#include "sim/explore/ending.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "sim/replay/words.hpp"

#include <map>

namespace seccomp_sim::explore {
namespace {

std::string value_of(std::int64_t value) {
    return value < 0 ? errno_text(static_cast<int>(-value)) : std::to_string(value);
}

std::string seen_text(const scenario::scenario& s, const observation& o) {
    const std::string fd(s.name_of(o.fd));
    switch (o.what) {
    case observation::kind::returned:
        return (o.branch == 0 ? "earlier call" : "call " + std::to_string(o.branch)) + " = " +
               value_of(o.value);
    case observation::kind::reported:
        return fd + " " + replay::event_names(o.events);
    case observation::kind::received:
        return "received " + fd;
    case observation::kind::handler:
        return "handler " + std::to_string(o.value);
    case observation::kind::woken:
        return "woken " + replay::event_names(o.events);
    case observation::kind::exited:
        return replay::status_text(static_cast<std::int32_t>(o.value));
    case observation::kind::warning:
        return "WARN";
    }
    return {};
}

} // namespace

std::string describe_ending(position& p) {
    const scenario::scenario& s = p.script();
    std::map<std::string_view, std::string> by_task;
    for (const observation& o : p.observations()) {
        std::string& line = by_task[o.who ? s.name_of(o.who) : "kernel"];
        line += (line.empty() ? "" : ", ") + seen_text(s, o);
    }
    std::string text;
    for (const auto& [task, line] : by_task)
        text += (text.empty() ? "" : "; ") + std::string(task) + ": " + line;
    for (const replay::poll_state& poll : p.final_polls())
        text += "; poll " + std::string(s.name_of(poll.fd)) + ": " + replay::event_names(poll.events);
    return text;
}

} // namespace seccomp_sim::explore
