// Walks a guest's memory: every thread of every process, its path of filters, and the listeners it has open.
#include "sim/live/white_box/white_box.hpp"

#include "sim/live/white_box/guest_memory.hpp"
#include "sim/live/white_box/own_memory.hpp"
#include "sim/live/white_box/seccomp_layout.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

namespace seccomp_sim::live {
namespace {

using scenario::input_error;
using scenario::value_or_throw;

constexpr std::uint32_t pf_exiting = 0x4;
constexpr std::uint32_t pf_kthread = 0x200000;
/// More of anything than this is a list that was read while it changed.
constexpr std::size_t most = 100000;

class guest_kernel final : public white_box {
  public:
    guest_kernel(std::string name, guest_memory memory, const seccomp_layout& layout)
        : name_(std::move(name)), memory_(std::move(memory)), l_(layout) {}

    result<seccomp_state> read(std::span<const pid_t> processes) override {
        return scenario::as_result([&] {
            state_ = {};
            seen_.clear();
            wanted_ = processes;
            // The list begins behind init_task, which is in the kernel's image, with its first process:
            // that one outlives all we look at, and its link can be read without a system call.
            if (first_process_ == 0)
                first_process_ = value<std::uint64_t>(l_.init_task + l_.task.tasks) - l_.task.tasks;
            process(first_process_);
            walk_behind(first_process_ + l_.task.tasks, l_.init_task + l_.task.tasks, l_.task.tasks,
                        [&](std::uint64_t leader) { process(leader); });
            put_in_order(state_);
            return std::move(state_);
        });
    }

  private:
    template <class T>
    T value(std::uint64_t address) {
        T v{};
        if (!memory_.read(address, &v, sizeof v))
            failed();
        return v;
    }
    structure_copy structure(std::uint64_t address, std::size_t size) {
        auto copy = memory_.structure(address, size);
        if (!copy)
            failed();
        return std::move(*copy);
    }
    [[noreturn]] void failed() const {
        const int error = errno;
        throw input_error(
            {{},
             "the memory of the kernel " + name_ + " cannot be read: " + scenario::errno_text(error),
             error == EPERM ? "to be root, or kernel.yama.ptrace_scope below 2" : ""});
    }

    /// Calls `visit` for each structure on a list whose link lies at `link` in it.
    template <class Visit>
    void walk(std::uint64_t head, std::size_t link, Visit visit) {
        walk_behind(head, head, link, visit);
    }
    /// The same for those between the link `from` and the list's head.
    template <class Visit>
    void walk_behind(std::uint64_t from, std::uint64_t head, std::size_t link, Visit visit) {
        std::size_t n = 0;
        for (std::uint64_t at = value<std::uint64_t>(from); at != head; at = value<std::uint64_t>(at)) {
            if (at == 0 || ++n > most)
                throw input_error(
                    {{}, "the memory of the kernel " + name_ + " changed while it was read", ""});
            visit(at - link);
        }
    }

    void process(std::uint64_t leader) {
        if (!wanted_.empty() &&
            std::ranges::find(wanted_, value<pid_t>(leader + l_.task.tgid)) == wanted_.end())
            return;
        const auto signal = value<std::uint64_t>(leader + l_.task.signal);
        if (signal == 0 || (value<std::uint32_t>(leader + l_.task.flags) & pf_kthread) != 0)
            return;
        walk(signal + l_.signal_thread_head, l_.task.thread_node,
             [&](std::uint64_t address) { thread(address); });
    }

    void thread(std::uint64_t address) {
        const structure_copy t = structure(address, l_.task.size);
        task_record record;
        record.tid = t.at<pid_t>(l_.task.pid);
        record.tgid = t.at<pid_t>(l_.task.tgid);
        record.comm.assign(t.text(l_.task.comm), ::strnlen(t.text(l_.task.comm), 16));
        record.filter = t.at<std::uint64_t>(l_.task.filter);
        record.mode = t.at<std::uint32_t>(l_.task.mode);
        record.filter_count = t.at<std::uint32_t>(l_.task.filter_count);
        record.exiting = (t.at<std::uint32_t>(l_.task.flags) & pf_exiting) != 0;
        record.exit_state = t.at<std::uint32_t>(l_.task.exit_state);
        path(record.filter);
        open_listeners(t.at<std::uint64_t>(l_.task.files));
        state_.tasks.push_back(std::move(record));
    }

    void path(std::uint64_t address) {
        for (std::size_t n = 0; address != 0 && n < most && seen_.insert(address).second; ++n)
            address = filter(address);
    }

    /// Reads one and gives its prev.
    std::uint64_t filter(std::uint64_t address) {
        const structure_copy f = structure(address, l_.filter.size);
        filter_record record;
        record.address = address;
        record.prev = f.at<std::uint64_t>(l_.filter.prev);
        record.usage = f.at<std::uint32_t>(l_.filter.usage);
        record.live = f.at<std::uint32_t>(l_.filter.live);
        if (l_.filter.wait_list)
            record.waited_on = f.at<std::uint64_t>(*l_.filter.wait_list) != address + *l_.filter.wait_list;
        const auto notif = f.at<std::uint64_t>(l_.filter.notif);
        record.has_listener = notif != 0;
        if (notif != 0)
            notifications(notif, record);
        state_.filters.push_back(std::move(record));
        return state_.filters.back().prev;
    }

    void notifications(std::uint64_t address, filter_record& record) {
        const structure_copy n = structure(address, l_.notification.size);
        record.requests = n.at<std::int32_t>(l_.notification.requests);
        if (l_.notification.wait_list)
            record.waited_on =
                n.at<std::uint64_t>(*l_.notification.wait_list) != address + *l_.notification.wait_list;
        walk(address + l_.notification.notifications, l_.knotif.list, [&](std::uint64_t knotif) {
            const structure_copy k = structure(knotif, l_.knotif.size);
            const auto task = k.at<std::uint64_t>(l_.knotif.task);
            record.notifications.push_back(
                {k.at<std::uint64_t>(l_.knotif.id), task == 0 ? 0 : value<pid_t>(task + l_.task.pid),
                 notification_record::notify_state{k.at<std::uint32_t>(l_.knotif.state)}});
        });
    }

    /// A filter whose tasks are all gone is still held by its listener.
    void open_listeners(std::uint64_t files) {
        // Threads mostly share one table.
        if (files == 0 || !seen_.insert(files).second)
            return;
        const auto table = value<std::uint64_t>(files + l_.file.files_fdt);
        const auto max_fds = value<std::uint32_t>(table + l_.file.table_max_fds);
        const auto array = value<std::uint64_t>(table + l_.file.table_fd);
        if (max_fds > most * 16)
            throw input_error({{}, "the memory of the kernel " + name_ + " changed while it was read", ""});
        const structure_copy fds = structure(array, max_fds * sizeof(std::uint64_t));
        for (std::size_t i = 0; i < max_fds; ++i) {
            const auto file = fds.at<std::uint64_t>(i * sizeof(std::uint64_t));
            if (file != 0 && value<std::uint64_t>(file + l_.file.f_op) == l_.seccomp_notify_ops)
                path(value<std::uint64_t>(file + l_.file.private_data));
        }
    }

    std::string name_;
    guest_memory memory_;
    seccomp_layout l_;
    std::span<const pid_t> wanted_;
    std::uint64_t first_process_ = 0;
    seccomp_state state_;
    std::set<std::uint64_t> seen_; ///< filters and fd tables of this look
};

} // namespace

result<std::unique_ptr<white_box>> open_guest_kernel(const guest& running) {
    return scenario::as_result([&]() -> std::unique_ptr<white_box> {
        const lab_kernel& k = running.what();
        return std::make_unique<guest_kernel>(k.name, guest_memory(running.pid()),
                                              value_or_throw(read_layout(k.btf(), k.symbols())));
    });
}

result<std::unique_ptr<white_box>> open_own_kernel(const lab_kernel& what, memory_reader unmapped) {
    return scenario::as_result([&]() -> std::unique_ptr<white_box> {
        const auto memory = std::make_shared<own_memory>(what, std::move(unmapped));
        const auto read = [memory](std::uint64_t address, void* into, std::size_t size) {
            return memory->read(address, into, size);
        };
        return std::make_unique<guest_kernel>(what.name, guest_memory(read),
                                              value_or_throw(read_layout(what.btf(), what.symbols())));
    });
}

} // namespace seccomp_sim::live
