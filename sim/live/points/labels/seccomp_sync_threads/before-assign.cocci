// kernel/seccomp.c: before the thread gets the new filter
@ seccomp_sync_threads_before_assign @
@@
seccomp_sync_threads(...)
{
<...
+seccomp_sim_point("seccomp_sync_threads/before-assign");
 smp_store_release(...);
...>
}
