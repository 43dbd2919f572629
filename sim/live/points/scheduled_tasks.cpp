// One step at a time: the points say who is held where, the puppets' memory who has returned.
#include "sim/live/points/scheduled_tasks.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

/// Points of the listener's functions at which its lock is not held.
constexpr std::array<std::string_view, 9> lockless = {"lock",
                                                      "relock",
                                                      "before-wait",
                                                      "before-live",
                                                      "before-poll-wait",
                                                      "before-first-live",
                                                      "before-first-count",
                                                      "before-prepare",
                                                      "before-finish"};

std::uint32_t events_of(std::string_view text) {
    std::uint32_t events = 0;
    for (const auto& [name, bit] : {std::pair{std::string_view("IN"), poll_event::in},
                                    {"OUT", poll_event::out},
                                    {"ERR", poll_event::err},
                                    {"HUP", poll_event::hup}})
        if (text.find(name) != std::string_view::npos)
            events |= bit;
    return events;
}

} // namespace

scheduled_tasks::scheduled_tasks(const scenario::scenario& s, pacer& clock, points_device& points,
                                 white_box& memory, std::shared_ptr<stage> place)
    : s_(s), points_(points), memory_(memory), tasks_(s, clock, std::move(place)) {
    points_.reset();
    tag_everybody();
}

real_view scheduled_tasks::view_beside(const kernel& model) {
    real_view seen(s_, tasks_, model);
    seen.poll_by([&points = points_](const puppet& holder, int fd) { return points.poll(holder.task, fd); });
    return seen;
}

bool scheduled_tasks::tag_everybody() {
    bool anybody = false;
    for (const auto& p : tasks_.everybody().all()) {
        if (p->gone || !p->name || slots_.count(p->task) != 0)
            continue;
        const std::size_t slot = tagged_.size();
        if (slot == points_device::slots)
            throw cannot_run("more than " + std::to_string(slot) + " tasks are too many for the points");
        if (!points_.tag(p->task, slot))
            continue;
        slots_[p->task] = slot;
        tagged_.push_back(p->name);
        anybody = true;
    }
    return anybody;
}

std::optional<std::size_t> scheduled_tasks::slot_of(name_id who) const {
    for (std::size_t i = tagged_.size(); i-- > 0;)
        if (tagged_[i] == who)
            return i;
    return {};
}

void scheduled_tasks::settle() {
    take_in(points_.settle(places_));
}

void scheduled_tasks::take_in(bool settled) {
    if (!settled && !somebody_spins())
        throw cannot_run("the tasks do not come to rest");
    looked_ = tasks_.must_look();
    if (looked_)
        tasks_.look();
    else
        tasks_.take_returns();
    if (tag_everybody())
        points_.settle(places_);
}

void scheduled_tasks::begin(const kernel& model, name_id who, const raw_call& call, const request& asked) {
    tasks_.foresee(model);
    if (asked.op == operation::receive_fd)
        tasks_.give_mail(who);
    tasks_.issue(who, call, asked);
    settle();
}

bool scheduled_tasks::step(name_id who) {
    const auto slot = slot_of(who);
    if (!slot)
        return false;
    const bool settled = points_.step(*slot, places_);
    if (!settled && !points_.holds_under_locks())
        return false;
    take_in(settled);
    return true;
}

bool scheduled_tasks::somebody_spins() const {
    return std::any_of(places_.begin(), places_.end(), [](const task_place& p) { return p.spins; });
}

bool scheduled_tasks::waits_for_spinlock(name_id who) const {
    const auto slot = slot_of(who);
    return slot && places_.size() > *slot && places_[*slot].now == task_place::state::running &&
           somebody_spins();
}

void scheduled_tasks::spread(const std::vector<name_id>& tasks) {
    const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
    if (cpus <= static_cast<long>(tasks.size()))
        throw cannot_run(std::to_string(tasks.size()) + " tasks that may spin need " +
                         std::to_string(tasks.size() + 1) + " CPUs, and this kernel has " +
                         std::to_string(cpus));
    stay_on(0, 0);
    for (unsigned i = 0; i < tasks.size(); ++i)
        if (const puppet* p = tasks_.everybody().find(tasks[i]); p != nullptr && !p->gone)
            stay_on(p->task, i + 1);
}

std::string scheduled_tasks::held_at(name_id who) const {
    const auto slot = slot_of(who);
    if (!slot || places_.size() <= *slot || places_[*slot].now != task_place::state::at_point)
        return {};
    return places_[*slot].label;
}

bool scheduled_tasks::is_dead(name_id who) const {
    const auto slot = slot_of(who);
    return slot && places_.size() > *slot && places_[*slot].now == task_place::state::dead;
}

bool scheduled_tasks::in_call(name_id who) {
    const puppet* p = tasks_.everybody().find(who);
    return p != nullptr && p->in_call;
}

std::vector<std::pair<name_id, passed_point>> scheduled_tasks::passed() {
    std::vector<std::pair<name_id, passed_point>> result;
    for (passed_point& p : points_.passes())
        if (p.slot < tagged_.size())
            result.emplace_back(tagged_[p.slot], std::move(p));
    return result;
}

bool scheduled_tasks::run_out() {
    constexpr std::size_t most = 10000;
    for (std::size_t n = 0; n < most; ++n) {
        const auto held = std::find_if(places_.begin(), places_.end(), [](const task_place& p) {
            return p.now == task_place::state::at_point;
        });
        if (held == places_.end())
            return true;
        take_in(points_.step(static_cast<std::size_t>(held - places_.begin()), places_));
    }
    return false;
}

bool scheduled_tasks::polls_would_block() const {
    return std::any_of(places_.begin(), places_.end(), [](const task_place& p) {
        if (p.now != task_place::state::at_point)
            return false;
        const std::string_view label = p.label;
        const bool listens = label.starts_with("seccomp_notify_") || label.starts_with("recv_wait_event/") ||
                             label.starts_with("seccomp_do_user_notification/");
        const std::string_view place = label.substr(label.find('/') + 1);
        return listens && std::find(lockless.begin(), lockless.end(), place) == lockless.end();
    });
}

kernel_look scheduled_tasks::look(const kernel& model, real_view& seen, bool after_grace_period) {
    kernel_look now;
    std::vector<pid_t> groups;
    now.at_rest = true;
    for (const auto& p : tasks_.everybody().all()) {
        if (!p->gone)
            groups.push_back(p->group);
        now.at_rest = now.at_rest && (!p->name || held_at(p->name).empty());
    }
    if (now.at_rest && after_grace_period)
        points_.flush_rcu();
    result<seccomp_state> state = memory_.read(groups);
    // What could be read before, and changes though nobody runs, is memory that was freed.
    if (!state && was_readable_)
        state = memory_.read(groups);
    if (!state && was_readable_) {
        now.at_rest = false;
        now.unreadable = state.error().message;
        return now;
    }
    now.state = scenario::value_or_throw(std::move(state));
    was_readable_ = true;
    learn_names(model, now.state);
    if (polls_would_block())
        return now;
    const std::map<name_id, std::uint64_t> listened = add_polls(model, seen, now);
    if (now.at_rest)
        add_sleepers(model, listened, now);
    return now;
}

/// Gives the filter that each listener belongs to.
std::map<name_id, std::uint64_t> scheduled_tasks::add_polls(const kernel& model, real_view& seen,
                                                            kernel_look& now) const {
    view& polls = now.shown;
    std::set<std::string> unseen;
    seen.add_polls(polls, unseen);
    std::map<name_id, std::uint64_t> filters;
    model.w.open_files.for_each([&](file_id, const file& record) {
        if (record.kind != file_kind::listener || !record.name)
            return;
        const auto text = polls.find(std::string(s_.name_of(record.name)) + ": poll");
        // A file that is being released has let go of its filter already.
        const filter_id f{record.object};
        const std::uint64_t address = model.w.filters.is_live(f) ? address_of(model.w.filters[f].name) : 0;
        if (address == 0)
            return;
        filters[record.name] = address;
        if (text != polls.end() && text->second != "closed")
            now.polls[address] = events_of(text->second);
    });
    return filters;
}

std::uint64_t scheduled_tasks::address_of(name_id filter) const {
    for (const auto& [address, name] : names_)
        if (name == s_.name_of(filter))
            return address;
    return 0;
}

void scheduled_tasks::add_sleepers(const kernel& model, const std::map<name_id, std::uint64_t>& listened,
                                   kernel_look& now) const {
    for (const auto& p : tasks_.everybody().all()) {
        if (!p->name || p->gone || !p->in_call || !p->pending || is_dead(p->name))
            continue;
        const std::string who(s_.name_of(p->name));
        const request& asked = *p->pending;
        const auto sleeps_for = [&](std::uint64_t filter, std::uint32_t events) {
            if (filter != 0)
                now.sleepers.push_back({who, filter, events});
        };
        if (asked.op == operation::receive && p->listens_to)
            sleeps_for(address_of(p->listens_to), model.rev.recv_unused == recv_unused::enoent
                                                      ? poll_event::in | poll_event::hup
                                                      : poll_event::in);
        if (asked.op == operation::poll)
            for (index_type i = 0; i < asked.polls; ++i) {
                const poll_request& entry = model.poll_list[asked.first_poll + i];
                if (const auto filter = listened.find(entry.fd); filter != listened.end())
                    sleeps_for(filter->second, entry.events | poll_event::hup | poll_event::err);
            }
        if (asked.op == operation::system_call && !lets_through(model, p->name, asked.system_call, {}))
            now.trapped.push_back({who, p->task});
    }
}

void scheduled_tasks::learn_names(const kernel& model, const seccomp_state& state) {
    for (const auto& p : tasks_.everybody().all()) {
        const task_id t = p->name ? find_task(model, p->name) : task_id{};
        const task_record* real = p->gone ? nullptr : state.task_of(p->task);
        if (!t || real == nullptr)
            continue;
        std::vector<std::string> modelled;
        for (filter_id f = model.w.tasks[t].filter; f; f = model.w.filters[f].prev)
            modelled.emplace_back(s_.name_of(model.w.filters[f].name));
        std::vector<std::uint64_t> found;
        for (std::uint64_t f = real->filter; f != 0 && found.size() <= modelled.size();) {
            found.push_back(f);
            const filter_record* record = state.filter_at(f);
            f = record != nullptr ? record->prev : 0;
        }
        if (found.size() != modelled.size())
            continue;
        for (std::size_t i = 0; i < found.size(); ++i)
            names_[found[i]] = modelled[i];
    }
}

counters_by_name scheduled_tasks::counters(const seccomp_state& state) const {
    counters_by_name result;
    for (const filter_record& f : state.filters)
        if (const auto name = names_.find(f.address); name != names_.end())
            result[name->second] = {f.usage, f.live};
    return result;
}

} // namespace seccomp_sim::live
