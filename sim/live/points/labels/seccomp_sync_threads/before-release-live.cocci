// kernel/seccomp.c: the patch as posted: before the thread's count of live is given back
@ seccomp_sync_threads_before_release_live @
expression E;
@@
seccomp_sync_threads(...)
{
<...
+seccomp_sim_point("seccomp_sync_threads/before-release-live");
 seccomp_filter_release(E);
...>
}
