// kernel/seccomp.c: before notify_lock is dropped
@ seccomp_notify_detach_unlock @
@@
seccomp_notify_detach(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/unlock");
 mutex_unlock(...);
...>
}

@ seccomp_notify_detach_unlock_1 @
@@
seccomp_notify_release(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/unlock");
 mutex_unlock(...);
...>
}
