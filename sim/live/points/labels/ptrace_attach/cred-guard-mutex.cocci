// kernel/ptrace.c: before cred_guard_mutex of the target is taken
@ ptrace_attach_cred_guard_mutex @
expression E;
@@
ptrace_attach(...)
{
<...
-mutex_lock_interruptible(E)
+seccomp_sim_point_before("ptrace_attach/cred-guard-mutex", mutex_lock_interruptible(E))
...>
}
