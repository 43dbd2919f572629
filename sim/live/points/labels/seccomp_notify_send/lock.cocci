// kernel/seccomp.c: before notify_lock is taken
@ seccomp_notify_send_lock @
expression E;
@@
seccomp_notify_send(...)
{
<...
+seccomp_sim_point("seccomp_notify_send/lock");
 E = mutex_lock_interruptible(...);
...>
}
