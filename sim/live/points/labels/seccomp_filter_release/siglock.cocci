// kernel/seccomp.c: before siglock is taken
@ seccomp_filter_release_siglock @
@@
seccomp_filter_release(...)
{
<...
+seccomp_sim_point("seccomp_filter_release/siglock");
 spin_lock_irq(...);
...>
}
