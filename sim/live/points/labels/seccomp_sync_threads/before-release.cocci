// kernel/seccomp.c: before the thread's old filter is let go of
@ seccomp_sync_threads_before_release @
expression E;
@@
seccomp_sync_threads(...)
{
<...
+seccomp_sim_point("seccomp_sync_threads/before-release");
 put_seccomp_filter(E);
...>
}

@ seccomp_sync_threads_before_release_1 @
expression E;
@@
seccomp_sync_threads(...)
{
<...
+seccomp_sim_point("seccomp_sync_threads/before-release");
 __seccomp_filter_release(E);
...>
}
