// Making a folder to write into.
#include "sim/scenario/output_folder.hpp"

#include "sim/scenario/system_file.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace seccomp_sim::scenario {

result<void> make_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    int why = error.value();
    if (why == 0 && !std::filesystem::is_directory(path, error))
        why = ENOTDIR;
    if (why == 0 && ::access(path.c_str(), W_OK | X_OK) != 0)
        why = errno;
    if (why == 0)
        return {};
    return diagnostic{{path, 0, 0, {}},
                      "nothing can be written into this folder: " + errno_text(why),
                      "expected one that exists, or that can be made, and that can be written to"};
}

} // namespace seccomp_sim::scenario
