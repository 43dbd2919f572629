// SPDX-License-Identifier: GPL-2.0
/*
 * Holds the tasks that a schedule names at the points that they reach, and lets one go on at a time, as the
 * program that has /proc/seccomp_sim_points open says. A task sleeps at a point; where interrupts are off it
 * holds a spinlock, so with one CPU it passes (others would walk into its critical section), and with several
 * it may spin. Nothing is held longer than the time limit, nor after the file is closed.
 */
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include <linux/seccomp_sim_points.h>
#include <linux/seccomp_sim_points_abi.h>

struct slot {
	struct task_struct *task; /* compared only, never followed: its last reference is not ours */
	int pid;
	unsigned int state;
	bool granted;
	bool woken; /* a wakeup that was not ours came while it was held */
	const char *label;
};

static DEFINE_SPINLOCK(points_lock);
static struct slot slots[SECCOMP_SIM_MAX_SLOTS];
static struct seccomp_sim_pass *passes;
static unsigned int pass_count;
static bool active;
static bool may_spin;
static bool holding; /* otherwise tasks pass, and only whether they have settled is looked at */
static unsigned int limit_ms = 5000;
static int controller_cpu;
static struct task_struct *controller; /* while it waits in settle() */
static atomic_t opened = ATOMIC_INIT(0);

static unsigned int state_of(struct task_struct *t)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	return READ_ONCE(t->__state);
#else
	return READ_ONCE(t->state);
#endif
}

static struct slot *slot_of(struct task_struct *t)
{
	unsigned int i;

	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++)
		if (slots[i].task == t && slots[i].state != SECCOMP_SIM_DEAD)
			return &slots[i];
	return NULL;
}

static void note_pass(struct slot *s, const char *label, unsigned int how)
{
	struct seccomp_sim_pass *p;

	if (pass_count >= SECCOMP_SIM_LOG_SIZE)
		return;
	p = &passes[pass_count++];
	p->slot = s - slots;
	p->how = how;
	strncpy(p->label, label, sizeof(p->label) - 1);
}

static bool may_go(struct slot *s)
{
	return READ_ONCE(s->granted) || READ_ONCE(s->task) != current;
}

/* The caller may be between setting its state and schedule(): then a wakeup that comes meanwhile must count. */
static void hold_asleep(struct slot *s)
{
	unsigned int saved = state_of(current);
	long left = msecs_to_jiffies(limit_ms);

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

static void hold_spinning(struct slot *s)
{
	u64 end = ktime_get_mono_fast_ns() + limit_ms * (u64)NSEC_PER_MSEC;

	while (!may_go(s) && ktime_get_mono_fast_ns() < end)
		cpu_relax();
}

void seccomp_sim_point(const char *label)
{
	unsigned long flags;
	struct slot *s;
	bool locked;

	if (likely(!READ_ONCE(active)) || !READ_ONCE(holding) || in_interrupt())
		return;
	spin_lock_irqsave(&points_lock, flags);
	locked = irqs_disabled_flags(flags);
	s = slot_of(current);
	if (!s || (locked && (!may_spin || smp_processor_id() == controller_cpu))) {
		if (s)
			note_pass(s, label, SECCOMP_SIM_LOCKED);
		spin_unlock_irqrestore(&points_lock, flags);
		return;
	}
	s->granted = false;
	s->woken = false;
	s->label = label;
	s->state = SECCOMP_SIM_AT_POINT;
	spin_unlock_irqrestore(&points_lock, flags);

	if (locked)
		hold_spinning(s);
	else
		hold_asleep(s);

	spin_lock_irqsave(&points_lock, flags);
	if (s->task == current) {
		note_pass(s, label, s->granted ? SECCOMP_SIM_HELD : SECCOMP_SIM_EXPIRED);
		s->state = SECCOMP_SIM_RUNNING;
	}
	spin_unlock_irqrestore(&points_lock, flags);
}

void seccomp_sim_point_dead(void)
{
	unsigned long flags;
	struct slot *s;

	if (likely(!READ_ONCE(active)))
		return;
	spin_lock_irqsave(&points_lock, flags);
	s = slot_of(current);
	if (s) {
		s->state = SECCOMP_SIM_DEAD;
		if (controller)
			wake_up_process(controller);
	}
	spin_unlock_irqrestore(&points_lock, flags);
}

void seccomp_sim_point_sleep(void)
{
	unsigned long flags;

	if (likely(!READ_ONCE(controller)) || state_of(current) == TASK_RUNNING)
		return;
	spin_lock_irqsave(&points_lock, flags);
	if (slot_of(current) && controller)
		wake_up_process(controller);
	spin_unlock_irqrestore(&points_lock, flags);
}

/* A task that is not held, but is on the list of all tasks, sleeps or runs; one that is not is on its way out. */
static void look(void)
{
	struct task_struct *process, *t;
	unsigned long flags;
	struct slot *s;

	rcu_read_lock();
	spin_lock_irqsave(&points_lock, flags);
	for_each_process_thread(process, t) {
		s = slot_of(t);
		if (!s || s->state == SECCOMP_SIM_AT_POINT || s->state == SECCOMP_SIM_DEAD)
			continue;
		s->state = state_of(t) == TASK_RUNNING ? SECCOMP_SIM_RUNNING : SECCOMP_SIM_SLEEPING;
#ifdef CONFIG_SMP
		if (READ_ONCE(t->on_cpu))
			s->state = SECCOMP_SIM_RUNNING;
#endif
	}
	spin_unlock_irqrestore(&points_lock, flags);
	rcu_read_unlock();
}

static bool all_settled(void)
{
	unsigned int i;

	look();
	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++) {
		if (!slots[i].task)
			continue;
		if (slots[i].state == SECCOMP_SIM_RUNNING)
			return false;
		if (slots[i].state == SECCOMP_SIM_AT_POINT && READ_ONCE(slots[i].granted))
			return false;
	}
	return true;
}

/*
 * Sleeps until everybody has settled: whoever is about to sleep, or to die, wakes us. A tick later we look
 * again by ourselves, for what happened between.
 */
static int settle(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(limit_ms);
	int result = 0;

	controller_cpu = raw_smp_processor_id();
	WRITE_ONCE(controller, current);
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
	WRITE_ONCE(controller, NULL);
	return result;
}

static int step(unsigned long number)
{
	unsigned long flags;
	struct slot *s;
	int result = -EAGAIN;

	if (number >= SECCOMP_SIM_MAX_SLOTS)
		return -EINVAL;
	s = &slots[number];
	spin_lock_irqsave(&points_lock, flags);
	if (s->task && s->state == SECCOMP_SIM_AT_POINT && !s->granted) {
		if (state_of(s->task) == TASK_RUNNING)
			s->woken = true;
		WRITE_ONCE(s->granted, true);
		wake_up_process(s->task);
		result = 0;
	}
	spin_unlock_irqrestore(&points_lock, flags);
	return result ? result : settle();
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
	spin_lock_irqsave(&points_lock, flags);
	if (t && (t == current || t->flags & PF_KTHREAD)) {
		result = -EPERM;
	} else if (t) {
		slots[asked.slot] = (struct slot){ .task = t,
						   .pid = asked.pid,
						   .state = SECCOMP_SIM_RUNNING };
		WRITE_ONCE(active, true);
		result = 0;
	}
	spin_unlock_irqrestore(&points_lock, flags);
	rcu_read_unlock();
	return result;
}

static void reset(void)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&points_lock, flags);
	WRITE_ONCE(active, false);
	WRITE_ONCE(holding, false);
	pass_count = 0;
	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++) {
		struct task_struct *held = slots[i].state == SECCOMP_SIM_AT_POINT ? slots[i].task : NULL;

		slots[i].task = NULL;
		slots[i].state = SECCOMP_SIM_FREE;
		if (held)
			wake_up_process(held);
	}
	spin_unlock_irqrestore(&points_lock, flags);
}

static int tell_slots(void __user *argument)
{
	struct seccomp_sim_slots *told = kzalloc(sizeof(*told), GFP_KERNEL);
	unsigned long flags;
	unsigned int i;
	int result;

	if (!told)
		return -ENOMEM;
	look();
	spin_lock_irqsave(&points_lock, flags);
	for (i = 0; i < SECCOMP_SIM_MAX_SLOTS; i++) {
		told->slots[i].pid = slots[i].pid;
		told->slots[i].state = slots[i].task ? slots[i].state : SECCOMP_SIM_FREE;
		if (slots[i].task && slots[i].label && slots[i].state == SECCOMP_SIM_AT_POINT)
			strncpy(told->slots[i].label, slots[i].label, SECCOMP_SIM_LABEL_SIZE - 1);
	}
	spin_unlock_irqrestore(&points_lock, flags);
	result = copy_to_user(argument, told, sizeof(*told)) ? -EFAULT : 0;
	kfree(told);
	return result;
}

/* Only the program that asks adds to the log's readers, and its tasks have settled: a copy needs no lock. */
static int tell_passes(void __user *argument)
{
	unsigned int count = READ_ONCE(pass_count);

	if (copy_to_user(argument, passes, count * sizeof(*passes)))
		return -EFAULT;
	memset(passes, 0, count * sizeof(*passes));
	WRITE_ONCE(pass_count, 0);
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

/* To pass from now on does not let those go on who are held. */
static int hold(unsigned long wanted)
{
	WRITE_ONCE(holding, wanted != 0);
	return 0;
}

static int spin(unsigned long wanted)
{
	if (wanted && num_online_cpus() < 2)
		return -EINVAL;
	may_spin = wanted;
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
	case SECCOMP_SIM_STEP:
		return step(argument);
	case SECCOMP_SIM_SETTLE:
		return settle();
	case SECCOMP_SIM_LOOK:
		return tell_slots(pointer);
	case SECCOMP_SIM_PASSES:
		return tell_passes(pointer);
	case SECCOMP_SIM_RCU:
		rcu_barrier();
		return 0;
	case SECCOMP_SIM_LIMIT:
		if (argument < 10 || argument > 600000)
			return -EINVAL;
		limit_ms = argument;
		return 0;
	case SECCOMP_SIM_PEEK:
		return peek(pointer);
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
	may_spin = false;
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
	passes = kcalloc(SECCOMP_SIM_LOG_SIZE, sizeof(*passes), GFP_KERNEL);
	if (!passes || !proc_create("seccomp_sim_points", 0600, NULL, &points_ops))
		return -ENOMEM;
	return 0;
}
late_initcall(points_init);
