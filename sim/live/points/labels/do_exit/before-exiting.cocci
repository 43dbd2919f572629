// kernel/signal.c: the group is empty or dying: PF_EXITING is set without siglock
@ before_exiting @
expression E;
@@
exit_signals(...)
{
...
if (<+... thread_group_empty(...) ...+>) {
<...
+seccomp_sim_point("do_exit/before-exiting");
E->flags |= PF_EXITING;
...>
}
...
}
