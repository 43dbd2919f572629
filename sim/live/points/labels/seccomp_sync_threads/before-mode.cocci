// kernel/seccomp.c: before the thread's mode is looked at
@ seccomp_sync_threads_before_mode @
expression E;
statement S;
@@
seccomp_sync_threads(...)
{
<...
+seccomp_sim_point("seccomp_sync_threads/before-mode");
 if (E->seccomp.mode == SECCOMP_MODE_DISABLED) S
...>
}
