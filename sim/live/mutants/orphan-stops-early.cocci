// __seccomp_filter_orphan: the walk stops at the first filter
@ mutant @
identifier orig;
@@
__seccomp_filter_orphan(struct seccomp_filter *orig)
{
<...
-orig = orig->prev;
+break;
...>
}
