// kernel/seccomp.c: the pointer is cleared; before siglock is dropped
@ seccomp_filter_release_before_unlock @
@@
seccomp_filter_release(...)
{
<...
+seccomp_sim_point("seccomp_filter_release/before-unlock");
 spin_unlock_irq(...);
...>
}
