// Offsets by libbpf's reader of BTF.
#include "sim/live/white_box/kernel_types.hpp"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

namespace seccomp_sim::live {
namespace {

const btf_type* without_modifiers(const btf* b, std::uint32_t id) {
    const btf_type* type = btf__type_by_id(b, id);
    while (type && (btf_is_mod(type) || btf_is_typedef(type)))
        type = btf__type_by_id(b, type->type);
    return type;
}

struct found_member {
    std::size_t offset;
    const btf_type* type;
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as a kernel structure nests anonymous ones
std::optional<found_member> find_member(const btf* b, const btf_type* structure, std::string_view name) {
    const btf_member* member = btf_members(structure);
    for (std::uint32_t i = 0; i < btf_vlen(structure); ++i, ++member) {
        const std::string_view member_name = btf__name_by_offset(b, member->name_off);
        const std::size_t offset = btf_member_bit_offset(structure, i) / 8;
        const btf_type* type = without_modifiers(b, member->type);
        if (member_name == name)
            return found_member{offset, type};
        if (!member_name.empty() || !type || !btf_is_composite(type))
            continue;
        if (auto inner = find_member(b, type, name))
            return found_member{offset + inner->offset, inner->type};
    }
    return std::nullopt;
}

const btf_type* find_structure(const btf* b, std::string_view name) {
    const std::int32_t id = btf__find_by_name_kind(b, std::string(name).c_str(), BTF_KIND_STRUCT);
    return id > 0 ? btf__type_by_id(b, static_cast<std::uint32_t>(id)) : nullptr;
}

} // namespace

result<kernel_types> kernel_types::read(const std::filesystem::path& file) {
    btf* b = btf__parse_raw(file.c_str());
    const long error = libbpf_get_error(b);
    if (error != 0)
        return diagnostic{{file.string(), 0, 0, ""},
                          std::string("the kernel's types cannot be read: ") +
                              std::strerror(static_cast<int>(-error)),
                          ""};
    kernel_types types;
    types.btf_ = std::shared_ptr<btf>(b, btf__free);
    return types;
}

std::optional<std::size_t> kernel_types::offset(std::string_view structure, std::string_view member) const {
    const btf_type* type = find_structure(btf_.get(), structure);
    std::size_t offset = 0;
    while (!member.empty()) {
        if (!type || !btf_is_composite(type))
            return std::nullopt;
        const std::string_view first = member.substr(0, member.find('.'));
        const auto found = find_member(btf_.get(), type, first);
        if (!found)
            return std::nullopt;
        offset += found->offset;
        type = found->type;
        member.remove_prefix(std::min(member.size(), first.size() + 1));
    }
    return offset;
}

std::optional<std::size_t> kernel_types::size(std::string_view structure) const {
    const btf_type* type = find_structure(btf_.get(), structure);
    return type ? std::optional<std::size_t>(type->size) : std::nullopt;
}

result<std::map<std::string, std::uint64_t>> read_symbols(const std::filesystem::path& system_map,
                                                          const std::vector<std::string>& names) {
    std::ifstream in(system_map);
    if (!in)
        return diagnostic{{system_map.string(), 0, 0, ""}, "the kernel's symbols cannot be read", ""};
    std::map<std::string, std::uint64_t> found;
    for (std::string line; std::getline(in, line);) {
        // "00000000601f7f80 d seccomp_notify_ops"
        const std::size_t blank = line.rfind(' ');
        const std::string name = line.substr(blank + 1);
        if (blank == std::string::npos || std::ranges::find(names, name) == names.end())
            continue;
        std::uint64_t address = 0;
        std::from_chars(line.data(), line.data() + line.find(' '), address, 16);
        found.emplace(name, address);
    }
    return found;
}

} // namespace seccomp_sim::live
