// Loads the BPF program once and starts an iteration for each look; the results lie in memory shared with it.
#include "sim/live/white_box/white_box.hpp"

#include "sim/live/white_box/iterator_program.hpp"
#include "sim/live/white_box/iterator_records.h"
#include "sim/scenario/input_error.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

using scenario::file_descriptor;
using scenario::input_error;

/// The inode of the machine's first pid namespace (PROC_PID_INIT_INO).
constexpr ino_t first_pid_namespace = 0xEFFFFFFC;

/// libbpf's last warning: it knows better than an errno why a program did not load.
std::string& last_warning() {
    static thread_local std::string text;
    return text;
}

int keep_warning(libbpf_print_level level, const char* format, va_list arguments) {
    if (level != LIBBPF_WARN)
        return 0;
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    last_warning() = text;
    while (last_warning().ends_with('\n'))
        last_warning().pop_back();
    return 0;
}

[[noreturn]] void cannot(const std::string& what, int error) {
    std::string hint;
    if (error == EPERM || error == EACCES)
        hint = "to be root, or to have CAP_BPF and CAP_PERFMON";
    else if (!last_warning().empty())
        hint = "what libbpf says: " + last_warning();
    throw input_error(
        {{}, "the running kernel cannot be looked into: " + what + ": " + scenario::errno_text(error), hint});
}

struct close_object {
    void operator()(bpf_object* o) const { bpf_object__close(o); }
};
struct destroy_link {
    void operator()(bpf_link* l) const { bpf_link__destroy(l); }
};

struct unmap {
    void operator()(iterator_look* l) const { ::munmap(l, sizeof *l); }
};

std::unique_ptr<bpf_object, close_object> load_program() {
    libbpf_set_print(keep_warning);
    last_warning().clear();
    if (::access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        cannot("it has no types of its own in /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF)", errno);
    std::unique_ptr<bpf_object, close_object> object(
        bpf_object__open_mem(iterator_program.data(), iterator_program.size(), nullptr));
    if (!object)
        cannot("the BPF program is not understood", errno);
    struct stat own = {};
    bpf_map* constants = bpf_object__find_map_by_name(object.get(), ".rodata");
    std::size_t size = 0;
    const void* initial = constants ? bpf_map__initial_value(constants, &size) : nullptr;
    if (!initial || size < sizeof(std::uint32_t) || ::stat("/proc/self/ns/pid", &own) != 0)
        cannot("our pid namespace is not known", errno);
    const std::uint32_t inode =
        own.st_ino == first_pid_namespace ? 0 : static_cast<std::uint32_t>(own.st_ino);
    std::vector<char> values(static_cast<const char*>(initial), static_cast<const char*>(initial) + size);
    std::memcpy(values.data(), &inode, sizeof inode);
    bpf_map__set_initial_value(constants, values.data(), size);
    if (const int failed = bpf_object__load(object.get()); failed != 0)
        cannot("it does not take the BPF program", -failed);
    return object;
}

class running_kernel final : public white_box {
  public:
    running_kernel() : object_(load_program()) {
        bpf_program* program = bpf_object__find_program_by_name(object_.get(), "note_task");
        link_.reset(bpf_program__attach_iter(program, nullptr));
        if (!link_)
            cannot("there is no iterator over tasks", errno);
        const int memory = bpf_object__find_map_fd_by_name(object_.get(), ".bss");
        void* shared = ::mmap(nullptr, sizeof(iterator_look), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
        if (shared == MAP_FAILED)
            cannot("the BPF program's memory cannot be shared", errno);
        look_.reset(static_cast<iterator_look*>(shared));
        wanted_ = bpf_object__find_map_fd_by_name(object_.get(), "wanted");
    }

    result<seccomp_state> read(std::span<const pid_t> processes) override {
        return scenario::as_result([&] {
            start_look(processes);
            iterate();
            if (look_->overflow != 0)
                throw input_error(
                    {{}, "there are more tasks, filters or notifications than can be looked at at once", ""});
            return taken();
        });
    }

  private:
    void start_look(std::span<const pid_t> processes) {
        const unsigned generation = look_->generation + 1;
        look_->generation = generation;
        look_->all = processes.empty() ? 1 : 0;
        look_->tasks = look_->filters = look_->notifications = look_->overflow = 0;
        for (const pid_t process : processes)
            if (bpf_map_update_elem(wanted_, &process, &generation, BPF_ANY) != 0)
                cannot("the processes to look at cannot be named", errno);
    }

    void iterate() {
        const file_descriptor iterator(bpf_iter_create(bpf_link__fd(link_.get())));
        if (!iterator)
            cannot("no iteration can be started", errno);
        // The program writes nothing here; reading is what makes it run.
        char none[64];
        ssize_t size = 0;
        while ((size = ::read(iterator.get(), none, sizeof none)) != 0)
            if (size < 0 && errno != EAGAIN && errno != EINTR)
                cannot("the iteration failed", errno);
    }

    seccomp_state taken() const {
        seccomp_state state;
        for (const iterator_task& t : std::span(look_->task, look_->tasks))
            state.tasks.push_back({t.tid, t.tgid, std::string(t.comm, ::strnlen(t.comm, sizeof t.comm)),
                                   t.filter, t.mode, t.filter_count, t.exiting != 0, t.exit_state});
        for (const iterator_filter& f : std::span(look_->filter, look_->filters)) {
            filter_record record = {f.address,           f.prev,           f.usage, f.live,
                                    f.has_listener != 0, f.waited_on != 0, {},      {}};
            if (record.has_listener)
                record.requests = f.requests;
            for (const iterator_notification& n : std::span(look_->notification, look_->notifications))
                if (n.filter == f.address)
                    record.notifications.push_back({n.id, n.tid, notification_record::notify_state{n.state}});
            state.filters.push_back(std::move(record));
        }
        put_in_order(state);
        return state;
    }

    std::unique_ptr<bpf_object, close_object> object_;
    std::unique_ptr<bpf_link, destroy_link> link_;
    std::unique_ptr<iterator_look, unmap> look_;
    int wanted_ = -1;
};

} // namespace

result<std::unique_ptr<white_box>> open_running_kernel() {
    return scenario::as_result(
        []() -> std::unique_ptr<white_box> { return std::make_unique<running_kernel>(); });
}

} // namespace seccomp_sim::live
