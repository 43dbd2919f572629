// Locks by flock(2), which the kernel drops when their holder dies.
#include "sim/live/lab/build_folder.hpp"

#include "sim/scenario/input_error.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/file.h>

namespace seccomp_sim::live {
namespace {

namespace fs = std::filesystem;
using scenario::file_descriptor;
using scenario::input_error;

[[noreturn]] void cannot_write(const fs::path& what, int error) {
    throw input_error({{what.string(), 0, 0, ""}, "it cannot be made: " + scenario::errno_text(error), ""});
}

void make_folders(const fs::path& path) {
    std::error_code failed;
    fs::create_directories(path, failed);
    if (failed)
        cannot_write(path, failed.value());
}

file_descriptor locked(const fs::path& path, int flags, int how) {
    file_descriptor fd = scenario::open_file(path.string(), flags, 0644);
    if (!fd && errno != ENOENT)
        cannot_write(path, errno);
    while (fd && ::flock(fd.get(), how) != 0)
        if (errno != EINTR)
            return {};
    return fd;
}

/// Folders that nobody holds any more.
void remove_leftovers(const fs::path& building) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(building, ignored))
        if (entry.is_directory() && locked(entry.path(), O_RDONLY | O_DIRECTORY, LOCK_EX | LOCK_NB))
            fs::remove_all(entry.path(), ignored);
}

} // namespace

build_folder::build_folder(const fs::path& store) {
    const fs::path building = store / "building";
    make_folders(building);
    const file_descriptor entry = locked(building / ".lock", O_RDWR | O_CREAT, LOCK_EX);
    remove_leftovers(building);
    std::string name = building / "XXXXXX";
    if (!::mkdtemp(name.data()))
        cannot_write(name, errno);
    path_ = name;
    lock_ = locked(path_, O_RDONLY | O_DIRECTORY, LOCK_EX);
}

build_folder::~build_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

build_lock::build_lock(const fs::path& store, const std::string& key,
                       const std::function<void()>& when_waiting) {
    make_folders(store / "locks");
    const fs::path file = store / "locks" / key;
    lock_ = locked(file, O_RDWR | O_CREAT, LOCK_EX | LOCK_NB);
    if (lock_)
        return;
    when_waiting();
    lock_ = locked(file, O_RDWR | O_CREAT, LOCK_EX);
}

} // namespace seccomp_sim::live
