// seccomp_sync_threads: a thread that is exiting gets the filter
@ mutant @
expression E;
@@
seccomp_sync_threads(...)
{
<...
-if (E->flags & PF_EXITING) continue;
...>
}
