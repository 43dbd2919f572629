// Which shapes of nested epoll instances are let in: ep_loop_check and reverse_path_check of fs/eventpoll.c.
// The kernel recurses; here the instances are walked level by level, and there are never more levels than may
// nest.
#include "kernel-model/eventpoll.hpp"

#include "kernel-model/list_links.hpp"
#include "kernel-model/ring.hpp"

#include <algorithm>
#include <array>

namespace seccomp_sim {
namespace {

/// The files that an instance watches.
template <class Use>
void for_each_watched(const kernel& k, eventpoll_id ep, Use&& use) {
    const epitem_id first = k.w.eventpolls[ep].items;
    for (epitem_id item = first; item; item = ring_next(k.w.epitems, first, item))
        use(k.w.epitems[item].file);
}

/// The instances that watch a file.
template <class Use>
void for_each_watching(const kernel& k, file_id f, Use&& use) {
    const epitem_id first = k.w.open_files[f].watchers;
    for (epitem_id item = first; item; item = watcher_links::after(k.w.epitems, first, item))
        use(k.w.epitems[item].ep);
}

constexpr auto by_index = [](auto a, auto b) { return a.value < b.value; };

template <class T>
void sort_unique(std::vector<T>& list) {
    std::sort(list.begin(), list.end(), by_index);
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// The files below `ep` that are no epoll files, and how many levels of instances there are below it. Stops
/// where there are too many, or where `forbidden` is among them, and says too many then.
int look_below(const kernel& k, eventpoll_id ep, eventpoll_id forbidden, std::vector<file_id>& leaves) {
    std::vector<eventpoll_id> level = {ep};
    for (int depth = 0; depth <= epoll_max_nests; ++depth) {
        std::vector<eventpoll_id> below;
        for (const eventpoll_id each : level)
            for_each_watched(k, each, [&](file_id f) {
                if (is_file_epoll(k, f))
                    below.push_back(eventpoll_of(k, f));
                else
                    leaves.push_back(f);
            });
        sort_unique(below);
        if (below.empty())
            return depth;
        if (std::binary_search(below.begin(), below.end(), forbidden, by_index))
            break;
        level = std::move(below);
    }
    return epoll_max_nests + 1;
}

/// How many levels of instances there are on top of `ep`; one too many stands for any number.
int levels_above(const kernel& k, eventpoll_id ep) {
    std::vector<eventpoll_id> level = {ep};
    for (int depth = 0; depth <= epoll_max_nests; ++depth) {
        std::vector<eventpoll_id> above;
        for (const eventpoll_id each : level)
            for_each_watching(k, k.w.eventpolls[each].file,
                              [&](eventpoll_id on_top) { above.push_back(on_top); });
        sort_unique(above);
        if (above.empty())
            return depth;
        level = std::move(above);
    }
    return epoll_max_nests + 1;
}

/// In how many ways an instance can be reached from a file.
struct reached {
    eventpoll_id ep;
    std::int64_t ways = 0;
};

void merge(std::vector<reached>& level) {
    std::sort(level.begin(), level.end(),
              [](const reached& a, const reached& b) { return by_index(a.ep, b.ep); });
    std::size_t kept = 0;
    for (const reached& each : level) {
        if (kept > 0 && level[kept - 1].ep == each.ep)
            level[kept - 1].ways += each.ways;
        else
            level[kept++] = each;
    }
    level.resize(kept);
}

/// reverse_path_check_proc: whether a wake up of the file has few enough ways to go, of each length.
bool has_few_paths(const kernel& k, file_id f) {
    // Any number of instances may watch a file directly: the first limit is never looked at.
    constexpr std::array<std::int64_t, 5> path_limits = {1000, 500, 100, 50, 10};
    std::vector<reached> level;
    for_each_watching(k, f, [&](eventpoll_id ep) { level.push_back({ep, 1}); });
    for (std::size_t length = 0; length < path_limits.size(); ++length) {
        merge(level);
        std::int64_t ends = 0;
        std::vector<reached> above;
        for (const reached& each : level) {
            const file_id own = k.w.eventpolls[each.ep].file;
            if (!k.w.open_files[own].watchers)
                ends += each.ways;
            for_each_watching(k, own, [&](eventpoll_id on_top) { above.push_back({on_top, each.ways}); });
        }
        if (length > 0 && ends > path_limits[length])
            return false;
        level = std::move(above);
    }
    return level.empty();
}

} // namespace

bool ep_may_nest(const kernel& k, eventpoll_id outer, eventpoll_id inner) {
    std::vector<file_id> leaves;
    const int below = look_below(k, inner, outer, leaves);
    return below <= epoll_max_nests && below + 1 + levels_above(k, outer) <= epoll_max_nests;
}

bool ep_paths_are_few(const kernel& k, file_id f) {
    std::vector<file_id> leaves = {f};
    if (is_file_epoll(k, f)) {
        leaves.clear();
        look_below(k, eventpoll_of(k, f), none, leaves);
        sort_unique(leaves);
    }
    return std::all_of(leaves.begin(), leaves.end(), [&](file_id leaf) { return has_few_paths(k, leaf); });
}

} // namespace seccomp_sim
