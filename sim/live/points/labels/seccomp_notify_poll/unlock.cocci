// kernel/seccomp.c: the notifications were looked at; before notify_lock is dropped
@ seccomp_notify_poll_unlock @
@@
seccomp_notify_poll(...)
{
<...
+seccomp_sim_point("seccomp_notify_poll/unlock");
 mutex_unlock(...);
...>
}
