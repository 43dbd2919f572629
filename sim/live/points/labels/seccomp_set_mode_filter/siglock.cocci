// kernel/seccomp.c: before siglock is taken
@ seccomp_set_mode_filter_siglock @
@@
seccomp_set_mode_filter(...)
{
<...
+seccomp_sim_point("seccomp_set_mode_filter/siglock");
 spin_lock_irq(...);
...>
}
