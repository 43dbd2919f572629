// kernel/seccomp.c: before siglock is taken to walk the path
@ seccomp_get_filter_siglock @
@@
get_nth_filter(...)
{
<...
+seccomp_sim_point("seccomp_get_filter/siglock");
 spin_lock_irq(...);
...>
}
