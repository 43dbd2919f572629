// kernel/seccomp.c: the listener's fd becomes visible next
@ seccomp_set_mode_filter_before_fd_install @
@@
seccomp_set_mode_filter(...)
{
<...
+seccomp_sim_point("seccomp_set_mode_filter/before-fd-install");
 fd_install(...);
...>
}
