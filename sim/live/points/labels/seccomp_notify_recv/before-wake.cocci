// kernel/seccomp.c: marked as sent; before the pollers are told
@ recv_before_wake @
expression E, Q, K;
@@
seccomp_notify_recv(...)
{
<...
E->state = SECCOMP_NOTIFY_SENT;
+seccomp_sim_point("seccomp_notify_recv/before-wake");
wake_up_poll(Q, K);
+seccomp_sim_point("seccomp_notify_recv/unlock");
...>
}
