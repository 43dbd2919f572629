// kernel/seccomp.c: the filter is attached, the mode is not yet set
@ seccomp_set_mode_filter_before_mode @
@@
seccomp_set_mode_filter(...)
{
<...
+seccomp_sim_point("seccomp_set_mode_filter/before-mode");
 seccomp_assign_mode(...);
...>
}
