// The kernel: a world, the revision it runs under, the programs and requests that never change, and the means
// to make tasks take steps. The modelled functions are in kernel-model/, one source for each source of the
// kernel.
#pragma once

#include "seccomp_sim/bpf.hpp"
#include "seccomp_sim/frame.hpp"
#include "seccomp_sim/observer.hpp"
#include "seccomp_sim/request.hpp"
#include "seccomp_sim/revision.hpp"
#include "seccomp_sim/world.hpp"

#include <array>
#include <deque>
#include <new>
#include <span>
#include <string>
#include <vector>

namespace seccomp_sim {

/// Not thread-safe. Copying a kernel copies the world in the middle of whatever its tasks are doing.
class kernel {
  public:
    explicit kernel(const revision& choices);

    world w;
    revision rev;
    std::vector<bpf_program> programs;
    std::vector<request> requests;
    std::vector<poll_request> poll_list;
    std::vector<std::string> names; ///< what name_id indexes; only messages read it
    observer* watch = nullptr;      ///< not owned
    /// Whether functions stop at each yield, for a scheduler to choose who goes on. Otherwise a call runs
    /// until it returns or sleeps, and yields only mark where the invariants are checked.
    bool preemptive = false;
    bool check_invariants = true;
    /// What was found broken so far; a caller decides whether to go on.
    std::vector<violation> violations;
    std::uint32_t observed_events = 0; ///< where observe_poll leaves what it saw
    /// How often each invariant was tested with something at stake, by the number of the enumerator.
    std::array<std::uint64_t, invariants.size()> tested{};
    void count_test(invariant i) { ++tested[static_cast<std::size_t>(i)]; }

    // --- tasks and calls
    // -------------------------------------------------------------------------------------
    /// The first task: the init of the first pid namespace, with CAP_SYS_ADMIN.
    task_id make_init(name_id name);
    /// Makes `who`, which must be in user mode and able to run, ask for a system call.
    void start(task_id who, request_id call);
    /// Lets `who` take one atomic step (preemptive), or run until it returns or sleeps.
    step resume(task_id who);
    /// Whether a step of `who` could change anything but for a lock that is taken.
    bool can_run(task_id who) const {
        if (!w.tasks.is_live(who))
            return false;
        const task& t = w.tasks[who];
        // A task that set its state and did not come to schedule() yet is still on its CPU.
        return t.call && (t.state == task_state::running || w.stacks[t.call].asleep == 0);
    }
    /// Runs everything that can run, in the order in which it became able to, until nothing can.
    void run_to_rest();
    /// Whether no task can take a step.
    bool at_rest() const;
    /// Queues every task that can run, after a time in which a scheduler of its own decided.
    void collect_runnable();
    /// The label at which `who` waits to be chosen; 0 in user mode and at the start of a call.
    label_id waits_at(task_id who) const;

    /// What poll with timeout 0 reports of an open file, by the modelled poll itself. At rest only.
    std::uint32_t poll_now(file_id f);

    // --- what the modelled functions use
    // ---------------------------------------------------------------------
    task_id self; ///< `current`; run_as changes it

    /// From now on `who` is the running task.
    void run_as(task_id who) {
        self = who;
        current_.place = &w.tasks[who];
        stack_.place = current().call ? &w.stacks[current().call] : nullptr;
        group_.place = nullptr;
    }
    task& deref(task_id t) {
        if (!w.tasks.is_live(t))
            used_after_free(t);
        return w.tasks[t];
    }
    thread_group& deref(group_id g) { return w.groups[g]; }
    filter& deref(filter_id f) {
        if (!w.filters.is_live(f))
            used_after_free(f);
        return w.filters[f];
    }
    file& deref(file_id f);
    wait_entry& deref(wait_entry_id e);
    /// A step has the records of its task and of that task's stack kept as it begins.
    task& current() { return *current_.place; }
    call_stack& stack() { return *stack_.place; }
    thread_group& current_group() {
        if (group_.place == nullptr)
            group_.place = &w.groups[current().group];
        return *group_.place;
    }
    thread_group& group_of(task_id t) { return w.groups[w.tasks[t].group]; }
    /// The parts of the world that are in no table: so that the journal learns of it (journal.hpp).
    world_globals& globals() {
        note_globals();
        return w;
    }
    const world_globals& globals() const {
        note_globals();
        return w;
    }
    world_lists& lists() {
        note_opaque();
        return w;
    }
    const world_lists& lists() const {
        if (log_ != nullptr) [[unlikely]]
            log_->note_lists();
        return w;
    }
    /// Whether the kernel function that asks is to make this mistake. Where the mistakes lie in the machine
    /// code is a tenth of a replay's time.
    bool mutated(mutant m) const {
        if (rev.mutant == m) [[unlikely]]
            return true;
        return false;
    }
    const request& current_request() { return requests[stack().request.value]; }

    /// At each yield: looks at the invariants, and says whether to stop here for the scheduler.
    bool reached(label_id where) {
        if (last_touched_)
            check_touched();
        where_ = where;
        if (watch) [[unlikely]]
            watch->on_label(self, where);
        return preemptive;
    }
    /// At each schedule(): whether to give up the CPU.
    bool must_sleep(label_id where) { return reached(where) || current().state != task_state::running; }
    std::int64_t result() { return stack().result; }
    void set_result(std::int64_t value) { stack().result = value; }

    /// Calls a function for the running task, from the label `where`: its frame is pushed, and it runs until
    /// it returns, when the frame is gone again, or stops. A caller that has to stop with it goes on from
    /// `where` once it has returned.
    template <class Frame>
    step call(label_id where, const Frame& f) {
        Frame& callee = stack().push(f);
        if (watch) [[unlikely]]
            watch->on_label(self, where);
        const step outcome = callee.run(*this);
        if (outcome == step::returned)
            stack().pop(sizeof(Frame));
        return outcome;
    }
    /// Makes `who`, which is in user mode, enter the kernel: it goes on with this frame. Gives its new stack.
    template <class Frame>
    call_stack& enter(task_id who, const Frame& f) {
        const stack_id stack = w.tasks[who].call = new_stack(who);
        call_stack& s = w.stacks[stack];
        s.push(f);
        make_runnable(who);
        return s;
    }

    // --- exploring
    // -------------------------------------------------------------------------------------------------
    /// From now on each step is kept in `changes`, which must outlive the kernel, and tasks allocate in the
    /// lane of their name, of `lanes` (table_base).
    void explore_with(journal& changes, index_type lanes);
    index_type lane_of(task_id who) const;
    /// What a step changes beside the tables, for the journal's owner to keep before a step.
    struct unjournaled;
    void keep_rest(unjournaled& out) const;
    void put_back_rest(const unjournaled& kept);
    /// Parts of the same.
    void keep_globals(unjournaled& out) const;
    void put_back_globals(const unjournaled& kept);
    void keep_accounts(unjournaled& out) const;
    void put_back_accounts(const unjournaled& kept);
    bool has_accounts(const unjournaled& kept) const;
    /// What a filter's counters must be, kept up as holders come and go. Not part of the world: it follows
    /// from it.
    struct account {
        std::int32_t usage = 0;  ///< holders of `usage`
        std::int32_t live = 0;   ///< holders of `live`
        std::int32_t direct = 0; ///< tasks that count as using the filter directly, by the revision's rule
        std::int32_t dependents = 0; ///< filters on top of it that are in use
        bool used() const { return direct > 0 || dependents > 0; }
        friend bool operator==(const account&, const account&) = default;
    };
    /// As of the last step; all zero for a filter that nobody held so far.
    account account_at(index_type filter) const { return account_in(accounts_, filter); }
    /// The same, of accounts that were kept.
    static account account_in(const std::vector<account>& accounts, index_type filter) {
        return filter < accounts.size() ? accounts[filter] : account{};
    }
    void set_account(index_type filter, const account& holders) { account_of({filter}) = holders; }
    /// Forgets what waits to be looked at at the next rest: whoever explores audits each rest.
    void forget_rest();
    /// Appends the whole world as bytes: the same for equal worlds.
    void pack(std::vector<std::byte>& out) const;
    /// Makes the world that was packed by a kernel that was made in the same way; says where its bytes end.
    const std::byte* unpack(const std::byte* from);

    // Runnable tasks, oldest first.
    void make_runnable(task_id who) {
        if (!preemptive)
            runnable_.push_back(who);
    }
    /// try_to_wake_up: if `who` sleeps in one of the states of `mask` (bits by task_state), it runs again.
    bool wake(task_id who, std::uint32_t mask);

    // --- counters and what holds them (refcount.cpp, ledger.cpp)
    // ---------------------------------------------
    void usage_inc(filter_id f);
    void live_inc(filter_id f);
    bool usage_dec_and_test(filter_id f);
    bool live_dec_and_test(filter_id f);
    /// Says which filter's `usage` (`live`) a call in flight holds a count of; nothing for none.
    void own_usage(frame& call, filter_id f);
    void own_live(frame& call, filter_id f);
    /// The counts that `callee` owns are its caller's from now on, which owned none.
    void give_to_caller(frame& callee);
    /// The counts that the task's pointer stood for are the call's, which owned none; the pointer itself
    /// stays.
    void take_holds(frame& call, task_id t);
    /// Changes a task's filter pointer. It stands for no count; or, with a `giver`, for one of each counter,
    /// which are to be those that this call owned.
    void set_filter(task_id t, filter_id f, frame* giver = nullptr);
    /// The task's pointer no longer stands for a count; the pointer itself stays.
    void drop_usage_hold(task_id t);
    void drop_live_hold(task_id t);
    void set_prev(filter_id f, filter_id prev);
    /// `t` stops counting as a user of its filter: it exits, or it is reaped, or it is freed, by the
    /// revision's rule.
    void stops_using(task_id t);
    void listener_opened(filter_id f, file_id listener);
    void listener_closed(filter_id f);
    filter_id new_filter(program_id program, name_id name);
    void free_filter(filter_id f);

    // --- reports -------------------------------------------------------------------------------------------
    void warn(std::string_view text);
    [[gnu::cold]] void violate(invariant which, std::string message);
    /// A filter that the present step may have changed; invariants look at these.
    void touch(filter_id f) {
        if (!check_invariants || last_touched_ == f)
            return;
        last_touched_ = f;
        touched_.push_back(f);
    }
    /// Checks every invariant that holds at rest, on what was touched since the last time.
    void check_at_rest();
    /// Recomputes everything from the world alone and checks every invariant on it, at rest or not.
    void audit(bool rest);
    /// Recomputes the accounts of holders from the world, after somebody changed the world by hand.
    void recount();

    std::string describe(task_id t) const;
    std::string describe(filter_id f) const;
    std::string describe(name_id n) const;

  private:
    stack_id new_stack(task_id who);
    void check_touched();
    void forget_touched_rest();
    void forget_touched() {
        touched_.clear();
        last_touched_ = none;
    }
    void refcount_warning(filter_id f, std::string_view text);
    [[gnu::cold]] void used_after_free(task_id t);
    [[gnu::cold]] void used_after_free(filter_id f);
    void note_globals() const {
        if (log_ != nullptr) [[unlikely]]
            log_->note_globals();
    }
    void note_opaque() const {
        if (log_ != nullptr) [[unlikely]]
            log_->note_opaque();
    }
    void note_account(filter_id f) const;
    account& account_of(filter_id f) {
        if (log_ != nullptr) [[unlikely]]
            note_account(f);
        if (accounts_.size() <= f.index()) [[unlikely]]
            accounts_.resize(f.index() + 1);
        return accounts_[f.index()];
    }
    void hold_usage(filter_id f, std::int32_t change) {
        if (!f || !check_invariants)
            return;
        account_of(f).usage += change;
        touch(f);
    }
    void hold_live(filter_id f, std::int32_t change) {
        if (!f || !check_invariants || !rev.has_live())
            return;
        account_of(f).live += change;
        touch(f);
    }
    void live_changed(filter_id f, std::int32_t before, std::int32_t after) {
        if (before > 0 && after == 0)
            hold_live(w.filters[f].prev, -1);
        counter_changed(f);
    }
    void usage_changed(filter_id f, std::int32_t before, std::int32_t after) {
        if (before > 0 && after == 0)
            hold_usage(w.filters[f].prev, -1);
        counter_changed(f);
    }
    void counter_changed(filter_id f) {
        touch(f);
        if (watch) [[unlikely]]
            watch->on_counters(f);
    }
    void use_changed(filter_id f, std::int32_t change);
    bool counts_as_user(const task& t) const;
    std::vector<account> accounts_from_world() const;
    [[gnu::cold]] void counters_are_wrong(filter_id f, const account& holders);
    void check_filter_at_rest(filter_id f, const account& holders);
    void check_sleepers(std::size_t at_most);
    void check_notifications_at_rest();

    /// Something of this kernel's own world: a copy has to look for its own.
    template <class T>
    struct own {
        T* place = nullptr;
        own() = default;
        own(const own&) noexcept {}
        own& operator=(const own& other) noexcept {
            if (this != &other)
                place = nullptr;
            return *this;
        }
        ~own() = default;
    };
    own<task> current_;
    own<call_stack> stack_;   ///< of the running task; nothing while it is in user mode
    own<thread_group> group_; ///< of the running task; nothing until the step asks for it

    journal* log_ = nullptr;
    index_type unnamed_lane_ = 0; ///< of tasks without a name
    std::deque<task_id> runnable_;
    std::vector<account> accounts_;
    std::vector<filter_id> touched_;           ///< since the last atomic step
    filter_id last_touched_;                   ///< the last of them
    std::vector<filter_id> touched_rest_;      ///< since the last rest, each once
    std::vector<std::uint8_t> waits_for_rest_; ///< by filter: in touched_rest_
    std::vector<task_id> sleepers_;            ///< tasks that went to sleep, until a rest finds them awake
    std::size_t next_sleeper_ = 0;             ///< where a rest begins to look at them
    std::int64_t listeners_ = 0;               ///< open listener files
    label_id where_ = 0;                       ///< the last label that was reached
};

struct kernel::unjournaled {
    world_globals globals;
    world_lists lists;
    std::int64_t listeners = 0;
    std::vector<account> accounts;
};

} // namespace seccomp_sim
