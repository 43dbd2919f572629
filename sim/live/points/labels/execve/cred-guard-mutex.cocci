// fs/exec.c: before cred_guard_mutex is taken
@ execve_cred_guard_mutex @
expression E;
@@
prepare_bprm_creds(...)
{
<...
-mutex_lock_interruptible(E)
+seccomp_sim_point_before("execve/cred-guard-mutex", mutex_lock_interruptible(E))
...>
}
