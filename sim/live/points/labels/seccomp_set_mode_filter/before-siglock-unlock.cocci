// kernel/seccomp.c: before siglock is dropped
@ seccomp_set_mode_filter_before_siglock_unlock @
@@
seccomp_set_mode_filter(...)
{
<...
+seccomp_sim_point("seccomp_set_mode_filter/before-siglock-unlock");
 spin_unlock_irq(...);
...>
}
