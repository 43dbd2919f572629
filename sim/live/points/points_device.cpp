// The ioctls of /proc/seccomp_sim_points; kernel/seccomp_sim_points.c is the other side.
#include "sim/live/points/points_device.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/points/kernel/seccomp_sim_points_abi.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/ioctl.h>

namespace seccomp_sim::live {
namespace {

std::string label_in(const char (&text)[SECCOMP_SIM_LABEL_SIZE]) {
    return {text, strnlen(text, sizeof text)};
}

/// After a call that failed.
void check_age() {
    if (errno == ENOTTY)
        throw cannot_run("the points of this kernel are older than this program: build it again with kernel "
                         "build --points");
}

} // namespace

points_device::points_device() : file_(open(path, O_RDWR | O_CLOEXEC)) {
    if (file_.get() >= 0)
        return;
    if (errno == ENOENT)
        throw cannot_run("this kernel has no points: build it with kernel build --points");
    throw cannot_run(std::string(path) + ": " + std::strerror(errno));
}

bool points_device::tag(pid_t pid, std::size_t slot) {
    seccomp_sim_tag asked = {pid, static_cast<unsigned>(slot)};
    return ioctl(file_.get(), SECCOMP_SIM_TAG, &asked) == 0;
}

void points_device::reset() {
    ioctl(file_.get(), SECCOMP_SIM_RESET, 0);
}

bool points_device::take_turn(unsigned goes_on, std::vector<task_place>& places) {
    seccomp_sim_turn turn = {};
    turn.goes_on = goes_on;
    const bool settled = ioctl(file_.get(), SECCOMP_SIM_TURN, &turn) == 0;
    if (!settled)
        check_age();
    if (!settled && errno != EAGAIN && errno != ETIMEDOUT && errno != EINTR)
        throw cannot_run(std::string("the points do not answer: ") + std::strerror(errno));
    places.resize(slots);
    for (std::size_t i = 0; i < slots; ++i) {
        const seccomp_sim_slot& s = turn.slots[i];
        places[i] = {static_cast<task_place::state>(s.state), s.pid, label_in(s.label), s.spins != 0};
    }
    return settled;
}

bool points_device::step(std::size_t slot, std::vector<task_place>& places) {
    return take_turn(static_cast<unsigned>(slot), places);
}

bool points_device::settle(std::vector<task_place>& places) {
    return take_turn(slots, places);
}

std::vector<passed_point> points_device::passes() {
    auto told = std::make_unique<std::array<seccomp_sim_pass, SECCOMP_SIM_LOG_SIZE>>();
    const int count = ioctl(file_.get(), SECCOMP_SIM_PASSES, told->data());
    std::vector<passed_point> passed;
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(count, 0)); ++i) {
        const seccomp_sim_pass& p = (*told)[i];
        passed.push_back({p.slot, static_cast<passed_point::how>(p.how), label_in(p.label)});
    }
    return passed;
}

void points_device::flush_rcu() {
    ioctl(file_.get(), SECCOMP_SIM_RCU, 0);
}

void points_device::limit(unsigned milliseconds) {
    ioctl(file_.get(), SECCOMP_SIM_LIMIT, static_cast<unsigned long>(milliseconds));
}

void points_device::patience(unsigned milliseconds) {
    ioctl(file_.get(), SECCOMP_SIM_PATIENCE, static_cast<unsigned long>(milliseconds));
}

void points_device::hold(bool wanted) {
    ioctl(file_.get(), SECCOMP_SIM_HOLD, wanted ? 1UL : 0UL);
}

bool points_device::hold_under_locks() {
    under_locks_ = ioctl(file_.get(), SECCOMP_SIM_SPIN, 1UL) == 0;
    return under_locks_;
}

std::optional<std::uint32_t> points_device::poll(pid_t pid, int fd) {
    seccomp_sim_poll asked = {pid, fd, 0};
    if (ioctl(file_.get(), SECCOMP_SIM_POLL, &asked) == 0)
        return asked.events;
    check_age();
    return {};
}

bool points_device::read_memory(std::uint64_t address, std::span<std::byte> into) {
    seccomp_sim_peek asked = {address, reinterpret_cast<std::uint64_t>(into.data()), into.size()};
    return ioctl(file_.get(), SECCOMP_SIM_PEEK, &asked) == 0;
}

} // namespace seccomp_sim::live
