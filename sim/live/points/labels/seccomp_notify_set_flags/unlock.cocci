// kernel/seccomp.c: before notify_lock is dropped
@ seccomp_notify_set_flags_unlock @
@@
seccomp_notify_set_flags(...)
{
<...
+seccomp_sim_point("seccomp_notify_set_flags/unlock");
 mutex_unlock(...);
...>
}
