// kernel/exit.c: before siglock is taken to kill the group
@ do_group_exit_siglock @
@@
do_group_exit(...)
{
<...
+seccomp_sim_point("do_group_exit/siglock");
 spin_lock_irq(...);
...>
}
