/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the points and the file that drives them share: which tasks are under the schedule, and where they are.
 */
#ifndef SECCOMP_SIM_POINTS_STATE_H
#define SECCOMP_SIM_POINTS_STATE_H

#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/version.h>

#include <linux/seccomp_sim_points_abi.h>

struct seccomp_sim_task {
	struct task_struct *task; /* compared only, never followed: its last reference is not ours */
	int pid;
	unsigned int state;
	bool granted;
	bool spins; /* held under a spinlock */
	bool woken; /* a wakeup that was not ours came while it was held */
	const char *label;
};

/* All of it under the lock, but for what is read to see whether there is anything to do. */
struct seccomp_sim_points {
	spinlock_t lock;
	struct seccomp_sim_task slots[SECCOMP_SIM_MAX_SLOTS];
	struct seccomp_sim_pass *passes;
	unsigned int pass_count;
	bool active;
	bool may_spin;
	bool holding; /* otherwise tasks pass, and only whether they have settled is looked at */
	unsigned int limit_ms;
	unsigned int patience_ms;
	int controller_cpu;
	struct task_struct *controller; /* while it waits for everybody to settle */
};

extern struct seccomp_sim_points seccomp_sim;

/* The slot of a task that is under the schedule and not dead. */
struct seccomp_sim_task *seccomp_sim_task_of(struct task_struct *t);

static inline unsigned int seccomp_sim_state_of(struct task_struct *t)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	return READ_ONCE(t->__state);
#else
	return READ_ONCE(t->state);
#endif
}

/* It runs or will: it may be on its way to another CPU, or not have run at all yet. */
static inline bool seccomp_sim_runs(struct task_struct *t)
{
	unsigned int state = seccomp_sim_state_of(t);

	return state == TASK_RUNNING || state == TASK_WAKING || state == TASK_NEW;
}

#endif
