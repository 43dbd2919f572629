// kernel/seccomp.c: before the listener's fd is reserved
@ seccomp_set_mode_filter_before_listener @
identifier listener;
@@
seccomp_set_mode_filter(...)
{
<...
+seccomp_sim_point("seccomp_set_mode_filter/before-listener");
 listener = get_unused_fd_flags(...);
...>
}
