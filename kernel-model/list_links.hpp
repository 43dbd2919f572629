// As ring.hpp, for records that are on several lists at once: which two members link a list is a template
// argument.
#pragma once

#include "seccomp_sim/table.hpp"

namespace seccomp_sim {

/// The lists linked by two members: `list_links<&epitem::next_ready, &epitem::prev_ready>`. `first` names the
/// first element, or nothing.
template <auto Next, auto Prev>
struct list_links {
    /// list_add_tail.
    template <class T, class Table>
    static void add_tail(Table& all, id<T>& first, id<T> item) {
        T& record = all[item];
        if (!first) {
            first = record.*Next = record.*Prev = item;
            return;
        }
        record.*Next = first;
        record.*Prev = all[first].*Prev;
        all[record.*Prev].*Next = item;
        all[first].*Prev = item;
    }

    /// list_add.
    template <class T, class Table>
    static void add_front(Table& all, id<T>& first, id<T> item) {
        add_tail(all, first, item);
        first = item;
    }

    /// list_del.
    template <class T, class Table>
    static void remove(Table& all, id<T>& first, id<T> item) {
        T& record = all[item];
        if (record.*Next == item) {
            first = none;
        } else {
            all[record.*Prev].*Next = record.*Next;
            all[record.*Next].*Prev = record.*Prev;
            if (first == item)
                first = record.*Next;
        }
        record.*Next = record.*Prev = none;
    }

    /// list_splice: the list `from` comes before what is there, and is empty then.
    template <class T, class Table>
    static void splice(Table& all, id<T>& first, id<T>& from) {
        if (from && first) {
            const id<T> last = all[first].*Prev;
            const id<T> last_from = all[from].*Prev;
            all[last_from].*Next = first;
            all[first].*Prev = last_from;
            all[last].*Next = from;
            all[from].*Prev = last;
        }
        if (from)
            first = from;
        from = none;
    }

    /// The element after `item`; nothing after the last.
    template <class T, class Table>
    static id<T> after(const Table& all, id<T> first, id<T> item) {
        const id<T> next = all[item].*Next;
        return next == first ? id<T>{} : next;
    }
};

} // namespace seccomp_sim
