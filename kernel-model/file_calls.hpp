// System calls on fds: fs/open.c, fs/file.c, fs/fcntl.c, and setrlimit of kernel/sys.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Bit 0 of request::flags where a call makes an fd: O_CLOEXEC.
inline constexpr std::uint32_t open_cloexec = 1;

/// open: a regular file, `as`.
struct sys_open : frame {
    std::int32_t fd = 0;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// dup of `fd`, `as`. With a `number` it is dup2, or dup3 if bit 0 of `flags` is set; numbers 0 to 2 may be
/// taken.
struct sys_dup : frame {
    file_id f;
    file_id replaced;
    std::int32_t fd = 0;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

struct sys_close : frame {
    file_id f;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

/// fcntl(F_SETFD): `value` is 1 for FD_CLOEXEC.
struct sys_set_cloexec : frame {
    step run(kernel& k);
};

/// unshare(CLONE_FILES).
struct sys_unshare_files : frame {
    step run(kernel& k);
};

/// setrlimit(RLIMIT_NOFILE): `value` is the soft limit.
struct sys_setrlimit_nofile : frame {
    step run(kernel& k);
};

} // namespace seccomp_sim
