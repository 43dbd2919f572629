// SPDX-License-Identifier: GPL-2.0
/*
 * Holds the tasks that a schedule names at the points that they reach, and lets one go on at a time, as the
 * program that has /proc/seccomp_sim_points open says. A task sleeps at a point; where interrupts are off it
 * holds a spinlock, so with one CPU it passes (others would walk into its critical section), and with several
 * it may spin. Nothing is held longer than the time limit, nor after the file is closed.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include <linux/seccomp_sim_points.h>
#include <linux/seccomp_sim_points_state.h>

struct seccomp_sim_points seccomp_sim = {
	.lock = __SPIN_LOCK_UNLOCKED(seccomp_sim.lock),
	.limit_ms = 5000,
	.patience_ms = 5000,
};

struct seccomp_sim_task *seccomp_sim_task_of(struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++)
		if (seccomp_sim.slots[i].task == t && seccomp_sim.slots[i].state != SECCOMP_SIM_DEAD)
			return &seccomp_sim.slots[i];
	return NULL;
}

static void note_pass(struct seccomp_sim_task *s, const char *label, unsigned int how)
{
	struct seccomp_sim_pass *p;

	if (seccomp_sim.pass_count >= SECCOMP_SIM_LOG_SIZE)
		return;
	p = &seccomp_sim.passes[seccomp_sim.pass_count++];
	p->slot = s - seccomp_sim.slots;
	p->how = how;
	strncpy(p->label, label, sizeof(p->label) - 1);
}

static bool may_go(struct seccomp_sim_task *s)
{
	return READ_ONCE(s->granted) || READ_ONCE(s->task) != current;
}

/* The caller may be between setting its state and schedule(): then a wakeup that comes meanwhile must count. */
static void hold_asleep(struct seccomp_sim_task *s)
{
	unsigned int saved = seccomp_sim_state_of(current);
	long left = msecs_to_jiffies(seccomp_sim.limit_ms);

	for (;;) {
		if (saved == TASK_RUNNING || s->woken || signal_pending_state(saved, current))
			set_current_state(TASK_UNINTERRUPTIBLE);
		else
			set_current_state(saved);
		if (may_go(s) || !left)
			break;
		left = schedule_timeout(left);
		if (saved != TASK_RUNNING && !may_go(s) && left)
			s->woken = true;
	}
	if (saved != TASK_RUNNING && !s->woken)
		set_current_state(saved);
	else
		__set_current_state(TASK_RUNNING);
}

static void hold_spinning(struct seccomp_sim_task *s)
{
	u64 end = ktime_get_mono_fast_ns() + seccomp_sim.limit_ms * (u64)NSEC_PER_MSEC;

	if (READ_ONCE(seccomp_sim.controller))
		wake_up_process(seccomp_sim.controller);
	while (!may_go(s) && ktime_get_mono_fast_ns() < end)
		cpu_relax();
}

void seccomp_sim_point(const char *label)
{
	unsigned long flags;
	struct seccomp_sim_task *s;
	bool locked;

	if (likely(!READ_ONCE(seccomp_sim.active)) || !READ_ONCE(seccomp_sim.holding) || in_interrupt())
		return;
	spin_lock_irqsave(&seccomp_sim.lock, flags);
	locked = irqs_disabled_flags(flags);
	s = seccomp_sim_task_of(current);
	if (!s || (locked && (!seccomp_sim.may_spin || smp_processor_id() == seccomp_sim.controller_cpu))) {
		if (s)
			note_pass(s, label, SECCOMP_SIM_LOCKED);
		spin_unlock_irqrestore(&seccomp_sim.lock, flags);
		return;
	}
	s->granted = false;
	s->woken = false;
	s->spins = locked;
	s->label = label;
	s->state = SECCOMP_SIM_AT_POINT;
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);

	if (locked)
		hold_spinning(s);
	else
		hold_asleep(s);

	spin_lock_irqsave(&seccomp_sim.lock, flags);
	if (s->task == current) {
		note_pass(s, label, s->granted ? SECCOMP_SIM_HELD : SECCOMP_SIM_EXPIRED);
		s->state = SECCOMP_SIM_RUNNING;
	}
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
}

void seccomp_sim_point_dead(void)
{
	unsigned long flags;
	struct seccomp_sim_task *s;

	if (likely(!READ_ONCE(seccomp_sim.active)))
		return;
	spin_lock_irqsave(&seccomp_sim.lock, flags);
	s = seccomp_sim_task_of(current);
	if (s) {
		s->state = SECCOMP_SIM_DEAD;
		if (seccomp_sim.controller)
			wake_up_process(seccomp_sim.controller);
	}
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
}

void seccomp_sim_point_sleep(void)
{
	unsigned long flags;

	if (likely(!READ_ONCE(seccomp_sim.controller)) || seccomp_sim_state_of(current) == TASK_RUNNING)
		return;
	spin_lock_irqsave(&seccomp_sim.lock, flags);
	if (seccomp_sim_task_of(current) && seccomp_sim.controller)
		wake_up_process(seccomp_sim.controller);
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
}
