// Lists of the kernel (struct list_head) as rings in a table: whoever owns the list has the id of its first element,
// and elements name their neighbours by `next` and `prev`. Plain list work, done under the locks that callers hold.
#pragma once

#include "seccomp_sim/table.hpp"

namespace seccomp_sim {

/// list_add_tail.
template <class T>
void ring_add_tail(table<T>& all, id<T>& first, id<T> item) {
    T& record = all[item];
    if (!first) {
        record.next = record.prev = item;
        first = item;
        return;
    }
    record.next = first;
    record.prev = all[first].prev;
    all[record.prev].next = item;
    all[first].prev = item;
}

/// list_add: the element becomes the first.
template <class T>
void ring_add(table<T>& all, id<T>& first, id<T> item) {
    ring_add_tail(all, first, item);
    first = item;
}

/// list_del.
template <class T>
void ring_remove(table<T>& all, id<T>& first, id<T> item) {
    T& record = all[item];
    if (record.next == item) {
        first = {};
    } else {
        all[record.prev].next = record.next;
        all[record.next].prev = record.prev;
        if (first == item)
            first = record.next;
    }
    record.next = record.prev = {};
}

/// The element after `item`; nothing after the last.
template <class T>
id<T> ring_next(const table<T>& all, id<T> first, id<T> item) {
    const id<T> next = all[item].next;
    return next == first ? id<T>{} : next;
}

} // namespace seccomp_sim
