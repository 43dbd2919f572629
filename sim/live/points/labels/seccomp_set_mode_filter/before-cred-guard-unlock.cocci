// kernel/seccomp.c: after siglock, before cred_guard_mutex is dropped
@ seccomp_set_mode_filter_before_cred_guard_unlock @
expression E;
@@
seccomp_set_mode_filter(...)
{
<...
-mutex_unlock(E)
+seccomp_sim_point_before("seccomp_set_mode_filter/before-cred-guard-unlock", mutex_unlock(E))
...>
}
