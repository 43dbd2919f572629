// The names that kernels have for the same things, newest first.
#include "sim/live/white_box/seccomp_layout.hpp"

#include "sim/scenario/input_error.hpp"

#include <initializer_list>

namespace seccomp_sim::live {
namespace {

using scenario::input_error;
using scenario::value_or_throw;

class finder {
  public:
    explicit finder(const std::filesystem::path& btf)
        : file_(btf.string()), types_(value_or_throw(kernel_types::read(btf))) {}

    std::optional<std::size_t> any(const char* structure, std::initializer_list<const char*> names) const {
        for (const char* name : names)
            if (const auto offset = types_.offset(structure, name))
                return offset;
        return std::nullopt;
    }
    std::size_t member(const char* structure, std::initializer_list<const char*> names) const {
        if (const auto offset = any(structure, names))
            return *offset;
        missing(std::string("struct ") + structure + " has no member " + *names.begin());
    }
    std::size_t size(const char* structure) const {
        if (const auto size = types_.size(structure))
            return *size;
        missing(std::string("there is no struct ") + structure);
    }
    [[noreturn]] void missing(const std::string& what) const {
        throw input_error({{file_, 0, 0, ""}, "this kernel cannot be looked into: " + what, ""});
    }

  private:
    std::string file_;
    kernel_types types_;
};

} // namespace

result<seccomp_layout> read_layout(const std::filesystem::path& btf, const std::filesystem::path& symbols) {
    return scenario::as_result([&] {
        const finder f(btf);
        seccomp_layout l = {};
        l.task.size = f.size("task_struct");
        l.task.tasks = f.member("task_struct", {"tasks"});
        l.task.thread_node = f.member("task_struct", {"thread_node"});
        l.task.signal = f.member("task_struct", {"signal"});
        l.task.pid = f.member("task_struct", {"pid"});
        l.task.tgid = f.member("task_struct", {"tgid"});
        l.task.comm = f.member("task_struct", {"comm"});
        l.task.flags = f.member("task_struct", {"flags"});
        l.task.exit_state = f.member("task_struct", {"exit_state"});
        l.task.files = f.member("task_struct", {"files"});
        l.task.mode = f.member("task_struct", {"seccomp.mode"});
        l.task.filter = f.member("task_struct", {"seccomp.filter"});
        l.task.filter_count = f.any("task_struct", {"seccomp.filter_count"});
        l.signal_thread_head = f.member("signal_struct", {"thread_head"});
        l.file.files_fdt = f.member("files_struct", {"fdt"});
        l.file.table_max_fds = f.member("fdtable", {"max_fds"});
        l.file.table_fd = f.member("fdtable", {"fd"});
        l.file.size = f.size("file");
        l.file.f_op = f.member("file", {"f_op"});
        l.file.private_data = f.member("file", {"private_data"});
        l.filter.size = f.size("seccomp_filter");
        l.filter.usage = f.member("seccomp_filter", {"refs", "usage"});
        l.filter.live = f.any("seccomp_filter", {"users", "live"});
        l.filter.prev = f.member("seccomp_filter", {"prev"});
        l.filter.notif = f.member("seccomp_filter", {"notif"});
        l.filter.wait_list = f.any("seccomp_filter", {"wqh.head"});
        l.notification.size = f.size("notification");
        l.notification.notifications = f.member("notification", {"notifications"});
        l.notification.requests = f.any("notification", {"requests", "request.count"});
        l.notification.wait_list = f.any("notification", {"wqh.head"});
        l.knotif.size = f.size("seccomp_knotif");
        l.knotif.task = f.member("seccomp_knotif", {"task"});
        l.knotif.id = f.member("seccomp_knotif", {"id"});
        l.knotif.state = f.member("seccomp_knotif", {"state"});
        l.knotif.list = f.member("seccomp_knotif", {"list"});
        const auto found = value_or_throw(read_symbols(symbols, {"init_task", "seccomp_notify_ops"}));
        for (const char* name : {"init_task", "seccomp_notify_ops"})
            if (!found.contains(name))
                f.missing(std::string("there is no symbol ") + name + " in " + symbols.string());
        l.init_task = found.at("init_task");
        l.seccomp_notify_ops = found.at("seccomp_notify_ops");
        return l;
    });
}

} // namespace seccomp_sim::live
