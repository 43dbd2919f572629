// kernel/signal.c: before siglock is taken to dequeue
@ get_signal_siglock @
@@
get_signal(...)
{
<...
+seccomp_sim_point("get_signal/siglock");
 spin_lock_irq(...);
...>
}
