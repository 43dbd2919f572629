// kernel/seccomp.c: before notify_lock is taken
@ seccomp_notify_detach_lock @
@@
seccomp_notify_detach(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/lock");
 mutex_lock(...);
...>
}

@ seccomp_notify_detach_lock_1 @
@@
seccomp_notify_release(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/lock");
 mutex_lock(...);
...>
}
