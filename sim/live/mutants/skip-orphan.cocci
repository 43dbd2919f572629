// __seccomp_filter_release: live is not lowered
@ mutant @
expression E;
@@
__seccomp_filter_release(...)
{
<...
-__seccomp_filter_orphan(E);
+if (0) __seccomp_filter_orphan(E);
...>
}
