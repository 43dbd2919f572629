// What the BPF program and its reader share: plain C, the same layout for both.
#pragma once

/// Limits of one look.
#define MOST_TASKS 8192
#define MOST_FILTERS 32768
#define MOST_NOTIFICATIONS 4096
#define MOST_PROCESSES 16384

struct iterator_task {
    unsigned long long filter;
    int tid;
    int tgid;
    unsigned int mode;
    unsigned int filter_count;
    unsigned int exiting;
    unsigned int exit_state;
    char comm[16];
};

struct iterator_filter {
    unsigned long long address;
    unsigned long long prev;
    unsigned int usage;
    unsigned int live;
    int requests;
    unsigned char has_listener;
    unsigned char waited_on;
    unsigned char unused[2];
};

struct iterator_notification {
    unsigned long long filter;
    unsigned long long id;
    int tid;
    unsigned int state;
};

/// One look, in the memory that program and reader share.
struct iterator_look {
    unsigned int generation; ///< of this look; set by the reader
    unsigned int all;        ///< every process with a filter, not only the wanted ones
    unsigned int tasks;
    unsigned int filters;
    unsigned int notifications;
    unsigned int overflow; ///< something did not fit
    struct iterator_task task[MOST_TASKS];
    struct iterator_filter filter[MOST_FILTERS];
    struct iterator_notification notification[MOST_NOTIFICATIONS];
};
