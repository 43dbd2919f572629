// A scenario's tasks on a real kernel: births, commands, and the states that are looked at.
#include "sim/live/real_tasks.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"
#include "sim/live/harmless_calls.hpp"

#include <algorithm>
#include <cstring>
#include <linux/audit.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

std::map<name_id, std::size_t> slots_for(const scenario::scenario& s) {
    std::map<name_id, std::size_t> slots = {{scenario::scenario::init(), 0}};
    const auto add = [&](const scenario::call_step& call) {
        if (call.asked.child)
            slots.try_emplace(call.asked.child, slots.size());
    };
    for (const scenario::step& step : s.steps) {
        if (const auto* call = std::get_if<scenario::call_step>(&step.what))
            add(*call);
        else if (const auto* block = std::get_if<scenario::concurrent_step>(&step.what))
            for (const auto& branch : block->branches)
                for (const auto& call_of_branch : branch)
                    add(call_of_branch.call);
    }
    return slots;
}

stage::options stage_for(const scenario::scenario& s, std::size_t slots, std::vector<bpf_program>& programs) {
    stage::options o;
    o.slots = slots;
    for (const scenario::named_filter& f : s.filters)
        programs.push_back(f.program);
    o.programs = programs;
    const auto has = [&](operation op) {
        return std::any_of(s.steps.begin(), s.steps.end(), [op](const scenario::step& step) {
            const auto* call = std::get_if<scenario::call_step>(&step.what);
            return call != nullptr && call->asked.op == op;
        });
    };
    o.keeps_dropped_capabilities = has(operation::drop_capabilities) && has(operation::exec);
    return o;
}

/// Whether the call reads or changes the caller's fd table.
bool touches_fds(operation op) {
    switch (op) {
    case operation::exit:
    case operation::exit_group:
    case operation::kill:
    case operation::tgkill:
    case operation::sigaction:
    case operation::sigprocmask:
    case operation::wait:
    case operation::set_no_new_privs:
    case operation::set_child_subreaper:
    case operation::drop_capabilities:
    case operation::prctl_get_seccomp:
    case operation::ptrace_attach:
    case operation::ptrace_seize:
    case operation::ptrace_cont:
    case operation::ptrace_detach:
    case operation::ptrace_get_filter:
        return false;
    default:
        return true;
    }
}

bool is_dead(const std::optional<proc_status>& seen) {
    return !seen || seen->state == 'Z' || seen->state == 'X';
}

} // namespace

bool lets_through(const seccomp_sim::kernel& model, name_id task, std::int64_t number,
                  const std::array<std::uint64_t, 6>& arguments) {
    const task_id t = find_task(model, task);
    if (!t)
        return true;
    const seccomp_sim::task& record = model.w.tasks[t];
    if (record.mode == seccomp_mode::strict)
        return number == SYS_read || number == SYS_write || number == SYS_rt_sigreturn || number == SYS_exit;
    seccomp_data data{};
    data.nr = static_cast<std::int32_t>(number);
    data.arch = AUDIT_ARCH_X86_64;
    data.args = arguments;
    for (filter_id f = record.filter; f; f = model.w.filters[f].prev) {
        const std::uint32_t action = action_of(model.programs[model.w.filters[f].program.value].run(data));
        if (action != action_allow && action != action_log)
            return false;
    }
    return true;
}

std::shared_ptr<stage> make_stage(const scenario::scenario& s, stage::use used) {
    std::vector<bpf_program> programs;
    stage::options asked = stage_for(s, slots_for(s).size(), programs);
    asked.used = used;
    return std::make_shared<stage>(asked);
}

real_tasks::real_tasks(const scenario::scenario& s, pacer& clock, std::shared_ptr<stage> place)
    : s_(s), clock_(clock), slots_(slots_for(s)), stage_(std::move(place)) {
    cast_.add(scenario::scenario::init(), 0, stage_->init(), stage_->init());
    puppet& init = *cast_.find(scenario::scenario::init());
    clock_.begin();
    while (stage_->header().read_only == 0 || !look()) {
        if (is_dead(init.status.read()))
            throw cannot_run("the first task cannot be started in its pid namespace");
        clock_.moment();
    }
}

std::size_t real_tasks::slot_of(name_id name) {
    return slots_.at(name);
}

namespace {

/// A signal for a thread that is a zombie: up to 6.19 it is queued, and SIGCONT goes on to continue the
/// others; some later kernels (6.18.44) drop it.
bool signals_the_dead(const seccomp_sim::kernel& k, const request& asked) {
    const task_id target = asked.op == operation::tgkill ? find_task(k, asked.target) : task_id{};
    return target && k.w.tasks[target].exit_state != exit_state::alive;
}

} // namespace

raw_call real_tasks::prepare(const seccomp_sim::kernel& model, name_id who, const request& asked) {
    if (signals_the_dead(model, asked))
        throw cannot_run(
            "a signal is sent to a thread that is dead, and kernels differ in what becomes of it");
    puppet* caller = cast_.find(who);
    if (caller == nullptr)
        throw cannot_run("the task was never born");
    if (asked.op == operation::system_call)
        if (const std::string why = why_not_to_be_made(model, who, asked, lets_calls_go_on(s_)); !why.empty())
            throw cannot_run(why);
    if (touches_fds(asked.op) && has_mail_before_it(model, who))
        throw cannot_run("the fd waits for a task that cannot take it yet");
    call_site site(*stage_, model, cast_, ids_, *caller);
    raw_call call = site.prepare(asked);
    const filter_id listened = site.filter_of(asked.fd);
    caller->listens_to = listened ? model.w.filters[listened].name : name_id{};
    if (asked.op == operation::fork) {
        call.child = slot_of(asked.child);
        if (call.number == SYS_clone && stage_->shares_memory())
            call.arguments[0] |= CLONE_VM;
        if (call.number == SYS_clone && (call.arguments[0] & CLONE_VM) != 0)
            call.arguments[1] = static_cast<std::int64_t>(slot_address(call.child + 1));
        slot& child = stage_->slot_at(call.child);
        std::memset(&child, 0, sizeof child);
    }
    return call;
}

void real_tasks::foresee(const seccomp_sim::kernel& model) {
    for (const auto& p : cast_.all()) {
        if (!p->name || p->gone)
            continue;
        slot& s = stage_->slot_at(p->slot);
        const std::array<std::uint64_t, 6> futex_call = {slot_address(p->slot), FUTEX_WAIT, s.command};
        const park_kind park =
            lets_through(model, p->name, SYS_futex, futex_call) ? park_kind::futex : park_kind::spin;
        if (park == park_kind::spin && s.park != park)
            one_cpu::go_last(p->task);
        s.park = park;
        const task_id modelled = find_task(model, p->name);
        p->leads = modelled && is_leader(model, modelled);
    }
}

void real_tasks::issue(name_id who, const raw_call& call, const request& asked) {
    puppet& p = *cast_.find(who);
    slot& s = stage_->slot_at(p.slot);
    s.kind = call.kind;
    s.number = call.number;
    std::copy(call.arguments.begin(), call.arguments.end(), s.arguments);
    s.child = call.child;
    if (call.kind == command_kind::birth) {
        stage_->slot_at(call.child).park = s.park;
        unborn_parents_.push_back(who);
    }
    p.pending = asked;
    p.in_call = true;
    mail_may_come_ = mail_may_come_ || asked.op == operation::send_fd;
    give_command(s);
    clock_.begin();
}

void real_tasks::note_notification(const seccomp_sim::kernel& model, const puppet& p, std::uint64_t id) {
    if (p.pending->as)
        ids_.by_name[p.pending->as] = id;
    if (!p.listens_to)
        return;
    ids_.last_of[p.listens_to] = id;
    const filter_id f = model.w.named_filters[p.listens_to.value];
    if (!f)
        return;
    if (const notification_id object = model.w.filters[f].notif)
        ids_.before_first[p.listens_to] = id - model.w.notifications[object].last_received;
}

void real_tasks::begin_step() {
    for (const auto& p : cast_.all()) {
        p->returned.reset();
        const slot& s = stage_->slot_at(p->slot);
        std::copy(std::begin(s.handled), std::end(s.handled), p->handled.begin());
        p->heartbeats = __atomic_load_n(&s.heartbeats, __ATOMIC_ACQUIRE);
    }
}

/// exec by another thread than the leader: it goes on under the leader's pid.
bool real_tasks::took_over_group(puppet& p) {
    if (p.task == p.group || !p.in_call || !p.pending || p.pending->op != operation::exec)
        return false;
    // Or it has died with its process. Then the zombie leader is one or the other; which of them, nothing
    // tells.
    if (is_dead(status_file(p.group, p.group).read()) && !p.leads)
        return false;
    for (const auto& other : cast_.all())
        if (other->task == p.group && other.get() != &p) {
            other->gone = true;
            std::swap(other->task, p.task);
            std::swap(other->pids, p.pids);
        }
    p.status = status_file(p.group, p.task);
    p.seen = p.status.read();
    return p.seen.has_value();
}

bool real_tasks::look() {
    if (mail_may_come_)
        take_messages();
    find_births();
    bool rest = true;
    for (const auto& p : cast_.all()) {
        if (p->gone)
            continue;
        slot& s = stage_->slot_at(p->slot);
        const bool done = has_obeyed(s);
        p->seen = p->status.read();
        if (!p->seen && !took_over_group(*p)) {
            p->gone = true;
            continue;
        }
        if (done && p->in_call && !is_dead(p->seen)) {
            p->in_call = false;
            p->returned = s.result;
        }
        if (p->seen->state != 'R')
            continue;
        const bool spins = done && s.park == park_kind::spin && p->seen->pending == 0 &&
                           __atomic_load_n(&s.heartbeats, __ATOMIC_ACQUIRE) != p->heartbeats;
        if (!spins && s.park == park_kind::spin)
            clock_.let_others_run();
        rest = rest && spins;
    }
    return rest;
}

void real_tasks::take_returns() {
    if (is_in_call(operation::send_fd))
        take_messages();
    find_births();
    for (const auto& p : cast_.all()) {
        const slot& s = stage_->slot_at(p->slot);
        if (!p->gone && p->in_call && has_obeyed(s)) {
            p->in_call = false;
            p->returned = s.result;
        }
    }
}

bool real_tasks::is_in_call(operation op) const {
    return std::any_of(cast_.all().begin(), cast_.all().end(), [op](const std::unique_ptr<puppet>& p) {
        return p->in_call && p->pending && p->pending->op == op;
    });
}

bool real_tasks::must_look() const {
    return is_in_call(operation::exec);
}

std::optional<std::int64_t> real_tasks::call_now(name_id who, const raw_call& call,
                                                 std::chrono::milliseconds patience) {
    puppet& p = *cast_.find(who);
    const std::optional<request> pending = p.pending;
    issue(who, call, pending.value_or(request{}));
    const pacer::clock::time_point end = pacer::clock::now() + patience;
    const slot& s = stage_->slot_at(p.slot);
    while (!has_obeyed(s)) {
        if (pacer::clock::now() > end || is_dead(p.status.read()))
            return std::nullopt;
        clock_.moment();
    }
    p.in_call = false;
    p.pending = pending;
    return s.result;
}

void real_tasks::find_births() {
    std::erase_if(unborn_parents_, [this](name_id parent_name) {
        puppet* parent = cast_.find(parent_name);
        if (parent == nullptr || !parent->pending || parent->pending->op != operation::fork)
            return true;
        const name_id child = parent->pending->child;
        const bool thread = (parent->pending->flags & clone_flag::thread) != 0;
        std::vector<pid_t> candidates =
            thread ? threads_of(parent->group) : children_of(parent->group, parent->task);
        if ((parent->pending->flags & clone_flag::parent) != 0 && !thread)
            for (const auto& other : cast_.all())
                for (const pid_t pid : children_of(other->group, other->task))
                    candidates.push_back(pid);
        for (const pid_t pid : candidates)
            if (!cast_.knows(pid)) {
                cast_.add(child, slot_of(child), thread ? parent->group : pid, pid);
                return true;
            }
        const slot& s = stage_->slot_at(parent->slot);
        const bool done = has_obeyed(s);
        return (done && s.result < 0) || is_dead(parent->status.read());
    });
}

} // namespace seccomp_sim::live
