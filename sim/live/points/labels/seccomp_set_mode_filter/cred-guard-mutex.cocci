// kernel/seccomp.c: before TSYNC takes cred_guard_mutex
@ seccomp_set_mode_filter_cred_guard_mutex @
expression E;
@@
seccomp_set_mode_filter(...)
{
<...
-mutex_lock_killable(E)
+seccomp_sim_point_before("seccomp_set_mode_filter/cred-guard-mutex", mutex_lock_killable(E))
...>
}
