// The program that each modelled task is on a real kernel: it takes one command at a time, makes that system
// call and no other, and says what came of it. Freestanding: no libc, no thread-local storage, a stack of its
// own for each task, so that any mixture of processes and threads can share it.
#include "sim/live/puppet/layout.hpp"

#include <atomic>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

using namespace seccomp_sim::live;

extern "C" {

[[noreturn]] void puppet_loop(slot* own);

/// clone and vfork: the child leaves the stack that it was born on before it touches it.
std::int64_t puppet_birth(std::int64_t number, std::int64_t flags, std::int64_t stack, std::uint64_t child,
                          std::int64_t third, std::int64_t fourth);
void puppet_restorer();
}

namespace {

alignas(4096) const unsigned char zeros[4096] = {};

std::int64_t system_call(std::int64_t number, std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0,
                         std::int64_t d = 0, std::int64_t e = 0, std::int64_t f = 0) {
    std::int64_t result = 0;
    register std::int64_t r10 asm("r10") = d;
    register std::int64_t r8 asm("r8") = e;
    register std::int64_t r9 asm("r9") = f;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

slot* slot_number(std::uint64_t index) {
    return reinterpret_cast<slot*>(slot_address(index)); // NOLINT(performance-no-int-to-ptr)
}

void wait_for_command(slot& own, std::uint32_t seen) {
    while (__atomic_load_n(&own.command, __ATOMIC_ACQUIRE) == seen) {
        if (std::atomic_ref(own.park).load(std::memory_order_relaxed) == park_kind::futex) {
            system_call(SYS_futex, reinterpret_cast<std::int64_t>(&own.command), FUTEX_WAIT, seen);
        } else {
            __atomic_fetch_add(&own.heartbeats, 1, __ATOMIC_RELEASE);
            asm volatile("pause");
        }
    }
}

std::int64_t obey(slot& own) {
    const std::int64_t* a = own.arguments;
    if (own.kind == command_kind::birth)
        return puppet_birth(own.number, a[0], a[1], slot_address(own.child), a[2], a[3]);
    return system_call(own.number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

std::uint64_t number_in(const char* text) {
    std::uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; ++text)
        value = value * 10 + static_cast<std::uint64_t>(*text - '0');
    return value;
}

/// A task's stack is the rest of its slot, so any address on it says whose it is.
void count_signal(int signal) {
    const auto here = reinterpret_cast<std::uint64_t>(&signal);
    slot* own = slot_number((here - shared_address - slots_offset) / slot_size);
    if (signal > 0 && static_cast<std::size_t>(signal) <= most_handled)
        __atomic_fetch_add(&own->handled[signal], 1, __ATOMIC_RELEASE);
}

} // namespace

extern "C" {

void puppet_handler(int signal) {
    count_signal(signal);
}

void puppet_loop(slot* own) {
    if (own->command != own->done && own->kind == command_kind::exec) {
        own->result = 0;
        __atomic_store_n(&own->done, own->command, __ATOMIC_RELEASE);
    }
    for (;;) {
        const std::uint32_t seen = own->done;
        wait_for_command(*own, seen);
        own->result = obey(*own);
        __atomic_store_n(&own->done, own->command, __ATOMIC_RELEASE);
    }
}

/// The program's first C++: argv is the slot and the size of the shared memory.
[[noreturn]] void puppet_start(const std::uint64_t* stack) {
    const auto* argv = reinterpret_cast<const char* const*>(stack + 1);
    const std::uint64_t index = number_in(argv[1]);
    const auto size = static_cast<std::int64_t>(number_in(argv[2]));
    const std::int64_t mapped = system_call(SYS_mmap, static_cast<std::int64_t>(shared_address), size,
                                            PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory_fd, 0);
    if (mapped != static_cast<std::int64_t>(shared_address))
        for (;;)
            system_call(SYS_exit_group, 70);
    auto* header = reinterpret_cast<shared_header*>(shared_address); // NOLINT(performance-no-int-to-ptr)
    header->handler = reinterpret_cast<std::uint64_t>(&puppet_handler);
    header->restorer = reinterpret_cast<std::uint64_t>(&puppet_restorer);
    header->read_only = reinterpret_cast<std::uint64_t>(&zeros);
    asm volatile("mov %0, %%rsp\n\t"
                 "xor %%ebp, %%ebp\n\t"
                 "call puppet_loop"
                 :
                 : "r"(slot_address(index + 1)), "D"(slot_address(index))
                 : "memory");
    __builtin_unreachable();
}
}

static_assert(slot_size == 32768, "the child's stack below ends where its slot does");
asm(R"(
    .text
    .globl _start
_start:
    mov %rsp, %rdi
    and $-16, %rsp
    call puppet_start

    .globl puppet_restorer
puppet_restorer:
    mov $15, %eax
    syscall

    .globl puppet_birth
puppet_birth:
    mov %rcx, %r11
    push %rbx
    mov %rcx, %rbx
    mov %rdi, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %r8, %rdx
    mov %r9, %r10
    xor %r8d, %r8d
    xor %r9d, %r9d
    syscall
    test %rax, %rax
    jz 1f
    pop %rbx
    ret
1:  lea 32768(%rbx), %rsp
    xor %ebp, %ebp
    mov %rbx, %rdi
    call puppet_loop
    ud2
)");
