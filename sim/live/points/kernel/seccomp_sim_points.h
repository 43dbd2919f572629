/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Points at which a task may be held, so that a schedule found on the model can be followed by a real kernel.
 * The semantic patches beside this file place the calls; an idle point is a load and a branch.
 */
#ifndef SECCOMP_SIM_POINTS_H
#define SECCOMP_SIM_POINTS_H

void seccomp_sim_point(const char *label);

/* The task is about to leave the CPU for good. */
void seccomp_sim_point_dead(void);

/* The task is about to sleep, here or elsewhere. */
void seccomp_sim_point_sleep(void);

/* A point in the middle of an expression: just before the call. */
#define seccomp_sim_point_before(label, call)                                                      \
	({                                                                                         \
		seccomp_sim_point(label);                                                          \
		call;                                                                              \
	})

#endif
