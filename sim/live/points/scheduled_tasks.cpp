// One step at a time: the points say who is held where, the puppets' memory who has returned.
#include "sim/live/points/scheduled_tasks.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <array>
#include <string_view>

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

bool is_sleep_on_listener(const request& asked) {
    return asked.op == operation::receive;
}

} // namespace

scheduled_tasks::scheduled_tasks(const scenario::scenario& s, pacer& clock, points_device& points,
                                 white_box& memory)
    : s_(s), points_(points), memory_(memory), tasks_(s, clock) {
    points_.reset();
    tag_everybody();
}

void scheduled_tasks::tag_everybody() {
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
    }
}

std::optional<std::size_t> scheduled_tasks::slot_of(name_id who) const {
    for (std::size_t i = tagged_.size(); i-- > 0;)
        if (tagged_[i] == who)
            return i;
    return {};
}

void scheduled_tasks::settle() {
    if (!points_.settle())
        throw cannot_run("the tasks do not come to rest");
    tasks_.look();
    tag_everybody();
    points_.settle();
    places_ = points_.look();
}

void scheduled_tasks::begin(const kernel& model, name_id who, const raw_call& call, const request& asked) {
    tasks_.choose_parks(model);
    if (asked.op == operation::receive_fd)
        tasks_.give_mail(who);
    tasks_.issue(who, call, asked);
    settle();
}

bool scheduled_tasks::step(name_id who) {
    const auto slot = slot_of(who);
    if (!slot || !points_.step(*slot))
        return false;
    settle();
    return true;
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
        points_.step(static_cast<std::size_t>(held - places_.begin()));
        settle();
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

kernel_look scheduled_tasks::look(const kernel& model, real_view& seen) {
    kernel_look now;
    std::vector<pid_t> groups;
    now.at_rest = true;
    for (const auto& p : tasks_.everybody().all()) {
        if (!p->gone)
            groups.push_back(p->group);
        now.at_rest = now.at_rest && (!p->name || held_at(p->name).empty());
    }
    if (now.at_rest)
        points_.flush_rcu();
    now.state = scenario::value_or_throw(memory_.read(groups));
    learn_names(model, now.state);
    if (polls_would_block())
        return now;
    view polls;
    std::set<std::string> unseen;
    seen.add_polls(polls, unseen);
    model.w.open_files.for_each([&](file_id, const file& record) {
        if (record.kind != file_kind::listener || !record.name)
            return;
        const auto text = polls.find(std::string(s_.name_of(record.name)) + ": poll");
        const std::string filter(s_.name_of(model.w.filters[filter_id{record.object}].name));
        for (const auto& [address, name] : names_)
            if (name == filter && text != polls.end())
                now.polls[address] = events_of(text->second);
    });
    for (const auto& p : tasks_.everybody().all())
        if (p->name && p->in_call && p->pending && is_sleep_on_listener(*p->pending) && p->listens_to)
            for (const auto& [address, name] : names_)
                if (name == s_.name_of(p->listens_to))
                    now.sleepers.push_back({std::string(s_.name_of(p->name)), address, poll_event::in});
    return now;
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
