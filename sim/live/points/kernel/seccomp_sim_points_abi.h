/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What /proc/seccomp_sim_points understands: ioctls on an open file of it. Closing the file lets every held
 * task go on. Shared by the kernel's file and by the program that drives it.
 */
#ifndef SECCOMP_SIM_POINTS_ABI_H
#define SECCOMP_SIM_POINTS_ABI_H

#define SECCOMP_SIM_MAX_SLOTS 16
#define SECCOMP_SIM_LABEL_SIZE 64
#define SECCOMP_SIM_LOG_SIZE 512

/* Where the task of a slot is. */
#define SECCOMP_SIM_FREE 0     /* no task */
#define SECCOMP_SIM_RUNNING 1  /* on its way, or not yet settled within the time limit */
#define SECCOMP_SIM_AT_POINT 2 /* held at the label */
#define SECCOMP_SIM_SLEEPING 3 /* in user mode's read, or blocked in the kernel */
#define SECCOMP_SIM_DEAD 4     /* off the CPU for good */

/* How a point was passed. */
#define SECCOMP_SIM_HELD 0    /* it waited there for its turn */
#define SECCOMP_SIM_LOCKED 1  /* not held: under a spinlock, and this kernel cannot wait there */
#define SECCOMP_SIM_EXPIRED 2 /* it was held, but its turn did not come within the time limit */

struct seccomp_sim_slot {
	int pid; /* as the first pid namespace sees it */
	unsigned int state;
	unsigned int spins; /* it is held under a spinlock: who needs that lock stays RUNNING */
	char label[SECCOMP_SIM_LABEL_SIZE];
};

/* One task goes on, or none if the number is no slot's; then all settle. */
struct seccomp_sim_turn {
	unsigned int goes_on;
	struct seccomp_sim_slot slots[SECCOMP_SIM_MAX_SLOTS]; /* where everybody is afterwards, settled or not */
};

/* Puts a task under the schedule. */
struct seccomp_sim_tag {
	int pid;
	unsigned int slot;
};

struct seccomp_sim_pass {
	unsigned int slot;
	unsigned int how;
	char label[SECCOMP_SIM_LABEL_SIZE];
};

/* What poll says of an fd of a task; nobody gets a copy of it. */
struct seccomp_sim_poll {
	int pid; /* as the first pid namespace sees it */
	int fd;
	unsigned int events; /* the answer */
};

/* Bytes of the kernel's memory. */
struct seccomp_sim_peek {
	unsigned long address;
	unsigned long buffer;
	unsigned long size;
};

#define SECCOMP_SIM_TAG 0x5301    /* struct seccomp_sim_tag */
#define SECCOMP_SIM_RESET 0x5302  /* no task is under the schedule any more; held ones go on */
#define SECCOMP_SIM_TURN 0x530d   /* struct seccomp_sim_turn; returns once all have settled */
#define SECCOMP_SIM_PASSES 0x5306 /* struct seccomp_sim_pass[LOG_SIZE]; returns how many since the last time */
#define SECCOMP_SIM_RCU 0x5307    /* returns once what was waiting for a grace period is done */
#define SECCOMP_SIM_LIMIT 0x5308  /* how long a task is held at most, in milliseconds */
#define SECCOMP_SIM_PEEK 0x5309   /* struct seccomp_sim_peek */
#define SECCOMP_SIM_POLL 0x530e   /* struct seccomp_sim_poll; ESRCH: no such task, EBADF: no such fd */
#define SECCOMP_SIM_HOLD 0x530b   /* 1: tasks under the schedule wait at points; 0, as after a reset: they pass */
#define SECCOMP_SIM_PATIENCE 0x530c /* how long settling may take at most, in milliseconds */
#define SECCOMP_SIM_SPIN 0x530a   /* 1: tasks may be held under a spinlock, spinning; EINVAL on one CPU */

#endif
