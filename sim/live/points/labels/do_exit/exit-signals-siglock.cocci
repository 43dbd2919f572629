// kernel/signal.c: before siglock is taken to set PF_EXITING
@ do_exit_exit_signals_siglock @
@@
exit_signals(...)
{
<...
+seccomp_sim_point("do_exit/exit-signals-siglock");
 spin_lock_irq(...);
...>
}
