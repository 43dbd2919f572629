// Lists of the kernel (struct list_head) as rings in a table: whoever owns the list has the id of its first
// element, and elements name their neighbours by `next` and `prev`. Plain list work, done under the locks
// that callers hold.
#pragma once

#include "kernel-model/list_links.hpp"

namespace seccomp_sim {

template <class T>
using ring_links = list_links<&T::next, &T::prev>;

/// list_add_tail.
template <class T>
void ring_add_tail(table<T>& all, id<T>& first, id<T> item) {
    ring_links<T>::add_tail(all, first, item);
}

/// list_add: the element becomes the first.
template <class T>
void ring_add(table<T>& all, id<T>& first, id<T> item) {
    ring_links<T>::add_front(all, first, item);
}

/// list_del.
template <class T>
void ring_remove(table<T>& all, id<T>& first, id<T> item) {
    ring_links<T>::remove(all, first, item);
}

/// The element after `item`; nothing after the last.
template <class T>
id<T> ring_next(const table<T>& all, id<T> first, id<T> item) {
    return ring_links<T>::after(all, first, item);
}

} // namespace seccomp_sim
