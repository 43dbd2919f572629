// kernel/seccomp.c: before notify_lock is dropped
@ seccomp_notify_send_unlock @
@@
seccomp_notify_send(...)
{
<...
+seccomp_sim_point("seccomp_notify_send/unlock");
 mutex_unlock(...);
...>
}
