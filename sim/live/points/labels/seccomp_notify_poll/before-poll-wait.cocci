// kernel/seccomp.c: before the poller is on the wait queue
@ seccomp_notify_poll_before_poll_wait @
@@
seccomp_notify_poll(...)
{
<...
+seccomp_sim_point("seccomp_notify_poll/before-poll-wait");
 poll_wait(...);
...>
}
