// kernel/seccomp.c: before siglock is taken
@ seccomp_set_mode_strict_siglock @
@@
seccomp_set_mode_strict(...)
{
<...
+seccomp_sim_point("seccomp_set_mode_strict/siglock");
 spin_lock_irq(...);
...>
}
