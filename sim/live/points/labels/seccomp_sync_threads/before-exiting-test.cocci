// kernel/seccomp.c: another thread than the caller is next
@ seccomp_sync_threads_before_exiting_test @
expression E1, E2;
@@
seccomp_sync_threads(...)
{
<...
 if (E1 == E2) continue;
+seccomp_sim_point("seccomp_sync_threads/before-exiting-test");
...>
}
