// A scenario's tasks on a real kernel: commands go to them, and what state they are in is looked at. Nothing
// here knows what should come of a call.
#pragma once

#include "sim/live/call_site.hpp"
#include "sim/live/cast.hpp"
#include "sim/live/pacer.hpp"
#include "sim/live/stage.hpp"
#include "sim/scenario/scenario.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// Where the scenario's tasks will live. Throws cannot_run.
std::shared_ptr<stage> make_stage(const scenario::scenario& s, stage::use used);

/// An fd on its way from one task to another; the driver holds it meanwhile.
struct fd_in_flight {
    fd_message what;
    scenario::file_descriptor fd;
};

class real_tasks {
  public:
    /// Waits until the init of `place` is there. Throws cannot_run.
    real_tasks(const scenario::scenario& s, pacer& clock, std::shared_ptr<stage> place);

    cast& everybody() { return cast_; }
    const cast& everybody() const { return cast_; }
    const stage& place() const { return *stage_; }
    /// Remembers what a RECV of `p` gave, by the names that the scenario has for it.
    void note_notification(const seccomp_sim::kernel& model, const puppet& p, std::uint64_t id);

    /// What `call` will be; `model` has not taken the step yet.
    raw_call prepare(const seccomp_sim::kernel& model, name_id who, const request& asked);
    /// Takes from `model`, which has taken the step, how everybody waits from now on, by their filters, and
    /// who leads.
    void foresee(const seccomp_sim::kernel& model);
    /// Gives the command. The task runs from here on.
    void issue(name_id who, const raw_call& call, const request& asked);
    /// Before a step: what happens from here on belongs to it.
    void begin_step();

    /// Looks at everybody; true if nobody runs: all wait for a command, sleep in a call, are stopped or dead.
    bool look();
    /// Of what look() does the cheap part, for whoever knows otherwise that all are at rest: whose calls have
    /// returned, who was born, and what was sent.
    void take_returns();
    /// Whether that is not enough: somebody may change its pid.
    bool must_look() const;
    /// Gives `who` one call and waits until it returns or sleeps for as long as `patience`; nothing: it
    /// sleeps. Not part of any step's outcome.
    std::optional<std::int64_t> call_now(name_id who, const raw_call& call,
                                         std::chrono::milliseconds patience);
    /// Hands over fds that were sent and whose receivers are ready. Throws cannot_run when one may not take
    /// it.
    void deliver(const seccomp_sim::kernel& model);
    /// Puts the oldest fd that is in flight to `to` where its recvmsg finds it.
    void give_mail(name_id to);
    /// Whether an fd was sent to a task with that task's fd table, and could not be taken so far.
    bool has_mail_before_it(const seccomp_sim::kernel& model, name_id who) const;
    /// The fd in flight of that name, or -1.
    int fd_in_flight_named(name_id name) const;
    /// Forgets, and so closes, what is in flight to a task that is gone.
    void drop_mail(const seccomp_sim::kernel& model);

  private:
    void take_messages();
    bool take_message(); ///< whether there was one
    void find_births();
    bool is_in_call(operation op) const;
    bool took_over_group(puppet& p);
    void hand_over(const fd_in_flight& mail) const;
    std::size_t slot_of(name_id name);

    const scenario::scenario& s_;
    pacer& clock_;
    std::map<name_id, std::size_t> slots_;
    std::shared_ptr<stage> stage_;
    cast cast_;
    notification_ids ids_;
    std::vector<name_id> unborn_parents_; ///< whose births may still be found
    bool mail_may_come_ = false;          ///< somebody was told to send an fd
    std::deque<fd_in_flight> sent_;       ///< to be received at once
    std::deque<fd_in_flight> in_flight_;  ///< until recv_fd
};

/// Whether the filters that `task` has in the model let this call through, whatever its other arguments are.
bool lets_through(const seccomp_sim::kernel& model, name_id task, std::int64_t number,
                  const std::array<std::uint64_t, 6>& arguments);

} // namespace seccomp_sim::live
