// Making a scenario's namespace and memory, and taking them down.
#include "sim/live/stage.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/puppet/image.hpp"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/futex.h>
#include <memory>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

using scenario::errno_text;
using scenario::file_descriptor;

constexpr unsigned mfd_exec = 0x10;

/// A file in memory, never one of the standard streams.
file_descriptor memory_file(const char* name, unsigned flags) {
    int fd = static_cast<int>(::syscall(SYS_memfd_create, name, MFD_CLOEXEC | flags));
    if (fd < 0 && errno == EINVAL) // before 6.3 nothing but executable ones exist
        fd = static_cast<int>(::syscall(SYS_memfd_create, name, MFD_CLOEXEC));
    if (fd < 0)
        throw cannot_run(std::string("memfd_create fails: ") + errno_text(errno));
    file_descriptor first(fd);
    return file_descriptor(::fcntl(first.get(), F_DUPFD_CLOEXEC, 10));
}

file_descriptor make_image_file() {
    file_descriptor image = memory_file("seccomp-sim-puppet", mfd_exec);
    const std::span<const std::byte> bytes = puppet_image();
    if (::write(image.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        throw cannot_run("the puppet's program cannot be written to memory");
    return image;
}

/// Any number of stages run the same one.
const file_descriptor& image_file() {
    static const file_descriptor image = make_image_file();
    return image;
}

/// Signal s by bit s - 1.
std::uint64_t ignored_signals() {
    std::uint64_t ignored = 0;
    for (int s = 1; s <= 64; ++s) {
        struct sigaction now {};
        if (::sigaction(s, nullptr, &now) == 0 && now.sa_handler == SIG_IGN)
            ignored |= std::uint64_t{1} << static_cast<unsigned>(s - 1);
    }
    return ignored;
}

void write_file(const std::string& path, const std::string& text) {
    const file_descriptor f = scenario::open_file(path, O_WRONLY);
    if (!f || ::write(f.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw cannot_run("cannot write " + path + ": " + errno_text(errno));
}

/// In our memory, while we stand still, until it executes the puppet: copying all of ours takes longer than a
/// short scenario.
long start_sharing_memory(const stage_entry& entry, int namespaces) {
    constexpr std::size_t stack_size = 65536;
    const auto stack = std::make_unique<std::byte[]>(stack_size);
    const auto begin = [](void* its) -> int { become_puppet(*static_cast<const stage_entry*>(its)); };
    return ::clone(begin, stack.get() + stack_size, CLONE_VM | CLONE_VFORK | namespaces | SIGCHLD,
                   const_cast<stage_entry*>(&entry));
}

/// Nobody finds what was sent to somebody who is gone. Fds that nobody asks for, the kernel closes.
void drain(int socket) {
    char byte = 0;
    while (::recv(socket, &byte, 1, MSG_DONTWAIT) > 0) {
    }
}

bool has_died(pid_t child) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0 ||
           info.si_pid != 0;
}

} // namespace

void stage::child_task::end() {
    if (pid <= 0)
        return;
    ::kill(pid, SIGKILL);
    while (::waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {
    }
    pid = -1;
}

void give_command(slot& to) {
    __atomic_fetch_add(&to.command, 1, __ATOMIC_RELEASE);
    ::syscall(SYS_futex, &to.command, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

bool has_obeyed(const slot& whose) {
    return __atomic_load_n(&whose.done, __ATOMIC_ACQUIRE) == whose.command;
}

stage::stage(const options& asked) {
    map_memory(asked);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        throw cannot_run(std::string("socketpair fails: ") + errno_text(errno));
    socket_ = file_descriptor(ends[0]);
    other_socket_ = file_descriptor(ends[1]);
    if (asked.used == use::again) {
        start_zygote(asked);
        begin_anew();
        return;
    }
    start_init(asked);
    other_socket_.close();
}

stage::~stage() {
    if (memory_ != nullptr)
        ::munmap(memory_, size_);
}

slot& stage::slot_at(std::size_t index) const {
    return *reinterpret_cast<slot*>(static_cast<std::byte*>(memory_) + slots_offset + index * slot_size);
}

void stage::map_memory(const options& asked) {
    zygote_slot_ = asked.slots;
    const std::size_t slots = asked.slots + (asked.used == use::again ? 1 : 0);
    std::size_t end = slots_offset + slots * slot_size;
    for (const bpf_program& p : asked.programs) {
        programs_.push_back(shared_address + end);
        end += p.classic().size() * sizeof(sock_filter);
    }
    constexpr std::size_t page = 4096;
    size_ = (end + page) / page * page;
    memory_file_ = memory_file("seccomp-sim-commands", 0);
    if (::ftruncate(memory_file_.get(), static_cast<off_t>(size_)) != 0)
        throw cannot_run(std::string("no memory for the puppets: ") + errno_text(errno));
    memory_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, memory_file_.get(), 0);
    if (memory_ == MAP_FAILED) {
        memory_ = nullptr;
        throw cannot_run(std::string("no memory for the puppets: ") + errno_text(errno));
    }
    for (std::size_t i = 0; i < programs_.size(); ++i) {
        const std::span<const sock_filter> program = asked.programs[i].classic();
        if (!program.empty())
            std::memcpy(static_cast<std::byte*>(memory_) + (programs_[i] - shared_address), program.data(),
                        program.size_bytes());
    }
}

stage_entry stage::entry_for(const options& asked, std::size_t slot) const {
    static const std::uint64_t ignored = ignored_signals();
    stage_entry entry;
    entry.memory = memory_file_.get();
    entry.socket = other_socket_.get();
    entry.image = image_file().get();
    entry.driver_socket = socket_.get();
    entry.memory_size = size_;
    entry.slot = slot;
    entry.ignored = ignored;
    entry.keeps_dropped_capabilities = asked.keeps_dropped_capabilities;
    return entry;
}

/// It starts on this byte, and dies on its absence when the driver is gone already.
void stage::let_go() const {
    const char go = 1;
    if (::write(socket_.get(), &go, 1) != 1)
        throw cannot_run("the first task died as it was started");
}

void stage::start_init(const options& asked) {
    const stage_entry entry = entry_for(asked, 0);
    let_go();
    long child = start_sharing_memory(entry, CLONE_NEWPID);
    if (child < 0 && errno == EPERM) {
        char taken_back = 0;
        if (::read(other_socket_.get(), &taken_back, 1) != 1)
            throw cannot_run("the first task cannot be told to wait");
        in_user_namespace_ = true;
        child =
            ::syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
        if (child == 0)
            become_puppet(entry);
    }
    if (child < 0)
        throw cannot_run(std::string("a pid namespace cannot be made: ") + errno_text(errno) +
                         "; run as root, or allow user namespaces");
    init_.pid = static_cast<pid_t>(child);
    if (in_user_namespace_) {
        map_ids();
        let_go();
    }
}

void stage::start_zygote(const options& asked) {
    let_go();
    zygote_.pid = static_cast<pid_t>(start_sharing_memory(entry_for(asked, zygote_slot_), 0));
    if (zygote_.pid < 0)
        throw cannot_run(std::string("no task can be made: ") + errno_text(errno));
    wait_for_zygote([this] { return header().read_only != 0; });
}

template <class Condition>
void stage::wait_for_zygote(Condition&& done) const {
    while (!done()) {
        if (has_died(zygote_.pid))
            throw cannot_run("the task that starts the others has died");
        ::sched_yield();
    }
}

void stage::begin_anew() {
    init_.end();
    drain(socket_.get());
    drain(other_socket_.get());
    slot& first = slot_at(0);
    std::memset(&first, 0, sizeof first);
    first.command = 1; // it finds its first call: what does not come with birth
    first.number = SYS_prctl;
    first.arguments[0] = PR_SET_PDEATHSIG;
    first.arguments[1] = SIGKILL;
    slot& zygote = slot_at(zygote_slot_);
    zygote.kind = command_kind::birth;
    zygote.number = SYS_clone;
    zygote.arguments[0] = CLONE_VM | CLONE_PARENT | CLONE_NEWPID;
    zygote.arguments[1] = static_cast<std::int64_t>(slot_address(1));
    zygote.child = 0;
    give_command(zygote);
    wait_for_zygote([&] { return has_obeyed(zygote); });
    if (zygote.result < 0)
        throw cannot_run(std::string("a pid namespace cannot be made: ") +
                         errno_text(static_cast<int>(-zygote.result)));
    init_.pid = static_cast<pid_t>(zygote.result);
    wait_for_zygote([&] { return has_obeyed(first); });
}

void stage::map_ids() const {
    const std::string folder = "/proc/" + std::to_string(init_.pid) + "/";
    write_file(folder + "setgroups", "deny");
    write_file(folder + "uid_map", "0 " + std::to_string(::geteuid()) + " 1");
    write_file(folder + "gid_map", "0 " + std::to_string(::getegid()) + " 1");
}

} // namespace seccomp_sim::live
