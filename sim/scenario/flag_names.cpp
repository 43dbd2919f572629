// The names and their bits, and reading them.
#include "sim/scenario/flag_names.hpp"

#include "seccomp_sim/file.hpp"
#include "seccomp_sim/filter.hpp"
#include "seccomp_sim/request.hpp"
#include "seccomp_sim/seccomp_action.hpp"
#include "seccomp_sim/task.hpp"

#include <array>
#include <vector>

namespace seccomp_sim::scenario {

namespace {

constexpr auto clone_list = std::to_array<named_bits>({{"THREAD", clone_flag::thread},
                                                       {"VM", clone_flag::vm},
                                                       {"FILES", clone_flag::files},
                                                       {"PARENT", clone_flag::parent},
                                                       {"NEWPID", clone_flag::new_pid},
                                                       {"VFORK", clone_flag::vfork}});
constexpr auto fork_list = std::to_array<named_bits>({{"PARENT", clone_flag::parent},
                                                      {"FILES", clone_flag::files},
                                                      {"NEWPID", clone_flag::new_pid},
                                                      {"VFORK", clone_flag::vfork}});
constexpr auto install_list =
    std::to_array<named_bits>({{"TSYNC", install_flag::tsync},
                               {"TSYNC_ESRCH", install_flag::tsync_esrch},
                               {"NEW_LISTENER", install_flag::new_listener},
                               {"LOG", install_flag::log},
                               {"WAIT_KILLABLE_RECV", install_flag::wait_killable_recv},
                               {"SPEC_ALLOW", install_flag::spec_allow}});
constexpr auto action_list = std::to_array<named_bits>({{"KILL_PROCESS", action_kill_process},
                                                        {"KILL_THREAD", action_kill_thread},
                                                        {"TRAP", action_trap},
                                                        {"ERRNO", action_errno},
                                                        {"USER_NOTIF", action_user_notif},
                                                        {"TRACE", action_trace},
                                                        {"LOG", action_log},
                                                        {"ALLOW", action_allow}});
constexpr auto sigaction_list = std::to_array<named_bits>({{"SA_RESTART", 1}, {"SA_NOCLDWAIT", 2}});
constexpr auto wait_list = std::to_array<named_bits>({{"WNOHANG", 1}, {"WUNTRACED", 2}, {"WCONTINUED", 8}});
constexpr auto reply_list = std::to_array<named_bits>({{"CONTINUE", reply_flag::go_on}});
constexpr auto addfd_list =
    std::to_array<named_bits>({{"SETFD", addfd_flag::setfd}, {"SEND", addfd_flag::send}});
constexpr auto listener_list = std::to_array<named_bits>({{"SYNC_WAKE_UP", 1}});
constexpr auto trace_list = std::to_array<named_bits>({{"EXITKILL", task_flag::exit_kill},
                                                       {"TRACEEXIT", task_flag::trace_exit},
                                                       {"TRACESECCOMP", task_flag::trace_seccomp}});
constexpr auto epoll_list = std::to_array<named_bits>({{"IN", poll_event::in},
                                                       {"OUT", poll_event::out},
                                                       {"HUP", poll_event::hup},
                                                       {"ERR", poll_event::err},
                                                       {"ET", poll_event::et},
                                                       {"ONESHOT", poll_event::oneshot},
                                                       {"EXCLUSIVE", poll_event::exclusive},
                                                       {"WAKEUP", poll_event::wakeup}});
// The first four of them are what can be reported.
constexpr std::span<const named_bits> reported_list = std::span(epoll_list).first(4);

std::string_view without_prefix(std::string_view word, const name_set& set) {
    for (const std::string_view prefix : {set.prefix, set.other_prefix})
        if (!prefix.empty() && word.starts_with(prefix))
            return word.substr(prefix.size());
    return word;
}

// The names to choose from are told as the user began to write them.
[[noreturn]] void fail_unknown(const document& doc, source_ref value, const name_set& set) {
    const std::string_view word = doc.string(value);
    const std::string_view bare = without_prefix(word, set);
    const std::string_view prefix = word.substr(0, word.size() - bare.size());
    std::vector<std::string> valid;
    for (const named_bits& entry : set.names)
        valid.push_back(std::string(prefix) + std::string(entry.name));
    fail_unknown_name(doc, value, set.what, std::vector<std::string_view>(valid.begin(), valid.end()));
}

} // namespace

const name_set clone_names = {"clone flag", clone_list, "CLONE_"};
const name_set fork_names = {"flag of fork", fork_list, "CLONE_"};
const name_set install_names = {"flag of seccomp", install_list, "SECCOMP_FILTER_FLAG_"};
const name_set action_names = {"action", action_list, "SECCOMP_RET_", "SCMP_ACT_"};
const name_set sigaction_names = {"flag of sigaction", sigaction_list};
const name_set wait_names = {"option of wait", wait_list};
const name_set reply_names = {"flag of a reply", reply_list, "SECCOMP_USER_NOTIF_FLAG_"};
const name_set addfd_names = {"flag of ADDFD", addfd_list, "SECCOMP_ADDFD_FLAG_"};
const name_set listener_names = {"flag of a listener", listener_list, "SECCOMP_USER_NOTIF_FD_"};
const name_set trace_names = {"option of ptrace", trace_list, "PTRACE_O_"};
const name_set epoll_names = {"event of epoll", epoll_list, "EPOLL"};
const name_set poll_names = {"event of poll", reported_list, "POLL"};
const name_set reported_names = {"event", reported_list, "EPOLL", "POLL"};

std::uint32_t bits_at(const document& doc, source_ref word, const name_set& set) {
    const std::string_view name = without_prefix(string_at(doc, word, "a name"), set);
    for (const named_bits& entry : set.names)
        if (entry.name == name)
            return entry.value;
    fail_unknown(doc, word, set);
}

std::uint32_t list_bits_at(const document& doc, source_ref list, const name_set& set) {
    std::uint32_t bits = 0;
    for (const source_ref word : array_at(doc, list, "an array of names"))
        bits |= bits_at(doc, word, set);
    return bits;
}

std::string names_of_bits(std::uint32_t bits, const name_set& set, std::string_view separator) {
    std::string out;
    for (const named_bits& entry : set.names)
        if ((bits & entry.value) != 0)
            out += (out.empty() ? "" : std::string(separator)) + std::string(entry.name);
    return out;
}

} // namespace seccomp_sim::scenario
