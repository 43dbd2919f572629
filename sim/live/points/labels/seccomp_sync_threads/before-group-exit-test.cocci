// kernel/seccomp.c: before anything is looked at
@ seccomp_sync_threads_before_group_exit_test @
@@
seccomp_sync_threads(...)
{
<...
+seccomp_sim_point("seccomp_sync_threads/before-group-exit-test");
 assert_spin_locked(...);
...>
}
