// kernel/seccomp.c: before notify_lock is dropped
@ seccomp_notify_id_valid_unlock @
@@
seccomp_notify_id_valid(...)
{
<...
+seccomp_sim_point("seccomp_notify_id_valid/unlock");
 mutex_unlock(...);
...>
}
