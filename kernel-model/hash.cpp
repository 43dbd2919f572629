// The hash of a world: every live record and the order of what waits, as bytes.
#include "seccomp_sim/world.hpp"

namespace seccomp_sim {
namespace {

/// A multiply-and-fold hash; the same on every machine of the same byte order.
class mixer {
  public:
    void operator()(const void* data, std::size_t size) {
        const auto* bytes = static_cast<const unsigned char*>(data);
        while (size > 0) {
            std::uint64_t word = 0;
            const std::size_t part = size < 8 ? size : 8;
            std::memcpy(&word, bytes, part);
            state_ = fold(state_ ^ word ^ part);
            bytes += part;
            size -= part;
        }
    }
    std::uint64_t value() const { return state_; }

  private:
    static std::uint64_t fold(std::uint64_t x) {
        x *= 0x9e3779b97f4a7c15ULL;
        x ^= x >> 32;
        x *= 0xd6e8feb86659fd93ULL;
        return x ^ (x >> 29);
    }
    std::uint64_t state_ = 0x243f6a8885a308d3ULL;
};

} // namespace

std::uint64_t hash_of(const world& w) {
    mixer mix;
    w.tasks.hash(mix);
    w.groups.hash(mix);
    w.sighands.hash(mix);
    w.namespaces.hash(mix);
    w.filters.hash(mix);
    w.notifications.hash(mix);
    w.knotifs.hash(mix);
    w.kaddfds.hash(mix);
    w.open_files.hash(mix);
    w.fd_tables.hash(mix);
    w.messages.hash(mix);
    w.eventpolls.hash(mix);
    w.epitems.hash(mix);
    w.wait_entries.hash(mix);
    w.stacks.hash(mix);
    mix(&w.tasklist_lock, sizeof w.tasklist_lock);
    mix(&w.rcu_first, sizeof w.rcu_first);
    mix(&w.next_pid, sizeof w.next_pid);
    mix(&w.warnings, sizeof w.warnings);
    return mix.value();
}

} // namespace seccomp_sim
