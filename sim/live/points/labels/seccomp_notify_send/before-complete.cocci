// kernel/seccomp.c: the reply is stored; before its task is woken
@ send_before_complete @
expression E, R;
@@
seccomp_notify_send(...)
{
<...
E->flags = R.flags;
+seccomp_sim_point("seccomp_notify_send/before-complete");
...>
}
