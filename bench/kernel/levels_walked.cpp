// The levels that an exit walks, counted twice: filters whose `live` it changed in the model, and in the
// running kernel as the white box reads them before and after.
#include "bench/kernel/levels_walked.hpp"

#include "bench/kernel/notifying_filter.hpp"

#include "seccomp_sim/kernel.hpp"
#include "sim/live/white_box/white_box.hpp"

#include <array>
#include <csignal>
#include <iostream>
#include <map>
#include <optional>
#include <sched.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::bench {
namespace {

constexpr int trunk_filters = 4;

/// The live counters of a model, by filter.
std::map<index_type, std::int32_t> live_of(const kernel& k) {
    std::map<index_type, std::int32_t> live;
    k.w.filters.for_each([&](filter_id f, const filter& record) { live[f.value] = record.live; });
    return live;
}

template <class Key, class Value>
int changed(const std::map<Key, Value>& before, const std::map<Key, Value>& after) {
    int count = 0;
    for (const auto& [key, value] : before) {
        const auto now = after.find(key);
        count += now == after.end() || now->second != value ? 1 : 0;
    }
    return count;
}

int levels_in_model(int filters) {
    kernel k(all_presets().back().choices);
    k.programs.emplace_back(std::vector<sock_filter>{{0x06, 0, 0, action_allow}});
    const task_id init = k.make_init({});
    const auto call = [&](task_id who, operation op, std::uint32_t flags = 0) {
        request r;
        r.op = op;
        r.flags = flags;
        if (op == operation::seccomp) {
            r.value = 1; // SECCOMP_SET_MODE_FILTER
            r.program = {0};
        }
        k.requests.push_back(r);
        k.start(who, {static_cast<index_type>(k.requests.size() - 1)});
        k.run_to_rest();
    };
    const auto fork = [&](task_id parent) {
        call(parent, operation::fork);
        return k.w.groups[k.w.groups[k.group_of(parent).first_child].prev_sibling].leader;
    };
    const task_id trunk = fork(init);
    for (int i = 0; i < trunk_filters; ++i)
        call(trunk, operation::seccomp);
    const task_id last = fork(trunk);
    for (int i = 0; i < filters; ++i)
        call(last, operation::seccomp, i + 1 == filters ? install_flag::new_listener : 0);
    const auto before = live_of(k);
    call(last, operation::exit_group);
    return changed(before, live_of(k));
}

/// A pair of pipes between a parent and a child.
class conversation {
  public:
    conversation() {
        if (pipe(to_child_.data()) != 0 || pipe(to_parent_.data()) != 0)
            throw std::runtime_error("cannot make a pipe");
    }
    ~conversation() {
        for (const int fd : {to_child_[0], to_child_[1], to_parent_[0], to_parent_[1]})
            close(fd);
    }
    conversation(const conversation&) = delete;
    conversation& operator=(const conversation&) = delete;

    int ask_parent(int value) const {
        int answer = -1;
        if (write(to_parent_[1], &value, sizeof value) != sizeof value ||
            read(to_child_[0], &answer, sizeof answer) != sizeof answer)
            _exit(1);
        return answer;
    }
    int hear_child() const {
        int value = -1;
        return read(to_parent_[0], &value, sizeof value) == sizeof value ? value : -1;
    }
    void answer_child() const {
        const int value = 0;
        if (write(to_child_[1], &value, sizeof value) != sizeof value)
            throw std::runtime_error("cannot write to a pipe");
    }

  private:
    std::array<int, 2> to_child_{}, to_parent_{};
};

/// The trunk's task waits; its child attaches the filters and exits when it is told.
[[noreturn]] void trunk_task(const conversation& talk, int filters) {
    bool good = allow_filters();
    for (int i = 0; good && i < trunk_filters; ++i)
        good = attach_filter();
    const auto last = good ? static_cast<pid_t>(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0)) : -1;
    if (last == 0) {
        for (int i = 1; good && i < filters; ++i)
            good = attach_filter();
        good = good && attach_listener() >= 0;
        talk.ask_parent(good ? getpid() : -1);
        _exit(0);
    }
    if (last < 0)
        talk.ask_parent(-1);
    waitpid(last, nullptr, 0);
    talk.ask_parent(0);
    _exit(0);
}

using live_by_address = std::map<std::uint64_t, std::uint32_t>;

live_by_address look(live::white_box& box, std::vector<pid_t> processes) {
    const auto state = box.read(processes);
    if (!state)
        throw std::runtime_error(state.error().message);
    live_by_address live;
    for (const live::filter_record& f : state->filters)
        live[f.address] = f.live.value_or(0);
    return live;
}

int levels_in_kernel(live::white_box& box, int filters) {
    const conversation talk;
    // The listener stays open in the trunk's table, and with it the whole path stays in memory.
    const auto trunk = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    if (trunk == 0)
        trunk_task(talk, filters);
    const pid_t last = talk.hear_child();
    if (last <= 0) {
        kill(trunk, SIGKILL);
        waitpid(trunk, nullptr, 0);
        throw std::runtime_error("cannot attach filters");
    }
    const live_by_address before = look(box, {trunk, last});
    talk.answer_child();
    talk.hear_child();
    const live_by_address after = look(box, {trunk});
    talk.answer_child();
    waitpid(trunk, nullptr, 0);
    return changed(before, after);
}

} // namespace

nlohmann::json compare_levels_walked(const std::vector<int>& lengths) {
    nlohmann::json records = nlohmann::json::array();
    const auto box = live::open_running_kernel();
    for (const int filters : lengths) {
        nlohmann::json record{{"filters", filters}, {"model", levels_in_model(filters)}};
        if (box)
            record["kernel"] = levels_in_kernel(**box, filters);
        else
            record["reason"] = box.error().message;
        std::cout << filters << " filters of its own on a shared trunk: the model walks " << record["model"]
                  << " levels, the kernel "
                  << (box ? record["kernel"].dump() : "does not say: " + box.error().message) << std::endl;
        records.push_back(record);
    }
    return records;
}

} // namespace seccomp_sim::bench
