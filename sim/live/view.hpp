// What can be seen after a step, as pairs of words: "worker: state" is "zombie". Model and kernel are shown
// in the same words, so that comparing them is comparing two maps, and a difference reads as one.
#pragma once

#include "sim/live/real_tasks.hpp"
#include "sim/replay/run.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace seccomp_sim::live {

using view = std::map<std::string, std::string>;

/// One thing that is not the same on both sides; empty: nothing of the kind is there.
struct difference {
    std::string what;
    std::string model;
    std::string kernel;
};

/// A value that the model does not know: any that the kernel gives will do.
inline constexpr std::string_view any_value = "*";

/// What differs, but for what the kernel did not let us see.
std::vector<difference> differences(const view& model, const view& kernel,
                                    const std::set<std::string>& unseen);

/// The model's side. It remembers pids of tasks that are gone.
class model_view {
  public:
    explicit model_view(replay::run& r) : r_(r), k_(r.model()) { remember_pids(); }

    /// After a step that `report` tells of. `counters`: whether filters' counters are part of it.
    view after(const replay::step_report& report, bool counters);
    /// The call that a task is in, or was in last.
    void begin_call(name_id task, const request& asked);

  private:
    void remember_pids();
    void add_tasks(view& v);
    void add_returns(view& v);
    void add_events(view& v, const replay::step_report& report);
    void add_polls(view& v);
    std::string value_text(name_id caller, std::int64_t value);
    name_id name_of_pid(std::int64_t pid, name_id caller) const;

    replay::run& r_;
    seccomp_sim::kernel& k_;
    /// Where a task's pids are: in the first namespace and in its own.
    struct pids {
        index_type first = 0;
        std::vector<std::pair<pid_namespace_id, std::int64_t>> seen_from;
    };
    std::map<name_id, pids> pids_;
    std::map<name_id, request> calls_;
};

/// The kernel's side.
class real_view {
  public:
    /// `model` says who has which fd, and what polls ask for.
    real_view(const scenario::scenario& s, real_tasks& tasks, const seccomp_sim::kernel& model)
        : s_(s), tasks_(tasks), k_(model) {}

    /// What poll says of an fd of a task; nothing, and an errno, if it has none.
    using fd_poll = std::function<std::optional<std::uint32_t>(const puppet&, int)>;
    /// Polls are asked of `how`, not of copies of the fds.
    void poll_by(fd_poll how) { poll_by_ = std::move(how); }

    /// What the tasks show by themselves: states, values, what calls reported.
    void add_tasks(view& v);
    /// What each open listener reports to poll, got from a task that has it.
    void add_polls(view& v, std::set<std::string>& unseen);
    /// What its call that has just ended gave back.
    std::string returned_text(const puppet& p) const;

  private:
    void add_return(view& v, puppet& p);
    std::string value_text(const puppet& p, std::int64_t value) const;

    const scenario::scenario& s_;
    real_tasks& tasks_;
    const seccomp_sim::kernel& k_;
    /// Of tasks whose fds were looked at, for the next look.
    std::map<pid_t, scenario::file_descriptor> pidfds_;
    fd_poll poll_by_;
};

/// Whether a positive value of the call is somebody's pid.
bool gives_pid(const request& asked);
/// The events that can be reported, RDNORM and WRNORM left out.
inline constexpr std::uint32_t shown_events =
    poll_event::in | poll_event::out | poll_event::err | poll_event::hup;

/// Of what a poll tells of an fd, the part that is compared. A pidfd's HUP is left out: kernels since 6.9
/// give it for a task that is reaped, and no listener hangs on it.
std::uint32_t shown_of(const seccomp_sim::kernel& model, name_id fd, std::uint32_t events);

/// What a call of `asked` left in its slot as events, by the names of fds.
std::string told_by(const scenario::scenario& s, const seccomp_sim::kernel& model, const request& asked,
                    const slot& own, std::int64_t value);
/// "L HUP, M IN"
std::string told_text(const scenario::scenario& s, const std::map<name_id, std::uint32_t>& told);

} // namespace seccomp_sim::live
