// kernel/seccomp.c: before a waiting task learns that the listener is gone
@ seccomp_notify_detach_before_complete @
@@
seccomp_notify_detach(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/before-complete");
 complete(...);
...>
}

@ seccomp_notify_detach_before_complete_1 @
@@
seccomp_notify_release(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/before-complete");
 complete(...);
...>
}
