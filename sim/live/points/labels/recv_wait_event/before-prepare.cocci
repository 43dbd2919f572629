// kernel/seccomp.c: before the task is on the wait queue
@ recv_wait_event_before_prepare @
expression E;
@@
recv_wait_event(...)
{
<...
+seccomp_sim_point("recv_wait_event/before-prepare");
 E = prepare_to_wait_event(...);
...>
}
