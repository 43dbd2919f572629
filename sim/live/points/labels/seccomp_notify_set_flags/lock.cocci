// kernel/seccomp.c: before notify_lock is taken
@ seccomp_notify_set_flags_lock @
expression E;
@@
seccomp_notify_set_flags(...)
{
<...
+seccomp_sim_point("seccomp_notify_set_flags/lock");
 E = mutex_lock_interruptible(...);
...>
}
