// kernel/seccomp.c: on the wait queue; before notify_lock is taken
@ seccomp_notify_poll_lock @
expression E;
@@
seccomp_notify_poll(...)
{
<...
-mutex_lock_interruptible(E)
+seccomp_sim_point_before("seccomp_notify_poll/lock", mutex_lock_interruptible(E))
...>
}
