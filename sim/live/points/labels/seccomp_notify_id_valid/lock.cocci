// kernel/seccomp.c: before notify_lock is taken
@ seccomp_notify_id_valid_lock @
expression E;
@@
seccomp_notify_id_valid(...)
{
<...
+seccomp_sim_point("seccomp_notify_id_valid/lock");
 E = mutex_lock_interruptible(...);
...>
}
