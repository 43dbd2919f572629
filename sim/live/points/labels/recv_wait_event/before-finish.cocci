// kernel/seccomp.c: it need not sleep; before it leaves the wait queue
@ recv_wait_event_before_finish @
@@
recv_wait_event(...)
{
<...
+seccomp_sim_point("recv_wait_event/before-finish");
 finish_wait(...);
...>
}
