// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/seccomp_sim_points: one program at a time says which tasks are under the schedule and who goes on,
 * learns where everybody is, and reads the kernel's memory.
 */
#include <linux/atomic.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include <linux/seccomp_sim_points_state.h>

static atomic_t opened = ATOMIC_INIT(0);

/*
 * A task that is not held, but is on the list of all tasks, sleeps or runs; one that is not is on its way out.
 * Gives how often all of them left a CPU so far.
 */
static unsigned long look(void)
{
	struct task_struct *process, *t;
	unsigned long flags, switches = 0;
	struct seccomp_sim_task *s;

	rcu_read_lock();
	spin_lock_irqsave(&seccomp_sim.lock, flags);
	for_each_process_thread(process, t) {
		s = seccomp_sim_task_of(t);
		if (!s || s->state == SECCOMP_SIM_AT_POINT || s->state == SECCOMP_SIM_DEAD)
			continue;
		switches += READ_ONCE(t->nvcsw) + READ_ONCE(t->nivcsw);
		s->state = seccomp_sim_runs(t) ? SECCOMP_SIM_RUNNING : SECCOMP_SIM_SLEEPING;
#ifdef CONFIG_SMP
		if (READ_ONCE(t->on_cpu))
			s->state = SECCOMP_SIM_RUNNING;
#endif
	}
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
	rcu_read_unlock();
	return switches;
}

static bool nobody_runs(void)
{
	unsigned int i;

	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++) {
		if (!seccomp_sim.slots[i].task)
			continue;
		if (seccomp_sim.slots[i].state == SECCOMP_SIM_RUNNING)
			return false;
		if (seccomp_sim.slots[i].state == SECCOMP_SIM_AT_POINT && READ_ONCE(seccomp_sim.slots[i].granted))
			return false;
	}
	return true;
}

/*
 * On several CPUs one that was seen asleep may have been woken by one that was looked at later. Who left no CPU
 * between two looks, and slept at both, slept at the moment between them.
 */
static bool all_settled(void)
{
	unsigned long switches = look();

	if (!nobody_runs())
		return false;
	return !IS_ENABLED(CONFIG_SMP) || (look() == switches && nobody_runs());
}

/*
 * Sleeps until everybody has settled: whoever is about to sleep, or to die, wakes us. A tick later we look
 * again by ourselves, for what happened between.
 */
static int settle(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(seccomp_sim.patience_ms);
	int result = 0;

	seccomp_sim.controller_cpu = raw_smp_processor_id();
	WRITE_ONCE(seccomp_sim.controller, current);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (all_settled())
			break;
		if (signal_pending(current)) {
			result = -EINTR;
			break;
		}
		if (time_after(jiffies, end)) {
			result = -ETIMEDOUT;
			break;
		}
		schedule_timeout(1);
	}
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(seccomp_sim.controller, NULL);
	return result;
}

/* Lets the held task of a slot go on. */
static int let_go(unsigned int number)
{
	unsigned long flags;
	struct seccomp_sim_task *s = &seccomp_sim.slots[number];
	int result = -EAGAIN;

	spin_lock_irqsave(&seccomp_sim.lock, flags);
	if (s->task && s->state == SECCOMP_SIM_AT_POINT && !s->granted) {
		if (seccomp_sim_runs(s->task))
			s->woken = true;
		WRITE_ONCE(s->granted, true);
		wake_up_process(s->task);
		result = 0;
	}
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
	return result;
}

/* As the last look found them. */
static void tell_slots(struct seccomp_sim_slot *told)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&seccomp_sim.lock, flags);
	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++) {
		const struct seccomp_sim_task *s = &seccomp_sim.slots[i];

		told[i].pid = s->pid;
		told[i].state = s->task ? s->state : SECCOMP_SIM_FREE;
		if (!s->task || s->state != SECCOMP_SIM_AT_POINT)
			continue;
		told[i].spins = s->spins;
		if (s->label)
			strncpy(told[i].label, s->label, SECCOMP_SIM_LABEL_SIZE - 1);
	}
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
}

static int take_turn(struct seccomp_sim_turn __user *asked)
{
	struct seccomp_sim_turn *turn;
	unsigned int goes_on;
	int result;

	if (get_user(goes_on, &asked->goes_on))
		return -EFAULT;
	turn = kzalloc(sizeof(*turn), GFP_KERNEL);
	if (!turn)
		return -ENOMEM;
	result = goes_on < SECCOMP_SIM_MAX_SLOTS ? let_go(goes_on) : 0;
	if (!result)
		result = settle();
	else
		look();
	turn->goes_on = goes_on;
	tell_slots(turn->slots);
	if (copy_to_user(asked, turn, sizeof(*turn)))
		result = -EFAULT;
	kfree(turn);
	return result;
}

static int tag(void __user *argument)
{
	struct seccomp_sim_tag asked;
	struct task_struct *t;
	unsigned long flags;
	int result = -ESRCH;

	if (copy_from_user(&asked, argument, sizeof(asked)))
		return -EFAULT;
	if (asked.slot >= SECCOMP_SIM_MAX_SLOTS)
		return -EINVAL;
	rcu_read_lock();
	t = find_task_by_pid_ns(asked.pid, &init_pid_ns);
	spin_lock_irqsave(&seccomp_sim.lock, flags);
	if (t && (t == current || t->flags & PF_KTHREAD)) {
		result = -EPERM;
	} else if (t) {
		seccomp_sim.slots[asked.slot] = (struct seccomp_sim_task){ .task = t,
						   .pid = asked.pid,
						   .state = SECCOMP_SIM_RUNNING };
		WRITE_ONCE(seccomp_sim.active, true);
		result = 0;
	}
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
	rcu_read_unlock();
	return result;
}

static void reset(void)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&seccomp_sim.lock, flags);
	WRITE_ONCE(seccomp_sim.active, false);
	WRITE_ONCE(seccomp_sim.holding, false);
	seccomp_sim.pass_count = 0;
	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++) {
		struct task_struct *held = seccomp_sim.slots[i].state == SECCOMP_SIM_AT_POINT ? seccomp_sim.slots[i].task : NULL;

		seccomp_sim.slots[i].task = NULL;
		seccomp_sim.slots[i].state = SECCOMP_SIM_FREE;
		if (held)
			wake_up_process(held);
	}
	spin_unlock_irqrestore(&seccomp_sim.lock, flags);
}

/* Only the program that asks adds to the log's readers, and its tasks have settled: a copy needs no lock. */
static int tell_passes(void __user *argument)
{
	unsigned int count = READ_ONCE(seccomp_sim.pass_count);

	if (copy_to_user(argument, seccomp_sim.passes, count * sizeof(*seccomp_sim.passes)))
		return -EFAULT;
	memset(seccomp_sim.passes, 0, count * sizeof(*seccomp_sim.passes));
	WRITE_ONCE(seccomp_sim.pass_count, 0);
	return count;
}

static int peek(void __user *argument)
{
	struct seccomp_sim_peek asked;
	char chunk[256];

	if (copy_from_user(&asked, argument, sizeof(asked)))
		return -EFAULT;
	while (asked.size) {
		unsigned long part = min_t(unsigned long, asked.size, sizeof(chunk));

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 8, 0)
		if (copy_from_kernel_nofault(chunk, (void *)asked.address, part))
#else
		if (probe_kernel_read(chunk, (void *)asked.address, part))
#endif
			return -EFAULT;
		if (copy_to_user((void __user *)asked.buffer, chunk, part))
			return -EFAULT;
		asked.address += part;
		asked.buffer += part;
		asked.size -= part;
	}
	return 0;
}

static int poll_of(void __user *argument)
{
	struct seccomp_sim_poll asked;
	struct task_struct *t;
	struct file *file;

	if (copy_from_user(&asked, argument, sizeof(asked)))
		return -EFAULT;
	rcu_read_lock();
	t = find_task_by_pid_ns(asked.pid, &init_pid_ns);
	if (t)
		get_task_struct(t);
	rcu_read_unlock();
	if (!t)
		return -ESRCH;
	file = fget_task(t, asked.fd);
	put_task_struct(t);
	if (!file)
		return -EBADF;
	asked.events = vfs_poll(file, NULL);
	fput(file);
	return copy_to_user(argument, &asked, sizeof(asked)) ? -EFAULT : 0;
}

/* To pass from now on does not let those go on who are held. */
static int hold(unsigned long wanted)
{
	WRITE_ONCE(seccomp_sim.holding, wanted != 0);
	return 0;
}

static int spin(unsigned long wanted)
{
	if (wanted && num_online_cpus() < 2)
		return -EINVAL;
	seccomp_sim.may_spin = wanted;
	return 0;
}

static long points_ioctl(struct file *file, unsigned int what, unsigned long argument)
{
	void __user *pointer = (void __user *)argument;

	switch (what) {
	case SECCOMP_SIM_TAG:
		return tag(pointer);
	case SECCOMP_SIM_RESET:
		reset();
		return 0;
	case SECCOMP_SIM_TURN:
		return take_turn(pointer);
	case SECCOMP_SIM_PASSES:
		return tell_passes(pointer);
	case SECCOMP_SIM_RCU:
		rcu_barrier();
		return 0;
	case SECCOMP_SIM_LIMIT:
	case SECCOMP_SIM_PATIENCE:
		if (argument < 10 || argument > 600000)
			return -EINVAL;
		if (what == SECCOMP_SIM_LIMIT)
			seccomp_sim.limit_ms = argument;
		else
			seccomp_sim.patience_ms = argument;
		return 0;
	case SECCOMP_SIM_PEEK:
		return peek(pointer);
	case SECCOMP_SIM_POLL:
		return poll_of(pointer);
	case SECCOMP_SIM_SPIN:
		return spin(argument);
	case SECCOMP_SIM_HOLD:
		return hold(argument);
	}
	return -ENOTTY;
}

/* One program at a time. */
static int points_open(struct inode *inode, struct file *file)
{
	return atomic_cmpxchg(&opened, 0, 1) ? -EBUSY : 0;
}

static int points_release(struct inode *inode, struct file *file)
{
	reset();
	seccomp_sim.may_spin = false;
	seccomp_sim.limit_ms = seccomp_sim.patience_ms = 5000;
	atomic_set(&opened, 0);
	return 0;
}

static const struct proc_ops points_ops = {
	.proc_open = points_open,
	.proc_release = points_release,
	.proc_ioctl = points_ioctl,
};

static int __init points_init(void)
{
	seccomp_sim.passes = kcalloc(SECCOMP_SIM_LOG_SIZE, sizeof(*seccomp_sim.passes), GFP_KERNEL);
	if (!seccomp_sim.passes || !proc_create("seccomp_sim_points", 0600, NULL, &points_ops))
		return -ENOMEM;
	return 0;
}
late_initcall(points_init);
