// kernel/seccomp.c: a failed install drops its notification object next
@ seccomp_set_mode_filter_before_detach @
@@
seccomp_set_mode_filter(...)
{
<...
+seccomp_sim_point("seccomp_set_mode_filter/before-detach");
 seccomp_notify_detach(...);
...>
}
