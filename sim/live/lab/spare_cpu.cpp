// One lock file for each CPU, beside those of the builds.
#include "sim/live/lab/spare_cpu.hpp"

#include "sim/live/lab/kernel_store.hpp"

#include <filesystem>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>

namespace seccomp_sim::live {

std::optional<spare_cpu> spare_cpu::take() {
    const auto store = kernel_store_folder();
    cpu_set_t allowed;
    if (!store || ::sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return {};
    const std::filesystem::path locks = *store / "locks";
    std::error_code ignored;
    std::filesystem::create_directories(locks, ignored);
    // From the last on: the first is where most of a machine's interrupts go.
    for (unsigned cpu = CPU_SETSIZE; cpu-- > 0;) {
        if (!CPU_ISSET(cpu, &allowed))
            continue;
        constexpr unsigned for_the_user = 0600;
        scenario::file_descriptor lock =
            scenario::open_file(locks / ("cpu-" + std::to_string(cpu)), O_RDWR | O_CREAT, for_the_user);
        if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0)
            return spare_cpu(cpu, std::move(lock));
    }
    return {};
}

} // namespace seccomp_sim::live
