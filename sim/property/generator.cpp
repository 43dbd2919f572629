// Chooses a task and a kind of call, and lets the kind's maker fill in the rest.
#include "sim/property/generator.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/property/filter_shelf.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/nearest_name.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace seccomp_sim::property {

namespace {

using self = generator;

constexpr std::uint32_t endless_names = 4096;

const std::vector<const scenario::operation_row*>& rows_of_kinds() {
    static const auto rows = [] {
        std::vector<const scenario::operation_row*> found;
        for (const generator::call_kind& k : generator::kinds())
            found.push_back(scenario::find_operation(k.name));
        return found;
    }();
    return rows;
}

} // namespace

std::span<const generator::call_kind> generator::kinds() {
    static constexpr auto all = std::to_array<call_kind>({
        {"fork", 8, &self::fork},
        {"vfork", 1, &self::vfork},
        {"thread", 6, &self::thread},
        {"clone", 2, &self::clone},
        {"exit", 5, &self::exit},
        {"exit_group", 3, &self::exit_group},
        {"kill", 4, &self::kill},
        {"tgkill", 2, &self::tgkill},
        {"sigaction", 2, &self::sigaction},
        {"sigprocmask", 1, &self::sigprocmask},
        {"wait", 10, &self::wait},
        {"exec", 2, &self::exec},
        {"unshare", 1, &self::unshare},
        {"set_no_new_privs", 1, &self::set_no_new_privs},
        {"set_child_subreaper", 1, &self::set_child_subreaper},
        {"drop_capabilities", 1, &self::drop_capabilities},
        {"setrlimit_nofile", 1, &self::setrlimit_nofile},
        {"seccomp", 14, &self::seccomp},
        {"prctl_seccomp", 2, &self::prctl_seccomp},
        {"prctl_get_seccomp", 1, &self::prctl_get_seccomp},
        {"syscall", 10, &self::system_call},
        {"recv", 8, &self::receive},
        {"send", 8, &self::send},
        {"id_valid", 1, &self::id_valid},
        {"addfd", 3, &self::addfd},
        {"set_flags", 1, &self::set_flags},
        {"open", 1, &self::open},
        {"dup", 2, &self::dup},
        {"close", 5, &self::close},
        {"set_cloexec", 1, &self::set_cloexec},
        {"send_fd", 4, &self::send_fd},
        {"recv_fd", 2, &self::receive_fd},
        {"pidfd_open", 1, &self::pidfd_open},
        {"pidfd_getfd", 2, &self::pidfd_getfd},
        {"epoll_create", 1, &self::epoll_create},
        {"epoll_ctl", 4, &self::epoll_ctl},
        {"epoll_wait", 2, &self::epoll_wait},
        {"poll", 3, &self::poll},
        {"ptrace_attach", 1, &self::ptrace_attach},
        {"ptrace_seize", 2, &self::ptrace_seize},
        {"ptrace_cont", 3, &self::ptrace_cont},
        {"ptrace_detach", 1, &self::ptrace_detach},
        {"ptrace_get_filter", 2, &self::ptrace_get_filter},
        {"read_seccomp_cache", 1, &self::read_seccomp_cache},
    });
    return all;
}

std::span<const std::string_view> call_kinds() {
    static const auto names = [] {
        std::vector<std::string_view> all;
        for (const generator::call_kind& k : generator::kinds())
            all.push_back(k.name);
        return all;
    }();
    return names;
}

call_weights default_weights() {
    call_weights weights;
    for (const generator::call_kind& k : generator::kinds())
        weights.push_back(k.weight);
    return weights;
}

result<void> set_weight(call_weights& weights, std::string_view setting) {
    constexpr std::uint32_t most = 1000;
    const std::size_t equals = setting.find('=');
    const std::string_view name = setting.substr(0, equals);
    std::uint32_t weight = 0;
    if (equals != std::string_view::npos) {
        const std::string_view text = setting.substr(equals + 1);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
        if (error != std::errc() || end != text.data() + text.size() || weight > most)
            return diagnostic{{}, quoted(text) + " is no weight", "expected a number from 0 to 1000"};
    } else {
        return diagnostic{{}, quoted(setting) + " is no weight", "expected KIND=NUMBER, such as \"fork=3\""};
    }
    if (name == "all") {
        std::fill(weights.begin(), weights.end(), weight);
        return {};
    }
    const auto names = call_kinds();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return diagnostic{
            {},
            quoted(name) + " is no kind of call",
            hint_text("\"all\" or what a step can \"do\"", scenario::nearest_name(name, names).value_or(""))};
    weights[static_cast<std::size_t>(found - names.begin())] = weight;
    return {};
}

generator::generator(const generator_options& options, choice_source& choices)
    : options_(options), choices_(choices), names_(shelf().names),
      task_names_("t", options.endless ? endless_names : std::numeric_limits<std::uint32_t>::max()),
      listener_names_("L", options.endless ? endless_names : std::numeric_limits<std::uint32_t>::max()),
      file_names_("f", options.endless ? endless_names : std::numeric_limits<std::uint32_t>::max()),
      filter_names_("F", options.endless ? endless_names : std::numeric_limits<std::uint32_t>::max()),
      notification_names_("n", options.endless ? endless_names : std::numeric_limits<std::uint32_t>::max()) {
    std::uint32_t sum = 0;
    for (const std::uint32_t weight : options_.weights)
        cumulative_.push_back(sum += weight);
}

bool generator::in_init_process(task_id t) const {
    const task_id init = find_task(k(), scenario::scenario::init());
    return k().w.tasks[t].group == k().w.tasks[init].group;
}

name_id generator::new_task_name() {
    const name_id name = task_names_.next(names_, [&](name_id n) { return bool{find_task(k(), n)}; });
    born_here_.push_back(name);
    return name;
}

const fd_slot* generator::some_fd(file_kind wanted) {
    return some_fd(self_, [&](const file& f) { return f.kind == wanted; });
}

bool generator::has_room_for_fd() const {
    const files_id table = me().files;
    return !table || k().w.fd_tables[table].slots.size() < options_.max_fds;
}

bool generator::make_kind(std::size_t kind, planned_call& out) {
    const scenario::operation_row& row = *rows_of_kinds()[kind];
    out.row = &row;
    out.asked = {};
    out.asked.op = row.op;
    out.asked.system_call = row.system_call;
    out.asked.flags = row.flags;
    return (this->*kinds()[kind].make)();
}

bool generator::make_for(name_id task, planned_call& out) {
    constexpr int tries = 12;
    out.task = task;
    call_ = &out;
    asked_ = &out.asked;
    self_ = find_task(k(), task);
    if (cumulative_.empty() || cumulative_.back() == 0)
        return false;
    for (int i = 0; i < tries; ++i) {
        const std::uint32_t at = choices_.below(cumulative_.back());
        const auto kind = std::upper_bound(cumulative_.begin(), cumulative_.end(), at) - cumulative_.begin();
        if (make_kind(static_cast<std::size_t>(kind), out) && world_->is_possible(out))
            return true;
    }
    return false;
}

bool generator::next_call(const execution& world, planned_call& out) {
    world_ = &world;
    born_here_.clear();
    const name_id who = some_task([&](task_id t) {
        const task& record = k().w.tasks[t];
        return !record.call && record.state == task_state::running && record.exit_state == exit_state::alive;
    });
    return who && make_for(who, out);
}

bool generator::next_step(const execution& world, planned_step& out) {
    out.schedule.clear();
    out.branches.clear();
    if (options_.block_percent == 0 || choices_.below(100) >= options_.block_percent) {
        out.branches.resize(1);
        out.branches[0].resize(1);
        return next_call(world, out.branches[0][0]);
    }
    world_ = &world;
    born_here_.clear();
    const std::uint32_t wanted = 2 + choices_.below(std::max(options_.max_branches, 2U) - 1);
    std::vector<name_id> used;
    while (out.branches.size() < wanted) {
        const name_id who = some_task([&](task_id t) {
            const task& record = k().w.tasks[t];
            return !record.call && record.state == task_state::running &&
                   record.exit_state == exit_state::alive &&
                   std::find(used.begin(), used.end(), record.name) == used.end();
        });
        if (!who)
            break;
        used.push_back(who);
        std::vector<planned_call> calls;
        const std::uint32_t count = 1 + choices_.below(std::max(options_.max_branch_calls, 1U));
        for (std::uint32_t i = 0; i < count; ++i)
            if (planned_call call; make_for(who, call))
                calls.push_back(call);
        if (!calls.empty())
            out.branches.push_back(std::move(calls));
    }
    return !out.branches.empty();
}

} // namespace seccomp_sim::property
