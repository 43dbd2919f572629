// The folder of one build under way, and the lock that lets the same kernel be built by one process at a
// time.
#pragma once

#include "sim/scenario/system_file.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace seccomp_sim::live {

/// A fresh folder in the store's building/, gone at the end. Making one also removes those whose builder was
/// killed. Throws scenario::input_error where the store cannot be written.
class build_folder {
  public:
    explicit build_folder(const std::filesystem::path& store);
    ~build_folder();
    build_folder(const build_folder&) = delete;
    build_folder& operator=(const build_folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// The descriptor whose lock says that the folder is in use.
    int lock() const { return lock_.get(); }

  private:
    std::filesystem::path path_;
    scenario::file_descriptor lock_;
};

/// Held while the kernel of that key is built. Waits for whoever holds it, after calling `when_waiting`.
class build_lock {
  public:
    build_lock(const std::filesystem::path& store, const std::string& key,
               const std::function<void()>& when_waiting);

  private:
    scenario::file_descriptor lock_;
};

} // namespace seccomp_sim::live
