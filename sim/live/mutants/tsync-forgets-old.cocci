// seccomp_sync_threads: a thread's old filter is not let go of
@ mutant @
@@
seccomp_sync_threads(...)
{
<...
-__seccomp_filter_release(...);
...>
}
