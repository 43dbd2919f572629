// What a run's observer heard during one step, in order, and the state of things that it remembers between
// steps.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::replay {

/// Something that happened during a step.
struct event {
    enum class kind : std::uint8_t {
        woken,
        reported,
        received,
        handler,
        exited,
        reaped,
        freed,
        warning,
        restarted
    };
    kind what = kind::woken;
    name_id who; ///< the task (freed: the filter)
    name_id fd;  ///< reported: of which fd
    std::uint32_t events = 0;
    std::int64_t number = 0; ///< handler: the signal; exited: the status; received: the pid seen
    name_id target;          ///< received: the trapped task
    std::string text;        ///< warning
};

/// Listens to a kernel. Remembers each named task's last value and each exit status.
class trace : public observer {
  public:
    explicit trace(const kernel& k) : k_(k) {}

    std::vector<event> events;                ///< of the present step
    std::vector<name_id> counters;            ///< filters whose counters the present step wrote
    std::map<task_id, std::int64_t> returned; ///< of the present step, by task
    std::map<name_id, std::int64_t> last_returned;
    std::map<name_id, std::int32_t> exit_codes;
    std::map<filter_id, file_id> listeners; ///< the open ones
    std::vector<filter_id> polls;           ///< whose listener may report something else since this step
    struct receipt {
        name_id target;
        std::int64_t pid = 0;
    };
    std::map<name_id, receipt> last_received; ///< what RECV last handed out, by who received it

    void start_step();

    void on_return(task_id who, request_id call, std::int64_t value) override;
    void on_restart(task_id who) override;
    void on_wake(task_id who, queue_ref queue, std::uint32_t events) override;
    void on_event(task_id who, name_id fd, std::uint32_t events) override;
    void on_notification(task_id who, filter_id which, index_type cookie, task_id target,
                         index_type pid) override;
    void on_handler(task_id who, int signal) override;
    void on_exit(task_id who, std::int32_t code) override;
    void on_reap(task_id who) override;
    void on_counters(filter_id which) override;
    void on_listener(filter_id which, file_id listener) override;
    void on_notifications(filter_id which) override;
    void on_filter_freed(filter_id which) override;
    void on_warning(std::string_view text) override;

  private:
    name_id name_of(task_id t) const { return k_.w.tasks[t].name; }
    event& add(event::kind what, name_id who);
    void poll_again(filter_id which);

    const kernel& k_;
};

} // namespace seccomp_sim::replay
