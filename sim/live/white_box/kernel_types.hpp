// Where members lie in a kernel's structures, by its BTF; and where its symbols are.
#pragma once

#include "seccomp_sim/result.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct btf;

namespace seccomp_sim::live {

/// The structures of one kernel.
class kernel_types {
  public:
    /// Reads raw BTF.
    static result<kernel_types> read(const std::filesystem::path& file);

    /// Bytes from the start of the structure to the member; members of members are named with dots
    /// ("seccomp.filter"), those of anonymous structures and unions directly. Nothing when there is none.
    std::optional<std::size_t> offset(std::string_view structure, std::string_view member) const;
    /// Size in bytes; nothing when there is no such structure.
    std::optional<std::size_t> size(std::string_view structure) const;

  private:
    std::shared_ptr<btf> btf_;
};

/// The addresses of a System.map that are asked for; a name that is missing is not in the result.
result<std::map<std::string, std::uint64_t>> read_symbols(const std::filesystem::path& system_map,
                                                          const std::vector<std::string>& names);

} // namespace seccomp_sim::live
