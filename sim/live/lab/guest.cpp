// Boots a lab kernel under a keeper, with a socket as its second terminal.
#include "sim/live/lab/guest.hpp"

#include "sim/live/lab/spare_cpu.hpp"
#include "sim/scenario/input_error.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

namespace fs = std::filesystem;
using scenario::file_descriptor;
using scenario::input_error;
using scenario::value_or_throw;

[[noreturn]] void cannot(const std::string& what) {
    throw input_error({{}, "the guest cannot be started: " + what + ": " + scenario::errno_text(errno), ""});
}

/// Where user-mode Linux keeps what it wants to share: gone with the guest.
std::string make_scratch() {
    std::string name = fs::temp_directory_path() / "seccomp-sim-guest-XXXXXX";
    if (!::mkdtemp(name.data()))
        cannot("no temporary folder");
    return name;
}

/// Where the file is made that is the guest's memory: on a tmpfs with room for it, or else in the scratch
/// folder.
std::string memory_folder(const guest_options& options, const std::string& scratch) {
    struct statfs shared = {};
    const bool roomy =
        ::statfs("/dev/shm", &shared) == 0 && shared.f_type == TMPFS_MAGIC &&
        shared.f_bavail * static_cast<std::uint64_t>(shared.f_bsize) >> 20U > options.memory_mib;
    return roomy ? "/dev/shm" : scratch;
}

unsigned cpus_of(const lab_kernel& what, const guest_options& options) {
    return options.one_cpu ? 1 : what.origin.cpus;
}

/// The number of the channel's descriptor in the kernel's process.
constexpr int terminal_number = 3;

std::vector<std::string> command_line(const lab_kernel& what, const guest_options& options,
                                      const std::string& scratch) {
    std::vector<std::string> argv = {
        what.image()
            .string(), // Said here because the kernel would add them behind the end of init's arguments.
        "root=98:0", "console=tty0", "rootfstype=hostfs", "rootflags=/", options.writable_root ? "rw" : "ro",
        "mem=" + std::to_string(options.memory_mib) + "M", "con0=fd:0,fd:1", "con=null",
        "con1=fd:" + std::to_string(terminal_number), "quiet",
        // A panic ends the guest instead of waiting for somebody to look at it.
        "panic=-1", "uml_dir=" + scratch + "/"};
    if (what.origin.cpus > 1)
        argv.insert(argv.end(), {"seccomp=on", "ncpus=" + std::to_string(cpus_of(what, options))});
    argv.insert(argv.end(), options.parameters.begin(), options.parameters.end());
    argv.push_back("init=" + options.init);
    if (!options.arguments.empty())
        argv.emplace_back("--");
    argv.insert(argv.end(), options.arguments.begin(), options.arguments.end());
    return argv;
}

} // namespace

result<guest> guest::start(const lab_kernel& what, const guest_options& options) {
    return scenario::as_result([&] {
        int sockets[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
            cannot("no socket");
        file_descriptor channel(sockets[0]);
        const file_descriptor terminal(sockets[1]);
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            cannot("no pipe");
        file_descriptor console(ends[0]);
        const file_descriptor printed(ends[1]);

        command kernel_program;
        kernel_program.scratch = make_scratch();
        kernel_program.argv = command_line(what, options, kernel_program.scratch);
        kernel_program.environment = {"TMPDIR=" + memory_folder(options, kernel_program.scratch)};
        kernel_program.descriptors = {{printed.get(), STDOUT_FILENO},
                                      {printed.get(), STDERR_FILENO},
                                      {terminal.get(), terminal_number}};
        // The keeper holds the lock until nothing of the guest is left.
        const std::optional<spare_cpu> cpu = cpus_of(what, options) == 1 ? spare_cpu::take() : std::nullopt;
        if (cpu) {
            kernel_program.cpu = cpu->number();
            kernel_program.held = {cpu->lock()};
        }
        process_group group = value_or_throw(process_group::start(kernel_program));
        return guest(what, std::move(group), std::move(channel), std::move(console));
    });
}

} // namespace seccomp_sim::live
